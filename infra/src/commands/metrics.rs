//! `workdock metrics`: the figures, as the page shows them, for the shell.

use std::process::ExitCode;

use chrono::{DateTime, NaiveDate};
use clap::ValueEnum;
use domain::Currency;
use domain::access::Principal;
use query_api::figures;
use query_api::reader::SplitBy;
use query_api::table::{self, TableQuery, read_table, write_table};
use query_api::views::AsOf;

use super::context::{Context, within};
use super::{business, output};
use crate::config::Config;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Name or id [default: the only business]
    #[arg(long, value_name = "BUSINESS")]
    business: Option<String>,
    #[arg(long, value_enum, default_value_t = Bucket::Month)]
    bucket: Bucket,
    /// One row for each of these
    #[arg(long, value_enum)]
    by: Option<By>,
    /// First day [default: the first booked]
    #[arg(long, value_name = "DAY")]
    from: Option<NaiveDate>,
    /// Last day [default: the last booked]
    #[arg(long, value_name = "DAY")]
    to: Option<NaiveDate>,
    /// A code for its money alone, BASE for all money in the business's currency, each for each in rows of its own
    #[arg(long, value_name = "CODE|BASE|each", default_value = "each", value_parser = currency)]
    currency: String,
    /// As known then: a day, a moment (2026-03-01T12:00:00Z) or a position of the log
    #[arg(long, value_name = "WHEN", value_parser = as_of)]
    as_of: Option<AsOf>,
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Bucket {
    Day,
    Week,
    Month,
    Quarter,
    Year,
    FiscalQuarter,
    FiscalYear,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    Category,
    Account,
    Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Columns for people
    Table,
    /// RFC 4180 with a header
    Csv,
    /// An array of rows; amounts are decimal strings
    Json,
}

pub async fn run(arguments: Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    within(config, "metrics", async |context| {
        show(context, &arguments).await?;
        Ok(ExitCode::SUCCESS)
    })
    .await
}

async fn show(context: &Context, arguments: &Arguments) -> anyhow::Result<()> {
    // Whatever was recorded before this command is in its answer.
    context.platform.caught_up().await?;
    let business = business::find(&business::businesses(context).await?, arguments.business.as_deref())?;
    let query = TableQuery {
        business: business.id,
        bucket: arguments.bucket.into(),
        by: arguments.by.map(SplitBy::from),
        from: arguments.from,
        to: arguments.to,
        currency: Some(arguments.currency.clone()).filter(|asked| asked != EACH),
        as_of: arguments.as_of,
        min_position: None,
    };
    let table = read_table(&context.reader(), &Principal::local_owner(), &query).await?;
    for lack in &table.lacking {
        eprintln!(
            "No exchange rate for {} on {} and perhaps later: `workdock rates import` brings them.",
            lack.currency, lack.day
        );
    }
    let format = match arguments.format {
        Format::Json => return output::json(&table.rows),
        Format::Table => table::Format::Table,
        Format::Csv => table::Format::Csv,
    };
    let mut text = Vec::new();
    write_table(&table, format, &mut text)?;
    output::line(String::from_utf8(text)?.trim_end_matches('\n'))
}

/// Every currency for itself.
const EACH: &str = "each";

fn currency(text: &str) -> Result<String, String> {
    if text == EACH || text == figures::BASE {
        return Ok(text.to_owned());
    }
    let known = text.parse::<Currency>().map(|currency| currency.to_string());
    known.map_err(|error| format!("{error}; or BASE, or each"))
}

fn as_of(text: &str) -> Result<AsOf, String> {
    if let Ok(position) = text.parse::<i64>() {
        return if position < 0 { Err("a position is 0 or more".into()) } else { Ok(AsOf::Position(position)) };
    }
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Ok(AsOf::Date(day));
    }
    DateTime::parse_from_rfc3339(text)
        .map(|moment| AsOf::Moment(moment.to_utc()))
        .map_err(|_| "write a day (2026-03-01), a moment (2026-03-01T12:00:00Z) or a position (1234)".into())
}

impl From<Bucket> for figures::Bucket {
    fn from(bucket: Bucket) -> Self {
        match bucket {
            Bucket::Day => Self::Day,
            Bucket::Week => Self::Week,
            Bucket::Month => Self::Month,
            Bucket::Quarter => Self::Quarter,
            Bucket::Year => Self::Year,
            Bucket::FiscalQuarter => Self::FiscalQuarter,
            Bucket::FiscalYear => Self::FiscalYear,
        }
    }
}

impl From<By> for SplitBy {
    fn from(by: By) -> Self {
        match by {
            By::Category => Self::Category,
            By::Account => Self::Account,
            By::Kind => Self::Kind,
        }
    }
}
