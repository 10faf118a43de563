//! Rebuilding a projection from the log in PostgreSQL alone: to check the rows that serve ([`verify`]), or to replace
//! them without a pause ([`rebuild`]).
//!
//! Both fill a generation of its own beside the serving one, which goes on. Only one replay of a projection runs at a
//! time. One that was interrupted leaves a half-filled generation that nothing reads; the next starts from nothing.

mod checksum;
mod fill;
mod lock;
mod rebuild;
mod verify;

pub use rebuild::{Rebuilt, rebuild};
pub use verify::{Checksum, Report, TableReport, verify};

use crate::projection::{ProjectionError, WriteError};

/// How far a replay is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub phase: Phase,
    pub position: i64,
    /// The position to be reached; rises while a rebuild catches up.
    pub target: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Reading the rows that serve.
    Measuring,
    Filling,
    /// Comparing both sets of rows.
    Comparing,
    /// Letting the new rows serve.
    Swapping,
}

/// Called at each step, some ten times a second at most.
pub type OnProgress<'a> = &'a (dyn Fn(&Progress) + Send + Sync);

#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    #[error("another replay of {projection} is running")]
    Busy { projection: &'static str },
    #[error("version {own} of {projection} does not serve, so that there is nothing to compare; rebuild it first")]
    NotServing { projection: &'static str, own: i32 },
    #[error("the log ends at {position}, before {target}")]
    LogEnds { position: i64, target: i64 },
    #[error("a reader held the views of {projection} for too long; the new rows do not serve yet")]
    ViewsHeld { projection: &'static str },
    #[error(transparent)]
    Projection(#[from] ProjectionError),
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}
