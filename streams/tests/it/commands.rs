use std::collections::HashSet;

use domain::account::{AccountCommand, AccountEvent};
use domain::business::BusinessCommand;
use domain::refusal::Code;
use domain::{AccountId, BatchId, BusinessId, Transaction};
use sqlx::PgPool;
use streams::testing::{Database, keys};
use streams::{CommandError, Commands, DomainEvent, Event, Meta};
use uuid::Uuid;

use crate::given::{account, line, open, register, sync};

/// The pages of an account, in order, decoded from what is stored.
async fn pages(pool: &PgPool, account: AccountId) -> Vec<domain::account::Synced> {
    let query = "select business::uuid, sequence, event_version, payload::text from store.events
                 where aggregate_id = $1 and event_type = 'account.synced' order by sequence";
    let rows: Vec<(Uuid, i64, String, String)> =
        sqlx::query_as(query).bind(account.to_string()).fetch_all(pool).await.unwrap();
    let mut pages = Vec::new();
    for (business, sequence, event_version, payload) in rows {
        let event = Event {
            position: 0,
            business: BusinessId::from_uuid(business),
            business_sequence: 0,
            aggregate_type: "account".into(),
            aggregate_id: account.as_uuid(),
            sequence,
            event_type: "account.synced".into(),
            event_version,
            recorded_at: chrono::DateTime::UNIX_EPOCH,
            known_at: chrono::DateTime::UNIX_EPOCH,
            hash: [0; 32],
            metadata: std::collections::HashMap::new(),
            payload: payload.into(),
        };
        match event.open(&keys(pool)).await.unwrap() {
            DomainEvent::Account(AccountEvent::Synced(page)) => pages.push(page),
            other => panic!("{other:?}"),
        }
    }
    pages
}

async fn index(pool: &PgPool, account: AccountId) -> (i64, i64) {
    let query = "select (select sequence from store.account_head where account = $1), (select count(*) from store.account_known where account = $1)";
    sqlx::query_as(query).bind(account.as_uuid()).fetch_one(pool).await.unwrap()
}

#[tokio::test]
async fn a_business_is_registered_once_and_remembers() {
    let database = Database::create().await;
    let commands = streams::testing::commands(database.pool());
    let id = BusinessId::new();
    let meta = Meta::new(id, "owner");
    let receipt = commands.business(id, register(id), &meta).await.unwrap();
    assert_eq!((receipt.first_sequence, receipt.last_sequence), (1, 1));
    let again = commands.business(id, register(id), &meta).await.unwrap_err();
    assert_eq!(again.code(), Code::Conflict);
    let same = BusinessCommand::Rename { name: "Ada's Bakery".into() };
    assert!(commands.business(id, same, &meta).await.unwrap().is_empty());
    let other = BusinessCommand::Rename { name: "Bo's".into() };
    assert_eq!(commands.business(id, other, &meta).await.unwrap().first_sequence, 2);
}

#[tokio::test]
async fn what_an_account_knows_is_not_recorded_again() {
    let database = Database::create().await;
    let commands = streams::testing::commands(database.pool());
    let (id, meta) = account(&commands).await;
    commands.account(id, sync(vec![line("a", 100), line("b", 200)]), &meta).await.unwrap();
    assert!(commands.account(id, sync(vec![line("b", 200), line("a", 100)]), &meta).await.unwrap().is_empty());
    commands.account(id, sync(vec![line("a", 150), line("c", 300)]), &meta).await.unwrap();
    let remove = AccountCommand::Sync {
        batch: BatchId::new(),
        to_cursor: None,
        reported: vec![],
        removed: vec![line("b", 0).id],
        told: vec![],
    };
    commands.account(id, remove, &meta).await.unwrap();
    // What was removed is new when it comes again.
    commands.account(id, sync(vec![line("b", 200)]), &meta).await.unwrap();

    let pages = pages(&database.pool(), id).await;
    assert_eq!(pages[1].amended[0].was, line("a", 100));
    assert_eq!(pages[1].added, [line("c", 300)]);
    assert_eq!(pages[2].removed, [line("b", 200)]);
    assert_eq!(pages[3].added, [line("b", 200)]);
    assert_eq!(index(&database.pool(), id).await, (5, 3));
}

#[tokio::test]
async fn pages_appended_together_see_each_other() {
    let database = Database::create().await;
    let commands = streams::testing::commands(database.pool());
    let (id, meta) = account(&commands).await;
    let together = vec![
        sync(vec![line("a", 1), line("b", 2)]),
        sync(vec![line("a", 1)]),
        sync(vec![line("a", 5), line("c", 3)]),
        AccountCommand::Sync {
            batch: BatchId::new(),
            to_cursor: None,
            reported: vec![],
            removed: vec![line("a", 0).id],
            told: vec![],
        },
    ];
    let receipt = commands.account_pages(id, together, &meta).await.unwrap();
    assert_eq!((receipt.first_sequence, receipt.last_sequence), (2, 4));
    let pages = pages(&database.pool(), id).await;
    assert_eq!(pages[1].amended[0].was, line("a", 1));
    assert_eq!(pages[2].removed, [line("a", 5)]);
    assert_eq!(index(&database.pool(), id).await, (4, 2));
    // One refused: none recorded.
    let refused = vec![sync(vec![line("d", 1)]), AccountCommand::Close, sync(vec![line("e", 1)])];
    assert_eq!(commands.account_pages(id, refused, &meta).await.unwrap_err().code(), Code::Refused);
    assert_eq!(index(&database.pool(), id).await, (4, 2));
}

#[tokio::test]
async fn two_writers_of_one_account_lose_and_double_nothing() {
    let database = Database::create().await;
    let (first, second) = (streams::testing::commands(database.pool()), streams::testing::commands(database.pool()));
    let (id, meta) = account(&first).await;
    let write = |commands: Commands| {
        let meta = meta.clone();
        async move {
            for page in 0..8 {
                let lines = (0..20).map(|n| line(&format!("{}", page * 20 + n), n)).collect();
                commands.account(id, sync(lines), &meta).await.unwrap();
            }
        }
    };
    tokio::join!(write(first), write(second));
    let added: Vec<_> = pages(&database.pool(), id).await.into_iter().flat_map(|page| page.added).collect();
    assert_eq!(added.len(), 160);
    let (head, known) = index(&database.pool(), id).await;
    assert_eq!((head, known), (9, 160));
}

#[tokio::test]
async fn conflicts_are_retried_and_then_told() {
    let database = Database::create().await;
    let commands = streams::testing::commands(database.pool());
    let (id, meta) = account(&commands).await;
    // Somebody who is always faster.
    let always = "create function store.race() returns trigger language plpgsql as $$ begin
        raise exception 'raced' using errcode = 'unique_violation'; end $$";
    sqlx::query(always).execute(&database.pool()).await.unwrap();
    sqlx::query("create sequence tried").execute(&database.pool()).await.unwrap();
    sqlx::query("create trigger race before insert on store.events for each row when (nextval('tried') > 0) execute function store.race()")
        .execute(&database.pool())
        .await
        .unwrap();
    let error = commands.account(id, sync(vec![line("a", 1)]), &meta).await.unwrap_err();
    assert!(matches!(error, CommandError::Conflict), "{error:?}");
    assert_eq!(error.code(), Code::Conflict);
    let tried: i64 = sqlx::query_scalar("select last_value from tried").fetch_one(&database.pool()).await.unwrap();
    assert_eq!(tried, i64::from(streams::ATTEMPTS));
}

#[tokio::test]
async fn lost_index_rows_are_read_again_from_the_events() {
    let database = Database::create().await;
    let commands = streams::testing::commands(database.pool());
    let (id, meta) = account(&commands).await;
    for page in 0..3 {
        commands.account(id, sync(vec![line("a", page), line(&format!("b{page}"), 1)]), &meta).await.unwrap();
    }
    // As after a crash of the server: both tables are unlogged.
    sqlx::query("truncate store.account_head, store.account_known").execute(&database.pool()).await.unwrap();
    assert!(commands.account(id, sync(vec![line("a", 2), line("b1", 1)]), &meta).await.unwrap().is_empty());
    assert_eq!(index(&database.pool(), id).await, (4, 4));
}

#[tokio::test]
async fn a_lost_or_unreadable_snapshot_only_costs_reading() {
    let database = Database::create().await;
    let commands = streams::testing::commands(database.pool());
    let (id, meta) = account(&commands).await;
    commands.account(id, sync(vec![line("a", 1)]), &meta).await.unwrap();
    for damage in
        ["update store.snapshots set payload = '{\"version\":\"of another program\"}'", "delete from store.snapshots"]
    {
        sqlx::query(damage).execute(&database.pool()).await.unwrap();
        assert!(commands.account(id, sync(vec![line("a", 1)]), &meta).await.unwrap().is_empty());
        commands.account(id, sync(vec![line(damage, 1)]), &meta).await.unwrap();
    }
    let last: i64 =
        sqlx::query_scalar("select last_sequence from store.snapshots").fetch_one(&database.pool()).await.unwrap();
    assert_eq!(last, 4);
}

#[tokio::test]
async fn an_account_stays_with_its_business() {
    let database = Database::create().await;
    let commands = streams::testing::commands(database.pool());
    let (id, _) = account(&commands).await;
    let stranger = Meta::new(BusinessId::new(), "owner");
    let error = commands.account(id, sync(vec![line("a", 1)]), &stranger).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    let unknown = commands.account(AccountId::new(), AccountCommand::Close, &stranger).await.unwrap_err();
    assert_eq!(unknown.code(), Code::NotFound);
    let twice = commands.account(id, open(id, stranger.business), &stranger).await.unwrap_err();
    // Not that the account is there: only that it is not theirs.
    assert_eq!(twice.code(), Code::NotFound);
}

#[tokio::test]
async fn a_page_that_no_message_can_carry_is_refused() {
    let database = Database::create().await;
    let commands = streams::testing::commands(database.pool());
    let (id, meta) = account(&commands).await;
    let mut novel = line("novel", 1);
    novel.description = Some("x".repeat(streams::MOST_BYTES));
    let error = commands.account(id, sync(vec![novel]), &meta).await.unwrap_err();
    assert_eq!(error.code(), Code::TooLarge);
}

/// Whatever it is asked, an account of others is answered as one that was never there.
#[tokio::test]
async fn an_aggregate_of_another_business_is_not_there() {
    let database = Database::create().await;
    let commands = streams::testing::commands(database.pool());
    let (theirs, owner) = account(&commands).await;
    let stranger = Meta::new(BusinessId::new(), "eve");
    let rename = |name: &str| AccountCommand::Rename { name: name.into() };
    let told = async |account: AccountId, command: AccountCommand, meta: &Meta| {
        let refused = commands.account(account, command, meta).await.unwrap_err();
        (refused.code(), refused.to_string())
    };
    let absent = told(AccountId::new(), rename("Mine"), &stranger).await;
    // Another name, the name that it has, no name at all, and its end.
    for name in ["Mine", "Current"] {
        assert_eq!(told(theirs, rename(name), &stranger).await, absent, "{name}");
    }
    assert_eq!(told(theirs, AccountCommand::Close, &stranger).await, absent);
    commands.account(theirs, AccountCommand::Close, &owner).await.unwrap();
    for command in [rename("Mine"), AccountCommand::Close] {
        assert_eq!(told(theirs, command, &stranger).await, absent);
    }
}

#[tokio::test]
async fn what_a_source_tells_no_more_is_what_came_from_it_since_that_day() {
    let database = Database::create().await;
    let pool = database.pool();
    let commands = Commands::new(pool.clone(), keys(&pool));
    let (account, meta) = account(&commands).await;
    let before = Transaction { booked: "2026-09-30".parse().unwrap(), ..line("before", 1) };
    let of_a_file = Transaction { line: Some(2), ..line("file", 2) };
    let page = vec![before, of_a_file, line("told", 3), line("gone", 4), line("taken back", 5)];
    commands.account(account, sync(page), &meta).await.unwrap();
    let removed = vec![line("taken back", 5).id];
    let take_back =
        AccountCommand::Sync { batch: BatchId::new(), to_cursor: None, reported: vec![], removed, told: vec![] };
    commands.account(account, take_back, &meta).await.unwrap();
    commands.account(account, sync(vec![line("gone", 6)]), &meta).await.unwrap();
    let told = HashSet::from([line("told", 3).id]);
    let first: chrono::NaiveDate = "2026-10-01".parse().unwrap();
    let gone = async || {
        let gone = commands.account_but(account, &told, first).await.unwrap();
        gone.into_iter().map(|one| one.id).collect::<Vec<_>>()
    };
    assert_eq!(gone().await, [line("gone", 6).id]);
    // The rows beside the log are read again where they are lost.
    sqlx::query("truncate store.account_known, store.account_head").execute(&pool).await.unwrap();
    assert_eq!(gone().await, [line("gone", 6).id]);
}
