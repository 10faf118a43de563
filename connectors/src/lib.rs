//! Where transactions come from: statement files that a person brings, and the generated demo business; and a
//! simulator of providers behind which that business stands.
//!
//! A connector only reads and reports; what is new, known or changed is decided by the account's aggregate, so that
//! nothing here can lose or double a transaction, however often it runs.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::print_stdout))]

pub mod connections;
pub mod demo;
pub mod file;
pub mod http;
mod outgoing;
pub mod provider;
pub mod rates;
pub mod simulator;
pub mod worker;
