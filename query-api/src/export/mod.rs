//! Everything about a business as one archive ([`streams::export`]), for whoever has a right to it.
//!
//! `README.txt` says what each file of it is: `events.jsonl` (its part of the log, texts opened), tables of what stands at
//! the archive's position and of what is kept beside the log, the files that were attached and the answers of providers. Amounts are exact decimals;
//! days are those of the business. What opens something is in none of it: no credential, no token, no hash of one.
//!
//! Memory is bounded by a batch of events, whatever the size of the business.

mod beside;
mod documents;
mod events;
pub(crate) mod http;
mod meaning;
mod payloads;
mod people;
mod sources;
mod tables;

use std::sync::Arc;

use domain::access::{Action, People, Principal, authorise};
use domain::{BusinessId, Code, Problem};
use serde::Serialize;
use streams::export::{Archive, Gathered};
use streams::{Commands, log};

pub use http::{ROUTES, router};

use crate::Failure;
use crate::reader::{Reader, View};

/// What an archive is gathered from.
#[derive(Clone)]
pub struct Exports {
    pub reader: Reader,
    /// Who was invited is a matter of the business itself.
    pub commands: Commands,
    pub people: Arc<dyn People>,
}

/// Whose archive it is, and what was known: the newest position of the log, and the hash that the chain ends in there.
#[derive(Debug, Clone, Serialize)]
pub struct Whose {
    pub business: BusinessId,
    pub name: String,
    pub position: i64,
    pub hash: Option<String>,
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

const FORMAT: &str = "workdock.export.v2";
const README: &str = include_str!("README.txt");

/// What every table is written from.
struct Source<'a> {
    exports: &'a Exports,
    reader: &'a Reader,
    view: &'a View,
}

pub async fn export(
    exports: &Exports,
    principal: &Principal,
    business: BusinessId,
) -> Result<Gathered<Whose>, ExportError> {
    authorise(principal, Action::Export, Some(business)).map_err(Failure::from)?;
    let reader = &exports.reader;
    let view = reader.view(business, None, None).await?;
    let source = Source { exports, reader, view: &view };
    let mut archive = Archive::begin()?;
    archive.add("README.txt", README.as_bytes()).await?;
    events::write(&source, &mut archive).await?;
    tables::write(&source, &mut archive).await?;
    documents::write(&source, &mut archive).await?;
    meaning::write(&source, &mut archive).await?;
    sources::write(&source, &mut archive).await?;
    people::write(&source, &mut archive).await?;
    beside::write(&source, &mut archive).await?;
    payloads::write(&source, &mut archive).await?;
    let at = log::at(reader.pool(), view.known.position).await?;
    let hash = at.map(|event| hex::encode(event.hash));
    let whose = Whose { business, name: view.business.name, position: view.known.position, hash };
    Ok(archive.finish(FORMAT, whose).await?)
}

fn unreadable(error: &dyn std::error::Error) -> Failure {
    tracing::error!(%error, "something sealed cannot be exported");
    let text = "Not all of it can be read just now; nothing was exported. Try again.";
    Problem::new(Code::Unavailable, text).into()
}
