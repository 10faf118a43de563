/** What has no exchange rate is said where its figure would be, and never left out of one. */
import { Link } from '@tanstack/react-router';
import { formatDays } from '@/shared/time/period';
import { useView } from '@/shared/view/view';

export interface Lacking {
  currency: string;
  day: string;
}

/** Nothing rather than too little: sums are shown only where every amount has its rate. */
export const whole = <T extends { lacking: readonly Lacking[] }>(told: T | undefined): T | undefined =>
  told && told.lacking.length === 0 ? told : undefined;

export function LacksRate({ lacking }: { lacking: readonly Lacking[] | undefined }) {
  const { business, today } = useView();
  if (!lacking || lacking.length === 0) return null;
  const days = lacking.map(({ currency, day }) => `${currency} on ${formatDays(day, day, today)}`);
  return (
    <p className="muted" role="status">
      No exchange rate for {days.join(', ')}, so not everything here can be told in {business.baseCurrency}.{' '}
      <Link to="/b/$business/rates" params={{ business: business.id }} className="link">
        Add rates
      </Link>
    </p>
  );
}
