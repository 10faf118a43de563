//! SWIFT MT940 and MT942: fields of lines, with what a bank puts into `:86:`.
//!
//! The format has no ids: a line is known by its facts. What is read is in `docs/importing.md`.

mod details;
mod reader;
#[cfg(test)]
mod tests;
mod values;

pub use reader::Reader;
