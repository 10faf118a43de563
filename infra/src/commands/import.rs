//! `workdock import FILE…`: statement files into the accounts of a business.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use connectors::file::import::{Progress, Request, defaults_of, import};
use connectors::file::{ImportError, Limits, Mapping, Report};
use domain::{BusinessId, Currency, TimeZone};

use super::business::{self, businesses, find};
use super::context::{Context, within};
use super::{output, progress};
use crate::config::Config;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Name or id [default: the only one]
    #[arg(long, value_name = "NAME")]
    business: Option<String>,
    /// What the file's account is called
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// How the file is read (docs/importing.md) [default: seen from the file]
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Say what would be added; write nothing
    #[arg(long)]
    dry_run: bool,
    /// One refused row refuses its file
    #[arg(long)]
    strict: bool,
    /// Register the business where there is none of this name
    #[arg(long)]
    create: bool,
    /// Currency of a business that is registered now [default: the mapping's]
    #[arg(long, value_name = "CODE")]
    currency: Option<Currency>,
    /// Time zone of a business that is registered now [default: this machine's, else UTC]
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<TimeZone>,
    /// For machines: one JSON object a file
    #[arg(long)]
    json: bool,
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Refused lines that a person is told of.
const SHOWN: usize = 20;

pub async fn run(arguments: Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    let mapping = arguments.mapping.as_deref().map(read_mapping).transpose()?;
    within(config, "import", async |context| {
        context.platform.caught_up().await?;
        let business = settled_business(context, &arguments, mapping.as_ref()).await?;
        let mut all_taken = true;
        let mut newest = None;
        for file in &arguments.files {
            match one(context, business, &arguments, mapping.as_ref(), file).await {
                Ok(report) => {
                    newest = report.positions.map(|positions| positions.last).max(newest);
                    if arguments.json { output::json(&report)? } else { output::line(&report.to_string())? }
                }
                Err(error) => {
                    all_taken = false;
                    if arguments.json {
                        output::json(&refusal(file, &error))?;
                    }
                    tell(file, &error);
                }
            }
        }
        if let Some(newest) = newest {
            context.platform.shown(newest).await?;
        }
        Ok(if all_taken { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
    .await
}

/// What became of a file that was not taken: the report of what was read of it, of which nothing is imported, and the
/// `error`. `questions` are what the file leaves open, each with the key of a mapping that answers it.
fn refusal(file: &Path, error: &anyhow::Error) -> serde_json::Value {
    let import = error.downcast_ref::<ImportError>();
    let report = import.map(ImportError::report).unwrap_or_default();
    let mut refusal = serde_json::json!(Report { file: name_of(file), ..report });
    refusal["error"] = serde_json::json!({
        "code": import.map_or("INTERNAL", |error| error.code().as_str()),
        "message": format!("{error:#}"),
        "line": import.and_then(ImportError::line),
        "questions": import.map(ImportError::questions).unwrap_or_default(),
    });
    refusal
}

/// Says why, and which lines, to a person.
fn tell(file: &Path, error: &anyhow::Error) {
    eprintln!("workdock: {}: {error:#}", file.display());
    let Some(ImportError::Strict(report)) = error.downcast_ref() else { return };
    for refused in report.refused.iter().take(SHOWN) {
        eprintln!("  line {}: {}", refused.line, refused.reason);
    }
    let more = report.refused_count.saturating_sub(report.refused.len().min(SHOWN) as u64);
    if more > 0 {
        eprintln!("  and {more} more");
    }
}

fn name_of(file: &Path) -> String {
    file.file_name().map_or_else(|| file.display().to_string(), |name| name.to_string_lossy().into_owned())
}

fn read_mapping(path: &Path) -> anyhow::Result<Mapping> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    Mapping::parse(&text).with_context(|| path.display().to_string())
}

/// The named business. The first import on an empty data folder registers it; later a name that is not there is more
/// likely misspelt.
async fn settled_business(
    context: &Context,
    arguments: &Arguments,
    mapping: Option<&Mapping>,
) -> anyhow::Result<BusinessId> {
    let all = businesses(context).await?;
    let missing = match find(&all, arguments.business.as_deref()) {
        Ok(found) => return Ok(found.id),
        Err(missing) => missing,
    };
    let Some(name) = arguments.business.as_deref().filter(|_| all.is_empty() || arguments.create) else {
        return Err(missing);
    };
    let of_mapping = mapping.and_then(|mapping| mapping.currency.as_ref()?.always);
    let currency = arguments
        .currency
        .or(of_mapping)
        .with_context(|| format!("{name:?} is a new business: say its currency, e.g. --currency EUR"))?;
    let zone = arguments.time_zone.unwrap_or_else(business::machine_zone);
    let id = business::register(context, name, currency, zone, 1).await?;
    eprintln!("Registered the business {name:?} ({currency}, {}).", zone.name());
    Ok(id)
}

async fn one(
    context: &Context,
    business: BusinessId,
    arguments: &Arguments,
    mapping: Option<&Mapping>,
    file: &Path,
) -> anyhow::Result<Report> {
    let name = name_of(file);
    let request = Request {
        business,
        meta: streams::Meta::new(business, "owner"),
        path: file.to_owned(),
        file: name.clone(),
        mapping: mapping.cloned(),
        defaults: defaults_of(&context.platform.app, &context.platform.keys, business, arguments.account.clone())
            .await?,
        strict: arguments.strict,
        dry_run: arguments.dry_run,
        limits: Limits::default(),
    };
    let spinner = progress::spinner(&name);
    let shown = |progress| {
        spinner.set_message(match progress {
            Progress::Checked(rows) => format!("{name}: {rows} rows are readable"),
            Progress::Imported(rows) => format!("{name}: {rows} rows"),
        });
    };
    let report = import(&context.commands(), &context.platform.app, &request, shown).await;
    spinner.finish_and_clear();
    Ok(report?)
}
