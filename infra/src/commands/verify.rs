//! `workdock audit verify`: the check of an exported log, and the figures computed from it; of certificates, and of archives.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use domain::BusinessId;
use projectors::metrics::{Closing, Month, Months, Recount, closings};
use serde_json::{Value, json};
use streams::projection::ProjectionError;
use streams::proof::{Checkpoint, Expected, Fault, Proven, Verifier, examine};

use super::audit::read;
use super::{archived, certificate, exported, output, progress};

#[derive(Debug, clap::Args)]
pub struct Verify {
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

/// Exit status 1 where anything does not fit.
pub fn check(arguments: &Verify) -> anyhow::Result<ExitCode> {
    let expected = Expected {
        business: arguments.business,
        key: arguments.key.as_deref().map(key).transpose()?,
        checkpoints: arguments.checkpoint.iter().map(|file| read(file)).collect::<Result<_, _>>()?,
    };
    if certificate::is_one(&arguments.file)? {
        return certificate::check(&arguments.file, &expected, arguments.json);
    }
    if archived::is_one(&arguments.file)? {
        return archived::check(&arguments.file, &expected, arguments.json);
    }
    if exported::is_one(&arguments.file)? {
        return exported::check(&arguments.file, &expected, arguments.json);
    }
    let mut figures = Figures::default();
    let proven = figures.read(&arguments.file, &expected)?;
    let verdict = match (&proven, arguments.json) {
        (Ok(proven), true) => output::json(&proven_json(proven, &expected, &figures)),
        (Ok(proven), false) => print(proven, &expected, &figures),
        (Err(fault), true) => output::json(&fault_json(fault)),
        (Err(fault), false) => output::line(&format!("ALTERED: {fault}")),
    };
    verdict?;
    Ok(if proven.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What is computed from the events.
#[derive(Default)]
struct Figures {
    months: Months,
    closed: Vec<Closing>,
}

impl Figures {
    /// Where months were closed, the events are read a second time: what a closing holds is known only when it is met.
    fn read(&mut self, path: &Path, expected: &Expected) -> anyhow::Result<Result<Proven, Fault>> {
        let proven = examine(open(path)?, expected, |events| {
            self.months.apply(events).map_err(place)?;
            self.closed.extend(closings(events).map_err(place)?);
            Ok(())
        });
        if proven.is_err() || self.closed.is_empty() {
            return Ok(proven);
        }
        let mut recount = Recount::of(self.closed.clone());
        let again = examine(open(path)?, expected, |events| recount.apply(events).map_err(place));
        let counted = again.and_then(|_| {
            recount.finish().map_err(|error| {
                let (position, reason) = place(error);
                Fault::Event { position, reason }
            })
        });
        Ok(counted.and(proven).and_then(|proven| self.under_what_they_were_closed(&proven).map(|()| proven)))
    }

    /// The notes of closings are this log's: signed, over what was closed at least, and with the root it had then.
    fn under_what_they_were_closed(&self, proven: &Proven) -> Result<(), Fault> {
        for closing in &self.closed {
            let Some(note) = &closing.note else { continue };
            let fault = |reason: String| {
                let reason = format!("the checkpoint that {} was closed under: {reason}", closing.month);
                Fault::Event { position: closing.position, reason }
            };
            let size = proven.holds(note).map_err(fault)?.size;
            if size < closing.known.unsigned_abs() {
                return Err(fault(format!("it is over {size} events, and its figures are of {}", closing.known)));
            }
        }
        Ok(())
    }
}

fn open(path: &Path) -> anyhow::Result<BufReader<impl std::io::Read + use<>>> {
    let file = File::open(path).with_context(|| path.display().to_string())?;
    let bar = progress::bar(file.metadata()?.len(), "bytes");
    Ok(BufReader::with_capacity(1 << 20, bar.wrap_read(file)))
}

fn place(error: ProjectionError) -> (i64, String) {
    match error {
        ProjectionError::Poison { position, reason } => (position, reason),
        ProjectionError::Database(error) => (0, error.to_string()),
    }
}

/// A key, or a file with one.
fn key(text: &str) -> anyhow::Result<Verifier> {
    let held = if Path::new(text).is_file() { read(Path::new(text))? } else { text.to_owned() };
    Ok(held.trim().parse()?)
}

fn print(proven: &Proven, expected: &Expected, figures: &Figures) -> anyhow::Result<()> {
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
    let rows: Vec<Vec<String>> = figures.months.figures().iter().map(row).collect();
    output::table(&["month", "currency", "kind", "in", "out", "net", "transactions"], &rows)?;
    if figures.closed.is_empty() {
        return Ok(());
    }
    output::line("\nClosed with the figures that the events up to then give; the code is the one on the report:\n")?;
    let rows: Vec<Vec<String>> = figures.closed.iter().map(closed_row).collect();
    output::table(&["month", "closed at position", "with the events up to", "code", "checkpoint"], &rows)
}

fn closed_row(closing: &Closing) -> Vec<String> {
    let Closing { month, position, known, code, note, .. } = closing;
    let signed = if note.is_some() { "signed" } else { "without" };
    vec![month.to_string(), position.to_string(), known.to_string(), code.to_string(), signed.to_owned()]
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

fn closed_json(closing: &Closing) -> Value {
    json!({
        "month": closing.month.to_string(),
        "position": closing.position,
        "known_position": closing.known,
        "code": closing.code.to_string(),
        "checkpoint": closing.note,
    })
}

fn proven_json(proven: &Proven, expected: &Expected, figures: &Figures) -> Value {
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
        "months": figures.months.figures().iter().map(month).collect::<Vec<_>>(),
        "closed": figures.closed.iter().map(closed_json).collect::<Vec<_>>(),
    })
}

fn fault_json(fault: &Fault) -> Value {
    let position = match fault {
        Fault::Event { position, .. } => Some(position),
        Fault::File(_) | Fault::Read(_) => None,
    };
    json!({ "unaltered": false, "position": position, "reason": fault.to_string() })
}
