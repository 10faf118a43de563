//! The certificate of an erasure: a statement that people can read, signed with the key of the log's checkpoints, and
//! the proof that the log says so too and goes on from what it was before.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use domain::BusinessId;
use serde::{Deserialize, Serialize};

use super::checkpoint::{Checkpoint, CheckpointError};
use super::file::Packed;
use super::notary::{Notary, NotaryError};
use super::note::{Note, NoteError, Verifier};
use super::tree::{Disproof, Hash, leaf_hash, verify_consistency, verify_inclusion};

const FORMAT: &str = "workdock-erasure/1";

/// What was erased, and what was not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Statement {
    pub business: BusinessId,
    pub requested_at: DateTime<Utc>,
    pub requested_by: String,
    pub due_at: DateTime<Utc>,
    pub erased_at: DateTime<Utc>,
    /// Of `business.erased` in the log.
    pub position: i64,
    /// How many events of the business stand before it.
    pub events: i64,
    pub first_position: i64,
    /// The data keys that were destroyed.
    pub keys: Vec<ErasedKey>,
    /// Whether the key service held something of the business's own, so that nothing in backups opens either.
    pub backups_unreadable: bool,
    /// Deleted rows by table; the projections' rows are not counted.
    pub rows: BTreeMap<String, i64>,
    /// Messages deleted from JetStream.
    pub messages: i64,
    /// Files with archived parts of its history that were deleted.
    #[serde(default, skip_serializing_if = "is_none")]
    pub archives: i64,
    /// The chain was checked from its first event to this position, after the erasure.
    pub chain_verified_to: i64,
    pub certified_at: DateTime<Utc>,
}

/// A data key that was destroyed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErasedKey {
    pub purpose: String,
    pub version: i32,
    /// The master key that had wrapped it.
    pub wrapped_by: String,
}

/// Certificates from before there were archives say nothing of them.
const fn is_none(archives: &i64) -> bool {
    *archives == 0
}

fn day(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// The text that is signed, and shown.
impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Certificate of erasure\n")?;
        writeln!(f, "Business {}", self.business)?;
        writeln!(f, "asked for at {} by {}, due at {}", day(self.requested_at), self.requested_by, day(self.due_at))?;
        writeln!(f, "erased at {}, certified at {}\n", day(self.erased_at), day(self.certified_at))?;
        writeln!(f, "Destroyed: the keys of all its texts")?;
        for ErasedKey { purpose, version, wrapped_by } in &self.keys {
            writeln!(f, "- key {version} for {purpose}, wrapped by {wrapped_by}")?;
        }
        match self.backups_unreadable {
            true => writeln!(f, "What backups of the database hold of these texts opens nowhere any more.")?,
            false => writeln!(
                f,
                "The key service holds nothing of the business's own: backups from before open with the master key."
            )?,
        }
        writeln!(f, "\nDeleted: everything of it in every view, and")?;
        for (table, rows) in &self.rows {
            writeln!(f, "- {rows} rows of {table}")?;
        }
        if !is_none(&self.archives) {
            writeln!(f, "- {} files with archived parts of its history", self.archives)?;
        }
        writeln!(f, "- {} messages of the distributed log\n", self.messages)?;
        writeln!(
            f,
            "Kept: {} events from position {} to before {} of the log, for its proofs. Their texts nobody can read. \
             Readable in them: amounts, currencies, days, categories and kinds of transactions, ids of accounts and \
             sources, settings, and who acted when, by id.\n",
            self.events, self.first_position, self.position
        )?;
        writeln!(
            f,
            "The log says so at position {}; its chain was checked to position {}.",
            self.position, self.chain_verified_to
        )
    }
}

/// The statement, its signature and its proofs; JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Certificate {
    format: String,
    pub statement: Statement,
    /// The statement's text, signed.
    note: String,
    /// The public key of the signer. Whoever has it from elsewhere compares.
    key: String,
    /// The hash of `business.erased`, and its path in the tree of the checkpoint after.
    hash: String,
    inclusion: Packed,
    /// Over everything before `business.erased`; absent where that was the first event.
    before: Option<String>,
    after: String,
    /// That the log of the checkpoint before is the beginning of that after.
    consistency: Packed,
}

/// What a certificate proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certified {
    pub before: Option<Checkpoint>,
    pub after: Checkpoint,
    pub key: Verifier,
}

#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    #[error("it is no certificate of an erasure: {0}")]
    Malformed(#[from] serde_json::Error),
    #[error("its format is {0:?}, this program reads {FORMAT:?}")]
    Format(String),
    #[error("the signature: {0}")]
    Note(#[from] NoteError),
    #[error("a checkpoint: {0}")]
    Checkpoint(#[from] CheckpointError),
    #[error("the statement is not the one that was signed")]
    OtherStatement,
    #[error("{what}: {source:?}")]
    Disproved { what: &'static str, source: Disproof },
    #[error("its hash is no SHA-256")]
    Hash,
}

impl Certificate {
    /// Signs the statement, and proves it by the log. `hash`: that of `business.erased`.
    pub(crate) async fn issue(notary: &Notary, statement: Statement, hash: Hash) -> Result<Self, NotaryError> {
        let leaf = statement.position.unsigned_abs() - 1;
        let before = match leaf {
            0 => None,
            size => Some(notary.at(size).await?),
        };
        let after = notary.now().await?;
        let size = after.checkpoint.size;
        let consistency = match leaf {
            0 => Vec::new(),
            old => notary.tree().consistency(old, size).await?,
        };
        Ok(Self {
            format: FORMAT.to_owned(),
            note: notary.sign(&statement.to_string()).to_string(),
            key: notary.verifier().to_string(),
            hash: hex::encode(hash),
            inclusion: Packed(notary.tree().inclusion(leaf, size).await?),
            before: before.map(|signed| signed.note),
            after: after.note,
            consistency: Packed(consistency),
            statement,
        })
    }

    pub fn read(json: &str) -> Result<Self, CertificateError> {
        let this: Self = serde_json::from_str(json)?;
        if this.format == FORMAT { Ok(this) } else { Err(CertificateError::Format(this.format)) }
    }

    /// Whether a file looks like one, before all of it is read.
    pub fn is_one(beginning: &[u8]) -> bool {
        memchr::memmem::find(beginning, FORMAT.as_bytes()).is_some()
    }

    /// Checks it with nothing but itself and the log's key; without one, its own is taken.
    pub fn verify(&self, key: Option<&Verifier>) -> Result<Certified, CertificateError> {
        let key = match key {
            Some(key) => key.clone(),
            None => self.key.parse()?,
        };
        let note: Note = self.note.parse()?;
        if key.open(&note)? != self.statement.to_string() {
            return Err(CertificateError::OtherStatement);
        }
        let after = Checkpoint::open(&self.after, &key)?;
        let hash: Hash =
            hex::decode(&self.hash).ok().and_then(|hash| hash.try_into().ok()).ok_or(CertificateError::Hash)?;
        let leaf = self.statement.position.unsigned_abs().saturating_sub(1);
        verify_inclusion(&leaf_hash(&hash), leaf, after.size, &self.inclusion.0, &after.root)
            .map_err(|source| CertificateError::Disproved { what: "the event is not in the log", source })?;
        let before = self.before.as_deref().map(|note| Checkpoint::open(note, &key)).transpose()?;
        if let Some(before) = &before {
            let (old, new) = ((before.size, &before.root), (after.size, &after.root));
            verify_consistency(old, new, &self.consistency.0)
                .map_err(|source| CertificateError::Disproved { what: "the log was changed", source })?;
        }
        Ok(Certified { before, after, key })
    }
}
