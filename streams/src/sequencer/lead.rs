//! Leadership, and the loop that gives positions.

use std::time::Duration;

use sqlx::postgres::PgListener;
use sqlx::{Connection, PgConnection};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::assign::{Assigner, Waiting};
use super::publish::Publisher;
use super::{Config, SequencerError};
use crate::log::Positioned;

/// Held by the leader's connection, per database.
const LEADER_LOCK: i64 = 0x5345_5155_454e_4345;

/// How often a standby looks. It does not wait inside the server: a statement that waits for hours holds a snapshot,
/// and vacuum behind it.
const STANDBY: Duration = Duration::from_millis(500);

/// Events that wait for an older transaction to end are looked at again after this; nobody tells when it ends.
const HELD_BACK: Duration = Duration::from_millis(2);

/// Looked at again after this without a notification: one may be lost with its connection.
const RECHECK: Duration = Duration::from_millis(500);

/// Batches that wait in memory for the publisher; what does not fit it reads from the store.
const FEED: usize = 4;

pub(super) enum Ended {
    Fatal(SequencerError),
    Store(sqlx::Error),
}

impl From<sqlx::Error> for Ended {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error)
    }
}

impl From<SequencerError> for Ended {
    fn from(error: SequencerError) -> Self {
        Self::Fatal(error)
    }
}

/// Waits for the leadership and leads until the store or the stream ends it.
pub(super) async fn lead(config: &Config) -> Result<(), Ended> {
    let mut connection = PgConnection::connect_with(&config.pool.connect_options()).await?;
    wait_for_leadership(&mut connection).await?;
    let mut listener = PgListener::connect_with(&config.pool).await?;
    listener.listen("workdock_events").await?;
    // A plan that was made while the store was small is kept after it has grown: it goes along the index from the first.
    sqlx::query("set enable_seqscan = off").execute(&mut connection).await?;
    let mut assigner = Assigner::resume(&mut connection).await?;
    tracing::info!(head = assigner.head(), "this sequencer leads");
    config.status.assigned(assigner.head());
    config.status.leads();

    let (feed, fed) = mpsc::channel(FEED);
    let (head, heads) = watch::channel(assigner.head());
    let mut publisher = Publisher::new(config, fed, heads);
    // A stream that is ahead is found before a position is given that it already has for another event.
    publisher.first_look().await?;
    let mut publishing = JoinSet::new();
    publishing.spawn(publisher.run());
    let outlets = Outlets { feed, head };
    tokio::select! {
        ended = give_positions(config, &mut connection, &mut listener, &mut assigner, &outlets) => ended,
        Some(ended) = publishing.join_next() => match ended {
            Ok(error) => Err(error.into()),
            // What a panic says may be somebody's text.
            Err(_panic) => Err(sqlx::Error::Io(std::io::Error::other("the publisher panicked")).into()),
        },
    }
}

async fn wait_for_leadership(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    loop {
        let locked: bool =
            sqlx::query_scalar("select pg_try_advisory_lock($1)").bind(LEADER_LOCK).fetch_one(&mut *connection).await?;
        if locked {
            return Ok(());
        }
        tokio::time::sleep(STANDBY).await;
    }
}

/// Where events go once they have a position.
struct Outlets {
    feed: mpsc::Sender<Vec<Positioned>>,
    head: watch::Sender<i64>,
}

async fn give_positions(
    config: &Config,
    connection: &mut PgConnection,
    listener: &mut PgListener,
    assigner: &mut Assigner,
    outlets: &Outlets,
) -> Result<(), Ended> {
    loop {
        let (batch, waiting) = assigner.assign(connection).await?;
        if !batch.is_empty() {
            metrics::counter!("workdock_sequencer_events_total").increment(batch.len() as u64);
            config.status.assigned(assigner.head());
            // Full or closed: the publisher reads from the store what it missed.
            let _ = outlets.feed.try_send(batch);
            outlets.head.send_replace(assigner.head());
        }
        let most = match waiting {
            Waiting::More => continue,
            Waiting::HeldBack => HELD_BACK,
            Waiting::Nothing => RECHECK,
        };
        tokio::select! {
            notified = listener.recv() => drop(notified?),
            () = tokio::time::sleep(most) => {}
        }
    }
}
