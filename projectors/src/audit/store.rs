//! Reads of what was known, and the rows.

use std::collections::BTreeSet;

use sqlx::PgConnection;
use streams::Event;
use uuid::Uuid;

use super::fields::{members, subject};
use super::fold::{Change, Draft, Key, Known};
use crate::rows::{Column, Rows};

/// What is known of all that the events set.
pub(super) async fn known_in_tx(tx: &mut PgConnection, drafts: &[Draft<'_>]) -> Result<Known, sqlx::Error> {
    let keys: BTreeSet<Key> = drafts.iter().flat_map(Draft::keys).collect();
    if keys.is_empty() {
        return Ok(Known::default());
    }
    let rows = Rows::new("known", keyed(&keys.into_iter().collect::<Vec<_>>()));
    let statement = "select known.business, known.subject, known.field, known.value from known join {rows}
        on known.business = k.business and known.subject = k.subject and known.field = k.field";
    let found: Vec<(Uuid, Uuid, String, String)> = rows.fetch_in_tx(tx, statement).await?;
    let values = found.into_iter().map(|(business, subject, field, value)| ((business, subject, field), value));
    Ok(Known { values: values.collect(), changed: Vec::new() })
}

fn keyed(keys: &[Key]) -> Vec<(&'static str, Column<'static>)> {
    vec![
        ("business", Column::Uuid(keys.iter().map(|(business, _, _)| *business).collect())),
        ("subject", Column::Uuid(keys.iter().map(|(_, subject, _)| *subject).collect())),
        ("field", Column::Owned(keys.iter().map(|(_, _, field)| field.clone()).collect())),
    ]
}

pub(super) async fn keep_in_tx(tx: &mut PgConnection, known: &Known) -> Result<(), sqlx::Error> {
    let changed: BTreeSet<&Key> = known.changed.iter().collect();
    if changed.is_empty() {
        return Ok(());
    }
    let keys: Vec<Key> = changed.into_iter().cloned().collect();
    let mut columns = keyed(&keys);
    columns.push(("value", Column::Owned(keys.iter().map(|key| known.values[key].clone()).collect())));
    let statement =
        "insert into known (business, subject, field, value) select business, subject, field, value from {rows}
        on conflict (business, subject, field) do update set value = excluded.value";
    Rows::new("known", columns).run_in_tx(tx, statement).await.map(drop)
}

/// Where the person was whose account ends with this event, and with what, in every business.
pub(super) async fn forget_addresses_in_tx(tx: &mut PgConnection, end: &Event) -> Result<(), sqlx::Error> {
    let subject = subject(end, &members(end));
    let forget = "update event set address = null, agent = null
        where (address is not null or agent is not null) and (actor = $1 or subject = $2)";
    sqlx::query(forget).bind(format!("user:{subject}")).bind(subject).execute(tx).await?;
    Ok(())
}

pub(super) fn rows<'a>(drafts: &'a [Draft<'a>], changes: &'a [Change]) -> Rows<'a> {
    let meta = |draft: &'a Draft<'a>, name: &str| draft.event.metadata.get(name).map(String::as_str);
    let optional = |name: &'static str| Column::OptionalText(drafts.iter().map(|draft| meta(draft, name)).collect());
    Rows::new(
        "event",
        vec![
            ("position", Column::BigInt(drafts.iter().map(|draft| draft.event.position).collect())),
            ("business", Column::Uuid(drafts.iter().map(|draft| draft.event.business.as_uuid()).collect())),
            ("business_sequence", Column::BigInt(drafts.iter().map(|draft| draft.event.business_sequence).collect())),
            ("at", Column::Moment(drafts.iter().map(|draft| draft.event.known_at).collect())),
            ("kind", Column::Text(drafts.iter().map(|draft| draft.event.event_type.as_str()).collect())),
            ("actor", Column::Text(drafts.iter().map(|draft| meta(draft, "actor").unwrap_or_default()).collect())),
            ("on_behalf_of", optional("on_behalf_of")),
            ("aggregate", Column::Text(drafts.iter().map(|draft| draft.event.aggregate_type.as_str()).collect())),
            ("subject", Column::Uuid(drafts.iter().map(|draft| draft.subject).collect())),
            ("summary", Column::Text(drafts.iter().map(|draft| draft.summary.as_str()).collect())),
            ("before", Column::OptionalText(changes.iter().map(|change| change.before.as_deref()).collect())),
            ("after", Column::OptionalText(changes.iter().map(|change| change.after.as_deref()).collect())),
            ("request", optional("correlation")),
            ("address", optional("address")),
            ("agent", optional("agent")),
            ("trace", optional("traceparent")),
            ("code", Column::OptionalText(drafts.iter().map(|draft| draft.code.as_deref()).collect())),
            ("hash", Column::Owned(drafts.iter().map(|draft| hex(&draft.event.hash)).collect())),
        ],
    )
}

fn hex(hash: &[u8; 32]) -> String {
    use std::fmt::Write;
    hash.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
