//! Sockets outlive the request that opened them; their sessions are watched.
//!
//! The tables tell of a change by NOTIFY; every two seconds it is looked without being told. A session that is over, or
//! whose memberships have changed, ends its sockets: their viewer connects again with the rights of now.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use sqlx::postgres::PgListener;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Core;
use super::failure::Failure;
use super::principals::{self, Session, Stored};

const CHANNEL: &str = "workdock_access";
const LOOK_EVERY: Duration = Duration::from_secs(2);
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Kept by a socket; [`Watch::ended`] when it must end.
#[derive(Debug, Clone)]
pub struct Watch(Arc<CancellationToken>);

impl Watch {
    pub async fn ended(&self) {
        self.0.cancelled().await;
    }

    /// The same for who waits elsewhere; it is watched for as long as this is kept.
    pub fn into_inner(self) -> Arc<CancellationToken> {
        self.0
    }
}

#[derive(Debug, Default)]
pub struct Watched {
    sessions: Mutex<HashMap<Uuid, Entry>>,
    bell: Notify,
}

#[derive(Debug)]
struct Entry {
    then: Stored,
    watch: Weak<CancellationToken>,
}

impl Watched {
    pub fn ring(&self) {
        self.bell.notify_one();
    }

    /// Forgets those whose sockets are gone; the others by id.
    fn alive(&self) -> Vec<Uuid> {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|_, entry| entry.watch.strong_count() > 0);
        sessions.keys().copied().collect()
    }

    fn settle(&self, ids: &[Uuid], now: &[Stored]) {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        for id in ids {
            let Some(entry) = sessions.get(id) else { continue };
            let valid = now.iter().any(|stored| stored.id == *id && stored.reaches_as_much_as(&entry.then));
            if !valid && let Some(entry) = sessions.remove(id) {
                entry.watch.upgrade().inspect(|watch| watch.cancel());
            }
        }
    }
}

/// Begins to watch. One that is over already ends at once.
pub async fn watch(core: &Core, session: &Session) -> Watch {
    let now = load(core, &[session.id]).await.ok().and_then(|mut found| found.pop());
    let Some(then) = now else {
        let token = CancellationToken::new();
        token.cancel();
        return Watch(Arc::new(token));
    };
    let mut sessions = core.watched.sessions.lock().unwrap_or_else(PoisonError::into_inner);
    let known = sessions.get(&session.id).filter(|entry| then.reaches_as_much_as(&entry.then));
    if let Some(watch) = known.and_then(|entry| entry.watch.upgrade()) {
        return Watch(watch);
    }
    let watch = Arc::new(CancellationToken::new());
    if let Some(old) = sessions.insert(session.id, Entry { then, watch: Arc::downgrade(&watch) }) {
        old.watch.upgrade().inspect(|watch| watch.cancel());
    }
    Watch(watch)
}

async fn load(core: &Core, ids: &[Uuid]) -> Result<Vec<Stored>, Failure> {
    let mut found = principals::load_sessions(core, ids).await?;
    found.extend(principals::load_keys(core, ids).await?);
    Ok(found)
}

/// Until `stop`: hears of changes, forgets what is remembered, ends what must end.
pub async fn run(core: &Core, stop: CancellationToken) {
    tokio::join!(hear(core, stop.clone()), sweep(core, stop));
}

async fn hear(core: &Core, stop: CancellationToken) {
    loop {
        let listening = async {
            let mut listener = PgListener::connect_with(&core.pool).await?;
            listener.listen(CHANNEL).await?;
            // Whatever was told before the connection stood.
            core.forget();
            loop {
                // `None`: the connection was lost and is made anew; something may have been missed.
                listener.try_recv().await?;
                core.forget();
            }
        };
        let lost: sqlx::Result<()> = tokio::select! {
            () = stop.cancelled() => return,
            lost = listening => lost,
        };
        if let Err(error) = lost {
            tracing::warn!(%error, "changes of access are not heard just now; they are looked for");
        }
        tokio::time::sleep(RETRY_AFTER).await;
    }
}

async fn sweep(core: &Core, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = core.watched.bell.notified() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        let ids = core.watched.alive();
        if ids.is_empty() {
            continue;
        }
        match load(core, &ids).await {
            Ok(now) => core.watched.settle(&ids, &now),
            Err(failure) => tracing::warn!(error = %failure.problem, "open sessions cannot be looked up"),
        }
    }
}
