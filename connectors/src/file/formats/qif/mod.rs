//! QIF: records of lines with a letter each, ended by `^`.
//!
//! The format says neither how its dates nor how its amounts are printed, so the file is surveyed first; what it leaves
//! open is asked. What is read is in `docs/importing.md`.

mod reader;
mod survey;
#[cfg(test)]
mod tests;
mod values;

pub use reader::Reader;
pub use survey::{Survey, survey};
pub use values::Print;
