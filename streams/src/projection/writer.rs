//! Writes events into one generation: rows and checkpoint in one transaction.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use domain::BusinessId;
use sqlx::{Connection, PgConnection, PgPool};

use super::dead_letter::{self, DeadLetter};
use super::ended;
use super::generation::{Checkpoint, Generation};
use super::isolate::{self, Fold, Isolated};
use super::{Notice, Projection};
use crate::Event;

/// The only one that moves a generation's checkpoint. Any number of writers may work on the same generation: each
/// holds the checkpoint's lock for its transaction and, having waited, drops what another has written meanwhile.
pub struct Writer {
    pool: PgPool,
    projection: Arc<dyn Projection>,
    generation: Generation,
    /// Kept, so that prepared statements stay; given up after an error.
    connection: Option<PgConnection>,
    /// The checkpoint as this writer left it. Where it finds another, what the projection remembers is outdated.
    left: Option<Checkpoint>,
    /// What is to be told if the commit whose answer was lost turns out to have happened.
    unanswered: Option<Written>,
}

/// What one call of [`Writer::write`] came to.
#[derive(Debug)]
pub enum Step {
    Written(Written),
    /// Nothing was written: the events between these two positions must come first.
    Gap {
        after: i64,
        before: i64,
    },
}

#[derive(Debug, Clone, Default)]
pub struct Written {
    /// The checkpoint now.
    pub position: i64,
    /// Folded by this call.
    pub events: usize,
    /// At or below the checkpoint already, so dropped.
    pub repeated: usize,
    /// Skipped because their business stands still.
    pub parked: i64,
    pub notices: Vec<Notice>,
    pub dead: Vec<DeadLetter>,
}

#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Dropped, or replaced by another version.
    #[error("the generation {schema} does not exist")]
    NoGeneration { schema: String },
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// How much the events are trusted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Care {
    Whole,
    /// A refused value may have been an accident.
    WholeAgain,
    Isolating,
}

enum Outcome {
    /// To be committed.
    Advanced { written: Written, left: Checkpoint },
    /// To be rolled back.
    Nothing(Attempt),
}

enum Attempt {
    Step(Step),
    Suspect { certain: bool },
}

impl Writer {
    pub fn new(pool: PgPool, projection: Arc<dyn Projection>, generation: Generation) -> Self {
        Self { pool, projection, generation, connection: None, left: None, unanswered: None }
    }

    /// Writes `events`, which ascend by position without repetition, up to the first gap, in one transaction.
    pub async fn write(&mut self, events: &[Event]) -> Result<Step, WriteError> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.pool.acquire().await?.detach(),
        };
        let step = self.write_with_care(&mut connection, events).await;
        match &step {
            Ok(_) => self.connection = Some(connection),
            Err(_) => self.forget(),
        }
        step
    }

    async fn write_with_care(&mut self, connection: &mut PgConnection, events: &[Event]) -> Result<Step, WriteError> {
        let mut care = Care::Whole;
        loop {
            match self.attempt(connection, events, care).await? {
                Attempt::Step(step) => return Ok(step),
                Attempt::Suspect { certain } => {
                    self.forget();
                    care = if certain || care == Care::WholeAgain { Care::Isolating } else { Care::WholeAgain };
                }
            }
        }
    }

    async fn attempt(
        &mut self,
        connection: &mut PgConnection,
        events: &[Event],
        care: Care,
    ) -> Result<Attempt, WriteError> {
        let mut tx = connection.begin().await?;
        match self.write_in_tx(&mut tx, events, care).await? {
            Outcome::Advanced { written, left } => {
                self.unanswered = Some(written.clone());
                tx.commit().await?;
                self.unanswered = None;
                self.left = Some(left);
                Ok(Attempt::Step(Step::Written(written)))
            }
            Outcome::Nothing(attempt) => {
                // Dropping it would keep the lock until the connection is used again.
                tx.rollback().await?;
                Ok(attempt)
            }
        }
    }

    async fn write_in_tx(
        &mut self,
        tx: &mut PgConnection,
        events: &[Event],
        care: Care,
    ) -> Result<Outcome, WriteError> {
        let Some(at) = self.generation.lock_in_tx(tx).await? else {
            return Err(WriteError::NoGeneration { schema: self.generation.schema.clone() });
        };
        if self.left != Some(at) {
            self.forget();
        }
        let mut written = self.answered(at);
        let fresh = match consecutive(events, at.position) {
            Ok(fresh) => fresh,
            Err(gap) => return Ok(Outcome::Nothing(Attempt::Step(gap))),
        };
        written.repeated = events.partition_point(|event| event.position <= at.position);
        let Some(last) = fresh.last() else {
            return Ok(Outcome::Nothing(Attempt::Step(Step::Written(written))));
        };
        let at = ended::unblock_in_tx(tx, &self.generation, at, fresh).await?;
        let folded = match self.fold_in_tx(tx, &ended::lasting(fresh), at, care).await? {
            Ok(folded) => folded,
            Err(certain) => return Ok(Outcome::Nothing(Attempt::Suspect { certain })),
        };
        dead_letter::park_in_tx(tx, &self.generation, &folded.parked).await?;
        let newly_blocked = i32::try_from(folded.dead.len()).unwrap_or(i32::MAX);
        self.generation.advance_in_tx(tx, last.position, newly_blocked).await?;
        written.position = last.position;
        written.add(fresh.len(), folded);
        let left = Checkpoint { position: last.position, blocked: at.blocked + newly_blocked, ..at };
        Ok(Outcome::Advanced { written, left })
    }

    /// `Err` where the events are suspect, with whether that is certain.
    async fn fold_in_tx(
        &self,
        tx: &mut PgConnection,
        events: &[Event],
        at: Checkpoint,
        care: Care,
    ) -> Result<Result<Isolated, bool>, sqlx::Error> {
        let mut blocked = match at.blocked {
            0 => HashSet::new(),
            _ => dead_letter::blocked_in_tx(tx, &self.generation).await?,
        };
        let projection = &*self.projection;
        if care == Care::Isolating {
            return isolate::isolate_in_tx(projection, &self.generation, tx, events, &mut blocked).await.map(Ok);
        }
        let fold = match blocked.is_empty() {
            true => isolate::fold_in_tx(projection, tx, events).await,
            false => isolate::fold_in_tx(projection, tx, &without(events, &blocked)).await,
        };
        match fold {
            Fold::Done(notices) => {
                let mut parked = HashMap::new();
                isolate::count_parked(&mut parked, events, &blocked);
                Ok(Ok(Isolated { notices, dead: Vec::new(), parked }))
            }
            Fold::Suspect { certain, reason } => {
                tracing::warn!(generation = self.generation.schema, reason, "events could not be folded");
                Ok(Err(certain))
            }
            Fold::Failed(error) => Err(error),
        }
    }

    /// What an earlier commit, whose answer was lost, has left to tell.
    fn answered(&mut self, at: Checkpoint) -> Written {
        match self.unanswered.take() {
            Some(written) if written.position <= at.position => Written { position: at.position, ..written },
            _ => Written { position: at.position, ..Written::default() },
        }
    }

    fn forget(&mut self) {
        self.projection.forget();
        self.left = None;
    }
}

impl Written {
    fn add(&mut self, events: usize, folded: Isolated) {
        let skipped: i64 = folded.parked.values().sum();
        self.parked += skipped;
        self.events += events - folded.dead.len() - usize::try_from(skipped).unwrap_or_default();
        self.notices.extend(folded.notices);
        self.dead.extend(folded.dead);
    }
}

fn without(events: &[Event], blocked: &HashSet<BusinessId>) -> Vec<Event> {
    events.iter().filter(|event| !blocked.contains(&event.business)).cloned().collect()
}

/// The events that follow `position` without a gap; empty where all are at or below it.
fn consecutive(events: &[Event], position: i64) -> Result<&[Event], Step> {
    let fresh = &events[events.partition_point(|event| event.position <= position)..];
    let mut expected = position;
    let length = fresh
        .iter()
        .take_while(|event| {
            expected += 1;
            event.position == expected
        })
        .count();
    match fresh.first() {
        Some(first) if length == 0 => Err(Step::Gap { after: position, before: first.position }),
        _ => Ok(&fresh[..length]),
    }
}
