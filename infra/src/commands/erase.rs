//! `workdock erase …`: how far erasures are, to take them further now, and their certificates.

use std::process::ExitCode;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use domain::{BusinessId, UserId};
use serde_json::json;
use streams::erasure::{self, Eraser, Parts, person};
use uuid::Uuid;

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
    /// Businesses that are to be erased, or were, and people who were
    List {
        /// For machines: one JSON array
        #[arg(long)]
        json: bool,
    },
    /// Take what is due further now, instead of within a quarter of a minute
    Run,
    /// Print the certificate of an erasure, for `workdock audit verify`
    Certificate {
        /// Of the business or the person
        id: Uuid,
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
            Command::Certificate { id } => output::line(&certificate(context, id).await?)?,
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

async fn certificate(context: &Context, id: Uuid) -> anyhow::Result<String> {
    let pool = &context.platform.app;
    let found = match erasure::certificate(pool, BusinessId::from_uuid(id)).await? {
        Some(found) => Some(found),
        None => person::certificate(pool, UserId::from_uuid(id)).await?,
    };
    found.with_context(|| format!("there is no certificate of {id}"))
}

async fn list(context: &Context, as_json: bool) -> anyhow::Result<()> {
    let businesses = erasure::list(&context.platform.app).await?;
    let people = person::list(&context.platform.app).await?;
    if as_json {
        let of_business = |state: &erasure::State| {
            json!({
                "business": state.business,
                "requested_at": state.requested_at,
                "due_at": state.due_at,
                "erased_at": state.erased_at,
                "step": state.step.as_str(),
                "certified_at": state.certified_at,
            })
        };
        let of_person = |state: &person::State| {
            json!({
                "person": state.person,
                "requested_at": state.requested_at,
                "due_at": state.due_at,
                "erased_at": state.erased_at,
                "step": state.step,
                "certified_at": state.certified_at,
            })
        };
        let rows = businesses.iter().map(of_business).chain(people.iter().map(of_person));
        return output::json(&rows.collect::<Vec<_>>());
    }
    let row = |what: &str, id: String, due: DateTime<Utc>, step: &str| {
        vec![what.to_owned(), id, due.to_rfc3339(), step.to_owned()]
    };
    let of_business =
        |state: &erasure::State| row("business", state.business.to_string(), state.due_at, state.step.as_str());
    let of_person = |state: &person::State| row("person", state.person.to_string(), state.due_at, &state.step);
    let rows: Vec<_> = businesses.iter().map(of_business).chain(people.iter().map(of_person)).collect();
    output::table(&["of", "id", "due", "done up to"], &rows)
}
