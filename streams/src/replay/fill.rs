//! Filling a generation from the log: reading and writing at the same time.

use std::sync::Arc;
use std::time::Instant;

use sqlx::PgPool;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::{OnProgress, Phase, Progress, ReplayError};
use crate::projection::{Generation, Limits, Pace, Projection, Step, Writer};
use crate::{Event, log};

/// Pages of the log read ahead of the writer; one is some 16 MB at most.
const READ_AHEAD: usize = 1;

/// Fills one generation, as often as asked.
pub(super) struct Filler<'a> {
    pool: &'a PgPool,
    writer: Writer,
    pace: Pace,
    on_progress: OnProgress<'a>,
    /// The checkpoint.
    position: i64,
}

impl<'a> Filler<'a> {
    pub fn new(
        pool: &'a PgPool,
        projection: &Arc<dyn Projection>,
        generation: Generation,
        on_progress: OnProgress<'a>,
    ) -> Self {
        Self {
            pool,
            writer: Writer::new(pool.clone(), Arc::clone(projection), generation),
            pace: Pace::new(Limits::default()),
            on_progress,
            position: 0,
        }
    }

    pub fn position(&self) -> i64 {
        self.position
    }

    /// Folds everything after the checkpoint up to `target`, exactly.
    pub async fn fill_to(&mut self, target: i64) -> Result<(), ReplayError> {
        let (sender, mut pages) = mpsc::channel(READ_AHEAD);
        let reader =
            tokio::spawn(read_pages(self.pool.clone(), self.position, target, self.pace.most_events(), sender));
        let reader = AbortOnDrop(reader);
        while let Some(page) = pages.recv().await {
            self.write(&page?, target).await?;
        }
        drop(reader);
        match self.position {
            position if position < target => Err(ReplayError::LogEnds { position, target }),
            _ => Ok(()),
        }
    }

    async fn write(&mut self, page: &[Event], target: i64) -> Result<(), ReplayError> {
        let mut rest = page;
        while !rest.is_empty() {
            let part = &rest[..self.pace.cut(rest)];
            let began = Instant::now();
            match self.writer.write(part).await? {
                Step::Written(written) => self.position = written.position,
                Step::Gap { after, .. } => return Err(ReplayError::LogEnds { position: after, target }),
            }
            self.pace.learn(part.iter().map(|event| event.payload.len()).sum(), began.elapsed());
            (self.on_progress)(&Progress { phase: Phase::Filling, position: self.position, target });
            rest = &rest[rest.partition_point(|event| event.position <= self.position)..];
        }
        Ok(())
    }
}

async fn read_pages(
    pool: PgPool,
    mut after: i64,
    target: i64,
    most: i64,
    pages: mpsc::Sender<Result<Vec<Event>, sqlx::Error>>,
) {
    while after < target {
        let page = log::read(&pool, after, most.min(target - after)).await;
        let last = page.as_ref().ok().and_then(|page| page.last()).map(|event| event.position);
        // Refused where the writer has given up.
        if pages.send(page).await.is_err() {
            return;
        }
        // An error, or the log's end: the writer says which.
        let Some(last) = last else { return };
        after = last;
    }
}

struct AbortOnDrop(JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
