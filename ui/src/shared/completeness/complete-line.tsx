/** Beside figures: whether all that they are made of is here, with the way to the statements that say it day by day. */
import { Link } from '@tanstack/react-router';
import { useData } from '@/shared/api/use-data';
import { StandingsDocument } from '@/shared/graphql/generated';
import { useView } from '@/shared/view/view';
import { sayCompleteness, type Standing } from './words';

/** Accounts that are named; the others are seen among the sources. */
const MOST = 2;

export function CompleteLine({ account, className }: { account?: string | undefined; className?: string | undefined }) {
  const { business, asOf } = useView();
  // How an account stands is known of now alone.
  const { data } = useData(StandingsDocument, { business: business.id }, { pause: asOf !== undefined });
  const all = data?.business?.standings ?? [];
  const said = sayCompleteness(account ? all.filter((one) => one.account === account) : all);
  if (asOf || !said) return null;
  return (
    <p className={className} role="note" aria-label="Completeness">
      <ToStatement>{said.text}</ToStatement>
      {said.lacking.slice(0, MOST).map(({ standing, trouble }) => (
        <span key={standing.account}>
          ; <ToStatement of={standing}>{business.accounts.find((one) => one.id === standing.account)?.name ?? 'an account'}</ToStatement> {trouble}
        </span>
      ))}
      {said.lacking.length > MOST && `; ${said.lacking.length - MOST} more`}.
    </p>
  );
}

function ToStatement({ of, children }: { of?: Standing; children: string }) {
  const { business } = useView();
  const search = of?.source ? { source: of.source } : {};
  return (
    <Link to="/b/$business/sources" params={{ business: business.id }} search={search as never}>
      {children}
    </Link>
  );
}
