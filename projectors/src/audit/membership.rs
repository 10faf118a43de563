//! Who belonged to a business, and from where to where in the log.

use serde::Deserialize;
use sqlx::PgConnection;
use streams::Event;
use streams::projection::ProjectionError;
use uuid::Uuid;

#[derive(Deserialize)]
struct Of {
    user: Uuid,
}

const BEGIN: &str = "insert into membership (business, member, since) values ($1, $2, $3)";
const END: &str = "update membership set until = $3 where business = $1 and member = $2 and until is null";

/// Begins and ends memberships, in the order of the log.
pub(super) async fn fold_in_tx(tx: &mut PgConnection, events: &[Event]) -> Result<(), ProjectionError> {
    for event in events {
        let statement = match event.event_type.as_str() {
            "business.member_joined" => BEGIN,
            "business.member_left" | "business.member_removed" => END,
            _ => continue,
        };
        let of: Of = serde_json::from_slice(&event.payload)
            .map_err(|error| ProjectionError::Poison { position: event.position, reason: error.to_string() })?;
        let run = sqlx::query(statement).bind(event.business.as_uuid()).bind(of.user).bind(event.position);
        run.execute(&mut *tx).await?;
    }
    Ok(())
}
