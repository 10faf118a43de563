//! Answers of providers: written with the events that name them, once, and gone when none does.

use std::time::Duration;

use bytes::Bytes;
use domain::account::{AccountCommand, Payload, Told};
use domain::attachment::FileHash;
use domain::{BatchId, BusinessId, Transaction};
use futures::TryStreamExt;
use sqlx::PgPool;
use streams::files::{self, Payloads};
use streams::testing::{Database, commands, keys};
use streams::{Commands, Meta};

use crate::given::{account, line};

const CANARY: &str = "canary-in-an-answer";

fn taking(pool: &PgPool, business: BusinessId) -> Payloads {
    Payloads::new(pool.clone(), keys(pool), business)
}

fn page(reported: Vec<Transaction>, payload: Payload) -> AccountCommand {
    let told = vec![Told { payload, of: reported.iter().map(|one| one.id).collect() }];
    AccountCommand::Sync { batch: BatchId::new(), to_cursor: None, reported, removed: vec![], told }
}

async fn count(pool: &PgPool, table: &str) -> i64 {
    sqlx::query_scalar(&format!("select count(*) from files.{table}")).fetch_one(pool).await.unwrap()
}

async fn counts(pool: &PgPool) -> (i64, i64, i64) {
    (count(pool, "file").await, count(pool, "chunk").await, count(pool, "payload").await)
}

async fn read(pool: &PgPool, business: BusinessId, file: FileHash) -> Vec<u8> {
    let opened = files::open(pool, &keys(pool), business, file).await.unwrap().unwrap();
    opened.pieces.try_collect::<Vec<_>>().await.unwrap().concat()
}

/// An answer of some pieces.
fn answer() -> Bytes {
    format!("{{\"lines\": \"{CANARY}{}\"}}", " ".repeat(600_000)).into()
}

#[tokio::test]
async fn what_an_event_names_is_written_with_it_and_only_once() {
    let database = Database::create().await;
    let (pool, commands) = (database.pool(), commands(database.pool()));
    let (account, meta) = account(&commands).await;
    let mut payloads = taking(&pool, meta.business);
    let payload = payloads.take(answer()).await.unwrap().unwrap();
    assert!(payloads.take(Bytes::new()).await.unwrap().is_none());
    assert_eq!(counts(&pool).await, (0, 0, 0), "nothing is written that no event names");

    let told = |name: &str| vec![page(vec![line(name, 100)], payload.clone())];
    commands.account_told(account, told("a"), &payloads, &meta).await.unwrap();
    assert_eq!(counts(&pool).await, (1, 3, 1));
    commands.account_told(account, told("a"), &payloads, &meta).await.unwrap();
    assert_eq!(counts(&pool).await, (1, 3, 1), "what is known is no event");
    commands.account_told(account, told("b"), &payloads, &meta).await.unwrap();
    assert_eq!(counts(&pool).await, (1, 3, 2), "the same answer is the same file");
    assert_eq!(read(&pool, meta.business, payload.file).await, answer());
    assert!(files::payload(&pool, BusinessId::new(), payload.file).await.unwrap().is_none());

    let clear = "select count(*) from files.chunk where position($1::bytea in sealed) > 0";
    let clear: i64 = sqlx::query_scalar(clear).bind(CANARY.as_bytes()).fetch_one(&pool).await.unwrap();
    assert_eq!(clear, 0);
    assert_eq!(files::sweep(&pool, Duration::ZERO).await.unwrap(), 0, "events name it");
}

#[tokio::test]
async fn an_event_that_names_what_is_not_there_is_refused() {
    let database = Database::create().await;
    let (pool, commands) = (database.pool(), commands(database.pool()));
    let (account, meta) = account(&commands).await;
    let mut payloads = taking(&pool, meta.business);
    let payload = payloads.take(answer()).await.unwrap().unwrap();
    payloads.forget();
    let pages = vec![page(vec![line("a", 100)], payload.clone())];
    assert!(commands.account_told(account, pages.clone(), &payloads, &meta).await.is_err());
    assert!(commands.account_pages(account, pages, &meta).await.is_err());
    assert_eq!(counts(&pool).await, (0, 0, 0));
}

/// Answers that are too many to hold are written before an event names them.
#[tokio::test]
async fn many_answers_are_not_held_in_memory_and_what_stays_unnamed_is_swept() {
    let database = Database::create().await;
    let (pool, commands) = (database.pool(), commands(database.pool()));
    let (account, meta) = account(&commands).await;
    let mut payloads = taking(&pool, meta.business);
    let mut taken = Vec::new();
    for number in 0..5_u8 {
        let body = Bytes::from(vec![number; 5 << 20]);
        taken.push(payloads.take(body).await.unwrap().unwrap());
    }
    assert_eq!(count(&pool, "file").await, 4, "20 MB are more than are held");
    let pages = vec![page(vec![line("a", 1)], taken[0].clone()), page(vec![line("b", 2)], taken[4].clone())];
    commands.account_told(account, pages, &payloads, &meta).await.unwrap();
    assert!(files::sweep(&pool, Duration::ZERO).await.unwrap() > 0);
    assert_eq!((count(&pool, "file").await, count(&pool, "payload").await), (2, 2));
    assert_eq!(read(&pool, meta.business, taken[4].file).await, vec![4; 5 << 20]);
}

#[tokio::test]
async fn two_who_write_the_same_at_once_keep_one() {
    let database = Database::create().await;
    let (pool, commands) = (database.pool(), commands(database.pool()));
    let (one, meta) = account(&commands).await;
    let other = domain::AccountId::new();
    commands.account(other, crate::given::open(other, meta.business), &meta).await.unwrap();
    let write = async |commands: &Commands, account, meta: &Meta| {
        let mut payloads = taking(&pool, meta.business);
        let mut pages = Vec::new();
        for number in 0..4 {
            let body = Bytes::from(format!("{{\"number\": {number}}}"));
            let payload = payloads.take(body).await.unwrap().unwrap();
            pages.push(page(vec![line(&number.to_string(), 1)], payload));
        }
        commands.account_told(account, pages, &payloads, meta).await.unwrap();
    };
    tokio::join!(write(&commands, one, &meta), write(&commands, other, &meta));
    assert_eq!(counts(&pool).await, (4, 4, 8));
}
