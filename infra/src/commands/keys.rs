//! `workdock keys rotate` and `workdock keys rewrap`: new keys while everything runs. Each step is recorded when it is done,
//! so that a rotation that is cut off is told as far as it went.

use std::process::ExitCode;

use domain::BusinessId;
use serde_json::json;
use streams::Meta;
use streams::sealing::Rewrapped;
use streams::security::{Journal, SecurityEvent};
use uuid::Uuid;

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
            Command::Rewrap { json } => print(rewrap(context).await?, 0, json)?,
        }
        Ok(ExitCode::SUCCESS)
    })
    .await
}

async fn rotate(context: &Context, data_keys: bool, json: bool) -> anyhow::Result<()> {
    let keys = &context.platform.keys;
    let scopes = keys.make_masters().await?;
    record(context, Uuid::nil(), SecurityEvent::MasterKeyRotated { scopes }).await?;
    let rewrapped = rewrap(context).await?;
    let mut renewed = 0_u64;
    if data_keys {
        for scope in keys.scopes().await? {
            let version = keys.rotate_data_key(scope).await?.unsigned_abs();
            record(context, scope, SecurityEvent::DataKeyRenewed { version }).await?;
            renewed += 1;
        }
    }
    print(rewrapped, renewed, json)
}

async fn rewrap(context: &Context) -> anyhow::Result<Rewrapped> {
    let done = context.platform.keys.rewrap().await?;
    let Rewrapped { rewrapped, current } = done;
    record(context, Uuid::nil(), SecurityEvent::DataKeysRewrapped { rewrapped, current }).await?;
    Ok(done)
}

/// `scope`: a business, or the nil id of the installation.
async fn record(context: &Context, scope: Uuid, event: SecurityEvent) -> anyhow::Result<()> {
    let meta = Meta::new(BusinessId::from_uuid(scope), "owner");
    Ok(context.commands().journal().record(event, &meta).await?)
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
