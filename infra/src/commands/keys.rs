//! `workdock keys rotate` and `workdock keys rewrap`: new keys while everything runs.

use std::process::ExitCode;

use serde_json::json;
use streams::sealing::Rewrapped;

use super::context::{Context, within};
use super::output;
use crate::config::Config;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Make a new master key and wrap every data key by it; what is sealed stays readable
    Rotate {
        /// Seal what comes from now on with new data keys too
        #[arg(long)]
        data_keys: bool,
        /// For machines: a JSON object
        #[arg(long)]
        json: bool,
    },
    /// Wrap by the newest master key what older ones wrapped: to finish a rotation that was cut off
    Rewrap {
        /// For machines: a JSON object
        #[arg(long)]
        json: bool,
    },
}

pub async fn run(arguments: Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    within(config, "keys", async |context| {
        match arguments.command {
            Command::Rotate { data_keys, json } => rotate(context, data_keys, json).await?,
            Command::Rewrap { json } => print(context.platform.keys.rewrap().await?, 0, json)?,
        }
        Ok(ExitCode::SUCCESS)
    })
    .await
}

async fn rotate(context: &Context, data_keys: bool, json: bool) -> anyhow::Result<()> {
    let keys = &context.platform.keys;
    let rewrapped = keys.rotate().await?;
    let mut renewed = 0_u64;
    if data_keys {
        for scope in keys.scopes().await? {
            keys.rotate_data_key(scope).await?;
            renewed += 1;
        }
    }
    print(rewrapped, renewed, json)
}

fn print(done: Rewrapped, renewed: u64, json: bool) -> anyhow::Result<()> {
    let Rewrapped { rewrapped, current } = done;
    if json {
        return output::json(&json!({ "rewrapped": rewrapped, "current": current, "newDataKeys": renewed }));
    }
    output::line(&format!("{rewrapped} data keys are wrapped by the newest master key, {current} were already"))?;
    if renewed > 0 {
        output::line(&format!("{renewed} new data keys seal from now on (in running processes within 5 minutes)"))?;
    }
    output::line("Keep the older master keys: backups of the database open with them. Back the new ones up.")
}
