//! Texts in events: sealed in every table, open to who has the key, absent when it is destroyed.

use std::sync::Arc;

use async_trait::async_trait;
use domain::access::Role;
use domain::account::AccountEvent;
use domain::business::{BusinessCommand, BusinessEvent, TeamCommand, TokenHash};
use domain::personal::ERASED;
use domain::refusal::Code;
use domain::source::{SourceCommand, SourceKind};
use domain::{AccountId, AddresseeId, BusinessId, InvitationId, SourceId, UserId};
use sqlx::PgPool;
use streams::sealing::{Destroyed, FileKeys, Key, KeyError, KeyService, Keys, Scope, SealError, Wrapped};
use streams::testing::{Database, Nats, commands, keys};
use streams::{CommandError, Commands, DomainEvent, Event, Meta, OpenError};

use crate::given::{line, open, register, sync};
use crate::running::{config, start};

const CANARY: &str = "Zyx-canary";

/// A business with a source and an account of one page, which a second page corrects. Every text has the canary.
async fn fill(commands: &Commands, business: BusinessId) -> (AccountId, Meta) {
    let (account, source) = (AccountId::new(), SourceId::new());
    let meta = Meta { address: Some("203.0.113.77".into()), ..Meta::new(business, "owner") };
    let mut first = register(business);
    if let BusinessCommand::Register { name, .. } = &mut first {
        *name = format!("{CANARY} business");
    }
    commands.business(business, first, &meta).await.unwrap();
    let connect =
        SourceCommand::Connect { id: source, business, kind: SourceKind::File, name: format!("{CANARY} source") };
    commands.source(source, connect, &meta).await.unwrap();
    let mut opening = open(account, business);
    if let domain::account::AccountCommand::Open { name, external_id, .. } = &mut opening {
        *name = format!("{CANARY} account");
        *external_id = Some(format!("{CANARY} iban"));
    }
    commands.account(account, opening, &meta).await.unwrap();
    for amount in [100, 150] {
        let mut transaction = line("a", amount);
        transaction.description = Some(format!("{CANARY} description"));
        transaction.counterparty = Some(format!("{CANARY} counterparty"));
        transaction.reference = Some(format!("{CANARY} reference"));
        commands.account(account, sync(vec![transaction, line("b", 1)]), &meta).await.unwrap();
    }
    (account, meta)
}

async fn sequenced(database: &Database) -> Vec<Event> {
    let nats = Nats::connect().await;
    let sequencer = start(config(database, &nats));
    let pool = database.pool();
    let total: i64 = sqlx::query_scalar("select count(*) from store.events").fetch_one(&pool).await.unwrap();
    while streams::log::head(&pool).await.unwrap().position < total {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    sequencer.stop().await.unwrap();
    streams::log::read(&pool, 0, 100).await.unwrap()
}

/// Rows of all tables of the schema `store` that hold the word.
async fn found(pool: &PgPool, word: &str) -> Vec<String> {
    let mut places = Vec::new();
    for table in ["store.events", "store.snapshots", "store.log", "store.account_head", "store.account_known"] {
        let query = format!("select row::text from {table} as row where row::text like '%' || $1 || '%'");
        let rows: Vec<String> = sqlx::query_scalar(&query).bind(word).fetch_all(pool).await.unwrap();
        places.extend(rows.into_iter().map(|row| format!("{table}: {row}")));
    }
    places
}

async fn page(event: &Event, keys: &Keys) -> domain::account::Synced {
    match event.open(keys).await.unwrap() {
        DomainEvent::Account(AccountEvent::Synced(page)) => page,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn no_text_is_readable_in_the_store_and_every_one_opens() {
    let database = Database::create().await;
    let (pool, business) = (database.pool(), BusinessId::new());
    fill(&commands(pool.clone()), business).await;
    for word in [CANARY, "203.0.113.77", "carte"] {
        assert_eq!(found(&pool, word).await, Vec::<String>::new());
    }
    let events = sequenced(&database).await;
    let keys = keys(&pool);
    let versions: Vec<_> = events.iter().map(Event::full_type).collect();
    let expected = [
        "business.registered.v2",
        "source.connected.v2",
        "account.opened.v2",
        "account.synced.v2",
        "account.synced.v2",
    ];
    assert_eq!(versions, expected);
    let registered = events[0].open(&keys).await.unwrap();
    let DomainEvent::Business(BusinessEvent::Registered { name, .. }) = registered else { panic!() };
    assert_eq!(name, format!("{CANARY} business"));
    let corrected = page(&events[4], &keys).await;
    assert_eq!(corrected.amended[0].was, page(&events[3], &keys).await.added[0]);
    assert_eq!(corrected.amended[0].now.reference, Some(format!("{CANARY} reference")));
    assert_eq!(keys.address_of(&events[4]).await.unwrap().as_deref(), Some("203.0.113.77"));

    // Figures need no key.
    let DomainEvent::Account(AccountEvent::Synced(blind)) = events[3].decode().unwrap() else { panic!() };
    assert_eq!((blind.added[0].amount, &blind.added[0].description), (line("a", 100).amount, &None));
    assert!(streams::verify(&pool, |_| ()).await.unwrap().misfit.is_none());
}

#[tokio::test]
async fn a_sealed_text_opens_nowhere_but_in_its_own_event() {
    let database = Database::create().await;
    let (pool, commands) = (database.pool(), commands(database.pool()));
    let (account, meta) = fill(&commands, BusinessId::new()).await;
    let other = BusinessId::new();
    fill(&commands, other).await;
    let keys = keys(&pool);
    let event = sequenced(&database).await.into_iter().find(|event| event.full_type() == "account.synced.v2").unwrap();
    assert_eq!((event.aggregate_id, event.business), (account.as_uuid(), meta.business));
    let moved = [
        Event { business: other, ..event.clone() },
        Event { aggregate_id: AccountId::new().as_uuid(), ..event.clone() },
        Event { sequence: event.sequence + 1, ..event.clone() },
        Event { event_version: "1".into(), ..event.clone() },
    ];
    for event in moved {
        let error = event.open(&keys).await.unwrap_err();
        assert!(matches!(error, OpenError::Seal { source: SealError::Forged, .. }), "{error}");
    }
    assert!(event.open(&keys).await.is_ok());
}

#[tokio::test]
async fn an_erased_business_has_figures_without_texts_and_takes_nothing_more() {
    let database = Database::create().await;
    let (pool, commands) = (database.pool(), commands(database.pool()));
    let (gone, stays) = (BusinessId::new(), BusinessId::new());
    let (account, meta) = fill(&commands, gone).await;
    fill(&commands, stays).await;
    let events = sequenced(&database).await;
    let keys = keys(&pool);
    keys.destroy(gone.as_uuid()).await.unwrap();

    let of = |business| events.iter().filter(move |event| event.business == business).collect::<Vec<_>>();
    let erased = of(gone);
    let DomainEvent::Business(BusinessEvent::Registered { name, .. }) = erased[0].open(&keys).await.unwrap() else {
        panic!()
    };
    assert_eq!(name, ERASED);
    let page_of = page(erased[3], &keys).await;
    assert_eq!((page_of.added[0].amount, &page_of.added[0].description), (line("a", 100).amount, &None));
    assert_eq!(keys.address_of(erased[3]).await.unwrap(), None);
    assert!(page(of(stays)[3], &keys).await.added[0].description.as_deref().unwrap().contains(CANARY));
    assert!(streams::verify(&pool, |_| ()).await.unwrap().misfit.is_none());

    // Another process, without the key in memory.
    let refused = streams::testing::commands(pool.clone()).account(account, sync(vec![line("c", 5)]), &meta).await;
    assert!(matches!(refused, Err(CommandError::Erased)), "{refused:?}");
}

/// Everything that the database had of the keys of people, as a backup has it.
const PUT_BACK: &str = "
update keys.data_key k set master = b.master, wrapped = b.wrapped, destroyed_at = null
from backup b where (k.business, k.purpose, k.version) = (b.business, b.purpose, b.version)";

#[tokio::test]
async fn what_names_a_person_goes_with_their_key_out_of_backups_too_and_nothing_else_does() {
    let (database, folder) = (Database::create().await, tempfile::tempdir().unwrap());
    let pool = database.pool();
    // Another process each time: no key in memory.
    let keys = || Keys::new(&pool, Arc::new(FileKeys::open(&folder.path().join("keys")).unwrap()));
    let (business, ada, bob) = (BusinessId::new(), UserId::new(), UserId::new());
    let addressees = [AddresseeId::new(), AddresseeId::new()];
    let commands = Commands::new(pool.clone(), keys());
    let by = |user| Meta { address: Some("203.0.113.77".into()), ..Meta::new(business, format!("user:{user}")) };
    commands.business(business, register(business), &by(bob)).await.unwrap();
    for (to, addressee) in ["ada@example.com", "cy@example.com"].into_iter().zip(addressees) {
        let invite = TeamCommand::Invite {
            invitation: InvitationId::new(),
            email: to.parse().unwrap(),
            addressee,
            role: Role::Viewer,
            token: TokenHash::of(to.as_bytes()),
            now: chrono::Utc::now(),
        };
        commands.business(business, BusinessCommand::Team(invite), &by(ada)).await.unwrap();
    }
    let events = sequenced(&database).await;
    let shown = async |keys: &Keys| {
        let mut shown = Vec::new();
        for event in &events {
            if let DomainEvent::Business(BusinessEvent::MemberInvited { email, .. }) = event.open(keys).await.unwrap() {
                shown.push(email.expose().to_owned());
            }
            shown.push(keys.address_of(event).await.unwrap().unwrap_or_default());
        }
        shown
    };
    let from = "203.0.113.77";
    assert_eq!(shown(&keys()).await, [from, "ada@example.com", from, "cy@example.com", from]);
    assert!(events.iter().all(|event| event.metadata["address"].starts_with("person.v1.1.")));

    sqlx::query("create table backup as select * from keys.data_key").execute(&pool).await.unwrap();
    for person in [ada.as_uuid(), addressees[0].as_uuid()] {
        assert_eq!(keys().destroy_person(person).await.unwrap(), Destroyed::Everywhere);
    }
    let gone = [from, "(erased person)", "", "cy@example.com", ""];
    assert_eq!(shown(&keys()).await, gone);
    sqlx::query(PUT_BACK).execute(&pool).await.unwrap();
    assert_eq!(shown(&keys()).await, gone, "a backup of before");
    // They are nobody any more; the business goes on, and what they still did is recorded without where from.
    let rename = BusinessCommand::Rename { name: "Anew".into() };
    Commands::new(pool.clone(), keys()).business(business, rename, &by(ada)).await.unwrap();
    let last = sequenced(&database).await.pop().unwrap();
    assert_eq!((last.event_type.as_str(), last.metadata.get("address")), ("business.renamed", None));
    assert!(streams::verify(&pool, |_| ()).await.unwrap().misfit.is_none());
    assert_eq!(keys().scopes().await.unwrap(), [business.as_uuid()], "data keys are renewed of businesses");
    keys().rotate().await.unwrap();
    assert_eq!(shown(&keys()).await, gone);
}

#[derive(Debug)]
struct Away;

#[async_trait]
impl KeyService for Away {
    async fn wrap(&self, _: Scope, _: &Key) -> Result<Wrapped, KeyError> {
        Err(KeyError::Unavailable("it cannot be reached".into()))
    }
    async fn unwrap(&self, _: Scope, _: &Wrapped) -> Result<Key, KeyError> {
        Err(KeyError::Unavailable("it cannot be reached".into()))
    }
    async fn newest(&self, _: Scope) -> Result<String, KeyError> {
        Err(KeyError::Unavailable("it cannot be reached".into()))
    }
    async fn rotate(&self, _: &[Scope]) -> Result<(), KeyError> {
        Err(KeyError::Unavailable("it cannot be reached".into()))
    }
    async fn destroy(&self, _: Scope) -> Result<Destroyed, KeyError> {
        Err(KeyError::Unavailable("it cannot be reached".into()))
    }
}

#[tokio::test]
async fn without_its_key_service_nothing_is_recorded() {
    let database = Database::create().await;
    let pool = database.pool();
    let (account, meta) = fill(&commands(pool.clone()), BusinessId::new()).await;
    let away = Commands::new(pool.clone(), Keys::new(&pool, Arc::new(Away)));
    let count = "select count(*) from store.events";
    let before: i64 = sqlx::query_scalar(count).fetch_one(&pool).await.unwrap();
    let known = away.account(account, sync(vec![line("c", 5)]), &meta).await.unwrap_err();
    let business = BusinessId::new();
    let new = away.business(business, register(business), &Meta::new(business, "owner")).await.unwrap_err();
    for error in [known, new] {
        assert_eq!(error.code(), Code::Unavailable, "{error:?}");
        assert!(error.to_string().contains("keys that texts are sealed with"), "{error}");
    }
    assert_eq!(sqlx::query_scalar::<_, i64>(count).fetch_one(&pool).await.unwrap(), before);
}
