//! Whether everything of an account is here: the days that were told, those between them that were not, and balances
//! that agree with what is counted.

mod checks;
mod span;

pub use checks::{Check, Checks, Told};
pub use span::{Gap, MOST_BALANCES, Span, Why, joined, sums, told};
