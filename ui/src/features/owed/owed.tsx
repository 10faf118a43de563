/** What is owed, by the day on which it is to be paid: what is overdue comes first. */
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useData } from '@/shared/api/use-data';
import { type DocumentKind, OwedDocument } from '@/shared/graphql/generated';
import { isZero } from '@/shared/number/decimal';
import { formatFull, formatMoney } from '@/shared/number/format';
import { ScreenTitle } from '@/shared/ui/screen';
import { Section } from '@/shared/ui/section';
import { Empty, Failure, Skeleton } from '@/shared/ui/states';
import { keepTime } from '@/shared/view/search';
import { useView } from '@/shared/view/view';
import { DocumentRow } from './document-row';
import styles from './owed.module.css';

interface PartProps {
  id: string;
  title: string;
  kinds: DocumentKind[];
  none: string;
}

const PARTS: readonly PartProps[] = [
  { id: 'to-us', title: 'Owed to us', kinds: ['INVOICE', 'CREDIT_MEMO'], none: 'No invoice is open.' },
  { id: 'by-us', title: 'Owed by us', kinds: ['BILL', 'VENDOR_CREDIT'], none: 'No bill is open.' },
];

export function Owed() {
  return (
    <>
      <ScreenTitle title="Owed">Invoices and bills that are not paid yet, as the books tell them. They count in no figure: what pays them does.</ScreenTitle>
      {PARTS.map((part) => (
        <Part key={part.id} {...part} />
      ))}
    </>
  );
}

function Part({ id, title, kinds, none }: PartProps) {
  const { business } = useView();
  const [pages, setPages] = useState<(string | undefined)[]>([undefined]);
  const { data, problem, at, retry } = useData(OwedDocument, { business: business.id, kinds, after: pages.at(-1) });
  const found = data?.business?.documents;
  const { endCursor } = found?.pageInfo ?? {};
  return (
    <Section id={`owed-${id}`} title={title} note={found && <Sums owed={found.owed} />}>
      {problem && <Failure problem={problem} at={at} retry={retry} />}
      {!found && !problem && <Skeleton lines={4} height={45} />}
      {found?.nodes.length === 0 && pages.length === 1 && <Nothing title={none} />}
      {found && found.nodes.length > 0 && (
        <ul className={styles.list} aria-labelledby={`owed-${id}`}>
          {found.nodes.map((document) => (
            <DocumentRow key={document.id} document={document} />
          ))}
        </ul>
      )}
      {pages.length > 1 && (
        <button type="button" className="link" onClick={() => setPages((now) => now.slice(0, -1))}>
          Due earlier
        </button>
      )}{' '}
      {found?.pageInfo.hasNextPage && endCursor && (
        <button type="button" className="link" onClick={() => setPages((now) => [...now, endCursor])}>
          Due later
        </button>
      )}
    </Section>
  );
}

/** Credits are taken off; currencies are not added to each other. */
function Sums({ owed }: { owed: readonly { currency: string; amount: string; overdue: string }[] }) {
  return owed.map(({ currency, amount, overdue }) => (
    <span key={currency} className={styles.sum}>
      {formatFull(amount, currency)}
      {!isZero(overdue) && <strong className={styles.overdue}> {formatMoney(overdue, currency)} overdue</strong>}
    </span>
  ));
}

function Nothing({ title }: { title: string }) {
  const { business, search } = useView();
  const sources = (
    <Link to="/b/$business/sources" params={{ business: business.id }} search={keepTime(search) as never} className="link">
      Sources
    </Link>
  );
  return (
    <Empty title={title} action={sources}>
      Invoices, bills and credits come from books: connect QuickBooks Online among the sources.
    </Empty>
  );
}
