//! `workdock business add NAME` and `workdock business list`.

use std::process::ExitCode;

use domain::business::BusinessCommand;
use domain::{BusinessId, Currency, FiscalMonth, TimeZone};
use query_api::views::BusinessRow;
use serde_json::{Value, json};
use streams::Meta;

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
    /// Register a business
    Add(New),
    /// List the businesses
    List {
        /// For machines: a JSON array
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, clap::Args)]
struct New {
    name: String,
    /// The currency it counts in, e.g. EUR
    #[arg(long, value_name = "CODE")]
    currency: Currency,
    /// Where its days begin, e.g. Europe/London [default: this machine's, else UTC]
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<TimeZone>,
    /// First month of the fiscal year
    #[arg(long, value_name = "MONTH", default_value = "1", value_parser = clap::value_parser!(u8).range(1..=12))]
    fiscal_month: u8,
    /// For machines: a JSON object
    #[arg(long)]
    json: bool,
}

pub async fn run(arguments: Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    within(config, "business", async |context| {
        match arguments.command {
            Command::Add(new) => add(context, new).await?,
            Command::List { json } => list(context, json).await?,
        }
        Ok(ExitCode::SUCCESS)
    })
    .await
}

async fn add(context: &Context, new: New) -> anyhow::Result<()> {
    let before = businesses(context).await?;
    if let Some(same) = before.iter().find(|business| same_name(&business.name, &new.name)) {
        anyhow::bail!("there is already a business {:?} ({})", same.name, same.id);
    }
    let zone = new.time_zone.unwrap_or_else(machine_zone);
    let id = register(context, &new.name, new.currency, zone, new.fiscal_month).await?;
    let added = find(&businesses(context).await?, Some(&id.to_string()))?;
    if new.json { output::json(&as_json(&added)) } else { output::line(&format!("{}  {}", added.id, added.name)) }
}

/// Registers a business and waits until queries know it.
pub async fn register(
    context: &Context,
    name: &str,
    currency: Currency,
    zone: TimeZone,
    fiscal_month: u8,
) -> anyhow::Result<BusinessId> {
    let id = BusinessId::new();
    let command = BusinessCommand::Register {
        id,
        name: name.to_owned(),
        base_currency: currency,
        time_zone: zone,
        fiscal_year_first_month: FiscalMonth::try_from(fiscal_month)?,
        founder: None,
    };
    let commands = context.commands();
    let receipt = commands.business(id, command, &Meta::new(id, "owner")).await?;
    if let Some(positions) = commands.position_of(&receipt).await? {
        context.platform.shown(positions.last).await?;
    }
    Ok(id)
}

async fn list(context: &Context, json: bool) -> anyhow::Result<()> {
    context.platform.caught_up().await?;
    let all = businesses(context).await?;
    if json {
        return output::json(&all.iter().map(as_json).collect::<Vec<Value>>());
    }
    let row = |business: &BusinessRow| {
        vec![
            business.id.to_string(),
            business.name.clone(),
            business.base_currency.code().to_owned(),
            business.time_zone.name().to_owned(),
        ]
    };
    output::table(&["id", "name", "currency", "time zone"], &all.iter().map(row).collect::<Vec<_>>())
}

fn as_json(business: &BusinessRow) -> Value {
    json!({
        "id": business.id,
        "name": business.name,
        "currency": business.base_currency.code(),
        "time_zone": business.time_zone.name(),
        "fiscal_year_first_month": business.fiscal_year_first_month,
    })
}

pub async fn businesses(context: &Context) -> anyhow::Result<Vec<BusinessRow>> {
    Ok(context.reader().businesses().await?)
}

/// The named business (by name, whatever its case, or by id); without a name the only one.
pub fn find(all: &[BusinessRow], wanted: Option<&str>) -> anyhow::Result<BusinessRow> {
    let found: Vec<&BusinessRow> = match wanted {
        None => all.iter().collect(),
        Some(wanted) => all
            .iter()
            .filter(|business| same_name(&business.name, wanted) || business.id.to_string() == wanted.to_lowercase())
            .collect(),
    };
    match (found.as_slice(), wanted) {
        ([one], _) => Ok((*one).clone()),
        ([], None) => anyhow::bail!("there is no business yet; add one: workdock business add NAME --currency CUR"),
        ([], Some(wanted)) => anyhow::bail!(
            "there is no business {wanted:?}; {}add it: workdock business add {wanted:?} --currency CUR",
            listed(all)
        ),
        (_, None) => anyhow::bail!("which business? {}say --business NAME", listed(all)),
        (_, Some(wanted)) => anyhow::bail!("several businesses are named {wanted:?}; {}say the id", listed(all)),
    }
}

fn listed(all: &[BusinessRow]) -> String {
    let names: Vec<String> = all.iter().map(|business| format!("{} ({})", business.name, business.id)).collect();
    if names.is_empty() { String::new() } else { format!("there are: {}; ", names.join(", ")) }
}

fn same_name(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// What this machine is set to, where that is one zone's name.
pub fn machine_zone() -> TimeZone {
    let named = std::env::var("TZ").ok().or_else(|| {
        let link = std::fs::read_link("/etc/localtime").ok()?;
        Some(link.to_string_lossy().split_once("zoneinfo/")?.1.to_owned())
    });
    named.and_then(|name| name.trim_start_matches(':').parse().ok()).unwrap_or(TimeZone::UTC)
}
