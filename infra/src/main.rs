//! `workdock`: the one binary. It composes the services, and runs the servers that they need.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::print_stdout))]

mod cli;
mod commands;
mod config;
mod logging;
mod nats;
mod servers;
mod shutdown;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};
use config::Config;

fn main() -> ExitCode {
    match start(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("workdock: {error:#}");
            ExitCode::FAILURE
        }
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
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match cli.command {
            Command::Servers(arguments) => commands::servers::run(arguments, &config).await,
        }
    })
}
