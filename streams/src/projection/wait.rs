//! Waiting until a projection shows a position: a user reads what they wrote.

use std::collections::HashMap;
use std::time::Duration;

use sqlx::postgres::{PgListener, PgNotification};
use sqlx::{PgPool, Row};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;

const CHANNEL: &str = "workdock_checkpoint";
/// How long to wait for another notification before the table is asked: nobody waits for ever for a lost one.
const ASK_EVERY: Duration = Duration::from_secs(1);

#[derive(Debug, thiserror::Error)]
pub enum WaitError {
    #[error("{projection} has not reached position {position} within {timeout:?}; it is at {at}")]
    Timeout { projection: String, position: i64, at: i64, timeout: Duration },
    #[error("checkpoints are no longer watched: the program is stopping")]
    Stopping,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Waits until what `read` views show of `projection` includes `position`; returns the checkpoint, which may be
/// further. A position of a business that stands still counts as shown.
///
/// Takes a connection of its own while it waits: right for a command line. Servers, where many wait at once, share a
/// [`CheckpointWatch`].
pub async fn wait_for(pool: &PgPool, projection: &str, position: i64, timeout: Duration) -> Result<i64, WaitError> {
    let deadline = Instant::now() + timeout;
    if let Some(at) = serving(pool, projection).await?.filter(|at| *at >= position) {
        return Ok(at);
    }
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    loop {
        let at = serving(pool, projection).await?.unwrap_or_default();
        if at >= position {
            return Ok(at);
        }
        let ask_at = deadline.min(Instant::now() + ASK_EVERY);
        match timeout_at(ask_at, told_of(&mut listener, projection, position)).await {
            Ok(told) => told?,
            Err(_) if Instant::now() < deadline => {}
            Err(_) => return Err(WaitError::Timeout { projection: projection.to_owned(), position, at, timeout }),
        }
    }
}

async fn told_of(listener: &mut PgListener, projection: &str, position: i64) -> Result<(), sqlx::Error> {
    loop {
        match Told::from(&listener.recv().await?) {
            Told::Position { projection: told, position: at, .. } if told != projection || at < position => {}
            _ => return Ok(()),
        }
    }
}

async fn serving(pool: &PgPool, projection: &str) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar("select position from read.position where projection = $1")
        .bind(projection)
        .fetch_optional(pool)
        .await
}

/// What a notification says.
enum Told {
    Position {
        projection: String,
        version: i32,
        position: i64,
    },
    /// Other rows serve now, or it cannot be read.
    Other,
}

impl From<&PgNotification> for Told {
    fn from(notification: &PgNotification) -> Self {
        let mut words = notification.payload().split(' ');
        let mut position = || {
            let projection = words.next()?.to_owned();
            let version = words.next()?.parse().ok()?;
            Some(Self::Position { projection, version, position: words.next()?.parse().ok()? })
        };
        position().unwrap_or(Self::Other)
    }
}

/// The checkpoints of all serving projections, kept up by one listening connection for any number of waiters.
#[derive(Debug, Clone)]
pub struct CheckpointWatch(watch::Receiver<Serving>);

/// By projection: the version that serves and its checkpoint.
type Serving = HashMap<String, (i32, i64)>;

impl CheckpointWatch {
    /// Watches until shutdown, through lost connections.
    pub async fn start(pool: PgPool, shutdown: CancellationToken) -> Result<Self, sqlx::Error> {
        let (sender, receiver) = watch::channel(load(&pool).await?);
        tokio::spawn(async move {
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = keep_up(&pool, &sender) => {}
            }
        });
        Ok(Self(receiver))
    }

    /// The checkpoint of the version that serves; 0 before the first.
    pub fn position(&self, projection: &str) -> i64 {
        self.0.borrow().get(projection).map_or(0, |(_, position)| *position)
    }

    /// As [`wait_for`], without a connection for each waiter.
    pub async fn wait_for(&self, projection: &str, position: i64, timeout: Duration) -> Result<i64, WaitError> {
        let mut receiver = self.0.clone();
        let reached = receiver.wait_for(|serving| serving.get(projection).is_some_and(|(_, at)| *at >= position));
        match tokio::time::timeout(timeout, reached).await {
            Ok(Ok(serving)) => Ok(serving.get(projection).map_or(position, |(_, at)| *at)),
            Ok(Err(_closed)) => Err(WaitError::Stopping),
            Err(_) => Err(WaitError::Timeout {
                projection: projection.to_owned(),
                position,
                at: self.position(projection),
                timeout,
            }),
        }
    }
}

async fn load(pool: &PgPool) -> Result<Serving, sqlx::Error> {
    let rows = sqlx::query("select projection, version, position from read.position").fetch_all(pool).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, (row.try_get(1)?, row.try_get(2)?)))).collect()
}

async fn keep_up(pool: &PgPool, sender: &watch::Sender<Serving>) {
    loop {
        if let Err(error) = listen(pool, sender).await {
            tracing::warn!(%error, "checkpoints are not heard of; listening again");
        }
        sleep(ASK_EVERY).await;
    }
}

async fn listen(pool: &PgPool, sender: &watch::Sender<Serving>) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    loop {
        let loaded = load(pool).await?;
        sender.send_if_modified(|serving| std::mem::replace(serving, loaded.clone()) != loaded);
        // `None`: the connection was lost and what was told meanwhile with it; the table is read again.
        while let Some(notification) = listener.try_recv().await? {
            match Told::from(&notification) {
                Told::Position { projection, version, position } => {
                    sender.send_if_modified(|serving| advance(serving, &projection, version, position));
                }
                Told::Other => break,
            }
        }
    }
}

fn advance(serving: &mut Serving, projection: &str, version: i32, position: i64) -> bool {
    match serving.get_mut(projection) {
        Some((serves, at)) if *serves == version && *at < position => {
            *at = position;
            true
        }
        _ => false,
    }
}
