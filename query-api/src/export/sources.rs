//! Where transactions come from: sources, connections to providers, and how files are read and what they said.

use std::collections::HashMap;

use streams::export::Archive;
use streams::mappings;
use streams::sealing::SealError;

use super::{ExportError, Source, unreadable};
use crate::reader::Connection;
use crate::views::{self, StatementRow};

const SOURCES: &[&str] = &["id", "name", "kind", "connected"];
const CONNECTIONS: &[&str] = &[
    "source",
    "name",
    "provider",
    "state",
    "health",
    "reason",
    "health_since",
    "connected_at",
    "last_sync",
    "last_success",
    "next_sync",
    "history_from",
    "transactions",
    "accounts",
];
const MAPPINGS: &[&str] = &["account", "format", "kept_at", "mapping"];
const STATEMENTS: &[&str] = &["account", "from", "to", "opening", "closing", "is_stated", "refused_lines"];

pub(super) async fn write(source: &Source<'_>, archive: &mut Archive) -> Result<(), ExportError> {
    let (reader, view) = (source.reader, source.view);
    let sources = reader.sources(view).await?;
    archive.list("sources", SOURCES, sources.iter().map(|row| (row.id, &row.name, &row.kind, row.connected))).await?;
    let connections = reader.connections(view.business.id).await?;
    archive.list("connections", CONNECTIONS, connections.iter().map(connection)).await?;
    remembered(source, archive).await?;
    let statements = views::statement_ends(reader.pool(), view.business.id).await?;
    Ok(archive.list("statements", STATEMENTS, statements.iter().flat_map(spans)).await?)
}

fn connection(Connection { row, name, .. }: &Connection) -> impl serde::Serialize + '_ {
    (
        row.source,
        name,
        &row.provider,
        &row.state,
        &row.health,
        &row.reason,
        row.health_since,
        row.created_at,
        row.last_sync,
        row.last_success,
        row.next_sync,
        row.history_from,
        row.recorded,
        &row.accounts,
    )
}

/// The name of an account is kept as a hash: it is told where an account of the business still has it.
async fn remembered(source: &Source<'_>, archive: &mut Archive) -> Result<(), ExportError> {
    let (reader, view) = (source.reader, source.view);
    let rows = views::mappings(reader.pool(), view.business.id).await?;
    let sealer = reader.keys().of_business(view.business.id);
    let unreadable = |error: SealError| unreadable(&error);
    let mut names = HashMap::new();
    if !rows.is_empty() {
        for account in reader.accounts(view).await? {
            names.insert(mappings::account_hash(&sealer, &account.name).await.map_err(unreadable)?, account.name);
        }
    }
    let mut records = Vec::new();
    for row in rows {
        let opened = mappings::open(&sealer, &row.sealed).await.map_err(unreadable)?;
        let mapping: Option<serde_json::Value> = opened.and_then(|text| serde_json::from_str(&text).ok());
        records.push((names.get(&row.account).cloned(), row.format, row.kept_at, mapping));
    }
    Ok(archive.list("mappings", MAPPINGS, records).await?)
}

fn spans(row: &StatementRow) -> impl Iterator<Item = impl serde::Serialize + use<>> + '_ {
    row.spans
        .iter()
        .map(|span| (row.account, span.from, span.to, span.opening, span.closing(), span.is_stated, row.refused))
}
