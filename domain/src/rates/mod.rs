//! Exchange rates: what a unit of one currency was worth in another on a day, as somebody published or entered it.
//!
//! The rates of a business are one aggregate for each calendar year of their days, so that no state, no load and no
//! append grows with the history: a year has 366 days, however many years there are. A rate is never changed: another
//! one of the same day is a new event, and what was known before stays known.

mod aggregate;
mod book;
mod command;
mod error;
mod event;
mod quote;
#[cfg(test)]
mod tests;

pub use aggregate::{Rates, Taken};
pub use book::{Conversion, KnownRate, Leg, REACH, RateBook};
pub use command::RatesCommand;
pub use error::{InvalidRate, RatesError};
pub use event::{DayRates, RatesEvent};
pub use quote::{Quoted, RateSource, UnknownRateSource};
