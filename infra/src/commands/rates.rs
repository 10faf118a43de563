//! `workdock rates import FILE`: exchange rates of the European Central Bank.

use std::path::PathBuf;
use std::process::ExitCode;

use chrono::Utc;
use connectors::rates::import;
use streams::Meta;

use super::context::{Context, within};
use super::{business, output};
use crate::config::Config;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Record the rates of eurofxref-hist.csv, eurofxref-hist.xml or a daily one of the European Central Bank
    Import(File),
}

#[derive(Debug, clap::Args)]
struct File {
    /// Name or id [default: the only business]
    #[arg(long, value_name = "BUSINESS")]
    business: Option<String>,
    /// For machines: a JSON object
    #[arg(long)]
    json: bool,
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub async fn run(arguments: Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    let Command::Import(file) = arguments.command;
    within(config, "rates", async |context| {
        bring(context, &file).await?;
        Ok(ExitCode::SUCCESS)
    })
    .await
}

async fn bring(context: &Context, file: &File) -> anyhow::Result<()> {
    context.platform.caught_up().await?;
    let business = business::find(&business::businesses(context).await?, file.business.as_deref())?.id;
    let name = file.file.file_name().unwrap_or(file.file.as_os_str()).to_string_lossy();
    let now = (Utc::now(), &Meta::new(business, "owner"));
    let report = import(&context.commands(), business, &file.file, &name, now).await?;
    if let Some(position) = report.position {
        context.platform.shown(position).await?;
    }
    if file.json { output::json(&report) } else { output::line(&report.to_string()) }
}
