//! One batch of positions.

use std::collections::HashMap;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use domain::BusinessId;
use sqlx::postgres::PgRow;
use sqlx::{Acquire, FromRow, PgConnection, Row};
use uuid::Uuid;

use super::LOG_CHANNEL;
use crate::Event;
use crate::log::{Head, Positioned, head, metadata_of, uuid};

/// The most events of one batch, and the most bytes of their payloads as stored, the first event excepted.
const MOST_EVENTS: i64 = 1_000;
const MOST_BYTES: i64 = 8 << 20;

/// Businesses whose last sequence is kept in memory.
const MOST_BUSINESSES: usize = 100_000;

/// Where an event stands in committed order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    txid: i64,
    id: i64,
}

impl Place {
    const START: Self = Self { txid: 0, id: 0 };
}

/// Whether there is more to do at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waiting {
    More,
    /// Committed events behind a transaction that is still open.
    HeldBack,
    Nothing,
}

/// Knows the end of the log, so that a batch costs no reading of it. Valid only while the connection that it was
/// resumed on holds the lock; after any error it is resumed anew.
#[derive(Debug)]
pub(super) struct Assigner {
    head: Head,
    last: Place,
    sequences: HashMap<Uuid, i64>,
}

/// What comes next in committed order, with its size. Below the oldest transaction that is still open nothing can
/// appear any more. Transaction ids are the server's, over all its databases: one that is known to be open in another
/// database cannot write here and is passed over, so that nobody elsewhere holds this log back.
const NEXT: &str = "
with seen as materialized (select pg_current_snapshot() as snapshot),
settled as materialized (
    select coalesce(min(xip), (select pg_snapshot_xmax(snapshot) from seen)) as before
    from seen, pg_snapshot_xip(snapshot) as xip
    where not exists (select from pg_stat_activity
                      where backend_xid = xip::xid
                        and datid <> (select oid from pg_database where datname = current_database())))
select txid::text::bigint, id, pg_column_size(payload)::bigint, txid < (select before from settled)
from store.events
where (txid, id) > ($1::bigint::text::xid8, $2)
order by txid, id limit $3";

const READ: &str = "
select id, business::uuid, aggregate_type, aggregate_id, sequence, event_type, event_version, recorded_at,
       metadata::text, payload::text
from store.events
where (txid, id) > ($1::bigint::text::xid8, $2) and (txid, id) <= ($3::bigint::text::xid8, $4)
order by txid, id";

const WRITE: &str = "
insert into store.log (position, business, business_sequence, event_id, aggregate_type, aggregate_id, sequence,
                       event_type, event_version, recorded_at, known_at, bytes, hash)
select * from unnest($1::bigint[], $2::uuid[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::bigint[],
                     $8::text[], $9::text[], $10::timestamptz[], $11::timestamptz[], $12::int[], $13::bytea[])";

impl Assigner {
    /// Begins at the end of the log.
    pub async fn resume(connection: &mut PgConnection) -> Result<Self, sqlx::Error> {
        let head = head(&mut *connection).await?;
        let place = "select e.txid::text::bigint, e.id from store.log l join store.events e on e.id = l.event_id
                     where l.position = $1";
        let place = sqlx::query(place).bind(head.position).fetch_optional(connection).await?;
        let last = match place {
            Some(row) => Place { txid: row.try_get(0)?, id: row.try_get(1)? },
            None => Place::START,
        };
        Ok(Self { head, last, sequences: HashMap::new() })
    }

    pub fn head(&self) -> i64 {
        self.head.position
    }

    /// Gives the next events their positions. Empty where there are none.
    pub async fn assign(&mut self, connection: &mut PgConnection) -> Result<(Vec<Positioned>, Waiting), sqlx::Error> {
        let (until, waiting) = self.next(connection).await?;
        let Some(until) = until else { return Ok((Vec::new(), waiting)) };
        let mut tx = connection.begin().await?;
        let rows: Vec<Recorded> = sqlx::query_as(READ)
            .bind(self.last.txid)
            .bind(self.last.id)
            .bind(until.txid)
            .bind(until.id)
            .fetch_all(&mut *tx)
            .await?;
        self.learn_sequences(&mut tx, &rows).await?;
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        let batch: Vec<_> = rows.into_iter().map(|row| self.position(row)).collect();
        write_in_tx(&mut tx, &ids, &batch).await?;
        let notify = sqlx::query("select pg_notify($1, $2)").bind(LOG_CHANNEL).bind(self.head.position.to_string());
        notify.execute(&mut *tx).await?;
        tx.commit().await?;
        self.last = until;
        Ok((batch, waiting))
    }

    /// The end of the next batch.
    async fn next(&self, connection: &mut PgConnection) -> Result<(Option<Place>, Waiting), sqlx::Error> {
        let query = sqlx::query_as(NEXT).bind(self.last.txid).bind(self.last.id).bind(MOST_EVENTS);
        let candidates: Vec<(i64, i64, i64, bool)> = query.fetch_all(connection).await?;
        let mut until = None;
        let mut bytes = 0;
        for (txid, id, size, settled) in &candidates {
            if !settled {
                return Ok((until, Waiting::HeldBack));
            }
            bytes += size;
            if until.is_some() && bytes > MOST_BYTES {
                return Ok((until, Waiting::More));
            }
            until = Some(Place { txid: *txid, id: *id });
        }
        let full = i64::try_from(candidates.len()).unwrap_or(i64::MAX) == MOST_EVENTS;
        Ok((until, if full { Waiting::More } else { Waiting::Nothing }))
    }

    /// Reads the last sequence of businesses that are not in memory.
    async fn learn_sequences(&mut self, tx: &mut PgConnection, rows: &[Recorded]) -> Result<(), sqlx::Error> {
        if self.sequences.len() > MOST_BUSINESSES {
            self.sequences.clear();
        }
        let mut unknown: Vec<_> = rows.iter().map(|row| row.business).collect();
        unknown.sort_unstable();
        unknown.dedup();
        unknown.retain(|business| !self.sequences.contains_key(business));
        if unknown.is_empty() {
            return Ok(());
        }
        let query = "select business, coalesce((select max(business_sequence) from store.log where log.business = b.business), 0)
                     from unnest($1::uuid[]) as b(business)";
        let known: Vec<(Uuid, i64)> = sqlx::query_as(query).bind(unknown).fetch_all(tx).await?;
        self.sequences.extend(known);
        Ok(())
    }

    fn position(&mut self, recorded: Recorded) -> Positioned {
        let sequence = self.sequences.entry(recorded.business).or_insert(0);
        *sequence += 1;
        let known_at = self.head.known_at.map_or(recorded.recorded_at, |known| known.max(recorded.recorded_at));
        let mut positioned = recorded.into_positioned(self.head.position + 1, *sequence, known_at);
        positioned.event.hash = positioned.hash_after(&self.head.hash);
        self.head = Head { position: positioned.event.position, hash: positioned.event.hash, known_at: Some(known_at) };
        positioned
    }
}

/// An event of the store before it has a position.
struct Recorded {
    id: i64,
    business: Uuid,
    aggregate_type: String,
    aggregate_id: Uuid,
    sequence: i64,
    event_type: String,
    event_version: String,
    recorded_at: DateTime<Utc>,
    metadata: String,
    payload: String,
}

impl FromRow<'_, PgRow> for Recorded {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get(0)?,
            business: row.try_get(1)?,
            aggregate_type: row.try_get(2)?,
            aggregate_id: uuid(row.try_get(3)?)?,
            sequence: row.try_get(4)?,
            event_type: row.try_get(5)?,
            event_version: row.try_get(6)?,
            recorded_at: row.try_get(7)?,
            metadata: row.try_get(8)?,
            payload: row.try_get(9)?,
        })
    }
}

impl Recorded {
    fn into_positioned(self, position: i64, business_sequence: i64, known_at: DateTime<Utc>) -> Positioned {
        let event = Event {
            position,
            business: BusinessId::from_uuid(self.business),
            business_sequence,
            aggregate_type: self.aggregate_type,
            aggregate_id: self.aggregate_id,
            sequence: self.sequence,
            event_type: self.event_type,
            event_version: self.event_version,
            recorded_at: self.recorded_at,
            known_at,
            hash: [0; 32],
            metadata: metadata_of(&self.metadata),
            payload: Bytes::from(self.payload),
        };
        Positioned { event, metadata: self.metadata }
    }
}

async fn write_in_tx(tx: &mut PgConnection, ids: &[i64], batch: &[Positioned]) -> Result<(), sqlx::Error> {
    fn column<T>(batch: &[Positioned], value: impl Fn(&Event) -> T) -> Vec<T> {
        batch.iter().map(|positioned| value(&positioned.event)).collect()
    }
    sqlx::query(WRITE)
        .bind(column(batch, |event| event.position))
        .bind(column(batch, |event| event.business.as_uuid()))
        .bind(column(batch, |event| event.business_sequence))
        .bind(ids)
        .bind(column(batch, |event| event.aggregate_type.clone()))
        .bind(column(batch, |event| event.aggregate_id.to_string()))
        .bind(column(batch, |event| event.sequence))
        .bind(column(batch, |event| event.event_type.clone()))
        .bind(column(batch, |event| event.event_version.clone()))
        .bind(column(batch, |event| event.recorded_at))
        .bind(column(batch, |event| event.known_at))
        .bind(column(batch, |event| i32::try_from(event.payload.len()).unwrap_or(i32::MAX)))
        .bind(column(batch, |event| event.hash.to_vec()))
        .execute(tx)
        .await?;
    Ok(())
}
