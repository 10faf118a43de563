//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::commands;

/// Live metrics from a business's own transactions, in which every number explains itself.
#[derive(Debug, Parser)]
#[command(name = "workdock", version, propagate_version = true)]
pub struct Cli {
    /// Configuration file [default: workdock.toml, where it exists]
    #[arg(long, global = true, env = "WORKDOCK_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Data folder of the embedded servers [default: .workdock]
    #[arg(long, global = true, env = "WORKDOCK_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Log more (repeat for still more)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Add and list businesses
    Business(commands::business::Arguments),
    /// Print the figures of a business
    Metrics(commands::metrics::Arguments),
    /// Rebuild projections from the log: to check every figure, or to replace them
    Replay(commands::replay::Arguments),
    /// Run a command with an embedded PostgreSQL and nats-server beside it
    Servers(commands::servers::Arguments),
}
