//! `workdock up`: everything in one process, with its own servers.

use std::process::ExitCode;

use super::serving::{Plan, serve};
use super::{output, sign_in};
use crate::compose::Work;
use crate::config::Config;

#[derive(Debug, clap::Args)]
#[group(skip)]
pub struct Arguments {
    /// Port of the page and the interfaces; 0: any free one [default: 8080]
    #[arg(long)]
    port: Option<u16>,
    /// Replace a message stream that holds more than the store (after a restore of the store)
    #[arg(long)]
    accept_truncation: bool,
}

impl Arguments {
    /// The configuration and the work that these arguments ask for.
    pub fn apply(&self, config: &Config) -> (Config, Work) {
        let mut config = config.clone();
        config.http.port = self.port.unwrap_or(config.http.port);
        (config, Work { accept_truncation: self.accept_truncation, ..Work::ALL })
    }
}

pub async fn run(arguments: Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    let (config, work) = arguments.apply(config);
    let plan = Plan { command: "up", work, api: true };
    serve(&config, &plan, async |system, url, _stop| {
        output::line(&format!("Workdock serves {url} (stop with Ctrl-C)"))?;
        sign_in::print_link(system, url).await?;
        Ok(())
    })
    .await
}
