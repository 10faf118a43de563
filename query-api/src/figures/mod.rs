//! What the figures are: pure calculations over sums of cells. Nothing here reads a database or a clock.
//!
//! Every figure is in one currency: amounts of two currencies have no sum without a recorded rate. Where all money is
//! told in the base currency, each amount was multiplied with the rate of its day before it came here, and a figure of
//! which an amount has no rate is undefined, never smaller.
//!
//! | figure | definition |
//! | --- | --- |
//! | money in, money out, net | amounts by sign over all kinds; net = in − out |
//! | revenue | net of revenue and refund: a refund reduces it |
//! | expenses | −(net of expense and tax): a credit note reduces them |
//! | profit | revenue − expenses |
//! | profit margin | profit ÷ revenue; undefined where revenue is 0 or less |
//! | cash in, cash out, cash net | amounts by sign over the operating kinds (revenue, refund, expense, tax) |
//! | balance | all amounts up to and including the last day of the period |
//! | burn rate | monthly average of −(cash net) over the last three full months; 0 where operations brought money in; undefined before three full months are known |
//! | runway | balance ÷ burn rate, in months; 0 where the balance is 0 or less; undefined where nothing is burned |
//! | average sale | money in of kind revenue ÷ number of transactions of kind revenue; undefined without one |
//! | count | number of transactions |

mod buckets;
mod cells;
mod change;
mod compare;
mod metric;
mod operands;
mod period;
mod show;
mod terms;

pub use buckets::{Bucket, Slice, TooManyBuckets, slices};
pub use cells::{Grain, Run, cover, cover_until};
pub use change::{Compared, Direction, STABLE_BELOW_PERCENT, compare_values, percent_change};
pub use compare::{Comparison, compared_bucket, compared_period};
pub use metric::{Metric, Undefined, Unit};
pub use operands::{KindSums, Lack, Operands};
pub use period::{InvalidPeriod, Period, last_full_months, month_end, month_start, plus_months};
pub use show::exact_amount;
pub use terms::{BASE, Terms};
