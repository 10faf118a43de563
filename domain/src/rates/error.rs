use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::quote::MOST_PLACES;
use crate::Currency;

/// A rate that nobody can mean.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRate {
    #[error("a rate is between two currencies; both are {0}")]
    SameCurrency(Currency),
    #[error("{0} has not come yet; a rate is of a day that has")]
    Future(NaiveDate),
    #[error("{0} is before 1900")]
    TooEarly(NaiveDate),
    #[error("a rate is more than 0, not {0}")]
    NotPositive(Decimal),
    #[error("{0} is no rate between two currencies; it is from 0.000000001 to 1,000,000,000")]
    OutOfRange(Decimal),
    #[error("{0} has more than {MOST_PLACES} decimals")]
    TooPrecise(Decimal),
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RatesError {
    #[error("{day}: {reason}")]
    Invalid { day: NaiveDate, reason: InvalidRate },
    /// A slip of the decimal mark, or the pair the wrong way round.
    #[error(
        "1 {base} = {rate} {quote} on {day} is more than ten times or less than a tenth of what is known for \
         {known_day}, {known}; is it the wrong way round, or the decimal mark misplaced?"
    )]
    FarFromKnown {
        day: NaiveDate,
        base: Currency,
        quote: Currency,
        rate: Decimal,
        known_day: NaiveDate,
        known: Decimal,
    },
    #[error("{0} is named twice with different rates")]
    Twice(NaiveDate),
    #[error("{0} is of another year than the others; record each year's rates for themselves")]
    OtherYear(NaiveDate),
    #[error("send 1 to {0} rates at once")]
    HowMany(usize),
    #[error("a note has at most {0} characters")]
    NoteTooLong(usize),
}
