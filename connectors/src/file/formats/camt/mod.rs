//! ISO 20022 camt.052, camt.053 and camt.054 in all versions, by local names: banks differ in prefixes and wrap the
//! message into envelopes of their own.
//!
//! No document types, no entities but XML's own five, no deep nesting. What is read is in `docs/importing.md`.

mod entry;
mod reader;
mod tags;
#[cfg(test)]
mod tests;
mod values;

pub use reader::Reader;
