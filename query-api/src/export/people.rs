//! Who may see the business: its members, whom it invited, and its keys for machines.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::access::Person;
use domain::business::{Business, Fate, Invitation};
use domain::{InvitationId, Problem, UserId};
use streams::export::Archive;

use super::{ExportError, Source, unreadable};
use crate::Failure;
use crate::views::{self, KeyRow, MemberRow};

const MEMBERS: &[&str] = &["user", "name", "email", "role", "since", "last_seen"];
const INVITATIONS: &[&str] = &["id", "email", "role", "state", "expires_at"];
const KEYS: &[&str] =
    &["id", "name", "prefix", "role", "scopes", "made_by", "made_at", "expires_at", "revoked_at", "used_at"];

pub(super) async fn write(source: &Source<'_>, archive: &mut Archive) -> Result<(), ExportError> {
    let (pool, business) = (source.reader.pool(), source.view.business.id);
    let members = views::members(pool, business).await?;
    let people = people(source, &members).await?;
    archive.list("members", MEMBERS, members.iter().map(|row| member(row, people.get(&row.user)))).await?;
    let now = business_now(source).await?;
    let invitations = now.team().invitations.iter().map(|(id, one)| invitation(id, one, Utc::now()));
    archive.list("invitations", INVITATIONS, invitations).await?;
    let mut keys = views::keys(pool, business).await?;
    for key in &mut keys {
        open_name(source, key).await?;
    }
    Ok(archive.list("keys", KEYS, keys.iter().map(key)).await?)
}

pub(super) async fn business_now(source: &Source<'_>) -> Result<Business, ExportError> {
    let business = source.view.business.id;
    source.exports.commands.business_now(business).await.map_err(|error| {
        tracing::error!(%error, %business, "a business cannot be exported");
        Failure::from(Problem::new(error.code(), "This cannot be read just now. Nothing is lost; try again.")).into()
    })
}

async fn people(source: &Source<'_>, members: &[MemberRow]) -> Result<HashMap<UserId, Person>, ExportError> {
    let ids: Vec<_> = members.iter().map(|row| row.user).collect();
    let people = source.exports.people.people(&ids).await.map_err(|error| unreadable(&error))?;
    Ok(people.into_iter().map(|person| (person.id, person)).collect())
}

/// Without a name where the account is gone.
fn member<'a>(row: &MemberRow, person: Option<&'a Person>) -> impl serde::Serialize + use<'a> {
    let (name, email) = (person.map(|person| &person.name), person.map(|person| person.email.expose()));
    (row.user, name, email, row.role, row.since, person.and_then(|person| person.last_seen))
}

fn invitation(id: InvitationId, one: &Invitation, now: DateTime<Utc>) -> impl serde::Serialize + use<'_> {
    let state = match one.fate {
        Fate::Accepted => "accepted",
        Fate::Withdrawn => "withdrawn",
        Fate::Open if one.is_open(now) => "open",
        Fate::Open => "expired",
    };
    (id, one.email.expose(), one.role, state, one.expires_at)
}

async fn open_name(source: &Source<'_>, key: &mut KeyRow) -> Result<(), ExportError> {
    let Some(sealed) = key.name_sealed.take() else { return Ok(()) };
    let sealer = source.reader.keys().of_business(source.view.business.id);
    let name = sealer.open("access.api_key.name", key.id, &sealed).await.map_err(|error| unreadable(&error))?;
    key.name = String::from_utf8_lossy(&name).into_owned();
    Ok(())
}

fn key(row: &KeyRow) -> impl serde::Serialize + use<'_> {
    let KeyRow { id, name, name_sealed: _, prefix, role, scopes, made_by, made_at, expires_at, revoked_at, used_at } =
        row;
    (id, name, prefix, role, scopes, made_by, made_at, expires_at, revoked_at, used_at)
}
