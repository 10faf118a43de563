//! Rows that the sequencer reads and writes.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use domain::BusinessId;
use sqlx::postgres::PgRow;
use sqlx::{FromRow, PgConnection, Row};
use uuid::Uuid;

use crate::Event;
use crate::log::{Positioned, metadata_of, uuid};

const WRITE: &str = "
insert into store.log (position, business, business_sequence, event_id, aggregate_type, aggregate_id, sequence,
                       event_type, event_version, recorded_at, known_at, bytes, hash)
select * from unnest($1::bigint[], $2::uuid[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::bigint[],
                     $8::text[], $9::text[], $10::timestamptz[], $11::timestamptz[], $12::int[], $13::bytea[])";

/// An event of the store before it has a position.
pub(super) struct Recorded {
    pub business: Uuid,
    aggregate_type: String,
    aggregate_id: Uuid,
    sequence: i64,
    event_type: String,
    event_version: String,
    pub recorded_at: DateTime<Utc>,
    metadata: String,
    payload: String,
}

impl FromRow<'_, PgRow> for Recorded {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            business: row.try_get(0)?,
            aggregate_type: row.try_get(1)?,
            aggregate_id: uuid(row.try_get(2)?)?,
            sequence: row.try_get(3)?,
            event_type: row.try_get(4)?,
            event_version: row.try_get(5)?,
            recorded_at: row.try_get(6)?,
            metadata: row.try_get(7)?,
            payload: row.try_get(8)?,
        })
    }
}

impl Recorded {
    pub fn into_positioned(self, position: i64, business_sequence: i64, known_at: DateTime<Utc>) -> Positioned {
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

/// Writes positions; `ids` are those of the batch's events in the store.
pub(super) async fn write_in_tx(tx: &mut PgConnection, ids: &[i64], batch: &[Positioned]) -> Result<(), sqlx::Error> {
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
