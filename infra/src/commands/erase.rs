//! `workdock erase …`: how far erasures are, to take them further now, and their certificates.

use std::process::ExitCode;

use anyhow::Context as _;
use chrono::Utc;
use domain::BusinessId;
use serde_json::json;
use streams::erasure::{self, Eraser, Parts};

use super::context::{Context, within};
use super::output;
use crate::compose::audit::{archives, notary};
use crate::config::Config;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Businesses that are to be erased, or were
    List {
        /// For machines: one JSON array
        #[arg(long)]
        json: bool,
    },
    /// Take what is due further now, instead of within a quarter of a minute
    Run,
    /// Print the certificate of an erasure, for `workdock audit verify`
    Certificate {
        #[arg(value_name = "ID")]
        business: BusinessId,
    },
}

pub async fn run(arguments: Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    within(config, "erase", async |context| {
        match arguments.command {
            Command::List { json } => list(context, json).await?,
            Command::Run => {
                context.platform.caught_up().await?;
                eraser(context, config).await?.look(Utc::now()).await?;
                list(context, false).await?;
            }
            Command::Certificate { business } => {
                let found = erasure::certificate(&context.platform.app, business).await?;
                output::line(&found.with_context(|| format!("there is no certificate of {business}"))?)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    })
    .await
}

async fn eraser(context: &Context, config: &Config) -> anyhow::Result<Eraser> {
    let platform = &context.platform;
    Ok(Eraser::new(Parts {
        pool: platform.owner.clone(),
        commands: context.commands(),
        nats: platform.nats.clone(),
        prefix: platform.prefix.clone(),
        notary: notary(config, &platform.app, None).await?,
        archives: archives(config),
    }))
}

async fn list(context: &Context, as_json: bool) -> anyhow::Result<()> {
    let states = erasure::list(&context.platform.app).await?;
    if as_json {
        let rows = states.iter().map(|state| {
            json!({
                "business": state.business,
                "requested_at": state.requested_at,
                "due_at": state.due_at,
                "erased_at": state.erased_at,
                "step": state.step.as_str(),
                "certified_at": state.certified_at,
            })
        });
        return output::json(&rows.collect::<Vec<_>>());
    }
    let rows: Vec<Vec<String>> = states
        .iter()
        .map(|state| vec![state.business.to_string(), state.due_at.to_rfc3339(), state.step.as_str().to_owned()])
        .collect();
    output::table(&["business", "due", "done up to"], &rows)
}
