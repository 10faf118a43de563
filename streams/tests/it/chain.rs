use streams::testing::{Database, Nats};
use streams::verify;

use crate::given::{account, line, sync};
use crate::running::{config, start, whole_log};

/// Whoever may switch triggers off can change what is stored, but not without being found.
#[tokio::test]
async fn a_change_behind_the_triggers_is_found() {
    let (database, nats) = (Database::create().await, Nats::connect().await);
    let pool = database.pool();
    let commands = streams::testing::commands(pool.clone());
    let sequencer = start(config(&database, &nats));
    let (id, meta) = account(&commands).await;
    let pages = (0..6).map(|n| sync(vec![line(&n.to_string(), n)])).collect();
    let receipt = commands.account_pages(id, pages, &meta).await.unwrap();
    commands.position_of(&receipt).await.unwrap();
    sequencer.stop().await.unwrap();
    whole_log(&pool).await;

    let misfit = async |change: &str, back: &str| {
        let changed = format!("set session_replication_role = replica; {change}; reset session_replication_role");
        sqlx::raw_sql(&changed).execute(&pool).await.unwrap();
        let misfit = verify(&pool, |_| {}).await.unwrap().misfit.unwrap();
        let back = format!("set session_replication_role = replica; {back}; reset session_replication_role");
        sqlx::raw_sql(&back).execute(&pool).await.unwrap();
        whole_log(&pool).await;
        misfit
    };
    let payload = "update store.events set payload = replace(payload::text, '0.03', '0.3')::json where sequence = 5";
    let payload_back =
        "update store.events set payload = replace(payload::text, '0.3', '0.03')::json where sequence = 5";
    assert_eq!(misfit(payload, payload_back).await.position, 5);
    let space = "update store.events set payload = (payload::text || ' ')::json where sequence = 2";
    let space_back = "update store.events set payload = trim(payload::text)::json where sequence = 2";
    assert_eq!(misfit(space, space_back).await.position, 2);
    let moment = "update store.events set recorded_at = recorded_at + interval '1 microsecond' where sequence = 7";
    let moment_back = moment.replace('+', "-");
    assert_eq!(misfit(moment, &moment_back).await.position, 7);
    let gone = "create table kept as select * from store.events where sequence = 4; delete from store.events where sequence = 4";
    let gone_back = "insert into store.events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata, txid, recorded_at, id)
        overriding system value select aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata, txid, recorded_at, id from kept";
    let misfit = misfit(gone, gone_back).await;
    assert_eq!(misfit.position, 4);
}
