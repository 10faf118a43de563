//! `workdock audit …`: checkpoints, the log of one business as a file that proves itself, and the check of such a file
//! on a machine with nothing else.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use domain::BusinessId;
use domain::security::{SecurityEvent, WhatIsExported};
use projectors::metrics::{Month, Months};
use serde_json::{Value, json};
use streams::Meta;
use streams::projection::ProjectionError;
use streams::proof::{Checkpoint, Expected, Fault, Proven, Verifier, examine, export};
use streams::security::Journal;

use super::context::{Context, within};
use super::{business, output, progress};
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
    Export(Export),
    /// Check such a file and compute the monthly figures from it; needs no server and no configuration
    Verify(Verify),
}

#[derive(Debug, clap::Args)]
struct Export {
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

#[derive(Debug, clap::Args)]
struct Verify {
    file: PathBuf,
    /// A checkpoint that you kept, which must be of the same log (repeat for several)
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,
    /// The log's public key as you know it from elsewhere (`workdock audit key`), or a file that holds it
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// The id of the business that it must be
    #[arg(long, value_name = "ID")]
    business: Option<BusinessId>,
    /// For machines: one JSON object
    #[arg(long)]
    json: bool,
}

pub async fn run(arguments: Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    match arguments.command {
        Command::Verify(verify) => return tokio::task::spawn_blocking(move || check(&verify)).await?,
        Command::Checkpoint => {
            within(config, "audit", async |context| {
                context.platform.caught_up().await?;
                print_note(&notary(config, &context.platform.app).await?.now().await?.note)
            })
            .await?;
        }
        Command::Key => {
            within(config, "audit", async |context| {
                output::line(&notary(config, &context.platform.app).await?.verifier().to_string())
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

async fn write(context: &Context, config: &Config, arguments: &Export) -> anyhow::Result<()> {
    context.platform.caught_up().await?;
    let business = business::find(&business::businesses(context).await?, arguments.business.as_deref())?;
    let mut earlier = Vec::new();
    for file in &arguments.checkpoint {
        earlier.push(Checkpoint::unchecked(&read(file)?).with_context(|| file.display().to_string())?.size);
    }
    note(context, business.id).await?;
    let notary = notary(config, &context.platform.app).await?;
    let mut out: Box<dyn Write + Send> = match &arguments.output {
        Some(path) => {
            let file = File::create(path).with_context(|| format!("{} cannot be written", path.display()))?;
            Box::new(BufWriter::with_capacity(1 << 20, file))
        }
        None => Box::new(BufWriter::new(std::io::stdout())),
    };
    let bar = progress::bar(0, "events");
    let show = |written: i64, of: i64| {
        bar.set_length(of.unsigned_abs());
        bar.set_position(written.unsigned_abs());
    };
    let exported = export(&context.platform.app, &notary, business.id, &earlier, &mut out, show).await;
    bar.finish_and_clear();
    let exported = exported?;
    eprintln!(
        "{} events of {} under the checkpoint over {} events of {}",
        exported.events,
        business.name,
        exported.signed.checkpoint.size,
        notary.verifier()
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

fn read(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))
}

/// Exit status 1 where anything does not fit.
fn check(arguments: &Verify) -> anyhow::Result<ExitCode> {
    let expected = Expected {
        business: arguments.business,
        key: arguments.key.as_deref().map(key).transpose()?,
        checkpoints: arguments.checkpoint.iter().map(|file| read(file)).collect::<Result<_, _>>()?,
    };
    let file = File::open(&arguments.file).with_context(|| arguments.file.display().to_string())?;
    let size = file.metadata()?.len();
    let bar = progress::bar(size, "bytes");
    let mut months = Months::default();
    let file = BufReader::with_capacity(1 << 20, bar.wrap_read(file));
    let proven = examine(file, &expected, |events| {
        months.apply(events).map_err(|error| match error {
            ProjectionError::Poison { position, reason } => (position, reason),
            ProjectionError::Database(error) => (0, error.to_string()),
        })
    });
    bar.finish_and_clear();
    let verdict = match (&proven, arguments.json) {
        (Ok(proven), true) => output::json(&proven_json(proven, &expected, &months)),
        (Ok(proven), false) => print(proven, &expected, &months),
        (Err(fault), true) => output::json(&fault_json(fault)),
        (Err(fault), false) => output::line(&format!("ALTERED: {fault}")),
    };
    verdict?;
    Ok(if proven.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A key, or a file with one.
fn key(text: &str) -> anyhow::Result<Verifier> {
    let held = if Path::new(text).is_file() { read(Path::new(text))? } else { text.to_owned() };
    Ok(held.trim().parse()?)
}

fn print(proven: &Proven, expected: &Expected, months: &Months) -> anyhow::Result<()> {
    let Checkpoint { origin, size, .. } = &proven.checkpoint;
    output::line(&format!("business {}: all of its {} events, unaltered", proven.business, proven.events))?;
    output::line(&format!("under the checkpoint of {origin} over {size} events, signed by {}", proven.key))?;
    if expected.key.is_none() {
        output::line("The key is the file's own: give the one you know with --key, else anybody may have signed.")?;
    }
    match proven.compared {
        0 => output::line("Compared with no checkpoint: give one that you kept with --checkpoint.")?,
        compared => output::line(&format!("It goes on from the {compared} checkpoints that you kept."))?,
    }
    output::line("")?;
    let rows: Vec<Vec<String>> = months.figures().iter().map(row).collect();
    output::table(&["month", "currency", "kind", "in", "out", "net", "transactions"], &rows)
}

fn row(month: &Month) -> Vec<String> {
    let Month { month, currency, kind, sums } = month;
    vec![
        month.format("%Y-%m").to_string(),
        currency.code().to_owned(),
        kind.to_string(),
        sums.inflow.to_string(),
        sums.outflow.to_string(),
        sums.net().normalize().to_string(),
        sums.count.to_string(),
    ]
}

fn proven_json(proven: &Proven, expected: &Expected, months: &Months) -> Value {
    let month = |month: &Month| {
        json!({
            "month": month.month.format("%Y-%m").to_string(),
            "currency": month.currency.code(),
            "kind": month.kind,
            "in": month.sums.inflow,
            "out": month.sums.outflow,
            "net": month.sums.net().normalize(),
            "transactions": month.sums.count,
        })
    };
    json!({
        "unaltered": true,
        "business": proven.business,
        "events": proven.events,
        "origin": proven.checkpoint.origin,
        "size": proven.checkpoint.size,
        "root": hex::encode(proven.checkpoint.root),
        "key": proven.key.to_string(),
        "key_given": expected.key.is_some(),
        "checkpoints_compared": proven.compared,
        "months": months.figures().iter().map(month).collect::<Vec<_>>(),
    })
}

fn fault_json(fault: &Fault) -> Value {
    let position = match fault {
        Fault::Event { position, .. } => Some(position),
        Fault::File(_) | Fault::Read(_) => None,
    };
    json!({ "unaltered": false, "position": position, "reason": fault.to_string() })
}
