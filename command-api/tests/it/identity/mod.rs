//! Identity over HTTP, on a real database, with letters through a real SMTP exchange.

mod accounts;
pub mod app;
mod attackers;
mod factors;
mod gone;
mod keys;
mod leaving;
mod mmdb;
mod owner;
mod passkeys;
mod places;
mod recorded;
mod sink;
mod telling;
