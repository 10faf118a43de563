//! Workers that look at what a business's transactions mean and what its figures say.
//!
//! Each follows the log by itself, and says what it finds by commands: what it decided is in the log like everything
//! else, so that a replay needs no worker.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod drift;
mod leader;
pub mod matching;
pub mod meaning;
pub mod recurring;

/// Whether a command that was refused with this may succeed later.
pub(crate) const fn may_pass(code: domain::Code) -> bool {
    matches!(code, domain::Code::Unavailable | domain::Code::Conflict | domain::Code::Internal)
}
