//! Parts of a history that stand in files: listed here, and no longer among the rows.

use chrono::{DateTime, Utc};
use domain::business::BusinessEvent;
use domain::security::SecurityEvent;
use serde::Deserialize;
use sqlx::PgConnection;
use streams::Event;
use streams::projection::ProjectionError;

/// Whether a part of a history leaves it with this event.
pub(super) fn is_one(event: &Event) -> bool {
    [BusinessEvent::HISTORY_ARCHIVED, SecurityEvent::HISTORY_ARCHIVED].contains(&event.event_type.as_str())
}

#[derive(Deserialize)]
struct Archived {
    file: String,
    first_position: i64,
    last_position: i64,
    first_sequence: i64,
    last_sequence: i64,
    before: DateTime<Utc>,
    sha256: String,
    bytes: i64,
}

/// Reports of closed months are checked against these.
const STAYS: &str = "kind in ('business.month_closed', 'business.month_reopened')";

/// Lists the part, and deletes its rows.
pub(super) async fn fold_in_tx(tx: &mut PgConnection, event: &Event) -> Result<(), ProjectionError> {
    let part: Archived = serde_json::from_slice(&event.payload)
        .map_err(|error| ProjectionError::Poison { position: event.position, reason: error.to_string() })?;
    let delete = format!("delete from event where business = $1 and position between $2 and $3 and not ({STAYS})");
    sqlx::query(&delete)
        .bind(event.business.as_uuid())
        .bind(part.first_position)
        .bind(part.last_position)
        .execute(&mut *tx)
        .await?;
    sqlx::query(
        "insert into archive (business, position, at, file, first_position, last_position, events, before, sha256, bytes)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(event.business.as_uuid())
    .bind(event.position)
    .bind(event.known_at)
    .bind(part.file)
    .bind(part.first_position)
    .bind(part.last_position)
    .bind(part.last_sequence - part.first_sequence + 1)
    .bind(part.before)
    .bind(part.sha256)
    .bind(part.bytes)
    .execute(tx)
    .await?;
    Ok(())
}
