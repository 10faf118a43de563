//! Sums of cells.

use chrono::{Days, NaiveDate};
use domain::{AccountId, BusinessId, Currency, Kind, Sums};
use sqlx::postgres::PgRow;
use sqlx::{Error, PgPool, Row};

use super::row::{parsed, sums_of};
use super::sql;
use crate::figures::{Lack, Run};

/// What the rows are split by; the key of a row is its category, account or cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dim {
    All,
    Category,
    Account,
    Cause,
}

impl Dim {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Category => "category",
            Self::Account => "account",
            Self::Cause => "cause",
        }
    }
}

/// Which transactions count.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Scope {
    pub account: Option<AccountId>,
    pub category: Option<String>,
}

impl Scope {
    /// The cells (dimension and the one key) that hold this scope split by `by`; `None` where no cell does.
    pub fn cells(&self, by: Dim) -> Option<(Dim, Option<String>)> {
        match (&self.account, &self.category, by) {
            (None, None, _) => Some((by, None)),
            (Some(account), None, Dim::All | Dim::Account) => Some((Dim::Account, Some(account.to_string()))),
            (None, Some(category), Dim::All | Dim::Category) => Some((Dim::Category, Some(category.clone()))),
            _ => None,
        }
    }
}

/// Cells that are summed into one slot of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SlotRun {
    pub slot: i32,
    pub by: Dim,
    pub run: Run,
    /// One row for each bucket instead of their sum.
    pub by_bucket: bool,
}

/// Everything one answer needs, asked for in one statement.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Question {
    pub scope: Scope,
    pub runs: Vec<SlotRun>,
}

impl Question {
    pub fn new(scope: Scope) -> Self {
        Self { scope, runs: Vec::new() }
    }

    /// Sums the runs into `slot`, split by `by`.
    pub fn ask(&mut self, slot: i32, by: Dim, runs: impl IntoIterator<Item = Run>) {
        self.runs.extend(runs.into_iter().map(|run| SlotRun { slot, by, run, by_bucket: false }));
    }

    /// The cells of each run; `None` where there is none for one of them.
    pub fn cells(&self) -> Option<Vec<(Dim, Option<String>)>> {
        self.runs.iter().map(|run| self.scope.cells(run.by)).collect()
    }

    /// One row for each bucket of the run.
    pub fn ask_buckets(&mut self, slot: i32, by: Dim, run: Run) {
        self.runs.push(SlotRun { slot, by, run, by_bucket: true });
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SumRow {
    /// Index into the positions that were asked for.
    pub seen: usize,
    pub slot: i32,
    /// First day of the bucket where rows are by bucket.
    pub bucket: Option<NaiveDate>,
    /// What it is split by; the scope's key or empty without a split.
    pub key: String,
    pub kind: Kind,
    pub currency: Currency,
    /// What the amounts were before they were converted.
    pub original: Currency,
    pub sums: Sums,
    /// Of what was converted: the first day that has no rate, whose money is not in the sums.
    pub lack: Option<Lack>,
}

/// All currencies; the order of rows is not defined.
pub async fn sums(
    pool: &PgPool,
    business: BusinessId,
    question: &Question,
    positions: &[i64],
) -> Result<Vec<SumRow>, Error> {
    let rows = match question.cells() {
        Some(cells) => of_cells(pool, business, question, &cells, positions).await?,
        None => of_deltas(pool, business, question, positions).await?,
    };
    rows.iter().map(sum_row).collect()
}

async fn of_cells(
    pool: &PgPool,
    business: BusinessId,
    question: &Question,
    cells: &[(Dim, Option<String>)],
    positions: &[i64],
) -> Result<Vec<PgRow>, Error> {
    let runs = &question.runs;
    sqlx::query(sql::sums)
        .bind(business.as_uuid())
        .bind(runs.iter().map(|run| run.slot).collect::<Vec<_>>())
        .bind(runs.iter().map(|run| run.run.grain.as_str()).collect::<Vec<_>>())
        .bind(cells.iter().map(|(dim, _)| dim.as_str()).collect::<Vec<_>>())
        .bind(runs.iter().map(|run| run.run.first).collect::<Vec<_>>())
        .bind(runs.iter().map(|run| run.run.last).collect::<Vec<_>>())
        .bind(cells.iter().map(|(_, key)| key.as_deref()).collect::<Vec<_>>())
        .bind(runs.iter().map(|run| run.by_bucket).collect::<Vec<_>>())
        .bind(positions)
        .fetch_all(pool)
        .await
}

async fn of_deltas(
    pool: &PgPool,
    business: BusinessId,
    question: &Question,
    positions: &[i64],
) -> Result<Vec<PgRow>, Error> {
    let runs = &question.runs;
    let last_day = |run: &SlotRun| run.run.grain.next(run.run.last) - Days::new(1);
    sqlx::query(sql::delta_sums)
        .bind(business.as_uuid())
        .bind(runs.iter().map(|run| run.slot).collect::<Vec<_>>())
        .bind(runs.iter().map(|run| run.run.grain.as_str()).collect::<Vec<_>>())
        .bind(runs.iter().map(|run| run.by.as_str()).collect::<Vec<_>>())
        .bind(runs.iter().map(|run| run.run.first).collect::<Vec<_>>())
        .bind(runs.iter().map(last_day).collect::<Vec<_>>())
        .bind(runs.iter().map(|run| run.by_bucket).collect::<Vec<_>>())
        .bind(question.scope.account.map(AccountId::as_uuid))
        .bind(question.scope.category.as_deref())
        .bind(positions)
        .fetch_all(pool)
        .await
}

fn sum_row(row: &PgRow) -> Result<SumRow, Error> {
    let nth: i32 = row.try_get("seen")?;
    Ok(SumRow {
        seen: usize::try_from(nth - 1).unwrap_or_default(),
        slot: row.try_get("slot")?,
        bucket: row.try_get("bucket")?,
        key: row.try_get("key")?,
        kind: parsed(row, "kind")?,
        currency: parsed(row, "currency")?,
        original: parsed(row, "currency")?,
        sums: sums_of(row)?,
        lack: None,
    })
}
