//! One file per subcommand, and what they share: the context they work in, serving, output and progress.

mod archived;
pub mod audit;
pub mod business;
mod certificate;
pub mod certs;
mod context;
pub mod demo;
pub mod erase;
pub mod export;
mod exported;
pub mod import;
pub mod keys;
pub mod metrics;
pub mod migrate;
mod output;
mod progress;
pub mod rates;
pub mod replay;
mod retry;
pub mod schema;
pub mod serve;
pub mod servers;
mod serving;
pub mod sign_in;
pub mod simulate;
mod simulated;
pub mod up;
pub mod user;
mod verify;

pub use context::Interrupted;
