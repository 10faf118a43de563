//! The log, read one batch ahead of whoever takes it: what is published next is on its way while JetStream stores.

use sqlx::PgPool;
use tokio_util::task::AbortOnDropHandle;

use crate::log::{Positioned, read_positioned};

/// Events that are read from the store at once.
const READ: i64 = 1_000;

type Batch = Result<Vec<Positioned>, sqlx::Error>;

pub(super) struct Ahead {
    pool: PgPool,
    /// What is being read, and after which position.
    next: Option<(i64, AbortOnDropHandle<Batch>)>,
}

impl Ahead {
    pub const fn new(pool: PgPool) -> Self {
        Self { pool, next: None }
    }

    /// The first events after a position, of a log that reaches to `head` at least.
    pub async fn read(&mut self, after: i64, head: i64) -> Batch {
        let batch = match self.next.take() {
            Some((begun, read)) if begun == after => match read.await {
                Ok(batch) => batch?,
                // Ended with its runtime: there is nothing to read for either.
                Err(_) => read_positioned(&self.pool, after, READ).await?,
            },
            _ => read_positioned(&self.pool, after, READ).await?,
        };
        if let Some(last) = batch.last().map(|last| last.event.position).filter(|last| *last < head) {
            let pool = self.pool.clone();
            let read = tokio::spawn(async move { read_positioned(&pool, last, READ).await });
            self.next = Some((last, AbortOnDropHandle::new(read)));
        }
        Ok(batch)
    }
}
