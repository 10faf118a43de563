//! Follows the changes of businesses that somebody looks at.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use async_nats::{Client, Subscriber};
use chrono::{DateTime, Utc};
use domain::BusinessId;
use futures::StreamExt;
use streams::projection::{Notice, PublishedNotice};
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

use super::statuses::{StatusFollower, Statuses};
use crate::Failure;
use crate::reader::Reader;

/// Where a business's figures are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tick {
    pub business: BusinessId,
    pub position: i64,
    pub at: DateTime<Utc>,
    /// Since the feed began; a follower that skipped some takes the difference.
    pub events: u64,
    pub transactions: u64,
}

/// One NATS subscription for each business that has followers, ended with the last of them. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Hub(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    nats: Client,
    /// First part of subjects, in lower case.
    prefix: String,
    reader: Reader,
    statuses: Statuses,
    feeds: Mutex<HashMap<BusinessId, Weak<Feed>>>,
}

#[derive(Debug)]
struct Feed {
    latest: watch::Receiver<Tick>,
    _task: AbortOnDropHandle<()>,
}

impl Feed {
    /// Its task has not ended.
    fn runs(&self) -> bool {
        self.latest.has_changed().is_ok()
    }
}

/// Sees the newest tick of one business. Begins with the present one.
#[derive(Debug)]
pub struct Follower {
    latest: watch::Receiver<Tick>,
    _feed: Arc<Feed>,
}

/// A notice that is lost (a broken connection) is made good within this time.
const SWEEP: Duration = Duration::from_secs(10);

impl Hub {
    /// `prefix` as streams have it, e.g. `WORKDOCK`.
    pub fn new(nats: Client, prefix: &str, reader: Reader) -> Self {
        let (feeds, statuses) = (Mutex::default(), Statuses::new(reader.pool().clone()));
        Self(Arc::new(Inner { nats, prefix: prefix.to_lowercase(), reader, statuses, feeds }))
    }

    /// # Errors
    /// Not found where there is no such business; unavailable where NATS does not take the subscription.
    pub async fn follow(&self, business: BusinessId) -> Result<Follower, Failure> {
        if let Some(feed) = self.running(business) {
            return Ok(Follower::of(feed));
        }
        let feed = Arc::new(self.start(business).await?);
        let mut feeds = self.0.feeds.lock().unwrap_or_else(PoisonError::into_inner);
        feeds.retain(|_, feed| feed.strong_count() > 0);
        // Another may have been faster.
        let running = feeds.get(&business).and_then(Weak::upgrade).filter(|feed| feed.runs());
        let feed = running.unwrap_or_else(|| {
            feeds.insert(business, Arc::downgrade(&feed));
            feed
        });
        Ok(Follower::of(feed))
    }

    /// Follows how the connections of a business stand.
    pub fn follow_connections(&self, business: BusinessId) -> StatusFollower {
        self.0.statuses.follow(business)
    }

    /// Businesses that are followed just now.
    pub fn followed(&self) -> usize {
        let feeds = self.0.feeds.lock().unwrap_or_else(PoisonError::into_inner);
        feeds.values().filter(|feed| feed.strong_count() > 0).count()
    }

    fn running(&self, business: BusinessId) -> Option<Arc<Feed>> {
        let feeds = self.0.feeds.lock().unwrap_or_else(PoisonError::into_inner);
        feeds.get(&business).and_then(Weak::upgrade).filter(|feed| feed.runs())
    }

    /// Subscribes first and looks then, so that no change falls between.
    async fn start(&self, business: BusinessId) -> Result<Feed, Failure> {
        let subject = format!("{}.metrics.{business}", self.0.prefix);
        let subscriber = self.0.nats.subscribe(subject).await.map_err(unavailable)?;
        self.0.nats.flush().await.map_err(unavailable)?;
        let view = self.0.reader.view(business, None, None).await?;
        let at = view.known.at.unwrap_or_else(Utc::now);
        let (sender, latest) =
            watch::channel(Tick { business, position: view.changed, at, events: 0, transactions: 0 });
        let task = tokio::spawn(run(self.0.reader.clone(), business, subscriber, sender));
        Ok(Feed { latest, _task: AbortOnDropHandle::new(task) })
    }
}

async fn run(reader: Reader, business: BusinessId, mut notices: Subscriber, latest: watch::Sender<Tick>) {
    let mut sweep = tokio::time::interval(SWEEP);
    sweep.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    sweep.reset();
    loop {
        tokio::select! {
            message = notices.next() => match message.as_ref().map(|message| serde_json::from_slice(&message.payload)) {
                Some(Ok(published)) => hear(&latest, &published),
                Some(Err(error)) => tracing::warn!(%business, %error, "a notice cannot be read"),
                None => return,
            },
            _ = sweep.tick() => match reader.view(business, None, None).await {
                Ok(view) => raise(&latest, view.changed, 0, 0),
                Err(error) => tracing::warn!(%business, %error, "the position cannot be read"),
            },
        }
    }
}

/// Figures are those of `metrics`; names and settings, which other projections tell of, are read with the next.
fn hear(latest: &watch::Sender<Tick>, published: &PublishedNotice) {
    if published.projection == "metrics" {
        let Notice { position, events, transactions, .. } = published.notice;
        raise(latest, position, u64::from(events), u64::from(transactions));
    }
}

/// Positions only rise: a notice that comes late, or twice, tells nothing.
fn raise(latest: &watch::Sender<Tick>, position: i64, events: u64, transactions: u64) {
    latest.send_if_modified(|tick| {
        let rises = position > tick.position;
        if rises {
            tick.position = position;
            tick.at = Utc::now();
            tick.events += events;
            tick.transactions += transactions;
        }
        rises
    });
}

impl Follower {
    fn of(feed: Arc<Feed>) -> Self {
        let mut latest = feed.latest.clone();
        latest.mark_changed();
        Self { latest, _feed: feed }
    }

    /// The newest tick, once it is another than the last one seen; `None` where the feed has ended.
    pub async fn next(&mut self) -> Option<Tick> {
        self.latest.changed().await.ok()?;
        Some(*self.latest.borrow_and_update())
    }
}

fn unavailable(error: impl std::fmt::Display) -> Failure {
    tracing::warn!(%error, "NATS does not take a subscription");
    domain::Problem::new(domain::Code::Unavailable, "Live changes cannot be followed just now; try again.").into()
}
