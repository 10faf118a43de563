//! When figures changed, and how far they reach.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{BusinessId, Currency, Kind};
use sqlx::{Error, PgPool, Row};

use super::row::parsed;
use super::sql;
use super::sums::{Dim, Question};

/// First and last booked day of one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub currency: Currency,
    pub first: NaiveDate,
    pub last: NaiveDate,
}

/// Of every currency that has a transaction as known at `position`, by code.
pub async fn span(pool: &PgPool, business: BusinessId, position: i64) -> Result<Vec<Span>, Error> {
    let rows = sqlx::query(sql::span).bind(business.as_uuid()).bind(position).fetch_all(pool).await?;
    rows.iter()
        .map(|row| {
            Ok(Span { currency: parsed(row, "currency")?, first: row.try_get("first")?, last: row.try_get("last")? })
        })
        .collect()
}

/// The newest change of some cells up to a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastChange {
    pub position: i64,
    pub known_at: DateTime<Utc>,
    /// Where the batch that brought it began.
    pub batch_began: Option<i64>,
}

/// Which of a cell's figures are looked at.
#[derive(Debug, Clone, Copy)]
pub struct Changing<'a> {
    pub kinds: &'a [Kind],
    /// `None`: all of them.
    pub currency: Option<Currency>,
}

/// `None` where nothing changed them up to `position`. A scope that no cell holds is looked up by its account, so a
/// change that it names may be of another category.
pub async fn last_change(
    pool: &PgPool,
    business: BusinessId,
    question: &Question,
    changing: Changing<'_>,
    position: i64,
) -> Result<Option<LastChange>, Error> {
    let scope = &question.scope;
    let wider = || (Dim::Account, scope.account.map(|account| account.to_string()));
    let (dim, key) = scope.cells(Dim::All).unwrap_or_else(wider);
    let runs = || question.runs.iter().map(|slot| slot.run);
    let dim = match dim {
        Dim::Account => "account",
        Dim::Category => "category",
        Dim::All | Dim::Cause => "all",
    };
    let row = sqlx::query(sql::last_change)
        .bind(business.as_uuid())
        .bind(runs().map(|run| run.grain.as_str()).collect::<Vec<_>>())
        .bind(runs().map(|_| dim).collect::<Vec<_>>())
        .bind(runs().map(|run| run.first).collect::<Vec<_>>())
        .bind(runs().map(|run| run.last).collect::<Vec<_>>())
        .bind(runs().map(|_| key.as_deref()).collect::<Vec<_>>())
        .bind(position)
        .bind(changing.kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>())
        .bind(changing.currency.map(Currency::code))
        .fetch_optional(pool)
        .await?;
    let change = |row: sqlx::postgres::PgRow| {
        Ok(LastChange {
            position: row.try_get("position")?,
            known_at: row.try_get("known_at")?,
            batch_began: row.try_get("first_position")?,
        })
    };
    row.map(change).transpose()
}
