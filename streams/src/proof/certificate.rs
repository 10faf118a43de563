//! The certificate of an erasure: a statement that people can read, signed with the key of the log's checkpoints, and
//! the proof that the log says so too and goes on from what it was before.

use serde::{Deserialize, Serialize};

use super::checkpoint::{Checkpoint, CheckpointError};
use super::file::Packed;
use super::notary::{Notary, NotaryError};
use super::note::{Note, NoteError, Verifier};
use super::statement::Statement;
use super::tree::{Disproof, Hash, leaf_hash, verify_consistency, verify_inclusion};

const FORMAT: &str = "workdock-erasure/1";

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
    /// The hash of the event with which it ended, and its path in the tree of the checkpoint after.
    hash: String,
    inclusion: Packed,
    /// Over everything before that event; absent where that was the first event.
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
    /// Signs the statement, and proves it by the log. `hash`: that of the event with which it ended.
    pub(crate) async fn issue(notary: &Notary, statement: Statement, hash: Hash) -> Result<Self, NotaryError> {
        let leaf = statement.position().unsigned_abs() - 1;
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
        let leaf = self.statement.position().unsigned_abs().saturating_sub(1);
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
