//! What stands beside transactions, and which answers of providers are kept, as the events of accounts left it.

use chrono::{DateTime, Utc};
use domain::account::{Beside, KeptFile};
use domain::attachment::FileHash;
use domain::{AccountId, AttachmentId, BusinessId, TransactionId};
use sqlx::postgres::PgRow;
use sqlx::{Error, PgPool, Row};
use uuid::Uuid;

/// A file beside a transaction; its name stands in the event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentRow {
    pub id: AttachmentId,
    pub account: AccountId,
    pub transaction: TransactionId,
    pub file: FileHash,
    pub bytes: i64,
    pub media: String,
    pub at: DateTime<Utc>,
    pub actor: String,
    /// Of the event.
    pub position: i64,
}

/// A memo beside a transaction; its text stands in the event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemoRow {
    pub account: AccountId,
    pub transaction: TransactionId,
    pub at: DateTime<Utc>,
    pub actor: String,
    pub position: i64,
}

/// An answer of a provider that an event names; its SHA-256 stands in the event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayloadRow {
    /// Of the event.
    pub position: i64,
    /// As which of the event's payloads, and how many it has.
    pub number: i32,
    pub count: i64,
    pub account: AccountId,
    pub file: FileHash,
    pub bytes: i64,
    pub media: String,
    /// Of the event's transactions those that it told, by their place; none: all.
    pub places: Vec<i32>,
}

const ATTACHMENTS: &str = "
select a.id, a.account, a.transaction, a.hash, a.bytes, a.media, a.at, a.actor, log.position
from files.attachment a join store.log on log.event_id = a.event_id where a.business = $1";

const MEMOS: &str = "
select m.account, m.transaction, m.at, m.actor, log.position
from files.memo m join store.log on log.event_id = m.event_id where m.business = $1";

const PAYLOADS: &str = "
select log.position, p.number, (select count(*) from files.payload other where other.event_id = p.event_id), p.account,
       p.hash, p.bytes, p.media, p.places
from files.payload p join store.log on log.event_id = p.event_id where p.business = $1";

/// Of one transaction, oldest first; `None`: of all, in the order of the log.
pub async fn attachments(
    pool: &PgPool,
    business: BusinessId,
    of: Option<TransactionId>,
) -> Result<Vec<AttachmentRow>, Error> {
    let select = format!("{ATTACHMENTS} and ($2::uuid is null or a.transaction = $2) order by log.position");
    let query = sqlx::query(&select).bind(business.as_uuid()).bind(of.map(TransactionId::as_uuid));
    query.fetch_all(pool).await?.iter().map(attachment_row).collect()
}

pub async fn attachment(pool: &PgPool, business: BusinessId, id: AttachmentId) -> Result<Option<AttachmentRow>, Error> {
    let select = format!("{ATTACHMENTS} and a.id = $2");
    let query = sqlx::query(&select).bind(business.as_uuid()).bind(id.as_uuid());
    query.fetch_optional(pool).await?.as_ref().map(attachment_row).transpose()
}

/// Under which id a file stands beside a transaction.
pub async fn attachment_of(
    pool: &PgPool,
    business: BusinessId,
    transaction: TransactionId,
    file: FileHash,
) -> Result<Option<AttachmentId>, Error> {
    let select = "select id from files.attachment where business = $1 and transaction = $2 and hash = $3";
    let query = sqlx::query_scalar(select).bind(business.as_uuid()).bind(transaction.as_uuid());
    let id: Option<Uuid> = query.bind(file.as_bytes().as_slice()).fetch_optional(pool).await?;
    Ok(id.map(AttachmentId::from_uuid))
}

pub async fn memo(pool: &PgPool, business: BusinessId, of: TransactionId) -> Result<Option<MemoRow>, Error> {
    let select = format!("{MEMOS} and m.transaction = $2");
    let query = sqlx::query(&select).bind(business.as_uuid()).bind(of.as_uuid());
    query.fetch_optional(pool).await?.as_ref().map(memo_row).transpose()
}

pub async fn memos(pool: &PgPool, business: BusinessId) -> Result<Vec<MemoRow>, Error> {
    let select = format!("{MEMOS} order by log.position");
    sqlx::query(&select).bind(business.as_uuid()).fetch_all(pool).await?.iter().map(memo_row).collect()
}

/// Those of the events at these positions; `None`: of all events, in the order of the log.
pub async fn payloads(pool: &PgPool, business: BusinessId, at: Option<&[i64]>) -> Result<Vec<PayloadRow>, Error> {
    let select =
        format!("{PAYLOADS} and ($2::bigint[] is null or log.position = any($2)) order by log.position, p.number");
    let query = sqlx::query(&select).bind(business.as_uuid()).bind(at);
    query.fetch_all(pool).await?.iter().map(payload_row).collect()
}

/// Where the text of a transaction stands that the event at this position takes back: behind those that it adds and
/// changes.
pub async fn place_of_removed(
    pool: &PgPool,
    business: BusinessId,
    position: i64,
    transaction: TransactionId,
) -> Result<Option<i32>, Error> {
    let select = "
        select coalesce(json_array_length(event.payload -> 'added'), 0)
               + 2 * coalesce(json_array_length(event.payload -> 'amended'), 0) + gone.nth::integer - 1
        from store.log join store.events event on event.id = log.event_id,
             json_array_elements(event.payload -> 'removed') with ordinality gone (one, nth)
        where log.position = $1 and event.business = $2 and event.event_type = 'account.synced'
              and gone.one ->> 'id' = $3";
    let query = sqlx::query_scalar(select).bind(position).bind(business.to_string());
    query.bind(transaction.to_string()).fetch_optional(pool).await
}

/// The first event that names this file as an answer.
pub async fn payload(pool: &PgPool, business: BusinessId, file: FileHash) -> Result<Option<PayloadRow>, Error> {
    let select = format!("{PAYLOADS} and p.hash = $2 order by log.position limit 1");
    let query = sqlx::query(&select).bind(business.as_uuid()).bind(file.as_bytes().as_slice());
    query.fetch_optional(pool).await?.as_ref().map(payload_row).transpose()
}

/// For whoever decides: as of the newest event of the account.
pub(crate) async fn beside(pool: &PgPool, account: AccountId, of: TransactionId) -> Result<Beside, Error> {
    let select = "select id, hash from files.attachment where account = $1 and transaction = $2 order by event_id";
    let query = sqlx::query(select).bind(account.as_uuid()).bind(of.as_uuid());
    let files = query.fetch_all(pool).await?;
    let files =
        files.iter().map(|row| Ok(KeptFile { id: AttachmentId::from_uuid(row.try_get(0)?), file: hash(row, 1)? }));
    let select = "select exists (select from files.memo where account = $1 and transaction = $2)";
    let query = sqlx::query_scalar(select).bind(account.as_uuid()).bind(of.as_uuid());
    Ok(Beside { files: files.collect::<Result<_, Error>>()?, has_memo: query.fetch_one(pool).await? })
}

fn hash(row: &PgRow, index: usize) -> Result<FileHash, Error> {
    crate::log::hash(row, index).map(FileHash::from_bytes)
}

fn attachment_row(row: &PgRow) -> Result<AttachmentRow, Error> {
    Ok(AttachmentRow {
        id: AttachmentId::from_uuid(row.try_get(0)?),
        account: AccountId::from_uuid(row.try_get(1)?),
        transaction: TransactionId::from_uuid(row.try_get(2)?),
        file: hash(row, 3)?,
        bytes: row.try_get(4)?,
        media: row.try_get(5)?,
        at: row.try_get(6)?,
        actor: row.try_get(7)?,
        position: row.try_get(8)?,
    })
}

fn payload_row(row: &PgRow) -> Result<PayloadRow, Error> {
    Ok(PayloadRow {
        position: row.try_get(0)?,
        number: row.try_get(1)?,
        count: row.try_get(2)?,
        account: AccountId::from_uuid(row.try_get(3)?),
        file: hash(row, 4)?,
        bytes: row.try_get(5)?,
        media: row.try_get(6)?,
        places: row.try_get(7)?,
    })
}

fn memo_row(row: &PgRow) -> Result<MemoRow, Error> {
    Ok(MemoRow {
        account: AccountId::from_uuid(row.try_get(0)?),
        transaction: TransactionId::from_uuid(row.try_get(1)?),
        at: row.try_get(2)?,
        actor: row.try_get(3)?,
        position: row.try_get(4)?,
    })
}
