//! How long a history is kept where people read it: what is older goes into files, and then out of the view.
//!
//! The log stays whole; its proofs and every figure stand on it. What goes are the rows of the projection `audit`. In this
//! order:
//! 1. a run of a business's events that were known before the end of its period is written as an archive with its proofs
//!    ([`crate::proof::archive()`]), compressed, flushed to the disk, and only then put where archives are;
//! 2. an event says so: `business.history_archived`, or `security.history_archived` for what concerns no business;
//! 3. the projection deletes the rows where it meets that event. So they stay a function of the log: a rebuild deletes
//!    them at the same place.
//!
//! A legal hold is asked again where the event is decided: nothing goes under one. Texts are in an archive as in the log,
//! sealed with the key of the business; with its erasure they can be read nowhere, and the files go.
//!
//! **On failure.** A process that dies before the event leaves a file that nothing names; the next look writes the same
//! part again and removes what was left. After the event there is nothing more to do. One process works, others stand by.

mod files;
mod job;
mod spans;

pub use files::{Archives, Stored};
pub use job::{Keeper, Parts, RetentionError};
