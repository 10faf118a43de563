//! A business: its name, the currency and the time zone it counts in, and where its fiscal year begins.

mod aggregate;
mod command;
mod error;
mod event;
#[cfg(test)]
mod tests;

pub use aggregate::Business;
pub use command::BusinessCommand;
pub use error::BusinessError;
pub use event::BusinessEvent;
