/** Time is one control: period, comparison and state of knowledge, obeyed by every screen. */
import { AsKnownControl } from './as-known-control';
import { CompareControl } from './compare-control';
import { PeriodControl } from './period-control';

export function TimeControls() {
  return (
    <>
      <PeriodControl />
      <CompareControl />
      <AsKnownControl />
    </>
  );
}
