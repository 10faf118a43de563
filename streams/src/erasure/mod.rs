//! Erasing a business: what the job does once an erasure is due, and what the log and its readers know of it.
//!
//! `business.erased` is the point of no return. From there the job goes through steps, each of which may be done twice:
//! 1. **keys**: the data keys are destroyed in the store and, as far as it can, in the key service.
//! 2. **views**: every projection has passed the event, at which it deletes the business's rows ([`crate::projection`]).
//! 3. **tables**: rows of it in every other table go: credentials, API keys, mappings, snapshots, dead letters; and the
//!    archives of its history ([`crate::retention`]).
//! 4. **stream**: its messages are deleted from JetStream, overwritten by the server.
//! 5. **swept**: PostgreSQL forgets the deleted rows in its files.
//! 6. **certified**: the chain is checked from its beginning, and a certificate is signed.
//!
//! The event store keeps every event: payloads whose texts nobody can open any more, and figures. The chain verifies as
//! before. A rebuild folds those events and deletes what they gave where it meets `business.erased`.
//!
//! A person ends with `security.account_erased`: who holds accounts deletes theirs, then the job destroys their keys and
//! certifies it ([`person`]).
//!
//! **On failure.** A step that fails is tried again; a process that dies goes on with the step it was at. One process
//! works, others stand by.

mod ended;
mod job;
pub mod person;
mod state;
mod stream;
mod tables;

pub use ended::Ended;
pub(crate) use ended::{all_ended, missing, newest_lasting};
pub use job::{EraseError, Eraser, Parts};
pub use state::{State, Step, certificate, find, list, owned_by};
