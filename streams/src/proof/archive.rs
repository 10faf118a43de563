//! A part of one business's log as a file that proves itself: what is written before that part leaves the history.
//!
//! Its lines are those of [`super::Export`]. Its first line says which part it is, and that statement is signed with the
//! key of the checkpoints, so that nothing in the file can be changed without a trace.

use std::fmt;
use std::io::Write;

use chrono::{DateTime, SecondsFormat, Utc};
use domain::BusinessId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::PgPool;

use super::export::{ExportError, line, path, write_line};
use super::file::{ARCHIVE_FORMAT, Header, Packed, Walk};
use super::notary::Notary;
use crate::log::read_business;

/// Events that are read at once.
const READ: i64 = 1_000;

/// A run of a business's events, by their numbers among its own, and where they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub business: BusinessId,
    pub first_sequence: i64,
    pub last_sequence: i64,
    pub first_position: i64,
    pub last_position: i64,
}

/// What an archive says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// Numbers among the events of the business.
    pub first_sequence: i64,
    pub last_sequence: i64,
    pub first_position: i64,
    pub last_position: i64,
    /// All of it was known before.
    pub before: DateTime<Utc>,
    /// For how long the history was kept then.
    pub months: u16,
    /// SHA-256 of the archive before this one; none before the first.
    pub previous: Option<String>,
    /// SHA-256 of all lines after the first.
    pub lines_sha256: String,
}

/// The text that is signed. Its first line is no name of a log.
struct Statement<'a>(BusinessId, &'a Manifest);

impl fmt::Display for Statement<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(business, manifest) = self;
        writeln!(f, "Archive of a history\n")?;
        writeln!(f, "Business {business}")?;
        writeln!(f, "its events {} to {},", manifest.first_sequence, manifest.last_sequence)?;
        writeln!(f, "at positions {} to {} of the log,", manifest.first_position, manifest.last_position)?;
        let before = manifest.before.to_rfc3339_opts(SecondsFormat::Micros, true);
        writeln!(f, "known before {before}, kept for {} months", manifest.months)?;
        writeln!(f, "SHA-256 of the lines: {}", manifest.lines_sha256)?;
        writeln!(f, "SHA-256 of the archive before: {}", manifest.previous.as_deref().unwrap_or("none"))
    }
}

pub(super) fn statement(business: BusinessId, manifest: &Manifest) -> String {
    Statement(business, manifest).to_string()
}

/// The statement with its signature, in the first line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Signed {
    pub manifest: Manifest,
    pub note: String,
}

/// Whether a file looks like an archive, before all of it is read.
pub fn is_archive(beginning: &[u8]) -> bool {
    memchr::memmem::find(beginning, ARCHIVE_FORMAT.as_bytes()).is_some()
}

/// Writes that part of the log with its proofs, under a checkpoint that ends with it. `previous`: the hash of the archive
/// before. All of it is in memory: the caller bounds the span.
pub async fn archive(
    pool: &PgPool,
    notary: &Notary,
    span: Span,
    (before, months): (DateTime<Utc>, u16),
    previous: Option<String>,
) -> Result<Vec<u8>, ExportError> {
    let signed = notary.at(span.last_position.unsigned_abs()).await?;
    let size = signed.checkpoint.size;
    let lines = lines(pool, notary, span).await?;
    let manifest = Manifest {
        first_sequence: span.first_sequence,
        last_sequence: span.last_sequence,
        first_position: span.first_position,
        last_position: span.last_position,
        before,
        months,
        previous,
        lines_sha256: hex::encode(Sha256::digest(&lines)),
    };
    let note = notary.sign(&statement(span.business, &manifest)).to_string();
    let header = Header {
        format: ARCHIVE_FORMAT.to_owned(),
        business: span.business,
        events: span.last_sequence - span.first_sequence + 1,
        checkpoint: signed.note,
        key: notary.verifier().to_string(),
        peaks: Packed(notary.tree().peaks(size).await?),
        earlier: Vec::new(),
        archive: Some(Signed { manifest, note }),
    };
    let mut file = Vec::with_capacity(lines.len() + 4_096);
    write_line(&mut file, &header)?;
    file.write_all(&lines)?;
    Ok(file)
}

async fn lines(pool: &PgPool, notary: &Notary, span: Span) -> Result<Vec<u8>, ExportError> {
    let size = span.last_position.unsigned_abs();
    let (mut reads, mut walk) = (notary.tree().reads(size).await?, Walk::new(size));
    let (mut lines, mut done) = (Vec::new(), span.first_sequence - 1);
    while done < span.last_sequence {
        let batch = read_business(pool, span.business, done, READ.min(span.last_sequence - done)).await?;
        if batch.is_empty() {
            return Err(sqlx::Error::RowNotFound.into());
        }
        for followed in &batch {
            let path = path(&mut reads, &mut walk, followed).await?;
            write_line(&mut lines, &line(followed, path))?;
            done += 1;
        }
    }
    Ok(lines)
}
