//! Statement files: any usual CSV, through a mapping, into accounts.
//!
//! A file is read as a stream in bounded memory ([`records`]), its rows become transactions by a mapping
//! ([`mapping`], completed by [`detect`]), and the transactions go to accounts in pages ([`import`]). Identity is
//! derived from the rows themselves, so that a file may be imported again, in parts, twice at once, or after an
//! interruption anywhere, and the accounts end the same.

mod amounts;
mod balances;
mod date;
pub mod detect;
pub mod error;
pub mod formats;
mod header;
pub mod import;
mod limits;
pub mod mapping;
mod number;
mod open;
mod plan;
pub mod presets;
pub mod read;
mod records;
mod report;
mod row;
mod rules;
mod text;

pub use error::{ImportError, ReadError};
pub use limits::Limits;
pub use mapping::{Mapping, MappingError};
pub use plan::{Defaults, MAIN_ACCOUNT, Remembered};
pub use read::{Entry, Reading, Settled, read};
pub use report::{Refused, Report, Total};
pub use row::{Key, Row};
