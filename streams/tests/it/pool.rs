//! Tasks are dropped anywhere: by a client that goes, a timeout, a shutdown.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;

use sqlx::Row;
use streams::testing::Database;

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
