//! Transactions: pages of them, their revisions, and those that changed.

use chrono::NaiveDate;
use domain::meaning::{By, Decided, Part, Split};
use domain::{AccountId, BusinessId, Cause, Currency, Kind, TransactionId};
use rust_decimal::Decimal;
use sqlx::postgres::PgRow;
use sqlx::{Error, PgPool, Row};

use super::row::parsed;
use super::sql;
use super::sums::Scope;
use crate::figures::Period;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionRow {
    pub id: TransactionId,
    pub account: AccountId,
    pub day: NaiveDate,
    /// As the source booked it: a day, or a moment.
    pub booked: String,
    /// From when on the bank counts it for interest, or the money can be used, where the source says so.
    pub value_date: Option<NaiveDate>,
    /// Told before it is booked.
    pub pending: bool,
    pub amount: Decimal,
    pub currency: Currency,
    pub kind: Kind,
    pub category: String,
    /// The source's own word for it, where it is another.
    pub provider_category: Option<String>,
    /// What stands over what the source says.
    pub decided: Option<Decided>,
    /// Absent until it is opened, like the other texts.
    pub description: Option<String>,
    pub counterparty: Option<String>,
    pub reference: Option<String>,
    /// What whoever recategorised it wrote.
    pub note: Option<String>,
    /// One for each part that it is split in.
    pub part_notes: Vec<Option<String>>,
    pub line: Option<i32>,
    /// Its number among the transactions of the event at `valid_from`.
    pub(crate) place: i32,
    pub cause: Cause,
    /// The position that brought this revision.
    pub valid_from: i64,
    /// The position that ended it, `i64::MAX` while it is current.
    pub valid_to: i64,
    /// How many there were by the position looked at.
    pub revisions: i64,
}

impl TransactionRow {
    pub fn split(&self) -> Option<&Split> {
        self.decided.as_ref().and_then(|decided| match &decided.by {
            By::Split(split) => Some(split.as_ref()),
            _ => None,
        })
    }

    /// What it is split in, each part with its note where it was opened.
    pub fn parts(&self) -> impl Iterator<Item = (&Part, Option<&str>)> {
        let parts = self.split().into_iter().flat_map(|split| &split.parts);
        parts.enumerate().map(|(nth, part)| (part, self.part_notes.get(nth).and_then(Option::as_deref)))
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevisionRow {
    pub transaction: TransactionRow,
    /// The source took the transaction back after this revision.
    pub removed: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// Newest day first.
    #[default]
    Day,
    /// Largest first, whatever the sign.
    Amount,
}

/// Which way the money went. An amount of zero went neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    In,
    Out,
}

/// Only what changed after `from`: the position looked at is the later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changed {
    pub from: i64,
}

#[derive(Debug, Clone)]
pub struct Filter {
    pub period: Period,
    pub currency: Option<Currency>,
    pub scope: Scope,
    pub kinds: Option<Vec<Kind>>,
    pub sign: Option<Sign>,
    /// Words in description, counterparty or reference: for the reader, who opens them.
    pub search: Option<String>,
    pub cause: Option<Cause>,
    pub changed: Option<Changed>,
    /// Those that this payout is the sum of, as its provider says.
    pub payout: Option<TransactionId>,
}

/// After which transaction a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub day: NaiveDate,
    pub amount: Decimal,
    pub id: TransactionId,
}

/// At most `limit` transactions as known at `position`, whatever their texts say.
pub async fn transactions(
    pool: &PgPool,
    business: BusinessId,
    position: i64,
    filter: &Filter,
    order: Order,
    after: Option<Cursor>,
    limit: i64,
) -> Result<Vec<TransactionRow>, Error> {
    let by_day = filter.changed.is_none() && order == Order::Day;
    let statement = match (filter.changed, order) {
        (None, Order::Day) => sql::transactions,
        (None, Order::Amount) => sql::transactions_by_amount,
        (Some(_), _) => sql::changed_transactions,
    };
    let last_day = after.filter(|_| by_day).map_or(filter.period.to(), |cursor| cursor.day.min(filter.period.to()));
    let mut query = sqlx::query(statement)
        .bind(business.as_uuid())
        .bind(position)
        .bind(filter.period.from())
        .bind(last_day)
        .bind(filter.currency.map(Currency::code))
        .bind(filter.scope.account.map(AccountId::as_uuid))
        .bind(filter.scope.category.as_deref())
        .bind(filter.kinds.as_ref().map(|kinds| kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>()))
        .bind(filter.cause.map(Cause::as_str));
    query = match (filter.changed, order) {
        (None, Order::Day) => query.bind(after.map(|cursor| cursor.day)),
        (_, Order::Amount) => query.bind(after.map(|cursor| cursor.amount.abs())),
        (Some(_), Order::Day) => query.bind(after.map(|cursor| Decimal::from((cursor.day - EPOCH).num_days()))),
    };
    let sign = filter.sign.map(|sign| if sign == Sign::In { 1 } else { -1 });
    query = query.bind(after.map(|cursor| cursor.id.as_uuid())).bind(limit).bind(sign);
    if let Some(changed) = filter.changed {
        query = query.bind(changed.from).bind(order == Order::Amount);
    }
    query = query.bind(filter.payout.map(TransactionId::as_uuid));
    query.fetch_all(pool).await?.iter().map(transaction_of).collect()
}

/// What changed_transactions.sql counts days from.
const EPOCH: NaiveDate = match NaiveDate::from_ymd_opt(2000, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// Every revision that began by `position`, oldest first.
pub async fn revisions(
    pool: &PgPool,
    business: BusinessId,
    id: TransactionId,
    position: i64,
) -> Result<Vec<RevisionRow>, Error> {
    let rows =
        sqlx::query(sql::revisions).bind(business.as_uuid()).bind(id.as_uuid()).bind(position).fetch_all(pool).await?;
    rows.iter()
        .map(|row| Ok(RevisionRow { transaction: transaction_of(row)?, removed: row.try_get("removed")? }))
        .collect()
}

/// Of these transactions what ended at that position, and what began there, in no order.
pub async fn revised(
    pool: &PgPool,
    business: BusinessId,
    position: i64,
    ids: &[TransactionId],
) -> Result<Vec<TransactionRow>, Error> {
    let ids: Vec<_> = ids.iter().map(|id| id.as_uuid()).collect();
    let rows = sqlx::query(sql::revised).bind(business.as_uuid()).bind(position).bind(ids).fetch_all(pool).await?;
    rows.iter().map(transaction_of).collect()
}

/// How many transactions changed between `changed.from` and `position`, by cause.
pub async fn change_counts(
    pool: &PgPool,
    business: BusinessId,
    position: i64,
    changed: Changed,
    period: Period,
    currency: Option<Currency>,
    kinds: &[Kind],
) -> Result<Vec<(Cause, i64)>, Error> {
    let rows = sqlx::query(sql::change_counts)
        .bind(business.as_uuid())
        .bind(position)
        .bind(changed.from)
        .bind(period.from())
        .bind(period.to())
        .bind(currency.map(Currency::code))
        .bind(kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>())
        .fetch_all(pool)
        .await?;
    rows.iter().map(|row| Ok((cause_of(row)?, row.try_get("count")?))).collect()
}

pub(super) fn transaction_of(row: &PgRow) -> Result<TransactionRow, Error> {
    Ok(TransactionRow {
        id: TransactionId::from_uuid(row.try_get("id")?),
        account: AccountId::from_uuid(row.try_get("account")?),
        day: row.try_get("day")?,
        booked: row.try_get("booked")?,
        value_date: row.try_get("value_date")?,
        pending: row.try_get("pending")?,
        amount: row.try_get("amount")?,
        currency: parsed(row, "currency")?,
        kind: parsed(row, "kind")?,
        category: row.try_get("category")?,
        provider_category: row.try_get("provider_category")?,
        decided: decided_of(row)?,
        description: None,
        counterparty: None,
        reference: None,
        note: None,
        part_notes: Vec::new(),
        line: row.try_get("line")?,
        place: row.try_get("place")?,
        cause: cause_of(row)?,
        valid_from: row.try_get("valid_from")?,
        valid_to: row.try_get("valid_to")?,
        revisions: row.try_get("revisions")?,
    })
}

fn decided_of(row: &PgRow) -> Result<Option<Decided>, Error> {
    let text: Option<&str> = row.try_get("decided")?;
    text.map(serde_json::from_str)
        .transpose()
        .map_err(|source| Error::ColumnDecode { index: "decided".to_owned(), source: source.into() })
}

pub(super) fn cause_of(row: &PgRow) -> Result<Cause, Error> {
    let text: &str = row.try_get("cause")?;
    Cause::ALL.into_iter().find(|cause| cause.as_str() == text).ok_or_else(|| Error::ColumnDecode {
        index: "cause".to_owned(),
        source: format!("{text:?} is not a cause").into(),
    })
}
