//! The read side: figures over the projected tables, through GraphQL, REST, subscriptions and the shell.
//!
//! - [`figures`]: what each figure is; pure.
//! - [`views`]: the SQL, one file per query shape.
//! - [`reader`]: one call per question (summary, series, explain, changes, …), as known at any position.
//! - [`graphql`], [`rest`], [`table`]: the same answers in three shapes.
//! - [`export`]: everything about a business as an archive.
//! - [`erasure`]: certificates of businesses that were erased.
//! - [`live`]: one message per change, however many look on.
//!
//! It writes nothing. Every answer names the position it was computed from.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::print_stdout))]

mod cursor;
mod edge;
pub mod erasure;
pub mod export;
mod failure;
pub mod figures;
pub mod graphql;
pub mod live;
pub mod reader;
pub mod rest;
pub mod table;
pub mod views;

pub use edge::{CountChanges, router, router_with};
pub use failure::Failure;
