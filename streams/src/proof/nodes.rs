//! The tree of the log in the store: what is kept of it, and what is read for a proof.
//!
//! Kept are the roots of perfect subtrees of 256, 256², … leaves; the leaves are the hashes in `store.log`. A proof
//! over n events therefore reads at most two tiles of 256 hashes from each of log₂₅₆ n levels, and a million events
//! need 4,000 rows beside the log.

use std::collections::HashMap;

use sqlx::{PgPool, Row};

use super::tree::{Hash, Node, Span, consistency_spans, fold_peaks, inclusion_spans, leaf_hash, peaks, root_of};
use crate::log;

/// Binary levels of one kept level.
const STEP: u32 = 8;
const TILE: u64 = 1 << STEP;
const TILE_ROWS: usize = 1 << STEP;
/// Tiles whose rows are read at once while the tree grows.
const GROW: u64 = 64;
/// Tiles in memory while many nodes are asked for, at 8 KB each.
const MOST_TILES: usize = 512;

#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    #[error("the log has {head} events, not {size}")]
    TooLarge { size: u64, head: u64 },
    #[error("hashes from number {first} on are missing at level {level} of the tree")]
    Hole { level: u32, first: u64 },
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// The tree over the log of one store. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Tree {
    pool: PgPool,
}

impl Tree {
    pub const fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    /// How many events have a position.
    pub async fn head(&self) -> Result<u64, TreeError> {
        Ok(log::head(&self.pool).await?.position.unsigned_abs())
    }

    /// Keeps the roots of subtrees that are complete by now. May run anywhere, any number of times at once.
    pub async fn grow(&self) -> Result<(), TreeError> {
        let mut below = self.head().await?;
        let mut level = 1;
        while below >= TILE {
            let complete = below / TILE;
            let mut next = self.kept(level).await?;
            while next < complete {
                let until = complete.min(next + GROW);
                let hashes = read(&self.pool, level - 1, next * TILE, until * TILE).await?;
                let roots = hashes.chunks(TILE_ROWS).map(root_of).collect();
                self.keep(level, next, roots).await?;
                next = until;
            }
            (below, level) = (complete, level + 1);
        }
        Ok(())
    }

    async fn kept(&self, level: u32) -> Result<u64, sqlx::Error> {
        let newest = "select index + 1 from proof.node where level = $1 order by index desc limit 1";
        let newest: Option<i64> = sqlx::query_scalar(newest).bind(number(level)).fetch_optional(&self.pool).await?;
        Ok(newest.unwrap_or(0).unsigned_abs())
    }

    async fn keep(&self, level: u32, first: u64, roots: Vec<Hash>) -> Result<(), sqlx::Error> {
        let insert = "insert into proof.node (level, index, hash)
            select $1, $2 + n - 1, hash from unnest($3::bytea[]) with ordinality as root(hash, n)
            on conflict do nothing";
        let roots: Vec<Vec<u8>> = roots.into_iter().map(Vec::from).collect();
        sqlx::query(insert).bind(number(level)).bind(signed(first)).bind(roots).execute(&self.pool).await?;
        Ok(())
    }

    pub async fn root(&self, size: u64) -> Result<Hash, TreeError> {
        Ok(fold_peaks(&self.peaks(size).await?))
    }

    /// The roots of the perfect subtrees of a tree of that size, from the left.
    pub async fn peaks(&self, size: u64) -> Result<Vec<Hash>, TreeError> {
        self.reads(size).await?.nodes(&peaks(size)).await
    }

    /// The audit path of a leaf, counted from 0.
    pub async fn inclusion(&self, leaf: u64, size: u64) -> Result<Vec<Hash>, TreeError> {
        self.reads(size).await?.spans(&inclusion_spans(leaf, size)).await
    }

    pub async fn consistency(&self, old: u64, new: u64) -> Result<Vec<Hash>, TreeError> {
        self.reads(new).await?.spans(&consistency_spans(old, new)).await
    }

    /// A reader of nodes that remembers the tiles it read. The tree must have grown to that size.
    pub(super) async fn reads(&self, size: u64) -> Result<Reads, TreeError> {
        let head = self.head().await?;
        if size > head {
            return Err(TreeError::TooLarge { size, head });
        }
        self.grow().await?;
        Ok(Reads { pool: self.pool.clone(), tiles: HashMap::new() })
    }
}

pub(super) struct Reads {
    pool: PgPool,
    /// By kept level and number.
    tiles: HashMap<(u32, u64), Vec<Hash>>,
}

impl Reads {
    async fn spans(&mut self, spans: &[Span]) -> Result<Vec<Hash>, TreeError> {
        let mut hashes = Vec::with_capacity(spans.len());
        for span in spans {
            hashes.push(fold_peaks(&self.nodes(&span.nodes()).await?));
        }
        Ok(hashes)
    }

    async fn nodes(&mut self, nodes: &[Node]) -> Result<Vec<Hash>, TreeError> {
        let mut hashes = Vec::with_capacity(nodes.len());
        for node in nodes {
            hashes.push(self.node(*node).await?);
        }
        Ok(hashes)
    }

    /// The root of a perfect subtree, from the kept level below it.
    pub async fn node(&mut self, node: Node) -> Result<Hash, TreeError> {
        let (level, above) = (node.level / STEP, node.level % STEP);
        let first = node.index << above;
        let tile = self.tile(level, first / TILE).await?;
        let start = usize::try_from(first % TILE).unwrap_or(usize::MAX);
        tile.get(start..start + (1 << above)).map(root_of).ok_or(TreeError::Hole { level, first })
    }

    async fn tile(&mut self, level: u32, index: u64) -> Result<&[Hash], TreeError> {
        if self.tiles.len() >= MOST_TILES {
            self.tiles.retain(|(kept, _), _| *kept > level);
        }
        let tile = match self.tiles.remove(&(level, index)) {
            Some(tile) => tile,
            None => read(&self.pool, level, index * TILE, (index + 1) * TILE).await?,
        };
        Ok(self.tiles.entry((level, index)).or_insert(tile))
    }
}

/// Hashes of one kept level, from `start` until before `end` or the last that is there. Level 0 are the leaves.
async fn read(pool: &PgPool, level: u32, start: u64, end: u64) -> Result<Vec<Hash>, TreeError> {
    let rows = if level == 0 {
        let leaves =
            "select position - 1, hash from store.log where position > $1 and position <= $2 order by position";
        sqlx::query(leaves).bind(signed(start)).bind(signed(end)).fetch_all(pool).await?
    } else {
        let nodes = "select index, hash from proof.node where level = $3 and index >= $1 and index < $2 order by index";
        sqlx::query(nodes).bind(signed(start)).bind(signed(end)).bind(number(level)).fetch_all(pool).await?
    };
    let mut hashes = Vec::with_capacity(rows.len());
    for (row, expected) in rows.iter().zip(start..) {
        let (index, hash): (i64, Hash) = (row.try_get(0)?, log::hash(row, 1)?);
        if index.unsigned_abs() != expected {
            return Err(TreeError::Hole { level, first: expected });
        }
        hashes.push(if level == 0 { leaf_hash(&hash) } else { hash });
    }
    Ok(hashes)
}

fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn number(level: u32) -> i16 {
    i16::try_from(level).unwrap_or(i16::MAX)
}
