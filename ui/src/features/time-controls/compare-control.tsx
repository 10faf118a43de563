import { Drop } from '@/shared/ui/drop';
import { useSetSearch, useView } from '@/shared/view/view';

export function CompareControl() {
  const { compare, period } = useView();
  const set = useSetSearch();
  const year = Number(period.from.slice(0, 4)) - 1;
  const days = period.running || period.kind === 'range' ? 'same days ' : '';
  const names = { SAME_PERIOD_LAST_YEAR: `${days}${year}`, PREVIOUS_PERIOD: 'the period before' };
  return (
    <Drop label={`against ${names[compare]}`} name="Comparison" width={230}>
      {(close) => (
        <ul data-menu="">
          {(['SAME_PERIOD_LAST_YEAR', 'PREVIOUS_PERIOD'] as const).map((choice) => (
            <li key={choice}>
              <button
                type="button"
                aria-current={choice === compare || undefined}
                onClick={() => {
                  set(({ vs: _vs, ...rest }) => (choice === 'PREVIOUS_PERIOD' ? { ...rest, vs: 'before' } : rest));
                  close();
                }}
              >
                {choice === 'PREVIOUS_PERIOD' ? 'The period before' : `A year before (${names.SAME_PERIOD_LAST_YEAR})`}
              </button>
            </li>
          ))}
        </ul>
      )}
    </Drop>
  );
}
