//! The projections on a real PostgreSQL.
#![allow(clippy::unwrap_used)]

mod bitemporal;
mod entities;
mod log;
mod metrics;
mod model;
mod real_sets;
mod schema;
