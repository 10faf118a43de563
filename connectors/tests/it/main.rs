//! Files through the public interface of the crate: real sets against their truth, hostile ones against the limits,
//! and imports on real servers.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod files;
mod formats;
mod hostile;
mod http;
mod imports;
mod mutated;
mod providers;
mod same_money;
mod servers;
mod simulator;
mod statements;
mod truth;
