//! Checking the log against what is stored, link by link, and against every checkpoint that was signed over it.

use std::collections::{HashMap, VecDeque};

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use uuid::Uuid;

use crate::chain::GENESIS;
use crate::log::{Positioned, head, read_positioned};
use crate::proof;
use crate::proof::tree::{Hash, Peaks};

/// Events that are read at once.
const READ: i64 = 1_000;

/// What a walk along the chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Events that were checked and fit.
    pub fitting: i64,
    /// The hash of the last one that fits: whoever wrote it down earlier can compare.
    pub hash: [u8; 32],
    /// The first that does not fit. What comes after it is not checked: its hashes stand on it.
    pub misfit: Option<Misfit>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    pub position: i64,
    pub reason: String,
}

/// Walks the log from position 1 to the head that it has at the beginning. `progress` is told the position reached, every thousand events or so.
pub async fn verify(pool: &PgPool, mut progress: impl FnMut(i64)) -> Result<Verdict, sqlx::Error> {
    // In this order: what is signed meanwhile is over events that may be behind the head that was read.
    let checkpoints = proof::roots(pool).await?.into();
    let head = head(pool).await?.position;
    let mut walk = Walk { checkpoints, ..Walk::default() };
    while walk.position < head {
        let batch = read_positioned(pool, walk.position, READ).await?;
        if batch.is_empty() {
            let misfit = walk.unreadable(pool).await?;
            return Ok(walk.verdict(Some(misfit)));
        }
        for positioned in &batch {
            if let Err(reason) = walk.step(positioned) {
                let misfit = Misfit { position: walk.position + 1, reason };
                return Ok(walk.verdict(Some(misfit)));
            }
        }
        progress(walk.position);
    }
    let misfit = walk.cut_off();
    Ok(walk.verdict(misfit))
}

#[derive(Default)]
struct Walk {
    position: i64,
    hash: [u8; 32],
    known_at: Option<DateTime<Utc>>,
    sequences: HashMap<Uuid, i64>,
    peaks: Peaks,
    /// Those ahead.
    checkpoints: VecDeque<(u64, Hash)>,
}

impl Walk {
    fn step(&mut self, positioned: &Positioned) -> Result<(), String> {
        let event = &positioned.event;
        if event.position != self.position + 1 {
            return Err(format!("it is missing, {} comes next", event.position));
        }
        let sequence = self.sequences.entry(event.business.as_uuid()).or_insert(0);
        if event.business_sequence != *sequence + 1 {
            let (found, last) = (event.business_sequence, *sequence);
            return Err(format!("it is number {found} of its business, after number {last}"));
        }
        let known_at = self.known_at.map_or(event.recorded_at, |known| known.max(event.recorded_at));
        if event.known_at != known_at {
            return Err(format!("it was known at {}, not at {}", known_at, event.known_at));
        }
        let previous = if self.position == 0 { GENESIS } else { self.hash };
        if positioned.hash_after(&previous) != event.hash {
            return Err("its content does not give its hash".to_owned());
        }
        *sequence += 1;
        self.peaks.push(proof::tree::leaf_hash(&event.hash));
        self.checkpoint()?;
        self.position += 1;
        self.hash = event.hash;
        self.known_at = Some(known_at);
        Ok(())
    }

    /// What was signed over the log up to here.
    fn checkpoint(&mut self) -> Result<(), String> {
        while let Some((size, root)) = self.checkpoints.front()
            && *size == self.peaks.size()
        {
            if *root != self.peaks.root() {
                return Err("the log up to it is not the one that was signed when it was its last".to_owned());
            }
            self.checkpoints.pop_front();
        }
        Ok(())
    }

    /// Whether more was signed than the log has.
    fn cut_off(&self) -> Option<Misfit> {
        let (size, _) = self.checkpoints.back()?;
        let reason = format!("the log ends before it, and a checkpoint was signed over {size} events");
        Some(Misfit { position: self.position + 1, reason })
    }

    /// Where the reader stopped before the head: the log or the store behind it has a hole.
    async fn unreadable(&self, pool: &PgPool) -> Result<Misfit, sqlx::Error> {
        let position = self.position + 1;
        let there: bool = sqlx::query_scalar("select exists (select from store.log where position = $1)")
            .bind(position)
            .fetch_one(pool)
            .await?;
        let reason = if there { "its event is not in the store" } else { "the log has no such position" };
        Ok(Misfit { position, reason: reason.to_owned() })
    }

    fn verdict(self, misfit: Option<Misfit>) -> Verdict {
        Verdict { fitting: self.position, hash: self.hash, misfit }
    }
}
