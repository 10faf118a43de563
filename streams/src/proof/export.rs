//! Writing one business's log with its proofs.
//!
//! The file ends with the business's last event, and the checkpoint's tree with the same one, so that nothing of the
//! business can stand behind it; business sequences are among the hashed bytes and have no gap, so that nothing is
//! missing before it.

use std::io::Write;

use domain::BusinessId;
use sqlx::{PgPool, Row};
use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::checkpoint::Checkpoint;
use super::file::{Earlier, FORMAT, Header, Line, Packed, Walk};
use super::nodes::{Reads, Tree, TreeError};
use super::notary::{NotaryError, Signed};
use super::signatory::Signatory;
use super::tree::{Hash, Node};
use crate::chain::GENESIS;
use crate::log::{Followed, read_business};

/// Events that are read at once.
const READ: i64 = 1_000;

#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error("the log has no event of this business")]
    Nothing,
    #[error("an earlier checkpoint is over {earlier} events, this one over {size}")]
    Later { earlier: u64, size: u64 },
    #[error(transparent)]
    Notary(#[from] NotaryError),
    #[error(transparent)]
    Tree(#[from] TreeError),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error("the file cannot be written: {0}")]
    Write(#[from] std::io::Error),
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    pub events: i64,
    pub signed: Signed,
    /// Whose signature it is.
    pub key: String,
}

/// A log that is signed up to its last event, and about to be written.
#[derive(Debug)]
pub struct Export {
    pool: PgPool,
    tree: Tree,
    header: Header,
    signed: Signed,
}

impl Export {
    /// Everything that can be refused is refused here, before a byte is written. `earlier`: sizes of checkpoints that the
    /// reader holds, which are shown to be of the same log.
    pub async fn prepare(
        pool: &PgPool,
        signatory: &Signatory,
        business: BusinessId,
        earlier: &[u64],
    ) -> Result<Self, ExportError> {
        let (last, events) = last_of(pool, business).await?.ok_or(ExportError::Nothing)?;
        let (signed, key) = (signatory.at(last.unsigned_abs()).await?, signatory.key().await?);
        let (size, tree) = (signed.checkpoint.size, Tree::new(pool.clone()));
        let mut shown = earlier.to_vec();
        // Those that months were closed under too: whoever checks the file checks them.
        shown.extend(of_closings(pool, business).await?.into_iter().filter(|earlier| *earlier <= size));
        shown.sort_unstable();
        shown.dedup();
        let header = Header {
            format: FORMAT.to_owned(),
            business,
            events,
            checkpoint: signed.note.clone(),
            key,
            peaks: Packed(tree.peaks(size).await?),
            earlier: shown_to_go_on(&tree, size, &shown).await?,
            archive: None,
        };
        Ok(Self { pool: pool.clone(), tree, header, signed })
    }

    /// How many it will write.
    pub const fn events(&self) -> i64 {
        self.header.events
    }

    /// Writes the lines, a batch at a time. `progress` is told how many events are written, of how many.
    pub async fn write(
        self,
        out: &mut (impl AsyncWrite + Unpin + Send),
        mut progress: impl FnMut(i64, i64) + Send,
    ) -> Result<Exported, ExportError> {
        let Self { pool, tree, header, signed } = self;
        let (business, events, size) = (header.business, header.events, signed.checkpoint.size);
        let mut lines = Vec::new();
        write_line(&mut lines, &header)?;
        let (mut reads, mut walk) = (tree.reads(size).await?, Walk::new(size));
        let mut written = 0;
        while written < events {
            let batch = read_business(&pool, business, written, READ.min(events - written)).await?;
            if batch.is_empty() {
                return Err(sqlx::Error::RowNotFound.into());
            }
            for followed in &batch {
                let path = path(&mut reads, &mut walk, followed).await?;
                write_line(&mut lines, &line(followed, path))?;
                written += 1;
            }
            out.write_all(&lines).await?;
            lines.clear();
            progress(written, events);
        }
        out.flush().await?;
        Ok(Exported { events, signed, key: header.key })
    }
}

async fn last_of(pool: &PgPool, business: BusinessId) -> Result<Option<(i64, i64)>, sqlx::Error> {
    let last = "select position, business_sequence from store.log where business = $1
        order by business_sequence desc limit 1";
    let row = sqlx::query(last).bind(business.as_uuid()).fetch_optional(pool).await?;
    row.map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).transpose()
}

/// How many events the checkpoints are over that the business's months were closed under. A note that is none is
/// passed over here, and found by whoever checks the file.
async fn of_closings(pool: &PgPool, business: BusinessId) -> Result<Vec<u64>, sqlx::Error> {
    const NOTES: &str = "
select payload::jsonb ->> 'checkpoint' from store.events
where aggregate_type = 'business' and aggregate_id = $1 and event_type = 'business.month_closed'";
    let notes: Vec<Option<String>> =
        sqlx::query_scalar(NOTES).bind(business.as_uuid().to_string()).fetch_all(pool).await?;
    let sizes = notes.into_iter().flatten().filter_map(|note| Some(Checkpoint::unchecked(&note).ok()?.size));
    Ok(sizes.filter(|size| *size > 0).collect())
}

/// Proofs that a log of `size` begins with each of those.
async fn shown_to_go_on(tree: &Tree, size: u64, earlier: &[u64]) -> Result<Vec<Earlier>, ExportError> {
    let mut shown = Vec::with_capacity(earlier.len());
    for &earlier in earlier {
        if earlier > size {
            return Err(ExportError::Later { earlier, size });
        }
        let proof = Packed(tree.consistency(earlier, size).await?);
        shown.push(Earlier { size: earlier, proof });
    }
    Ok(shown)
}

pub(super) async fn path(reads: &mut Reads, walk: &mut Walk, followed: &Followed) -> Result<Packed, TreeError> {
    let leaf = followed.positioned.event.position.unsigned_abs() - 1;
    // Positions rise along the sequence of a business, and end at the checkpoint.
    let Some((levels, _)) = walk.next(leaf) else { return Ok(Packed(Vec::new())) };
    let mut path = Vec::new();
    for level in 0..levels {
        path.push(reads.node(Node { level, index: (leaf >> level) ^ 1 }).await?);
    }
    Ok(Packed(path))
}

pub(super) fn line(followed: &Followed, path: Packed) -> Line<'_> {
    let (event, metadata) = (&followed.positioned.event, followed.positioned.metadata.as_str());
    Line {
        position: event.position,
        business: event.business,
        business_sequence: event.business_sequence,
        aggregate_type: event.aggregate_type.as_str().into(),
        aggregate_id: event.aggregate_id.to_string().into(),
        sequence: event.sequence,
        event_type: event.event_type.as_str().into(),
        event_version: event.event_version.as_str().into(),
        recorded_at: event.recorded_at,
        metadata: metadata.into(),
        payload: String::from_utf8_lossy(&event.payload),
        previous: previous(followed),
        hash: event.hash,
        path,
    }
}

fn previous(followed: &Followed) -> Hash {
    followed.previous.unwrap_or(GENESIS)
}

pub(super) fn write_line(out: &mut impl Write, value: &impl serde::Serialize) -> Result<(), std::io::Error> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}
