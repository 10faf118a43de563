//! Invitations to a person, and by them, for their archive. Those that they sent say not to whom: that is about somebody
//! else.

use chrono::{DateTime, Utc};
use domain::access::Role;
use domain::business::BusinessEvent;
use domain::{BusinessId, Email, InvitationId};
use streams::export::Archive;
use streams::{DomainEvent, Event, log};

use crate::identity::failure::Failure;
use crate::identity::users::Profile;
use crate::identity::{Core, users};

const COLUMNS: &[&str] = &["invitation", "business", "direction", "email", "role", "at", "expires_at"];
/// As they stand in [`COLUMNS`].
type Row = (InvitationId, BusinessId, &'static str, Option<String>, Role, DateTime<Utc>, DateTime<Utc>);
/// Events that are read at once.
const AT_ONCE: usize = 500;

pub async fn write(core: &Core, profile: &Profile, archive: &mut Archive) -> Result<(), Failure> {
    const ALL: &str = "
select position from store.log join store.events on events.id = log.event_id
where events.event_type = 'business.member_invited' order by position";
    let theirs = users::addresses(core, profile).await?;
    let actor = format!("user:{}", profile.id);
    let positions: Vec<i64> = sqlx::query_scalar(ALL).fetch_all(&core.pool).await?;
    let mut table = archive.table("invitations", COLUMNS).await?;
    for positions in positions.chunks(AT_ONCE) {
        let mut rows = Vec::new();
        for event in log::at_each(&core.pool, positions).await? {
            rows.extend(row(core, &event, &theirs, &actor).await?);
        }
        table.add(rows).await?;
    }
    Ok(table.finish(archive).await?)
}

/// None where it concerns others.
async fn row(core: &Core, event: &Event, theirs: &[Email], actor: &str) -> Result<Option<Row>, Failure> {
    let opened = event.open(&core.keys).await;
    let opened = opened.map_err(|error| Failure::internal(&error, "an invitation cannot be opened"))?;
    let DomainEvent::Business(BusinessEvent::MemberInvited { invitation, email, role, expires_at, .. }) = opened else {
        return Ok(None);
    };
    let to_them = theirs.contains(&email);
    if !to_them && event.metadata.get("actor").is_none_or(|by| by != actor) {
        return Ok(None);
    }
    let direction = if to_them { "to you" } else { "by you" };
    let email = to_them.then(|| email.expose().to_owned());
    Ok(Some((invitation, event.business, direction, email, role, event.known_at, expires_at)))
}
