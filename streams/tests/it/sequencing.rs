use std::time::Duration;

use domain::{AccountId, BusinessId};
use futures::future::join_all;
use streams::Meta;
use streams::testing::{Database, Nats};

use crate::given::{account, line, register, sync};
use crate::running::{assert_published, config, start, until, whole_log, within};

#[tokio::test]
async fn events_get_positions_and_become_messages() {
    let (database, nats) = (Database::create().await, Nats::connect().await);
    let commands = streams::testing::commands(database.pool());
    let sequencer = start(config(&database, &nats));
    let mut meta = Meta::new(BusinessId::new(), "Zoë\r\n100%");
    meta.traceparent = Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".into());
    let receipt = commands.business(meta.business, register(meta.business), &meta).await.unwrap();
    let positions = commands.position_of(&receipt).await.unwrap().unwrap();
    assert_eq!((positions.first, positions.last), (1, 1));
    let (id, account_meta) = account(&commands).await;
    let pages = (0..5).map(|n| sync(vec![line(&n.to_string(), n)])).collect();
    let receipt = commands.account_pages(id, pages, &account_meta).await.unwrap();
    let positions = commands.position_of(&receipt).await.unwrap().unwrap();
    assert_eq!((positions.first, positions.last), (3, 7));

    let log = whole_log(&database.pool()).await;
    assert_eq!(log[0].metadata["actor"], "Zoë\r\n100%");
    assert_eq!(log[6].business_sequence, 6);
    assert_eq!(log[6].full_type(), "account.synced.v2");
    assert_published(&nats, &log).await;
    let empty = commands.account(id, sync(vec![line("0", 0)]), &account_meta).await.unwrap();
    assert_eq!(commands.position_of(&empty).await.unwrap(), None);
    sequencer.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_sequencers_give_each_position_once() {
    let (database, nats) = (Database::create().await, Nats::connect().await);
    let commands = streams::testing::commands(database.pool());
    let (first, second) = (start(config(&database, &nats)), start(config(&database, &nats)));
    let writers = (0..4).map(|_| {
        let commands = commands.clone();
        tokio::spawn(async move {
            let (id, meta) = account(&commands).await;
            for n in 0..25 {
                commands.account(id, sync(vec![line(&n.to_string(), n)]), &meta).await.unwrap();
            }
            commands.account(id, sync(vec![line("last", 0)]), &meta).await.unwrap()
        })
    });
    let mut receipts: Vec<_> = join_all(writers).await.into_iter().map(Result::unwrap).collect();
    // The leader goes; the other takes over.
    let (leader, standby) = if first.status.is_leading() { (first, second) } else { (second, first) };
    assert!(!standby.status.is_leading());
    leader.stop().await.unwrap();
    let (id, meta) = account(&commands).await;
    receipts.push(commands.account(id, sync(vec![line("after", 1)]), &meta).await.unwrap());
    for receipt in &receipts {
        commands.position_of(receipt).await.unwrap();
    }
    let log = whole_log(&database.pool()).await;
    assert_eq!(log.len(), 4 * 27 + 2);
    assert_published(&nats, &log).await;
    standby.stop().await.unwrap();
}

/// Identities and transaction ids are taken in one order and committed in the other.
#[tokio::test]
async fn what_commits_late_is_not_passed_over() {
    let (database, nats) = (Database::create().await, Nats::connect().await);
    let pool = database.pool();
    let commands = streams::testing::commands(pool.clone());
    let sequencer = start(config(&database, &nats));
    let slow = AccountId::new();
    let mut tx = pool.begin().await.unwrap();
    let insert = "insert into store.events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata)
                  values ('account', $1, 1, 'account.closed', '1', '{\"event\":\"account.closed\"}', json_build_object('business', $2))";
    let insert = sqlx::query(insert).bind(slow.to_string()).bind(BusinessId::new().to_string());
    insert.execute(&mut *tx).await.unwrap();

    let quick = BusinessId::new();
    let receipt = commands.business(quick, register(quick), &Meta::new(quick, "owner")).await.unwrap();
    let waiting = commands.position_of(&receipt);
    tokio::pin!(waiting);
    assert!(tokio::time::timeout(Duration::from_millis(300), &mut waiting).await.is_err(), "a gap could fill later");
    tx.commit().await.unwrap();
    assert_eq!(within(waiting).await.unwrap().unwrap().first, 2);
    let log = whole_log(&pool).await;
    assert_eq!(log[0].aggregate_id, slow.as_uuid());
    assert_published(&nats, &log).await;
    sequencer.stop().await.unwrap();
}

#[tokio::test]
async fn positions_go_on_while_jetstream_is_away() {
    let (database, nats) = (Database::create().await, Nats::connect().await);
    // Nobody listens on port 1.
    let away =
        async_nats::ConnectOptions::new().retry_on_initial_connect().connect("nats://127.0.0.1:1").await.unwrap();
    let sequencer = start(streams::sequencer::Config { nats: away, ..config(&database, &nats) });
    let commands = streams::testing::commands(database.pool());
    let (_, meta) = account(&commands).await;
    let receipt = commands.business(meta.business, register(meta.business), &meta).await.unwrap();
    assert_eq!(commands.position_of(&receipt).await.unwrap().unwrap().last, 2);
    assert!(sequencer.status.trouble().unwrap().contains("JetStream"));
    // The position is seen in the store before the sequencer has said how far it is.
    until(async || sequencer.status.lag() == 2).await;
    sequencer.stop().await.unwrap();

    let sequencer = start(config(&database, &nats));
    assert_published(&nats, &whole_log(&database.pool()).await).await;
    sequencer.stop().await.unwrap();
}

/// What was known at a moment is a prefix of the log.
#[tokio::test]
async fn a_moment_has_a_position() {
    let (database, nats) = (Database::create().await, Nats::connect().await);
    let commands = streams::testing::commands(database.pool());
    let sequencer = start(config(&database, &nats));
    for n in 0..5 {
        let (id, meta) = account(&commands).await;
        let receipt = commands.account(id, sync(vec![line("a", n)]), &meta).await.unwrap();
        commands.position_of(&receipt).await.unwrap();
    }
    let pool = database.pool();
    let log = whole_log(&pool).await;
    for event in &log {
        let newest = log.iter().filter(|other| other.known_at <= event.known_at).map(|other| other.position).max();
        assert_eq!(Some(streams::log::position_at(&pool, event.known_at).await.unwrap()), newest);
    }
    let before = log[0].known_at - Duration::from_micros(1);
    assert_eq!(streams::log::position_at(&pool, before).await.unwrap(), 0);
    sequencer.stop().await.unwrap();
}

/// A dump brings transaction ids along that the new server has not reached.
#[tokio::test]
async fn a_store_restored_on_another_server_goes_on() {
    let (database, nats) = (Database::create().await, Nats::connect().await);
    let pool = database.pool();
    let commands = streams::testing::commands(pool.clone());
    let sequencer = start(config(&database, &nats));
    let (id, meta) = account(&commands).await;
    let receipt = commands.account(id, sync(vec![line("a", 1)]), &meta).await.unwrap();
    commands.position_of(&receipt).await.unwrap();
    sequencer.stop().await.unwrap();
    // Two that had no position yet, and then the restore.
    let (second, second_meta) = account(&commands).await;
    commands.account(second, sync(vec![line("a", 1)]), &second_meta).await.unwrap();
    sqlx::raw_sql(
        "set session_replication_role = replica;
         update store.events set txid = (txid::text::bigint + 4000000000)::text::xid8;
         reset session_replication_role",
    )
    .execute(&pool)
    .await
    .unwrap();
    let (third, third_meta) = account(&commands).await;

    for page in 0..2 {
        let sequencer = start(config(&database, &nats));
        commands.account(third, sync(vec![line("b", page)]), &third_meta).await.unwrap();
        let receipt = commands.account(id, sync(vec![line("b", page)]), &meta).await.unwrap();
        commands.position_of(&receipt).await.unwrap();
        sequencer.stop().await.unwrap();
    }
    let log = whole_log(&pool).await;
    let order: Vec<_> = log.iter().map(|event| (event.business, event.sequence)).collect();
    let [first, second, third] = [meta, second_meta, third_meta].map(|meta| meta.business);
    let restored = [(first, 1), (first, 2), (second, 1), (second, 2)];
    assert_eq!(order, [&restored[..], &[(third, 1), (third, 2), (first, 3), (third, 3), (first, 4)]].concat());
}
