//! Positions whose business was erased: nothing of them is distributed, and their absence is no loss.

use std::collections::HashMap;

use async_nats::jetstream::stream::{InfoError, Stream};
use sqlx::{PgExecutor, PgPool};
use uuid::Uuid;

/// Where each erased business ends.
#[derive(Debug, Clone, Default)]
pub struct Ended(HashMap<Uuid, i64>);

impl Ended {
    pub async fn read(pool: impl PgExecutor<'_>) -> Result<Self, sqlx::Error> {
        let rows: Vec<(Uuid, i64)> =
            sqlx::query_as("select business, position from erasure.ended").fetch_all(pool).await?;
        Ok(Self(rows.into_iter().collect()))
    }

    /// Whether this position of the business stands before its end.
    pub fn covers(&self, business: Uuid, position: i64) -> bool {
        self.0.get(&business).is_some_and(|end| position < *end)
    }
}

const COVERED: &str = "
exists (select from erasure.ended where ended.business = log.business and log.position < ended.position)";

/// The newest position up to `last` whose event is distributed; 0 where there is none.
pub(crate) async fn newest_lasting(pool: &PgPool, last: i64) -> Result<i64, sqlx::Error> {
    let newest =
        format!("select position from store.log where position <= $1 and not {COVERED} order by position desc limit 1");
    Ok(sqlx::query_scalar(&newest).bind(last).fetch_optional(pool).await?.unwrap_or(0))
}

/// Sequences up to the stream's last that have no message.
pub(crate) async fn missing(stream: &Stream) -> Result<Vec<i64>, InfoError> {
    let state = stream.info_builder().with_deleted(true).fetch().await?.info.state;
    // Without any message the first sequence is the one that comes next.
    let before_first = 1..state.first_sequence.min(state.last_sequence + 1);
    let holes = before_first.chain(state.deleted.into_iter().flatten());
    Ok(holes.map(|sequence| i64::try_from(sequence).unwrap_or(i64::MAX)).collect())
}

/// Whether each of these positions stands before the end of its business.
pub(crate) async fn all_ended(pool: &PgPool, positions: &[i64]) -> Result<bool, sqlx::Error> {
    let covered = format!("select count(*) from store.log where position = any($1) and {COVERED}");
    let covered: i64 = sqlx::query_scalar(&covered).bind(positions).fetch_one(pool).await?;
    Ok(usize::try_from(covered) == Ok(positions.len()))
}
