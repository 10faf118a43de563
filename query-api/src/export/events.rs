//! The business's part of the log, texts opened.

use std::collections::HashSet;

use domain::InvitationId;
use serde_json::{Value, json};
use streams::export::Archive;
use streams::{DomainEvent, Event, log};

use super::people::business_now;
use super::{ExportError, Source, unreadable};
use crate::reader::Reader;
use crate::views;

/// Events that are read at once: some 8 MB of full pages.
const AT_ONCE: i64 = 64;

pub(super) async fn write(source: &Source<'_>, archive: &mut Archive) -> Result<(), ExportError> {
    let (reader, view) = (source.reader, source.view);
    let mut out = archive.file("events.jsonl").await?;
    let (erased, mut after) = (erased_invitations(source).await?, 0);
    loop {
        let (business, until) = (view.business.id, view.known.position);
        let positions = views::positions(reader.pool(), business, after, until, AT_ONCE).await?;
        let events = log::at_each(reader.pool(), &positions).await?;
        let Some(last) = events.last() else { return Ok(out.finish(archive).await?) };
        after = last.business_sequence;
        let mut lines = Vec::new();
        for event in &events {
            serde_json::to_writer(&mut lines, &line(reader, event, &erased).await?).map_err(std::io::Error::from)?;
            lines.push(b'\n');
        }
        out.write_rows(&lines, events.len() as u64).await?;
    }
}

/// Invitations whose addressees were erased: events of before people had keys still hold the address.
async fn erased_invitations(source: &Source<'_>) -> Result<HashSet<InvitationId>, ExportError> {
    let business = business_now(source).await?;
    let invitations = business.team().invitations.iter();
    Ok(invitations.filter(|(_, one)| one.email.is_erased()).map(|(id, _)| id).collect())
}

async fn line(reader: &Reader, event: &Event, erased: &HashSet<InvitationId>) -> Result<Value, ExportError> {
    let keys = reader.keys();
    let mut opened = event.open(keys).await.map_err(|error| unreadable(&error))?;
    if let DomainEvent::Business(content) = &mut opened {
        content.forget_invitee(erased);
    }
    let content = content(opened);
    let mut metadata = event.metadata.clone();
    for member in ["address", "agent"] {
        metadata.remove(member);
    }
    let (address, agent) = (keys.address_of(event).await, keys.agent_of(event).await);
    metadata.extend(address.map_err(|error| unreadable(&error))?.map(|address| ("address".into(), address)));
    metadata.extend(agent.map_err(|error| unreadable(&error))?.map(|agent| ("agent".into(), agent)));
    Ok(json!({
        "position": event.position,
        "sequence": event.business_sequence,
        "type": event.full_type(),
        "aggregate": { "type": event.aggregate_type, "id": event.aggregate_id, "sequence": event.sequence },
        "recordedAt": event.recorded_at,
        "hash": hex::encode(event.hash),
        "metadata": metadata,
        "content": content.map_err(std::io::Error::from)?,
    }))
}

fn content(event: DomainEvent) -> serde_json::Result<Value> {
    match event {
        DomainEvent::Business(content) => serde_json::to_value(content).map(without_token),
        DomainEvent::Source(content) => serde_json::to_value(content),
        DomainEvent::Account(content) => serde_json::to_value(content),
        DomainEvent::Rates(content) => serde_json::to_value(content),
        DomainEvent::Security(content) => serde_json::to_value(content),
    }
}

/// The hash of what an invitation is accepted with.
fn without_token(mut content: Value) -> Value {
    if let Value::Object(members) = &mut content {
        members.remove("token");
    }
    content
}
