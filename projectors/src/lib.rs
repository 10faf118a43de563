//! Projections: folds of the log into the tables that queries read.
//!
//! Each is a folder: a pure fold, rows, tables, and nothing about subscribing, which the runtime in `streams` does.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod audit;
mod decode;
pub mod entities;
mod erase;
pub mod metrics;
mod rows;

pub use audit::Audit;
pub use decode::Decoded;
pub use entities::Entities;
pub use metrics::{Difference, Metrics, reconcile};
