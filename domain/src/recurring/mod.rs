//! Payments that come again and again: found from days and amounts alone, and when the next one is to be expected.
//!
//! Nothing is asked of texts but which payments belong together ([`payee`]). A rhythm is believed where chance would
//! hardly make it: few payments must fall exactly, many may stray ([`detect`]).

mod detect;
mod payee;
mod rhythm;
#[cfg(test)]
mod tests;

pub use detect::{Found, LEAST, Paid, detect, detect_named};
pub use payee::payee;
pub use rhythm::{Anchor, Missed, Period, Rhythm, UnknownAnchor, UnknownPeriod};
