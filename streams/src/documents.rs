//! Invoices, bills and credits of the books, and what payments pay of them ([`domain::account::DocumentsTold`]).
//!
//! The rows are kept from the events of accounts in the transaction that appends them, so they are never behind the
//! log. Numbers, names and memos stand sealed in the events.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use domain::account::{DocumentKind, Documents, Pays, Settled};
use domain::{AccountId, BusinessId, Currency, DocumentId, TransactionId};
use rust_decimal::Decimal;
use sqlx::postgres::PgRow;
use sqlx::{Error, PgPool, Row};
use uuid::Uuid;

/// A document as it was told last; its texts stand in the event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentRow {
    pub id: DocumentId,
    pub account: AccountId,
    pub kind: DocumentKind,
    pub day: NaiveDate,
    pub due: Option<NaiveDate>,
    pub total: Decimal,
    pub open: Decimal,
    pub currency: Currency,
    /// Of the event.
    pub position: i64,
    /// Among the event's documents, from 0.
    pub place: usize,
}

impl DocumentRow {
    /// The day that it is listed by.
    pub fn payable(&self) -> NaiveDate {
        self.due.unwrap_or(self.day)
    }

    /// Whether somebody should have paid it before a day.
    pub fn is_overdue(&self, today: NaiveDate) -> bool {
        !self.kind.is_credit() && !self.open.is_zero() && self.payable() < today
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum State {
    /// Something of it is not paid or taken yet.
    #[default]
    Open,
    Settled,
    All,
}

impl State {
    pub const ALL: [Self; 3] = [Self::Open, Self::Settled, Self::All];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Settled => "settled",
            Self::All => "all",
        }
    }

    /// As the index has it that holds what is open alone.
    const fn condition(self) -> &'static str {
        match self {
            Self::Open => "and d.open <> 0",
            Self::Settled => "and d.open = 0",
            Self::All => "",
        }
    }
}

/// What is owed in one currency, credits taken off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owed {
    pub currency: Currency,
    pub amount: Decimal,
    /// What of it should have been paid by now; credits are not taken off.
    pub overdue: Decimal,
}

/// A document that was not named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Other {
    pub id: DocumentId,
    pub kind: DocumentKind,
    pub day: NaiveDate,
}

const DOCUMENTS: &str = "
select d.id, d.account, d.kind, d.day, d.due, d.total, d.open, d.currency, d.place, log.position
from meaning.document d join store.log on log.event_id = d.event_id where d.business = $1";

/// By the day on which they are to be paid, the oldest first; after one of them.
pub async fn list(
    pool: &PgPool,
    business: BusinessId,
    (kinds, state): (&[DocumentKind], State),
    after: Option<(NaiveDate, DocumentId)>,
    limit: i64,
) -> Result<Vec<DocumentRow>, Error> {
    let select = format!(
        "{DOCUMENTS} and d.kind = any($2) {}
         and ($3::date is null or (coalesce(d.due, d.day), d.id) > ($3, $4))
         order by coalesce(d.due, d.day), d.id limit $5",
        state.condition()
    );
    let query = sqlx::query(&select)
        .bind(business.as_uuid())
        .bind(names(kinds))
        .bind(after.map(|(day, _)| day))
        .bind(after.map(|(_, id)| id.as_uuid()))
        .bind(limit);
    query.fetch_all(pool).await?.iter().map(document_row).collect()
}

/// Those of these that stand.
pub async fn these(pool: &PgPool, business: BusinessId, ids: &[DocumentId]) -> Result<Vec<DocumentRow>, Error> {
    let select = format!("{DOCUMENTS} and d.id = any($2)");
    let query = sqlx::query(&select).bind(business.as_uuid()).bind(uuids(ids));
    query.fetch_all(pool).await?.iter().map(document_row).collect()
}

/// What is open of these kinds, by currency.
pub async fn owed(
    pool: &PgPool,
    business: BusinessId,
    kinds: &[DocumentKind],
    today: NaiveDate,
) -> Result<Vec<Owed>, Error> {
    const OWED: &str = "
select currency, sum(case when kind = any($3) then -open else open end),
       coalesce(sum(open) filter (where not kind = any($3) and coalesce(due, day) < $4), 0)
from meaning.document where business = $1 and kind = any($2) and open <> 0 group by currency order by currency";
    let credits: Vec<_> = DocumentKind::ALL.into_iter().filter(|kind| kind.is_credit()).collect();
    let query = sqlx::query(OWED).bind(business.as_uuid()).bind(names(kinds)).bind(names(&credits)).bind(today);
    let owed = |row: &PgRow| Ok(Owed { currency: parsed(row, 0)?, amount: row.try_get(1)?, overdue: row.try_get(2)? });
    query.fetch_all(pool).await?.iter().map(owed).collect()
}

/// What these payments pay, known or not.
pub async fn paid_with(pool: &PgPool, business: BusinessId, payments: &[TransactionId]) -> Result<Vec<Settled>, Error> {
    let select = "select payment, document, amount from meaning.settlement where business = $1 and payment = any($2)
        order by payment, document";
    let payments: Vec<_> = payments.iter().map(|id| id.as_uuid()).collect();
    let query = sqlx::query(select).bind(business.as_uuid()).bind(payments);
    query.fetch_all(pool).await?.iter().map(settled).collect()
}

/// What pays these documents.
pub async fn paid_by(pool: &PgPool, business: BusinessId, documents: &[DocumentId]) -> Result<Vec<Settled>, Error> {
    let select = "select payment, document, amount from meaning.settlement where business = $1 and document = any($2)
        order by document, payment";
    let query = sqlx::query(select).bind(business.as_uuid()).bind(uuids(documents));
    query.fetch_all(pool).await?.iter().map(settled).collect()
}

/// Documents of an account that are none of these; `from`: of that day and later, and those that are owed from before.
pub async fn others(
    pool: &PgPool,
    account: AccountId,
    these: &[DocumentId],
    from: Option<NaiveDate>,
) -> Result<Vec<Other>, Error> {
    let select = "select id, kind, day from meaning.document
        where account = $1 and not id = any($3)
            and ($2::date is null or day >= $2 or (open <> 0 and kind in ('invoice', 'bill'))) order by id";
    let query = sqlx::query(select).bind(account.as_uuid()).bind(from).bind(uuids(these));
    let other = |row: &PgRow| {
        Ok(Other { id: DocumentId::from_uuid(row.try_get(0)?), kind: parsed(row, 1)?, day: row.try_get(2)? })
    };
    query.fetch_all(pool).await?.iter().map(other).collect()
}

/// What it takes to take back everything that an account was told of documents.
pub async fn take_back(pool: &PgPool, account: AccountId) -> Result<Documents, Error> {
    let removed = others(pool, account, &[], None).await?.into_iter().map(|one| one.id).collect();
    let select = "select distinct payment from meaning.settlement where account = $1 order by payment";
    let payments: Vec<Uuid> = sqlx::query_scalar(select).bind(account.as_uuid()).fetch_all(pool).await?;
    let none = |payment| Pays { payment: TransactionId::from_uuid(payment), of: Vec::new() };
    Ok(Documents { told: Vec::new(), removed, payments: payments.into_iter().map(none).collect() })
}

/// For whoever decides: which of the account's events told these documents last.
pub(crate) async fn told_by(
    pool: &PgPool,
    account: AccountId,
    documents: &[DocumentId],
) -> Result<HashMap<DocumentId, i64>, Error> {
    if documents.is_empty() {
        return Ok(HashMap::new());
    }
    let select = "select id, sequence from meaning.document where account = $1 and id = any($2)";
    let query = sqlx::query_as(select).bind(account.as_uuid()).bind(uuids(documents));
    let rows: Vec<(Uuid, i64)> = query.fetch_all(pool).await?;
    Ok(rows.into_iter().map(|(id, sequence)| (DocumentId::from_uuid(id), sequence)).collect())
}

/// The same: what these payments of the account pay.
pub(crate) async fn paid(
    pool: &PgPool,
    account: AccountId,
    payments: &[TransactionId],
) -> Result<HashMap<TransactionId, BTreeMap<DocumentId, Decimal>>, Error> {
    if payments.is_empty() {
        return Ok(HashMap::new());
    }
    let select = "select payment, document, amount from meaning.settlement where account = $1 and payment = any($2)";
    let payments: Vec<_> = payments.iter().map(|id| id.as_uuid()).collect();
    let rows = sqlx::query(select).bind(account.as_uuid()).bind(payments).fetch_all(pool).await?;
    let mut paid: HashMap<_, BTreeMap<_, _>> = HashMap::new();
    for row in &rows {
        let Settled { payment, document, amount } = settled(row)?;
        paid.entry(payment).or_default().insert(document, amount);
    }
    Ok(paid)
}

fn names(kinds: &[DocumentKind]) -> Vec<&'static str> {
    kinds.iter().map(|kind| kind.as_str()).collect()
}

fn uuids(ids: &[DocumentId]) -> Vec<Uuid> {
    ids.iter().map(|id| id.as_uuid()).collect()
}

fn parsed<T>(row: &PgRow, index: usize) -> Result<T, Error>
where
    T: std::str::FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    row.try_get::<&str, _>(index)?.parse().map_err(|error| Error::Decode(Box::new(error)))
}

fn settled(row: &PgRow) -> Result<Settled, Error> {
    Ok(Settled {
        payment: TransactionId::from_uuid(row.try_get(0)?),
        document: DocumentId::from_uuid(row.try_get(1)?),
        amount: row.try_get(2)?,
    })
}

fn document_row(row: &PgRow) -> Result<DocumentRow, Error> {
    let place: i32 = row.try_get(8)?;
    Ok(DocumentRow {
        id: DocumentId::from_uuid(row.try_get(0)?),
        account: AccountId::from_uuid(row.try_get(1)?),
        kind: parsed(row, 2)?,
        day: row.try_get(3)?,
        due: row.try_get(4)?,
        total: row.try_get(5)?,
        open: row.try_get(6)?,
        currency: parsed(row, 7)?,
        place: usize::try_from(place).map_err(|error| Error::Decode(Box::new(error)))?,
        position: row.try_get(9)?,
    })
}
