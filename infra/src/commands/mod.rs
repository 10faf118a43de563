//! One file per subcommand, and what they share: the context they work in, output and progress.

pub mod business;
mod context;
pub mod metrics;
mod output;
mod progress;
pub mod replay;
pub mod servers;

pub use context::Interrupted;
