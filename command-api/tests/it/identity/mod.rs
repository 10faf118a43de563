//! Identity over HTTP, on a real database, with letters through a real SMTP exchange.

mod accounts;
mod app;
mod attackers;
mod factors;
mod keys;
mod owner;
mod passkeys;
mod sink;
mod telling;
