//! One batch of positions.

use std::collections::HashMap;

use sqlx::{Acquire, PgConnection, Row};
use uuid::Uuid;

use super::LOG_CHANNEL;
use super::epoch::Epoch;
use super::rows::{Recorded, write_in_tx};
use crate::log::{Head, Positioned, head};

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
    epoch: Epoch,
    last: Place,
    sequences: HashMap<Uuid, i64>,
}

/// What comes next in committed order, with its size, along the index (ordered by the columns, not by what is shown:
/// a backlog must not be sorted for each batch). Below the oldest transaction that is still open nothing can
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
select txid::text::bigint as number, id, pg_column_size(payload)::bigint, txid < (select before from settled)
from store.events
where (txid, id) > ($1::bigint::text::xid8, $2) and id >= $4 and id < $5
order by events.txid, events.id limit $3";

/// By their ids, and not by the span that they lie in: for a span whose ends are not known yet when it is planned the
/// server may take another index, and then read the whole store for each batch.
const READ: &str = "
select business::uuid, aggregate_type, aggregate_id, sequence, event_type, event_version, recorded_at,
       metadata::text, payload::text
from store.events
where id = any ($1)
order by txid, id";

impl Assigner {
    /// Begins at the end of the log.
    pub async fn resume(connection: &mut PgConnection) -> Result<Self, sqlx::Error> {
        let head = head(&mut *connection).await?;
        let epoch = Epoch::current(connection).await?;
        let place = "select e.txid::text::bigint, e.id from store.log l join store.events e on e.id = l.event_id
                     where l.position = $1";
        let place = sqlx::query(place).bind(head.position).fetch_optional(connection).await?;
        let last = match place {
            Some(row) => Place { txid: row.try_get(0)?, id: row.try_get(1)? },
            None => Place::START,
        };
        let last = if last.id < epoch.first { Place::START } else { last };
        Ok(Self { head, epoch, last, sequences: HashMap::new() })
    }

    pub fn head(&self) -> i64 {
        self.head.position
    }

    /// Gives the next events their positions. Empty where there are none.
    pub async fn assign(&mut self, connection: &mut PgConnection) -> Result<(Vec<Positioned>, Waiting), sqlx::Error> {
        let (places, waiting) = self.next(connection).await?;
        let Some(until) = places.last().copied() else {
            return Ok((Vec::new(), self.after_epoch(connection).await?.unwrap_or(waiting)));
        };
        let ids: Vec<_> = places.iter().map(|place| place.id).collect();
        let mut tx = connection.begin().await?;
        let rows: Vec<Recorded> = sqlx::query_as(READ).bind(&ids).fetch_all(&mut *tx).await?;
        self.learn_sequences(&mut tx, &rows).await?;
        let batch: Vec<_> = rows.into_iter().map(|row| self.position(row)).collect();
        write_in_tx(&mut tx, &ids, &batch).await?;
        let notify = sqlx::query("select pg_notify($1, $2)").bind(LOG_CHANNEL).bind(self.head.position.to_string());
        notify.execute(&mut *tx).await?;
        tx.commit().await?;
        self.last = until;
        Ok((batch, waiting))
    }

    /// The next batch, in committed order.
    async fn next(&self, connection: &mut PgConnection) -> Result<(Vec<Place>, Waiting), sqlx::Error> {
        let query = sqlx::query_as(NEXT)
            .bind(self.last.txid)
            .bind(self.last.id)
            .bind(MOST_EVENTS)
            .bind(self.epoch.first)
            .bind(self.epoch.end);
        let candidates: Vec<(i64, i64, i64, bool)> = query.fetch_all(connection).await?;
        let full = i64::try_from(candidates.len()).unwrap_or(i64::MAX) == MOST_EVENTS;
        let (mut places, mut bytes) = (Vec::with_capacity(candidates.len()), 0);
        for (txid, id, size, settled) in candidates {
            if !settled && !self.epoch.is_over() {
                return Ok((places, Waiting::HeldBack));
            }
            bytes += size;
            if !places.is_empty() && bytes > MOST_BYTES {
                return Ok((places, Waiting::More));
            }
            places.push(Place { txid, id });
        }
        Ok((places, if full { Waiting::More } else { Waiting::Nothing }))
    }

    /// Where the events of another server have all been positioned: goes on with those of this one.
    async fn after_epoch(&mut self, connection: &mut PgConnection) -> Result<Option<Waiting>, sqlx::Error> {
        if !self.epoch.is_over() {
            return Ok(None);
        }
        self.epoch = self.epoch.begin_next(connection).await?;
        self.last = Place::START;
        Ok(Some(Waiting::More))
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
