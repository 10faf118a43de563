//! The same figures for the shell: `workdock metrics`.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use chrono::NaiveDate;
use domain::access::{Action, Principal, authorise};
use domain::{BusinessId, Currency};
use rust_decimal::Decimal;
use serde::Serialize;
use streams::export::no_formula;

use crate::Failure;
use crate::figures::{Bucket, Lack, Metric, Period, exact_amount};
use crate::reader::{ClosingFigures, Figure, Known, Point, Reader, SeriesQuery, SplitBy, View, period};
use crate::views::{AsOf, Scope};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct TableQuery {
    pub business: BusinessId,
    pub bucket: Bucket,
    pub by: Option<SplitBy>,
    /// The first booked day where not given.
    pub from: Option<NaiveDate>,
    /// The last booked day where not given.
    pub to: Option<NaiveDate>,
    /// A code: its money alone. `BASE`: all money in the business's own currency. Every currency, each in rows of its
    /// own, where not given.
    pub currency: Option<String>,
    pub as_of: Option<AsOf>,
    /// Waited for, so that what was just written is in the figures.
    pub min_position: Option<i64>,
}

/// The figures of one bucket, key and currency. Amounts are exact; undefined ones are absent: a quotient of nothing,
/// and what lacks an exchange rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// Category, account id or kind; absent without a split.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Of the account that is the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub currency: Currency,
    pub count: i64,
    pub money_in: Option<Decimal>,
    pub money_out: Option<Decimal>,
    pub net: Option<Decimal>,
    pub revenue: Option<Decimal>,
    pub expenses: Option<Decimal>,
    pub profit: Option<Decimal>,
    pub profit_margin: Option<Decimal>,
    pub cash_in: Option<Decimal>,
    pub cash_out: Option<Decimal>,
    pub cash_net: Option<Decimal>,
    pub average_sale: Option<Decimal>,
    /// Of the last day, of all together: absent with a split, like the two that follow.
    pub balance: Option<Decimal>,
    pub burn_rate: Option<Decimal>,
    /// In months.
    pub runway: Option<Decimal>,
    /// Why one of these three has no value.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub undefined: BTreeMap<Metric, String>,
    /// Not over yet, or cut by the asked range.
    pub partial: bool,
}

#[derive(Debug, Clone, Serialize)]
pub struct Table {
    pub business: BusinessId,
    pub known: Known,
    pub rows: Vec<Row>,
    /// Where all money is told in one currency: the first day without a rate of each that lacks one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lacking: Vec<Lack>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Columns for people, right-aligned.
    Table,
    /// RFC 4180 with a header.
    Csv,
    /// One object with `business`, `known` and `rows`.
    Json,
}

/// Reads the figures.
///
/// # Errors
/// Not found where there is no such business; invalid where the days are no period or too many.
pub async fn read_table(reader: &Reader, principal: &Principal, query: &TableQuery) -> Result<Table, Failure> {
    authorise(principal, Action::Read, Some(query.business))?;
    let view = reader.view(query.business, query.as_of, query.min_position).await?;
    let empty = Table { business: query.business, known: view.known, rows: Vec::new(), lacking: Vec::new() };
    let Some(period) = days(reader, &view, query).await? else { return Ok(empty) };
    let currency = query.currency.as_deref().map(|asked| view.terms(Some(asked))).transpose()?;
    let series = SeriesQuery { period, bucket: query.bucket, by: query.by, scope: Scope::default(), currency };
    let closings = if query.by.is_none() { reader.closings(&view, &series).await? } else { Vec::new() };
    let closings: BTreeMap<_, _> =
        closings.into_iter().map(|closing| ((closing.period.from(), closing.balance.currency), closing)).collect();
    let series = reader.series(&view, &series).await?;
    let names = names(reader, &view, query.by).await?;
    let row = |point: &Point| Row::of(point, &names, closings.get(&(point.period.from(), point.currency)));
    let mut rows: Vec<_> = series.points.iter().map(row).collect();
    // In the order of what is read: of time, then names.
    rows.sort_by(|one, other| (one.from, &one.name).cmp(&(other.from, &other.name)));
    Ok(Table { rows, lacking: series.lacking, ..empty })
}

/// What people call the keys that are ids.
async fn names(reader: &Reader, view: &View, by: Option<SplitBy>) -> Result<HashMap<String, String>, Failure> {
    match by {
        Some(SplitBy::Account) => {
            let accounts = reader.accounts(view).await?;
            Ok(accounts.into_iter().map(|account| (account.id.to_string(), account.name)).collect())
        }
        None | Some(SplitBy::Category | SplitBy::Kind) => Ok(HashMap::new()),
    }
}

/// `None` where no days were asked for and nothing is booked. Open ends are the whole buckets of the first and last
/// booked day.
async fn days(reader: &Reader, view: &View, query: &TableQuery) -> Result<Option<Period>, Failure> {
    if let (Some(from), Some(to)) = (query.from, query.to) {
        return Ok(Some(period(from, to)?));
    }
    let span = reader.span(view).await?;
    let fiscal = view.business.fiscal_year_first_month;
    let first = span.iter().map(|span| span.first).min();
    let last = span.iter().map(|span| span.last).max();
    let from = query.from.or(first.map(|day| query.bucket.around(day, fiscal).from()));
    let to = query.to.or(last.map(|day| query.bucket.around(day, fiscal).to()));
    match (from, to) {
        // Asked from after the last booked day, or up to before the first.
        (Some(from), Some(to)) if to < from => Ok(None),
        (Some(from), Some(to)) => Ok(Some(period(from, to)?)),
        _ => Ok(None),
    }
}

impl Row {
    fn of(point: &Point, names: &HashMap<String, String>, closing: Option<&ClosingFigures>) -> Self {
        let sums = point.total();
        let closes = |figure: fn(&ClosingFigures) -> Figure| {
            let figure = figure(closing?);
            figure.value.ok().map(|value| figure.shown(value))
        };
        let undefined = closing.into_iter().flat_map(ClosingFigures::figures);
        let undefined = undefined.filter_map(|figure| Some((figure.metric, figure.value.err()?.to_string())));
        Self {
            from: point.period.from(),
            to: point.period.to(),
            key: point.key.clone(),
            name: point.key.as_ref().and_then(|key| names.get(key)).cloned(),
            currency: point.currency,
            count: sums.count,
            money_in: point.amount(Metric::MoneyIn),
            money_out: point.amount(Metric::MoneyOut),
            net: point.amount(Metric::Net),
            revenue: point.amount(Metric::Revenue),
            expenses: point.amount(Metric::Expenses),
            profit: point.amount(Metric::Profit),
            profit_margin: point.value(Metric::ProfitMargin).map(|margin| margin.normalize()),
            cash_in: point.amount(Metric::CashIn),
            cash_out: point.amount(Metric::CashOut),
            cash_net: point.amount(Metric::CashNet),
            average_sale: point.value(Metric::AverageSale).map(|average| exact_amount(average, point.currency)),
            balance: closes(|closing| closing.balance),
            burn_rate: closes(|closing| closing.burn_rate),
            runway: closes(|closing| closing.runway),
            undefined: undefined.collect(),
            partial: point.partial,
        }
    }

    const HEADER: [&'static str; 21] = [
        "from",
        "to",
        "key",
        "name",
        "currency",
        "count",
        "money_in",
        "money_out",
        "net",
        "revenue",
        "expenses",
        "profit",
        "profit_margin",
        "cash_in",
        "cash_out",
        "cash_net",
        "average_sale",
        "balance",
        "burn_rate",
        "runway",
        "partial",
    ];

    const KEY: usize = 2;
    const NAME: usize = 3;
    /// Texts before these are left-aligned.
    const NUMBERS_FROM: usize = 5;

    fn cells(&self) -> [String; 21] {
        let optional = |value: Option<Decimal>| value.map(|value| value.to_string()).unwrap_or_default();
        [
            self.from.to_string(),
            self.to.to_string(),
            self.key.clone().unwrap_or_default(),
            self.name.clone().unwrap_or_default(),
            self.currency.to_string(),
            self.count.to_string(),
            optional(self.money_in),
            optional(self.money_out),
            optional(self.net),
            optional(self.revenue),
            optional(self.expenses),
            optional(self.profit),
            optional(self.profit_margin),
            optional(self.cash_in),
            optional(self.cash_out),
            optional(self.cash_net),
            optional(self.average_sale),
            optional(self.balance),
            optional(self.burn_rate),
            optional(self.runway),
            self.partial.to_string(),
        ]
    }
}

/// Writes the table.
pub fn write_table(table: &Table, format: Format, out: &mut impl Write) -> io::Result<()> {
    match format {
        Format::Table => write_columns(table, out),
        Format::Csv => write_csv(table, out),
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, table)?;
            writeln!(out)
        }
    }
}

fn write_csv(table: &Table, out: &mut impl Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(Row::HEADER)?;
    for row in &table.rows {
        let mut cells = row.cells();
        cells[Row::NAME] = no_formula(&cells[Row::NAME]).into_owned();
        csv.write_record(cells)?;
    }
    csv.flush()
}

/// Only columns in which something stands; people read names, not ids.
fn write_columns(table: &Table, out: &mut impl Write) -> io::Result<()> {
    let rows: Vec<_> = table.rows.iter().map(Row::cells).collect();
    let is_used = |column: usize| rows.iter().any(|row| !row[column].is_empty());
    let is_named = |column: usize| column == Row::KEY && is_used(Row::NAME);
    let used: Vec<usize> = (0..Row::HEADER.len()).filter(|column| is_used(*column) && !is_named(*column)).collect();
    if used.is_empty() {
        return writeln!(out, "Nothing is booked in these days.");
    }
    let header = Row::HEADER.map(|name| name.replace('_', " "));
    let width =
        |column: usize| rows.iter().chain([&header]).map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..Row::HEADER.len()).map(width).collect();
    for row in [&header].into_iter().chain(&rows) {
        let line: Vec<String> = used
            .iter()
            .map(|&column| match column < Row::NUMBERS_FROM {
                true => format!("{:<width$}", row[column], width = widths[column]),
                false => format!("{:>width$}", row[column], width = widths[column]),
            })
            .collect();
        writeln!(out, "{}", line.join("  ").trim_end())?;
    }
    Ok(())
}
