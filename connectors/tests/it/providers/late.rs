//! What comes later than asked for: a history, and the end of an access.

use std::time::{Duration, Instant};

use connectors::connections::Data;
use serde_json::{Value, json};

use super::worker::{Office, PATIENCE};
use crate::simulator::Simulated;

/// The provider fetches a year in its own time; until it has it, no opening balance is taken from what is there.
#[tokio::test]
async fn a_history_that_comes_late_is_not_said_to_be_whole() {
    let simulated = Simulated::unlimited().await;
    simulated.control("/items", &json!({"trouble": null, "all_after_seconds": 6 * 3600})).await;
    let office = Office::new(&simulated).await;
    let _work = office.work();
    let bank = office.connect(&simulated, "plaid").await;
    simulated.advance(60).await;
    let idle = async || {
        let query = "select count(*) from connectors.sync where outcome = 'done' and added = 0 and pages > 0";
        sqlx::query_scalar::<_, i64>(query).fetch_one(&office.connections.pool).await.unwrap()
    };
    let began = Instant::now();
    while idle().await <= 2 && began.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(idle().await > 2, "rounds that brought nothing");
    let row = office.row(bank).await;
    assert_eq!((&row["history_done_at"], &row["health"]), (&Value::Null, &json!("healthy")));
    let month = office.figures().await.len();
    assert!(month > 10, "the last days are there at once");
    let late = chrono::Utc::now();
    simulated.advance(6 * 3600).await;
    office.settled(bank).await;
    assert!(office.figures().await.len() > month * 3);
    let query = "
        select count(*) from connectors.balance b join connectors.connection c using (source)
        where b.told_at >= c.history_done_at and b.told_at < $1";
    let whole: i64 = sqlx::query_scalar(query).bind(late).fetch_one(&office.connections.pool).await.unwrap();
    assert_eq!(whole, 0, "no balance counts that was told while older lines still came");
}

/// The provider is away when the user leaves: nothing is read any more, and it is told when it is back.
#[tokio::test]
async fn an_access_that_could_not_be_given_back_is_given_back_later() {
    let simulated = Simulated::unlimited().await;
    let office = Office::new(&simulated).await;
    let _work = office.work();
    let bank = office.connect(&simulated, "plaid").await;
    simulated.advance(60).await;
    office.settled(bank).await;
    let items = async || {
        let state: Value =
            simulated.http.get(simulated.url("/control/state")).send().await.unwrap().json().await.unwrap();
        state["items"].as_u64().unwrap()
    };
    let retired = async || {
        let query = "select count(*) from connectors.retired where source = $1";
        let query = sqlx::query_scalar::<_, i64>(query).bind(bank.as_uuid());
        query.fetch_one(&office.connections.pool).await.unwrap()
    };
    simulated.control("/faults", &json!({"kind": "server_error", "path": "/item/remove"})).await;
    office.connections.disconnect(&office.who, office.business(), bank, Data::Keep).await.unwrap();
    let credentials: i64 = sqlx::query_scalar("select count(*) from connectors.credential")
        .fetch_one(&office.connections.pool)
        .await
        .unwrap();
    assert_eq!((items().await, retired().await, credentials), (1, 1, 0));
    let sealed: String =
        sqlx::query_scalar("select sealed from connectors.retired").fetch_one(&office.connections.pool).await.unwrap();
    assert!(!sealed.contains("access-sandbox"), "{sealed}");
    simulated.http.delete(simulated.url("/control/faults")).send().await.unwrap();
    let began = Instant::now();
    while retired().await > 0 && began.elapsed() < PATIENCE {
        // Its wait is over.
        sqlx::query("update connectors.retired set next_at = now()").execute(&office.connections.pool).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!((items().await, retired().await), (0, 0));
}
