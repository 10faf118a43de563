//! What is past its time, from the log.

use chrono::{DateTime, Utc};
use domain::BusinessId;
use domain::security::{AGGREGATE, SecurityEvent};
use sqlx::{PgPool, Row};
use uuid::Uuid;

use crate::proof::Span;

/// Events of one archive, and bytes of their payloads: it is put together in memory.
const MOST_EVENTS: i64 = 10_000;
const MOST_BYTES: i64 = 32 << 20;

/// Businesses with an event from before that moment, what concerns no business among them. Along the index by business:
/// the log is not read.
pub(super) async fn old(pool: &PgPool, before: DateTime<Utc>) -> Result<Vec<BusinessId>, sqlx::Error> {
    const OLD: &str = "
with recursive one as (
    (select business, known_at from store.log order by business, business_sequence limit 1)
    union all
    select next.business, next.known_at from one cross join lateral (
        select business, known_at from store.log
        where business > one.business order by business, business_sequence limit 1) next
)
select business from one where known_at < $1";
    let found: Vec<Uuid> = sqlx::query_scalar(OLD).bind(before).fetch_all(pool).await?;
    Ok(found.into_iter().map(BusinessId::from_uuid).collect())
}

/// The next events of the business after one of its numbers, up to a position, that were known before that moment.
pub(super) async fn past(
    pool: &PgPool,
    business: BusinessId,
    after: i64,
    (head, before): (i64, DateTime<Utc>),
) -> Result<Option<Span>, sqlx::Error> {
    const PAST: &str = "
select min(business_sequence), max(business_sequence), min(position), max(position) from (
    select business_sequence, position, known_at, sum(bytes) over (order by business_sequence) - bytes as preceding
    from (select * from store.log where business = $1 and business_sequence > $2
          order by business_sequence limit $4) next) next
where known_at < $3 and preceding < $5 and position <= $6";
    let row = sqlx::query(PAST)
        .bind(business.as_uuid())
        .bind(after)
        .bind(before)
        .bind(MOST_EVENTS)
        .bind(MOST_BYTES)
        .bind(head)
        .fetch_one(pool)
        .await?;
    let Some(first_sequence) = row.try_get::<Option<i64>, _>(0)? else { return Ok(None) };
    let (last_sequence, first_position, last_position) = (row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
    Ok(Some(Span { business, first_sequence, last_sequence, first_position, last_position }))
}

/// Of what concerns no business: the number of its last event that is archived, and the hash of that archive. From the
/// events themselves, which a projection may not have met yet.
pub(super) async fn of_installation(pool: &PgPool) -> Result<(i64, Option<String>), sqlx::Error> {
    let newest = "select (payload ->> 'last_sequence')::bigint, payload ->> 'sha256' from store.events
        where aggregate_type = $1 and event_type = $2 and business = $3
        order by (payload ->> 'last_sequence')::bigint desc limit 1";
    let row = sqlx::query(newest)
        .bind(AGGREGATE)
        .bind(SecurityEvent::HISTORY_ARCHIVED)
        .bind(Uuid::nil().to_string())
        .fetch_optional(pool)
        .await?;
    row.map_or(Ok((0, None)), |row| Ok((row.try_get(0)?, row.try_get(1)?)))
}
