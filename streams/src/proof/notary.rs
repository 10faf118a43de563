//! Signing checkpoints, and handing them to witnesses.
//!
//! Guarantees:
//! - A checkpoint is signed only where the tree of the one that this key signed before is the beginning of the new
//!   one. What was signed last is remembered beside the key, outside the database, so that a database that was put
//!   back or rewritten is noticed and not signed.
//! - Every checkpoint is kept; a witness that does not answer gets the newest one later.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::PgPool;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::checkpoint::{Checkpoint, CheckpointError};
use super::nodes::{Tree, TreeError};
use super::note::{Note, Signer, Verifier};
use super::tree::Hash;

/// Between checkpoints, where there is something new.
pub const EVERY: Duration = Duration::from_secs(60);

#[derive(Debug, thiserror::Error)]
pub enum NotaryError {
    #[error(transparent)]
    Tree(#[from] TreeError),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error("there is nothing to sign yet: the log is empty")]
    Empty,
    #[error(
        "the log has {head} events, and {size} were signed before: was the database put back from a backup? Once that \
         is settled, delete {remembered}; checkpoints signed before then stand against the log"
    )]
    Shorter { head: u64, size: u64, remembered: String },
    #[error(
        "the first {size} events are not those that were signed before: something in the log was changed. Compare \
         with `workdock replay --verify` and with a witness; nothing is signed until {remembered} is deleted"
    )]
    Rewritten { size: u64, remembered: String },
    #[error("what was signed last cannot be kept in {path}: {source}")]
    Remember { path: String, source: std::io::Error },
    #[error("no process of this installation signs checkpoints just now")]
    Away,
    #[error("the process that signs did not: {0}")]
    Refused(String),
    #[error("{path} is damaged: {source}")]
    Remembered { path: String, source: CheckpointError },
}

/// Somebody else who keeps checkpoints.
#[async_trait]
pub trait Witness: std::fmt::Debug + Send + Sync {
    fn name(&self) -> String;
    /// Hands over a signed note; called again with a newer one after a failure.
    async fn hand(&self, note: &str) -> Result<(), Box<dyn std::error::Error + Send + Sync>>;
}

/// A file, best on a disk of its own, to which checkpoints are appended, each followed by an empty line.
#[derive(Debug)]
pub struct WitnessFile(pub PathBuf);

#[async_trait]
impl Witness for WitnessFile {
    fn name(&self) -> String {
        self.0.display().to_string()
    }

    async fn hand(&self, note: &str) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let mut file = std::fs::OpenOptions::new().append(true).create(true).open(&self.0)?;
        file.write_all(format!("{note}\n").as_bytes())?;
        Ok(file.sync_all()?)
    }
}

/// A checkpoint with its note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    pub checkpoint: Checkpoint,
    pub note: String,
}

/// Signs checkpoints of one store with one key. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Notary(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    pool: PgPool,
    tree: Tree,
    signer: Signer,
    /// Where what was signed last is kept.
    remembered: PathBuf,
    witnesses: Vec<Box<dyn Witness>>,
    /// One signature at a time.
    signing: Mutex<()>,
}

impl Notary {
    /// `key`: the path of the signer's key, beside which the newest checkpoint is remembered.
    pub fn new(pool: PgPool, signer: Signer, key: &Path, witnesses: Vec<Box<dyn Witness>>) -> Self {
        let tree = Tree::new(pool.clone());
        let remembered = key.with_extension("signed");
        Self(Arc::new(Inner { pool, tree, signer, remembered, witnesses, signing: Mutex::new(()) }))
    }

    pub fn verifier(&self) -> &Verifier {
        self.0.signer.verifier()
    }

    /// Signs a text that is no checkpoint: its first line is no name of a log.
    pub(super) fn sign(&self, text: &str) -> Note {
        self.0.signer.sign(text)
    }

    pub fn tree(&self) -> &Tree {
        &self.0.tree
    }

    /// A checkpoint over everything that has a position.
    pub async fn now(&self) -> Result<Signed, NotaryError> {
        self.at(self.0.tree.head().await?).await
    }

    /// A checkpoint over the first `size` events.
    pub async fn at(&self, size: u64) -> Result<Signed, NotaryError> {
        if size == 0 {
            return Err(NotaryError::Empty);
        }
        let _one = self.0.signing.lock().await;
        let before = self.0.unchanged().await?;
        if let Some(kept) = kept(&self.0.pool, size, &self.signer_id()).await? {
            return Ok(kept);
        }
        let root = self.0.tree.root(size).await?;
        let checkpoint = Checkpoint { origin: self.verifier().name().to_owned(), size, root };
        let note = self.0.signer.sign(&checkpoint.to_string()).to_string();
        if before.is_none_or(|before| before.size < size) {
            self.0.remember(&note)?;
        }
        let signed = Signed { checkpoint, note };
        keep(&self.0.pool, &signed, &self.signer_id()).await?;
        Ok(signed)
    }

    fn signer_id(&self) -> String {
        format!("{}+{}", self.verifier().name(), hex::encode(self.verifier().id()))
    }

    /// Signs and hands over once a minute, where there is something new.
    pub async fn run(self, shutdown: CancellationToken) {
        let mut handed = vec![0; self.0.witnesses.len()];
        loop {
            match self.now().await {
                Ok(signed) => self.hand(&signed, &mut handed).await,
                Err(NotaryError::Empty) => {}
                Err(error) => {
                    metrics::counter!("workdock_checkpoint_failures_total").increment(1);
                    tracing::error!(%error, "no checkpoint was signed");
                }
            }
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    /// `handed`: the size that each witness has.
    async fn hand(&self, signed: &Signed, handed: &mut [u64]) {
        for (witness, handed) in self.0.witnesses.iter().zip(handed) {
            if *handed >= signed.checkpoint.size {
                continue;
            }
            match witness.hand(&signed.note).await {
                Ok(()) => *handed = signed.checkpoint.size,
                Err(error) => tracing::warn!(witness = witness.name(), %error, "the witness did not take it"),
            }
        }
    }
}

impl Inner {
    /// What was signed last, where the log still begins with it.
    async fn unchanged(&self) -> Result<Option<Checkpoint>, NotaryError> {
        let remembered = self.remembered.display().to_string();
        let note = match std::fs::read_to_string(&self.remembered) {
            Ok(note) => note,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(NotaryError::Remember { path: remembered, source }),
        };
        let last = Checkpoint::open(&note, self.signer.verifier())
            .map_err(|source| NotaryError::Remembered { path: remembered.clone(), source })?;
        let head = self.tree.head().await?;
        if head < last.size {
            return Err(NotaryError::Shorter { head, size: last.size, remembered });
        }
        if self.tree.root(last.size).await? != last.root {
            return Err(NotaryError::Rewritten { size: last.size, remembered });
        }
        Ok(Some(last))
    }

    fn remember(&self, note: &str) -> Result<(), NotaryError> {
        let failed = |source| NotaryError::Remember { path: self.remembered.display().to_string(), source };
        let next = self.remembered.with_extension("next");
        let mut file = std::fs::File::create(&next).map_err(failed)?;
        file.write_all(note.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
        std::fs::rename(&next, &self.remembered).map_err(failed)
    }
}

/// What tells the log of this database from every other.
pub async fn log_id(pool: &PgPool) -> Result<Uuid, sqlx::Error> {
    sqlx::query_scalar("select id from proof.log").fetch_one(pool).await
}

async fn keep(pool: &PgPool, signed: &Signed, signer: &str) -> Result<(), NotaryError> {
    let Signed { checkpoint, note } = signed;
    sqlx::query(
        "insert into proof.checkpoint (size, signer, root, note) values ($1, $2, $3, $4) on conflict do nothing",
    )
    .bind(i64::try_from(checkpoint.size).unwrap_or(i64::MAX))
    .bind(signer)
    .bind(checkpoint.root.to_vec())
    .bind(note)
    .execute(pool)
    .await?;
    Ok(())
}

async fn kept(pool: &PgPool, size: u64, signer: &str) -> Result<Option<Signed>, sqlx::Error> {
    let query = "select note from proof.checkpoint where size = $1 and signer = $2";
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    let note: Option<String> = sqlx::query_scalar(query).bind(size).bind(signer).fetch_optional(pool).await?;
    note.map(signed).transpose()
}

/// The checkpoint that covers most, at least `size` events.
pub async fn newest(pool: &PgPool, size: u64) -> Result<Option<Signed>, sqlx::Error> {
    let query = "select note from proof.checkpoint where size >= $1 order by size desc, signed_at desc limit 1";
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    let note: Option<String> = sqlx::query_scalar(query).bind(size).fetch_optional(pool).await?;
    note.map(signed).transpose()
}

/// The newest checkpoint over exactly so many events.
pub async fn checkpoint_over(pool: &PgPool, size: u64) -> Result<Option<Signed>, sqlx::Error> {
    let query = "select note from proof.checkpoint where size = $1 order by signed_at desc limit 1";
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    let note: Option<String> = sqlx::query_scalar(query).bind(size).fetch_optional(pool).await?;
    note.map(signed).transpose()
}

fn signed(note: String) -> Result<Signed, sqlx::Error> {
    let checkpoint = Checkpoint::unchecked(&note).map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
    Ok(Signed { checkpoint, note })
}

/// Every checkpoint's size and root, in the order of sizes.
pub(crate) async fn roots(pool: &PgPool) -> Result<Vec<(u64, Hash)>, sqlx::Error> {
    let rows = sqlx::query("select size, root from proof.checkpoint order by size").fetch_all(pool).await?;
    rows.iter()
        .map(|row| {
            let size: i64 = sqlx::Row::try_get(row, 0)?;
            Ok((size.unsigned_abs(), crate::log::hash(row, 1)?))
        })
        .collect()
}
