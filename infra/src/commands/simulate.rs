//! `workdock simulate`: providers to connect to, with one company behind them.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use chrono::{DateTime, Utc};
use connectors::simulator::{Options, Scenario, Simulator};

use super::output;
use crate::shutdown::Signals;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Which company: the same number gives the same one
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Answer one provider's requests exactly as a recorded conversation does
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// Simulated seconds a second; 0 lets time stand still
    #[arg(long, default_value_t = 1)]
    speed: u32,
    /// Seconds between two sales that the company does not plan [default: it sells what it plans]
    #[arg(long, value_name = "SECONDS")]
    bustle: Option<u32>,
    /// The simulated moment at which it begins, e.g. 2026-03-01T12:00:00Z [default: now]
    #[arg(long, value_name = "MOMENT")]
    at: Option<DateTime<Utc>>,
    /// Where to listen; port 0: any free one
    #[arg(long, default_value = "127.0.0.1:8090", value_name = "ADDRESS")]
    listen: SocketAddr,
}

pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let mut options = Options::new(arguments.seed, arguments.at.unwrap_or_else(Utc::now));
    options.speed = arguments.speed;
    options.bustle = arguments.bustle;
    if let Some(file) = &arguments.scenario {
        options.scenario = Some(Scenario::read(file).with_context(|| file.display().to_string())?);
    }
    let mut signals = Signals::listen()?;
    let simulator = Simulator::bind(arguments.listen, options)
        .await
        .with_context(|| format!("{} cannot be listened on", arguments.listen))?;
    output::line(&format!("The simulator answers on http://{} (stop with Ctrl-C)", simulator.address))?;
    let stop = async move {
        signals.received().await;
    };
    simulator.run(stop).await?;
    Ok(ExitCode::SUCCESS)
}
