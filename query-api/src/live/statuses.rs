//! Tells at once that a connection of a business stands otherwise: whatever changes its row notifies.
//!
//! One listening connection for all who follow, begun with the first of them and ended with the last. Nothing is
//! carried but whose connection it is: a follower reads how they stand now, so what is told twice or late tells
//! nothing wrong.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use domain::BusinessId;
use sqlx::PgPool;
use sqlx::postgres::PgListener;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio_util::task::AbortOnDropHandle;

const CHANNEL: &str = "workdock_connections";
/// How many changes a follower may be behind; after that it looks without knowing whose they were.
const BEHIND: usize = 256;
/// Changes that come together are told together.
const GAP: Duration = Duration::from_millis(100);
/// What was not heard, because the line was broken, is looked for so often.
const SWEEP: Duration = Duration::from_secs(10);
const AGAIN: Duration = Duration::from_secs(1);

/// Whose connection changed; `None`: somebody's.
type Heard = Option<BusinessId>;

/// Cheap to clone.
#[derive(Debug, Clone)]
pub struct Statuses(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    pool: PgPool,
    listening: Mutex<Weak<Listening>>,
}

#[derive(Debug)]
struct Listening {
    heard: broadcast::Sender<Heard>,
    _task: AbortOnDropHandle<()>,
}

/// Is told when a connection of one business changes.
#[derive(Debug)]
pub struct StatusFollower {
    business: BusinessId,
    heard: broadcast::Receiver<Heard>,
    _listening: Arc<Listening>,
}

impl Statuses {
    pub fn new(pool: PgPool) -> Self {
        Self(Arc::new(Inner { pool, listening: Mutex::default() }))
    }

    pub fn follow(&self, business: BusinessId) -> StatusFollower {
        let mut kept = self.0.listening.lock().unwrap_or_else(PoisonError::into_inner);
        let listening = kept.upgrade().unwrap_or_else(|| {
            let (heard, _) = broadcast::channel(BEHIND);
            let task = tokio::spawn(keep_up(self.0.pool.clone(), heard.clone()));
            Arc::new(Listening { heard, _task: AbortOnDropHandle::new(task) })
        });
        *kept = Arc::downgrade(&listening);
        StatusFollower { business, heard: listening.heard.subscribe(), _listening: listening }
    }
}

impl StatusFollower {
    /// Returns when something may have changed; `false`: nothing will be told any more.
    pub async fn changed(&mut self) -> bool {
        let heard = async {
            loop {
                match self.heard.recv().await {
                    Ok(Some(business)) if business != self.business => {}
                    Ok(_) | Err(RecvError::Lagged(_)) => return true,
                    Err(RecvError::Closed) => return false,
                }
            }
        };
        if let Ok(goes_on) = tokio::time::timeout(SWEEP, heard).await
            && !goes_on
        {
            return false;
        }
        tokio::time::sleep(GAP).await;
        true
    }
}

async fn keep_up(pool: PgPool, heard: broadcast::Sender<Heard>) {
    loop {
        if let Err(error) = listen(&pool, &heard).await {
            tracing::warn!(%error, "changes of connections are not heard of; listening again");
        }
        tokio::time::sleep(AGAIN).await;
    }
}

async fn listen(pool: &PgPool, heard: &broadcast::Sender<Heard>) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    loop {
        // What changed before it listened, or while the line was broken, is looked for by everybody.
        drop(heard.send(None));
        while let Some(notification) = listener.try_recv().await? {
            drop(heard.send(notification.payload().parse().ok()));
        }
    }
}
