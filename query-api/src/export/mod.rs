//! Everything about a business as one archive, for whoever has a right to it.
//!
//! A tar file: `README.txt`, `events.jsonl` (its part of the log, texts opened), `transactions.csv`, `parts.csv`, `accounts.csv`,
//! `sources.csv` (as they stand at the archive's position), what is kept beside
//! transactions (`attachments.csv` with the files themselves, `memos.csv`), and `manifest.json` with the length, the number of rows
//! and the SHA-256 of each. Amounts are exact decimals; days are those of the business. In the tables a text that a
//! spreadsheet would take for a formula begins with an apostrophe; `events.jsonl` has it as it is.
//!
//! Memory is bounded by a batch of events, whatever the size of the business. The archive is gathered in a folder that
//! the program's user alone can read, and that goes with it.

mod beside;
mod file;
pub(crate) mod http;
mod tables;

use std::path::Path;

use chrono::{DateTime, Utc};
use domain::BusinessId;
use domain::access::{Action, Principal, authorise};
use serde::Serialize;
use serde_json::json;
use streams::{DomainEvent, Event, log};

pub use file::Part;
pub use http::{Exports, ROUTES, router};

use crate::Failure;
use crate::reader::{Reader, View};
use crate::views;
use file::Out;
pub(crate) use tables::text as no_formula;

/// What an archive says about itself.
#[derive(Debug, Clone, Serialize)]
pub struct Manifest {
    pub format: &'static str,
    pub business: BusinessId,
    pub name: String,
    /// What was known: the newest position of the log, and the hash that the chain ends in there.
    pub position: i64,
    pub hash: Option<String>,
    pub made_at: DateTime<Utc>,
    pub files: Vec<Part>,
}

impl Manifest {
    pub fn rows(&self) -> u64 {
        self.files.iter().map(|part| part.rows).sum()
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error(transparent)]
    Failure(#[from] Failure),
    #[error("the archive cannot be written: {0}")]
    Io(#[from] std::io::Error),
}

impl From<sqlx::Error> for ExportError {
    fn from(error: sqlx::Error) -> Self {
        Self::Failure(error.into())
    }
}

const FORMAT: &str = "workdock.export.v1";
const README: &str = include_str!("README.txt");
/// Events that are read at once: some 8 MB of full pages.
const AT_ONCE: i64 = 64;

/// Writes the archive to `to`, which must not exist.
pub async fn export(
    reader: &Reader,
    principal: &Principal,
    business: BusinessId,
    to: &Path,
) -> Result<Manifest, ExportError> {
    authorise(principal, Action::Export, Some(business)).map_err(Failure::from)?;
    let view = reader.view(business, None, None).await?;
    let folder = tempfile::tempdir()?;
    let mut files = vec![write_events(reader, &view, folder.path()).await?];
    files.extend(tables::write(reader, &view, folder.path()).await?);
    files.extend(beside::write(reader, &view, folder.path()).await?);
    let mut readme = Out::create(folder.path(), "README.txt").await?;
    readme.write(README.as_bytes()).await?;
    files.push(readme.finish().await?);
    let at = log::at(reader.pool(), view.known.position).await?;
    let manifest = Manifest {
        format: FORMAT,
        business,
        name: view.business.name.clone(),
        position: view.known.position,
        hash: at.map(|event| hex::encode(event.hash)),
        made_at: Utc::now(),
        files,
    };
    let mut out = Out::create(folder.path(), "manifest.json").await?;
    out.write(&serde_json::to_vec_pretty(&manifest).map_err(std::io::Error::from)?).await?;
    out.finish().await?;
    file::pack(folder, to).await?;
    Ok(manifest)
}

async fn write_events(reader: &Reader, view: &View, folder: &Path) -> Result<Part, ExportError> {
    let mut out = Out::create(folder, "events.jsonl").await?;
    let mut after = 0;
    loop {
        let (business, until) = (view.business.id, view.known.position);
        let positions = views::positions(reader.pool(), business, after, until, AT_ONCE).await?;
        let events = log::at_each(reader.pool(), &positions).await?;
        let Some(last) = events.last() else { return Ok(out.finish().await?) };
        after = last.business_sequence;
        let mut lines = Vec::new();
        for event in &events {
            serde_json::to_writer(&mut lines, &line(reader, event).await?).map_err(std::io::Error::from)?;
            lines.push(b'\n');
        }
        out.rows += events.len() as u64;
        out.write(&lines).await?;
    }
}

async fn line(reader: &Reader, event: &Event) -> Result<serde_json::Value, ExportError> {
    let keys = reader.keys();
    let content = match event.open(keys).await.map_err(|error| unreadable(&error))? {
        DomainEvent::Business(content) => serde_json::to_value(content),
        DomainEvent::Source(content) => serde_json::to_value(content),
        DomainEvent::Account(content) => serde_json::to_value(content),
        DomainEvent::Rates(content) => serde_json::to_value(content),
        DomainEvent::Security(content) => serde_json::to_value(content),
    };
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

fn unreadable(error: &dyn std::error::Error) -> Failure {
    tracing::error!(%error, "an event cannot be exported");
    let text = "Not all of it can be read just now; nothing was exported. Try again.";
    domain::Problem::new(domain::Code::Unavailable, text).into()
}
