//! The read side on real PostgreSQL and NATS, fed by the real log and projections.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking")]

mod as_of;
mod audit;
mod closings;
mod compared;
mod completeness;
mod converted;
mod documents;
mod export;
mod exported;
mod graphql;
mod history;
mod matches;
mod months;
mod paging;
mod payloads;
mod properties;
mod rest;
mod scoped;
mod searching;
mod sign_ins;
mod sockets;
mod splits;
mod table;
mod team;
mod waiting;
mod world;
