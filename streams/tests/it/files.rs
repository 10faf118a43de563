//! Files beside transactions: kept once, sealed, found by their business alone, and gone when nobody needs them.

use std::time::Duration;

use bytes::Bytes;
use domain::account::{AccountCommand, Attached, BesideCommand};
use domain::attachment::{FileHash, MediaType};
use domain::{AccountId, AttachmentId, BusinessId, TransactionId};
use futures::{StreamExt, TryStreamExt, stream};
use sqlx::PgPool;
use streams::files::{self, FileError, Files, Said, Stored};
use streams::testing::{Database, commands, keys};
use streams::{CommandError, Commands, Meta};

use crate::given::{account, line, sync};

const MOST: u64 = 1 << 20;
const CANARY: &str = "canary-in-a-receipt";

fn files_of(pool: &PgPool) -> Files {
    Files::new(pool.clone(), keys(pool), MOST)
}

/// A PDF of so many bytes, some pieces long.
fn pdf(bytes: usize) -> Vec<u8> {
    let text = format!("%PDF-1.7 {CANARY} ");
    text.bytes().chain((0_u8..=250).cycle()).take(bytes).collect()
}

async fn store(
    files: &Files,
    business: BusinessId,
    media: Option<MediaType>,
    bytes: &[u8],
) -> Result<Stored, FileError> {
    let pieces = bytes.chunks(10_007).map(|piece| Ok::<_, ()>(Bytes::copy_from_slice(piece)));
    let said = Said { media, name: "folder/Receipt.pdf".into() };
    files.store(business, said, stream::iter(pieces.collect::<Vec<_>>())).await
}

async fn read(pool: &PgPool, business: BusinessId, file: FileHash) -> Option<Result<Vec<u8>, FileError>> {
    let opened = files::open(pool, &keys(pool), business, file).await.unwrap()?;
    Some(
        opened
            .pieces
            .try_fold(Vec::new(), |mut all, piece| async move {
                all.extend_from_slice(&piece);
                Ok(all)
            })
            .await,
    )
}

async fn count(pool: &PgPool, table: &str) -> i64 {
    sqlx::query_scalar(&format!("select count(*) from files.{table}")).fetch_one(pool).await.unwrap()
}

fn attach(stored: &Stored, transaction: TransactionId) -> AccountCommand {
    AccountCommand::Keep(BesideCommand::Attach(Attached {
        id: AttachmentId::new(),
        transaction,
        file: stored.file,
        bytes: stored.bytes,
        media: stored.media,
        name: stored.name.clone(),
        sha256: Some(stored.sha256.clone()),
    }))
}

#[tokio::test]
async fn a_file_is_kept_once_in_its_business_and_read_as_it_was_sent() {
    let database = Database::create().await;
    let (pool, ours, theirs) = (database.pool(), BusinessId::new(), BusinessId::new());
    let (files, bytes) = (files_of(&pool), pdf(700_000));
    let first = store(&files, ours, Some(MediaType::Pdf), &bytes).await.unwrap();
    assert_eq!((first.bytes, first.media, first.name.as_str()), (700_000, MediaType::Pdf, "Receipt.pdf"));
    assert_eq!(store(&files, ours, None, &bytes).await.unwrap(), first);
    assert_eq!((count(&pool, "file").await, count(&pool, "chunk").await, count(&pool, "upload").await), (1, 3, 0));
    assert_eq!(read(&pool, ours, first.file).await.unwrap().unwrap(), bytes);

    let other = store(&files, theirs, None, &bytes).await.unwrap();
    assert!(other.file != first.file && other.sha256 == first.sha256, "whoever has the one cannot guess the other");
    assert!(read(&pool, theirs, first.file).await.is_none());
}

#[tokio::test]
async fn what_is_too_large_or_something_else_leaves_nothing() {
    let database = Database::create().await;
    let (pool, business) = (database.pool(), BusinessId::new());
    let files = files_of(&pool);
    let refused = store(&files, business, None, &pdf((1 << 20) + 1)).await.unwrap_err();
    assert!(matches!(refused, FileError::TooLarge { most: MOST }), "{refused}");
    let refused = store(&files, business, Some(MediaType::Png), &pdf(300_000)).await.unwrap_err();
    assert_eq!(refused.problem().detail, "This file is application/pdf, not image/png.");
    let said = || Said { media: None, name: String::new() };
    let broken = stream::iter(vec![Ok(Bytes::from(pdf(300_000))), Err("the line went")]);
    assert!(matches!(files.store(business, said(), broken).await, Err(FileError::BrokenOff)));
    for table in ["file", "chunk", "upload"] {
        assert_eq!(count(&pool, table).await, 0, "{table}");
    }
}

#[tokio::test]
async fn it_stands_in_no_table_in_the_clear_and_does_not_open_elsewhere() {
    let database = Database::create().await;
    let (pool, business) = (database.pool(), BusinessId::new());
    let files = files_of(&pool);
    let file = store(&files, business, None, &pdf(600_000)).await.unwrap().file;
    let found = "select count(*) from files.chunk where position($1::bytea in sealed) > 0";
    let found: i64 = sqlx::query_scalar(found).bind(CANARY.as_bytes()).fetch_one(&pool).await.unwrap();
    assert_eq!(found, 0);
    // A piece in another one's place, a piece less, another file under this name: none is given out whole.
    let swap = "update files.chunk c set sealed = o.sealed from files.chunk o
                where c.upload = o.upload and c.number = 1 - o.number and c.number < 2 and o.number < 2";
    let mut tx = pool.begin().await.unwrap();
    sqlx::query(swap).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    assert!(matches!(read(&pool, business, file).await, Some(Err(FileError::Damaged))));
    let other = store(&files, business, None, b"%PDF-1.4 another").await.unwrap().file;
    let exchange = "update files.file set hash = $2 where hash = $1";
    sqlx::query("delete from files.file where hash = $1")
        .bind(file.as_bytes().as_slice())
        .execute(&pool)
        .await
        .unwrap();
    let exchange = sqlx::query(exchange).bind(other.as_bytes().as_slice()).bind(file.as_bytes().as_slice());
    exchange.execute(&pool).await.unwrap();
    let opened = files::open(&pool, &keys(&pool), business, file).await.unwrap().unwrap();
    let given: Vec<_> = opened.pieces.collect().await;
    assert!(matches!(given[..], [Err(FileError::Damaged)]), "not even the last piece: {given:?}");
}

async fn beside(pool: &PgPool, commands: &Commands) -> (AccountId, Meta, TransactionId, Stored) {
    let (account, meta) = account(commands).await;
    let sale = line("sale", 100);
    let id = sale.id;
    commands.account(account, sync(vec![sale]), &meta).await.unwrap();
    let stored = store(&files_of(pool), meta.business, None, &pdf(500)).await.unwrap();
    (account, meta, id, stored)
}

#[tokio::test]
async fn what_stands_beside_a_transaction_follows_its_events() {
    let database = Database::create().await;
    let (pool, commands) = (database.pool(), commands(database.pool()));
    let (account, meta, sale, stored) = beside(&pool, &commands).await;
    assert_eq!(commands.account(account, attach(&stored, sale), &meta).await.unwrap().events(), 1);
    assert_eq!(commands.account(account, attach(&stored, sale), &meta).await.unwrap().events(), 0, "it is there");
    let nowhere = TransactionId::derive([b"nowhere".as_slice()]);
    let refused = commands.account(account, attach(&stored, nowhere), &meta).await.unwrap_err();
    assert_eq!(refused.code(), domain::Code::NotFound, "{refused}");
    let id = files::attachment_of(&pool, meta.business, sale, stored.file).await.unwrap().unwrap();
    assert_eq!(files::sweep(&pool, Duration::ZERO).await.unwrap(), 0, "it is needed");

    let stranger = Meta::new(BusinessId::new(), "somebody");
    let detach = || AccountCommand::Keep(BesideCommand::Detach { id, transaction: sale });
    let refused = commands.account(account, detach(), &stranger).await.unwrap_err();
    assert!(matches!(refused, CommandError::NotHere(_)), "{refused}");
    commands.account(account, detach(), &meta).await.unwrap();
    assert!(files::attachment_of(&pool, meta.business, sale, stored.file).await.unwrap().is_none());
    assert_eq!(files::sweep(&pool, Duration::from_secs(3600)).await.unwrap(), 0, "a while it can be put back");
    assert_eq!(files::sweep(&pool, Duration::ZERO).await.unwrap(), 1);
    assert!(read(&pool, meta.business, stored.file).await.is_none());
    let swept = commands.account(account, attach(&stored, sale), &meta).await;
    assert!(swept.is_err(), "nothing stands beside a transaction whose bytes are not there");
}

#[tokio::test]
async fn an_erased_business_takes_its_files_along() {
    let database = Database::create().await;
    let (pool, commands) = (database.pool(), commands(database.pool()));
    let (account, meta, sale, stored) = beside(&pool, &commands).await;
    commands.account(account, attach(&stored, sale), &meta).await.unwrap();
    keys(&pool).destroy(meta.business.as_uuid()).await.unwrap();
    assert!(matches!(read(&pool, meta.business, stored.file).await, Some(Err(FileError::Erased))));
    let more = store(&files_of(&pool), meta.business, None, &pdf(10)).await;
    assert!(matches!(more, Err(FileError::Erased)), "{more:?}");
}
