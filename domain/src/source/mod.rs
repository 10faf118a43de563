//! A source: where transactions come from, such as a statement file or a feed.

mod aggregate;
mod command;
mod error;
mod event;
mod health;
#[cfg(test)]
mod tests;

pub use aggregate::Source;
pub use command::SourceCommand;
pub use error::SourceError;
pub use event::SourceEvent;
pub use event::SourceKind;
pub use health::{GIVING_BACK, Health, VANISHED};
