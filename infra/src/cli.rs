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
    /// Run everything: the page, the interfaces, and the servers they need
    Up(commands::up::Arguments),
    /// `up`, with a living demo business
    Demo(commands::demo::Arguments),
    /// Run single roles against given servers
    Serve(commands::serve::Arguments),
    /// Add and list businesses
    Business(commands::business::Arguments),
    /// Bring statement files into the accounts of a business
    Import(commands::import::Arguments),
    /// Bring exchange rates, so that all money can be told in one currency
    Rates(commands::rates::Arguments),
    /// Write everything about a business into one archive
    Export(commands::export::Arguments),
    /// See to businesses that are to be erased
    Erase(commands::erase::Arguments),
    /// Print the figures of a business
    Metrics(commands::metrics::Arguments),
    /// Rebuild projections from the log: to check every figure, or to replace them
    Replay(commands::replay::Arguments),
    /// Make certificates for trying out TLS
    Certs(commands::certs::Arguments),
    /// Rotate the keys that texts and secrets are sealed with
    Keys(commands::keys::Arguments),
    /// Prove the log: checkpoints, one business's log with its proofs, and the check of such a file
    Audit(commands::audit::Arguments),
    /// Print a new one-time sign-in link for a running `up`, or `serve --role api`
    SignIn(commands::sign_in::Arguments),
    /// Bring accounts over from elsewhere
    User(commands::user::Arguments),
    /// Print the schema of GraphQL, REST or the events
    Schema(commands::schema::Arguments),
    /// Bring every table up to date
    Migrate,
    /// Run simulated providers (Plaid, Stripe, QuickBooks, Shopify) with one company behind them
    Simulate(commands::simulate::Arguments),
    /// Run a command with an embedded PostgreSQL and nats-server beside it
    Servers(commands::servers::Arguments),
}
