//! The binary as a user runs it: its own servers, the real sets, and what must survive.
//!
//! Each test has a data folder of its own and starts PostgreSQL and nats-server in it, on free ports.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod audit;
mod canaries;
mod connections;
mod demo;
mod erased;
mod faults;
mod figures;
mod harness;
mod limits;
mod mutual_tls;
mod real_sets;
mod replays;
mod roles;
mod rotation;
mod secrets;
mod serving;
mod standing;
mod statements;
