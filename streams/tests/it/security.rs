//! Security events and refused commands in the log.

use domain::access::{Action, Origin, Principal};
use domain::business::BusinessCommand;
use domain::security::SecurityEvent;
use domain::{BusinessId, Code};
use sqlx::PgPool;
use streams::security::{Journal, SINGLY};
use streams::testing::{Database, Nats};
use streams::{DomainEvent, Meta, log};

use crate::given::register;
use crate::running::{assert_published, config, start, until, whole_log};

fn origin() -> Origin {
    Origin {
        request: "request-1".into(),
        address: Some("203.0.113.7".parse().unwrap()),
        agent: None,
        traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into()),
    }
}

async fn stored(pool: &PgPool) -> Vec<String> {
    sqlx::query_scalar("select event_type from store.events order by id").fetch_all(pool).await.unwrap()
}

#[tokio::test]
async fn a_security_event_stands_in_the_log_like_every_event() {
    let (database, nats) = (Database::create().await, Nats::connect().await);
    let pool = database.pool();
    let sequencer = start(config(&database, &nats));
    let journal = streams::testing::commands(pool.clone()).journal();
    let business = BusinessId::new();
    let refused = SecurityEvent::AccessRefused { action: Action::ManageMembers, code: Code::Forbidden };
    let meta = Meta::by(business, &Principal::local_owner(), &origin());
    journal.record(refused.clone(), &meta).await.unwrap();
    let support = SecurityEvent::SupportAccess { reason: "ticket 17".into() };
    journal
        .record(support, &Meta { on_behalf_of: Some("owner".into()), ..Meta::installation("user:1") })
        .await
        .unwrap();
    until(async || log::head(&pool).await.unwrap().position == 2).await;

    let log = whole_log(&pool).await;
    assert_published(&nats, &log).await;
    assert_eq!((log[0].aggregate_type.as_str(), log[0].sequence, log[0].business), ("security", 1, business));
    assert_ne!(log[0].aggregate_id, log[1].aggregate_id);
    let said = |key: &str| log[0].metadata[key].as_str();
    assert_eq!((said("actor"), said("correlation")), ("owner", "request-1"));
    assert!(said("address").starts_with("v1.1."));
    let keys = streams::testing::keys(&database.pool());
    assert_eq!(keys.address_of(&log[0]).await.unwrap().as_deref(), Some("203.0.113.7"));
    assert!(said("traceparent").starts_with("00-0af7"));
    assert!(matches!(log[0].decode().unwrap(), DomainEvent::Security(event) if event == refused));
    assert!(log[1].business.as_uuid().is_nil());
    assert_eq!(log[1].metadata["on_behalf_of"], "owner");
    sequencer.stop().await.unwrap();
}

#[tokio::test]
async fn what_a_rule_refuses_is_recorded_without_what_it_held() {
    let database = Database::create().await;
    let pool = database.pool();
    let commands = streams::testing::commands(pool.clone());
    let (id, meta) = (BusinessId::new(), Meta::new(BusinessId::new(), "user:1"));
    let secret = BusinessCommand::Rename { name: "kept to itself".into() };
    commands.business(id, secret, &meta).await.unwrap_err();
    let (payload, metadata): (String, String) =
        sqlx::query_as("select payload::text, metadata::text from store.events").fetch_one(&pool).await.unwrap();
    let expected = format!(
        r#"{{"event":"security.command_refused","aggregate":"business","id":"{id}","command":"Rename","code":"NOT_FOUND"}}"#
    );
    assert_eq!(payload, expected);
    assert!(metadata.contains(r#""actor":"user:1""#));

    // What is done is recorded as what it did, and nothing else.
    let meta = Meta::new(id, "user:1");
    commands.business(id, register(id), &meta).await.unwrap();
    assert_eq!(stored(&pool).await, ["security.command_refused", "business.registered"]);
}

#[tokio::test]
async fn a_flood_of_refusals_does_not_fill_the_log() {
    let database = Database::create().await;
    let commands = streams::testing::commands(database.pool());
    let (id, meta) = (BusinessId::new(), Meta::new(BusinessId::new(), "user:1"));
    for _ in 0..3 * SINGLY {
        commands.business(id, BusinessCommand::Rename { name: String::new() }, &meta).await.unwrap_err();
    }
    assert_eq!(stored(&database.pool()).await.len() as u64, SINGLY);
}

#[tokio::test]
async fn what_was_counted_is_written_when_the_process_ends() {
    let database = Database::create().await;
    let commands = streams::testing::commands(database.pool());
    let (id, meta) = (BusinessId::new(), Meta::new(BusinessId::new(), "user:1"));
    for _ in 0..SINGLY + 5 {
        commands.business(id, BusinessCommand::Rename { name: String::new() }, &meta).await.unwrap_err();
    }
    let counted = async || -> Vec<(String, String)> {
        let query = "select payload ->> 'count', metadata ->> 'actor' from store.events
            where event_type = 'security.refusals_counted'";
        sqlx::query_as(query).fetch_all(&database.pool()).await.unwrap()
    };
    assert!(counted().await.is_empty());
    commands.journal().flush().await;
    // Once.
    commands.journal().flush().await;
    assert_eq!(counted().await, [("5".to_owned(), "user:1".to_owned())]);
}

#[tokio::test]
async fn what_is_recorded_in_a_transaction_stands_with_it_or_not_at_all() {
    let database = Database::create().await;
    let pool = database.pool();
    let journal = streams::testing::commands(pool.clone()).journal();
    let meta = Meta { address: Some("203.0.113.7".into()), ..Meta::installation("user:1") };
    let by = journal.prepare(meta).await.unwrap();
    let event = || SecurityEvent::SupportAccess { reason: "ticket 17".into() };
    let mut tx = pool.begin().await.unwrap();
    journal.record_in_tx(&mut tx, event(), &by).await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(stored(&pool).await, Vec::<String>::new());

    let mut tx = pool.begin().await.unwrap();
    for _ in 0..2 {
        journal.record_in_tx(&mut tx, event(), &by).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(stored(&pool).await, ["security.support_access"; 2]);
    let commands = "select count(distinct metadata ->> 'command_id') from store.events
        where metadata ->> 'address' like 'v1.%'";
    assert_eq!(sqlx::query_scalar::<_, i64>(commands).fetch_one(&pool).await.unwrap(), 1);
}
