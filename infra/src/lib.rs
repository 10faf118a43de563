//! Workdock composed: configuration, embedded servers, every service wired together, and the commands of the binary.
//!
//! A library so that tests and benches start the same roles in-process that `workdock` starts.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::print_stdout))]

mod cli;
mod commands;
pub mod compose;
pub mod config;
pub mod http;
mod keys;
mod logging;
pub mod nats;
mod outgoing;
mod panics;
mod pem;
mod postgres;
pub mod servers;
pub mod shutdown;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};
use commands::Interrupted;
use config::Config;

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    match start(Cli::parse()) {
        Ok(code) => code,
        Err(error) => match error.downcast_ref() {
            Some(Interrupted(signal)) => ExitCode::from(u8::try_from(128 + *signal as i32).unwrap_or(1)),
            None => {
                eprintln!("workdock: {error:#}");
                ExitCode::FAILURE
            }
        },
    }
}

fn start(cli: Cli) -> anyhow::Result<ExitCode> {
    let mut config = Config::load(cli.config.as_deref())?;
    if let Some(data) = cli.data {
        config.data = data;
    }
    if cli.verbose > 0 {
        config.log.filter = if cli.verbose == 1 { "info".into() } else { "debug".into() };
    }
    logging::start(&config.log)?;
    panics::install();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match cli.command {
            Command::Up(arguments) => commands::up::run(arguments, &config).await,
            Command::Demo(arguments) => commands::demo::run(arguments, &config).await,
            Command::Serve(arguments) => commands::serve::run(arguments, &config).await,
            Command::Business(arguments) => commands::business::run(arguments, &config).await,
            Command::Import(arguments) => commands::import::run(arguments, &config).await,
            Command::Rates(arguments) => commands::rates::run(arguments, &config).await,
            Command::SignIn(arguments) => commands::sign_in::run(arguments, &config).await,
            Command::User(arguments) => commands::user::run(arguments, &config).await,
            Command::Export(arguments) => commands::export::run(arguments, &config).await,
            Command::Erase(arguments) => commands::erase::run(arguments, &config).await,
            Command::Metrics(arguments) => commands::metrics::run(arguments, &config).await,
            Command::Replay(arguments) => commands::replay::run(arguments, &config).await,
            Command::Audit(arguments) => commands::audit::run(arguments, &config).await,
            Command::Schema(arguments) => commands::schema::run(&arguments),
            Command::Certs(arguments) => commands::certs::run(arguments),
            Command::Keys(arguments) => commands::keys::run(arguments, &config).await,
            Command::Simulate(arguments) => commands::simulate::run(arguments).await,
            Command::Migrate => commands::migrate::run(&config).await,
            Command::Servers(arguments) => commands::servers::run(arguments, &config).await,
        }
    })
}
