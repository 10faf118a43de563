import { Link } from '@tanstack/react-router';
import { useView } from '@/shared/view/view';
import { primaryClass } from './button';
import { Empty } from './states';

/** A business without a single line: the next step is a file. */
export function NoData() {
  const { business } = useView();
  return (
    <Empty
      whole
      title={`${business.name} has no transactions yet.`}
      action={
        <Link to="/b/$business/imports" params={{ business: business.id }} className={primaryClass}>
          Import a file
        </Link>
      }
    >
      <p>
        Take an export of your bank or your shop as CSV (also packed as .gz). You see what it would add before anything is written, and every figure
        here will open down to the line it came from.
      </p>
    </Empty>
  );
}
