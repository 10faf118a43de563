//! `workdock audit …`: checkpoints, the log of one business as a file that proves itself, and the check of such a file
//! on a machine with nothing else.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use domain::BusinessId;
use domain::security::{SecurityEvent, WhatIsExported};
use streams::Meta;
use streams::proof::{Checkpoint, Export, Signatory};
use streams::security::Journal;
use tokio::fs::File;
use tokio::io::{AsyncWrite, BufWriter};

use super::context::{Context, within};
use super::{business, output, progress, verify};
use crate::compose::audit::notary;
use crate::config::Config;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Sign a checkpoint over everything that is recorded now, and print it
    Checkpoint,
    /// Print the public key of the checkpoints, for auditors to keep
    Key,
    /// Write the whole log of one business with its proofs
    Export(Exporting),
    /// Check such a file and compute the monthly figures from it, an archived part of a history, a certificate of an erasure, or everything about a business or a person; needs no server and no configuration
    Verify(verify::Verify),
}

#[derive(Debug, clap::Args)]
struct Exporting {
    /// Name or id [default: the only business]
    #[arg(long, value_name = "BUSINESS")]
    business: Option<String>,
    /// Where to [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// A checkpoint that the auditor kept: the file will show that it goes on from there (repeat for several)
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,
}

pub async fn run(arguments: Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    match arguments.command {
        Command::Verify(verify) => return tokio::task::spawn_blocking(move || verify::check(&verify)).await?,
        Command::Checkpoint => {
            within(config, "audit", async |context| {
                context.platform.caught_up().await?;
                print_note(&notary(config, &context.platform.app, None).await?.now().await?.note)
            })
            .await?;
        }
        Command::Key => {
            within(config, "audit", async |context| {
                output::line(&notary(config, &context.platform.app, None).await?.verifier().to_string())
            })
            .await?;
        }
        Command::Export(arguments) => {
            within(config, "audit", async |context| write(context, config, &arguments).await).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn print_note(note: &str) -> anyhow::Result<()> {
    output::line(note.trim_end_matches('\n'))
}

async fn write(context: &Context, config: &Config, arguments: &Exporting) -> anyhow::Result<()> {
    context.platform.caught_up().await?;
    let business = business::find(&business::businesses(context).await?, arguments.business.as_deref())?;
    let mut earlier = Vec::new();
    for file in &arguments.checkpoint {
        earlier.push(Checkpoint::unchecked(&read(file)?).with_context(|| file.display().to_string())?.size);
    }
    note(context, business.id).await?;
    let signatory = Signatory::Here(notary(config, &context.platform.app, None).await?);
    let prepared = Export::prepare(&context.platform.app, &signatory, business.id, &earlier).await?;
    let mut out: Box<dyn AsyncWrite + Unpin + Send> = match &arguments.output {
        Some(path) => {
            let file = File::create(path).await.with_context(|| format!("{} cannot be written", path.display()))?;
            Box::new(BufWriter::with_capacity(1 << 20, file))
        }
        None => Box::new(tokio::io::stdout()),
    };
    let bar = progress::bar(0, "events");
    let show = |written: i64, of: i64| {
        bar.set_length(of.unsigned_abs());
        bar.set_position(written.unsigned_abs());
    };
    let exported = prepared.write(&mut out, show).await;
    bar.finish_and_clear();
    let exported = exported?;
    eprintln!(
        "{} events of {} under the checkpoint over {} events of {}",
        exported.events, business.name, exported.signed.checkpoint.size, exported.key
    );
    Ok(())
}

/// That the log left is in the log, and is its last event: nothing of the business stands behind it.
async fn note(context: &Context, business: BusinessId) -> anyhow::Result<()> {
    let events = "select coalesce(max(business_sequence), 0) from store.log where business = $1";
    let events: i64 = sqlx::query_scalar(events).bind(business.as_uuid()).fetch_one(&context.platform.app).await?;
    let exported = SecurityEvent::Exported { what: WhatIsExported::AuditLog, rows: events.unsigned_abs() };
    context.commands().journal().record(exported, &Meta::new(business, "owner")).await?;
    context.platform.caught_up().await?;
    Ok(())
}

pub(super) fn read(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))
}
