//! Connections are few, and tasks are dropped anywhere: by a client that goes, a timeout, a shutdown.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;

use domain::BusinessId;
use domain::business::BusinessCommand;
use sqlx::Row;
use streams::testing::{Database, commands};
use streams::{Commands, Meta};

use crate::given::register;

/// Polls a future so many times and drops it then.
async fn dropped_after(polls: usize, future: impl Future) {
    let mut future = pin!(future);
    let mut polled = 0;
    std::future::poll_fn(|context| {
        if polled == polls {
            return Poll::Ready(());
        }
        polled += 1;
        future.as_mut().poll(context).map(|_| ())
    })
    .await;
}

#[tokio::test]
async fn whoever_is_dropped_while_it_begins_leaves_no_transaction_behind() {
    let database = Database::create().await;
    let options = database.options();
    let pool = streams::pool::options().max_connections(1).connect_with(options).await.unwrap();
    for polls in 1..6 {
        dropped_after(polls, async {
            let mut tx = pool.begin().await?;
            sqlx::query("select 1").execute(&mut *tx).await
        })
        .await;
        let row = sqlx::raw_sql("select now() = statement_timestamp()").fetch_one(&pool).await.unwrap();
        let outside: bool = row.get(0);
        assert!(outside, "dropped after {polls} polls");
    }
}

/// Whoever reads a sealed event wants its key, with the connection in hand that reads.
#[tokio::test]
async fn as_many_readers_as_there_are_connections_do_not_wait_for_each_other() {
    let database = Database::create().await;
    let business = BusinessId::new();
    let meta = Meta::new(business, "owner");
    commands(database.pool()).business(business, register(business), &meta).await.unwrap();

    let patience = std::time::Duration::from_secs(5);
    let few = streams::pool::options().max_connections(2).acquire_timeout(patience);
    // Keys that know nothing yet, as after a start.
    let started: Commands = commands(few.connect_with(database.options()).await.unwrap());
    let rename = |name: String| {
        let (started, meta) = (started.clone(), meta.clone());
        async move { started.business(business, BusinessCommand::Rename { name }, &meta).await }
    };
    let all = futures::future::join_all((0..4).map(|number| rename(format!("Quay {number}")))).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
}
