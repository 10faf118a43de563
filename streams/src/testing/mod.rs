//! Real servers for tests: a database and a stream prefix of its own for each test, so that tests run in parallel.
//!
//! `WORKDOCK_TEST_POSTGRES` is a superuser's address of a server for the run, e.g.
//! `postgres://postgres@127.0.0.1:55432/postgres`; `WORKDOCK_TEST_NATS` that of a NATS server with JetStream.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test without its servers must fail loudly")]

mod database;
mod export;
mod files;
mod keys;
mod nats;
mod old_tls;

pub use database::Database;
pub use export::{archived, table};
pub use files::attach;
pub use keys::{commands, keys, sealed};
pub use nats::{Nats, nats_client, nats_prefix};
pub use old_tls::old_tls;

fn address(variable: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| {
        panic!("{variable} is not set: this test needs a real server; `make test` starts one and sets it")
    })
}
