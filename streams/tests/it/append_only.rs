use streams::testing::Database;

/// One event, written as postgres-es does.
const EVENT: &str =
    "insert into store.events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata)
    values ('business', '018f0000-0000-7000-8000-000000000001', $1, 'business.renamed', '1', '{\"name\":\"A\"}',
            '{\"business\":\"018f0000-0000-7000-8000-000000000001\"}')";

const CHANGES: [&str; 6] = [
    "update store.events set payload = '{}'",
    "delete from store.events",
    "truncate store.events",
    "update store.log set position = position + 1",
    "delete from store.log",
    "truncate store.log",
];

#[tokio::test]
async fn what_is_recorded_cannot_be_changed() {
    let database = Database::create().await;
    let pool = database.pool();
    sqlx::query(EVENT).bind(1_i64).execute(&pool).await.unwrap();
    for change in CHANGES {
        let refusal = sqlx::query(change).execute(&pool).await.unwrap_err();
        assert!(refusal.to_string().contains("append-only"), "{change}: {refusal}");
    }
}

#[tokio::test]
async fn events_of_an_aggregate_have_no_gaps() {
    let database = Database::create().await;
    let pool = database.pool();
    sqlx::query(EVENT).bind(1_i64).execute(&pool).await.unwrap();
    let refusal = sqlx::query(EVENT).bind(3_i64).execute(&pool).await.unwrap_err();
    assert_eq!(refusal.as_database_error().unwrap().code().unwrap(), "23505");
    sqlx::query(EVENT).bind(2_i64).execute(&pool).await.unwrap();
}
