//! A business is erased beside another: step by step, with the job beginning anew at each, and twice where a crash may
//! fall between what a step does and what says that it is done.
#![allow(clippy::unwrap_used)]

mod person;
mod retention;
mod world;

use std::time::Duration;

use async_nats::jetstream;
use chrono::Utc;
use domain::account::AccountCommand;
use domain::business::{BusinessCommand, RecordsCommand};
use domain::{BatchId, UserId};
use infra::compose::projections;
use streams::erasure::{Step, certificate, owned_by};
use streams::message::stream_name;
use streams::proof::{Certificate, Signer, Statement};
use streams::replay;
use world::{Shop, World, ask_for_erasure, keep_beside, keys, sell, shop};

/// Events of a shop that hold what it wrote.
const WITH_TEXTS: [&str; 5] =
    ["account.synced", "account.attached", "account.memo_set", "account.split", "account.documents_told"];

#[tokio::test]
async fn one_of_two_interleaved_businesses_goes_and_the_other_stays_to_the_last_bit() {
    let world = World::new().await;
    let running = world.run();
    let (gone, stays) = (shop(&world, "Gone").await, shop(&world, "Stays").await);
    for number in 0..12 {
        sell(&world, &gone, number).await;
        sell(&world, &stays, number).await;
    }
    keep_beside(&world, &gone).await;
    keep_beside(&world, &stays).await;
    ask_for_erasure(&world, &gone, "Gone").await;
    let sync = AccountCommand::Sync {
        batch: BatchId::new(),
        to_cursor: Some("c".into()),
        reported: vec![],
        removed: vec![],
        told: vec![],
    };
    let refused = world.commands.account(gone.account, sync, &gone.meta).await.unwrap_err();
    assert_eq!(refused.code(), domain::Code::Refused, "{refused}");
    world.caught_up().await;
    let before = world.rows(stays.id).await;
    assert!(!world.rows(gone.id).await.is_empty() && before.len() > 40);

    // Each step by another process; and again, as after a crash before it was put down.
    let mut seen = vec![world.step_of(gone.id).await];
    while *seen.last().unwrap() != Step::Certified {
        let was = world.step_of(gone.id).await;
        world.eraser().step(gone.id, Utc::now()).await.unwrap();
        let now = world.step_of(gone.id).await;
        if now == was {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        }
        if !matches!(was, Step::Requested | Step::Swept) {
            let back = "update erasure.business set step = $2 where business = $1";
            sqlx::query(back).bind(gone.id.as_uuid()).bind(was.as_str()).execute(&world.pool).await.unwrap();
            world.eraser().step(gone.id, Utc::now()).await.unwrap();
            assert_eq!(world.step_of(gone.id).await, now);
        }
        seen.push(now);
    }
    assert_eq!(seen, Step::ALL);

    world.caught_up().await;
    let left = world.rows(gone.id).await;
    assert!(matches!(left.as_slice(), [one] if one.contains("business.erased")), "{left:#?}");
    // Nothing more can be done with it: that somebody tried is in its history, and nothing else.
    let rename = BusinessCommand::Rename { name: "Back".into() };
    let refused = world.commands.business(gone.id, rename, &gone.meta).await.unwrap_err();
    assert_eq!(refused.code(), domain::Code::NotFound, "{refused}");
    world.caught_up().await;
    let left = world.rows(gone.id).await;
    assert!(left.len() == 2 && left.iter().all(|row| row.starts_with("read.event")), "{left:#?}");
    assert_eq!(world.rows(stays.id).await, before);
    world.replay_agrees().await;
    assert_eq!(streams::verify(&world.pool, |_| {}).await.unwrap().misfit, None);

    // What it had sealed opens nowhere, whoever asks.
    let fresh = keys(&world.pool, world.folder.path());
    let log = streams::log::read(&world.pool, 0, 1_000).await.unwrap();
    for event in &log {
        let opened = format!("{:?}", event.open(&fresh).await.unwrap());
        let has_texts = WITH_TEXTS.contains(&&*event.event_type);
        assert_eq!(opened.contains("Zanzibar"), event.business == stays.id && has_texts);
    }
    check_certificate(&world, &gone).await;
    stream_is_without(&world, &gone, &stays).await;

    running.stop().await;

    // Holes of an erased business are no damage: the stream goes on.
    let created = async || {
        let stream = jetstream::new(world.nats.client()).get_stream(stream_name(world.nats.prefix())).await.unwrap();
        stream.cached_info().created
    };
    let made = created().await;
    let running = world.run();
    sell(&world, &stays, 98).await;
    world.caught_up().await;
    filled_again(&world, log.len() as u64 + 1).await;
    assert_eq!(created().await, made);
    let before = world.rows(stays.id).await;
    running.stop().await;

    // A rebuild of everything, and JetStream lost: nothing comes back.
    for projection in projections() {
        replay::rebuild(&world.pool, projection, &|_| {}).await.unwrap();
    }
    jetstream::new(world.nats.client()).delete_stream(stream_name(world.nats.prefix())).await.unwrap();
    let running = world.run();
    world.caught_up().await;
    assert_eq!(world.rows(gone.id).await, left);
    assert_eq!(world.rows(stays.id).await, before);
    filled_again(&world, log.len() as u64 + 1).await;
    stream_is_without(&world, &gone, &stays).await;
    sell(&world, &stays, 99).await;
    world.caught_up().await;
    assert!(world.rows(stays.id).await.len() > before.len());
    running.stop().await;
}

async fn check_certificate(world: &World, gone: &Shop) {
    let json = certificate(&world.pool, gone.id).await.unwrap().unwrap();
    let read = Certificate::read(&json).unwrap();
    let certified = read.verify(Some(world.notary.verifier())).unwrap();
    let Statement::Business(statement) = &read.statement else { panic!("{json}") };
    assert_eq!(certified.before.unwrap().size, statement.position.unsigned_abs() - 1);
    assert!(statement.backups_unreadable && statement.events > 12 && statement.messages >= statement.events);
    assert_eq!(statement.rows["sources.mapping"], 1);
    assert_eq!(
        (statement.rows["files.chunk"], statement.rows["files.memo"], statement.rows["files.payload"]),
        (4, 1, 1)
    );
    assert_eq!((statement.rows["meaning.document"], statement.rows["meaning.settlement"]), (1, 1));
    assert!(statement.keys.iter().any(|key| key.purpose == "seal" && key.wrapped_by.starts_with("file:1:")));
    let other = json.replacen("\"messages\": ", "\"messages\": 1", 1);
    assert!(Certificate::read(&other).unwrap().verify(None).is_err());
    let impostor = Signer::generate("example.com/log").unwrap();
    assert!(read.verify(Some(impostor.verifier())).is_err());
    let owned = owned_by(&world.pool, gone.owner).await.unwrap();
    assert_eq!(owned.len(), 1);
    assert!(owned_by(&world.pool, UserId::new()).await.unwrap().is_empty());
}

async fn filled_again(world: &World, messages: u64) {
    let jetstream = jetstream::new(world.nats.client());
    loop {
        let stream = jetstream.get_stream(stream_name(world.nats.prefix())).await;
        if stream.is_ok_and(|stream| stream.cached_info().state.last_sequence >= messages) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Sequence is position; the erased business has places at most, up to the message that it was erased.
async fn stream_is_without(world: &World, gone: &Shop, stays: &Shop) {
    let stream = jetstream::new(world.nats.client()).get_stream(stream_name(world.nats.prefix())).await.unwrap();
    let end: i64 = sqlx::query_scalar("select position from erasure.ended").fetch_one(&world.pool).await.unwrap();
    for event in streams::log::read(&world.pool, 0, 1_000).await.unwrap() {
        let message = stream.get_raw_message(event.position.unsigned_abs()).await.ok();
        if event.business == gone.id && event.position < end {
            assert!(message.is_none_or(|message| message.payload.is_empty()), "{event:?}");
        } else if event.business == stays.id {
            assert_eq!(message.unwrap().payload, event.payload);
        }
    }
}

#[tokio::test]
async fn an_owner_takes_it_back_and_a_legal_hold_makes_it_wait() {
    let world = World::new().await;
    let running = world.run();
    let shop = shop(&world, "Shop").await;
    ask_for_erasure(&world, &shop, "Shop").await;
    world.commands.business(shop.id, RecordsCommand::WithdrawErasure.into(), &shop.meta).await.unwrap();
    world.eraser().look(Utc::now()).await.unwrap();
    assert!(streams::erasure::list(&world.pool).await.unwrap().is_empty());
    sell(&world, &shop, 1).await;

    ask_for_erasure(&world, &shop, "Shop").await;
    let hold = RecordsCommand::Hold { reason: "Case 7".into(), by: "user:1".into(), now: Utc::now() };
    world.commands.business(shop.id, hold.into(), &shop.meta).await.unwrap();
    world.eraser().look(Utc::now()).await.unwrap();
    assert_eq!(world.step_of(shop.id).await, Step::Requested);
    let lift = RecordsCommand::LiftHold { reason: "Settled".into() };
    world.commands.business(shop.id, lift.into(), &shop.meta).await.unwrap();
    while world.step_of(shop.id).await != Step::Certified {
        world.eraser().look(Utc::now()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    running.stop().await;
}

/// A table that names what belongs to a business, and no business, is one that the job would pass over.
#[tokio::test]
async fn no_table_is_passed_over() {
    let world = World::new().await;
    let found = "
select distinct format('%s.%s', n.nspname, c.relname)
from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
where c.relkind in ('r', 'p') and a.attname in ('account', 'source', 'aggregate_id', 'transaction', 'business_id')
  and n.nspname not like 'pg\\_%' and n.nspname not in ('information_schema', 'erasure')
  and n.nspname not in (select schema from streams.checkpoint)
  and not exists (select from pg_attribute b where b.attrelid = c.oid and b.attname = 'business'
                  and b.atttypid = 'uuid'::regtype)
order by 1";
    let found: Vec<String> = sqlx::query_scalar(found).fetch_all(&world.pool).await.unwrap();
    // The log itself, and the five that streams::erasure names.
    let known = [
        "connectors.alias",
        "connectors.pending",
        "store.account_head",
        "store.account_known",
        "store.events",
        "store.snapshots",
    ];
    assert_eq!(found, known, "a new table needs a column `business`, or a line in streams/src/erasure/tables.rs");
}
