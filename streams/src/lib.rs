//! The log and what follows it: event store, sequencer, JetStream and the projection runtime.
//!
//! PostgreSQL is the system of record; JetStream distributes what the sequencer has given a position. A projection
//! is a pure fold plus rows and never asks where its events come from.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod chain;
mod commands;
mod decode;
pub mod documents;
pub mod erasure;
mod event;
pub mod export;
pub mod files;
mod index;
pub mod log;
pub mod mappings;
pub mod matches;
pub mod message;
mod migrate;
pub mod payouts;
pub mod pool;
pub mod projection;
pub mod proof;
pub mod replay;
pub mod retention;
pub mod rules;
pub mod schemas;
pub mod sealing;
pub mod security;
pub mod sequencer;
mod store;
#[cfg(feature = "testing")]
pub mod testing;
pub mod tls;
mod upcast;
mod verify;

pub use commands::{ATTEMPTS, CommandError, Commands, Counts, Meta, Positions, RatesRecorded, Receipt};
pub use event::{DecodeError, DomainEvent, Event, OpenError};
pub use migrate::migrate;
pub use store::MOST_BYTES;
pub use upcast::Upcasters;
pub use verify::{Misfit, Verdict, verify};
