//! `workdock demo`: `up`, with a living demo business, and the same company once more, connected to its simulated bank,
//! processor, shop and books.

use std::io::IsTerminal;
use std::process::ExitCode;

use chrono::Utc;
use connectors::demo::{self, Rate, Seed};

use super::serving::{Plan, serve};
use super::{output, progress, sign_in, simulated, up};
use crate::compose::System;
use crate::config::Config;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    up: up::Arguments,
    /// Which company: the same number gives the same one
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Transactions a minute, besides those that the company plans for the day
    #[arg(long, default_value_t = 30, value_name = "PER_MINUTE")]
    rate: u32,
    /// Seconds between two sales of the simulated company, besides those that it plans for the day
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    bustle: u32,
    /// The demo business alone: the simulated providers are there, and nothing is connected to them
    #[arg(long)]
    unconnected: bool,
    /// Do not open a browser
    #[arg(long)]
    no_open: bool,
}

pub async fn run(arguments: Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    let (mut config, work) = arguments.up.apply(config);
    let beside = simulated::start(&mut config, arguments.seed, arguments.bustle).await?;
    let plan = Plan { command: "demo", work, api: true };
    serve(&config, &plan, async |system, url, stop| {
        let seed = Seed(arguments.seed);
        fill(system, seed).await?;
        output::line(&format!("Workdock serves {url} with the demo business {} (stop with Ctrl-C)", Seed::NAME))?;
        if let Some(beside) = &beside {
            output::line(&format!("Simulated providers to connect to: {}", beside.url))?;
        }
        let connects = beside.is_some() && !arguments.unconnected;
        if connects {
            output::line(&format!("{} is connected to them, see its sources", Seed::CONNECTED_NAME))?;
        }
        let link = sign_in::print_link(system, url).await?;
        if !arguments.no_open {
            open_browser(&link);
        }
        let connecting = Box::pin(async {
            if connects {
                demo::connect(&system.connections, seed, stop.clone()).await;
            }
        });
        // Beside the life of the demo business, which goes on for ever.
        let rate = Rate::per_minute(arguments.rate);
        let living = Box::pin(demo::live(&system.commands, &system.platform.app, seed, rate, stop.clone()));
        Ok(tokio::join!(connecting, living).1?)
    })
    .await
}

/// Two years of history, at the first start; afterwards what is missing.
async fn fill(system: &System, seed: Seed) -> anyhow::Result<()> {
    let bar = progress::bar(0, "pages");
    bar.set_message("the demo's history");
    let today = demo::settings().time_zone.day_of(Utc::now());
    let seeded = demo::seed(&system.commands, &system.platform.app, seed, today, |step| {
        bar.set_length(step.of_pages as u64);
        bar.set_position(step.pages as u64);
    })
    .await?;
    bar.set_message("its figures");
    if let Some(receipt) = &seeded.last
        && let Some(positions) = system.commands.position_of(receipt).await?
    {
        system.platform.shown(positions.last).await?;
    }
    bar.finish_and_clear();
    Ok(())
}

/// On a desktop; a server's terminal shows the link.
fn open_browser(link: &str) {
    let has_display = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
    let program = match std::env::consts::OS {
        "macos" => "open",
        _ if has_display => "xdg-open",
        _ => return,
    };
    if !std::io::stdout().is_terminal() {
        return;
    }
    let quiet = std::process::Stdio::null;
    let opened = std::process::Command::new(program).arg(link).stdin(quiet()).stdout(quiet()).stderr(quiet()).spawn();
    if let Err(error) = opened {
        tracing::debug!(%error, program, "no browser was opened");
    }
}
