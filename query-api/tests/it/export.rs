//! The archive of one business of two, as its owner downloads it.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::{Extension, Router};
use domain::access::{Assurance, Membership, Principal, Role};
use domain::account::{AccountCommand, BesideCommand};
use domain::{AttachmentId, BusinessId, TransactionId, UserId};
use query_api::export::{Exports, router};
use serde_json::Value;
use sha2::{Digest, Sha256};
use streams::Meta;
use tower::ServiceExt;

use crate::world::{World, rent, sale};

fn app(world: &World, principal: Principal) -> Router {
    let exports = Exports { reader: world.reader.clone(), journal: Arc::new(world.commands.journal()) };
    router(exports).layer(Extension(principal))
}

async fn download(world: &World, principal: Principal, business: BusinessId) -> (StatusCode, Vec<u8>) {
    let request = Request::get(format!("/api/v1/businesses/{business}/export")).body(Body::empty()).unwrap();
    let response = app(world, principal).oneshot(request).await.unwrap();
    let (status, length) = (response.status(), response.headers().get(header::CONTENT_LENGTH).cloned());
    let bytes = axum::body::to_bytes(response.into_body(), 16 << 20).await.unwrap().to_vec();
    if status == StatusCode::OK {
        assert_eq!(length.unwrap(), bytes.len().to_string().as_str());
    }
    (status, bytes)
}

fn files(archive: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = tar::Archive::new(archive);
    let files = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let (name, mut bytes) = (entry.path().unwrap().display().to_string(), Vec::new());
        entry.read_to_end(&mut bytes).unwrap();
        (name, bytes)
    });
    files.collect()
}

fn member(business: BusinessId, role: Role, assurance: Assurance) -> Principal {
    let membership = Membership { role, needs_second_factor: false };
    Principal::user(UserId::new(), assurance, BTreeMap::from([(business, membership)]))
}

/// A file of some pieces and a memo beside a transaction.
async fn receipt_beside(world: &World, transaction: &str) -> (AttachmentId, Vec<u8>) {
    let bytes: Vec<u8> = b"%PDF-1.7 ".iter().copied().chain((0..=250).cycle()).take(700_000).collect();
    let transaction = TransactionId::derive([transaction.as_bytes()]);
    let file = ("Rent March.pdf", bytes.clone());
    let keys = streams::testing::keys(&world.pool);
    let (id, attach) = streams::testing::attach(&world.pool, keys, world.business, transaction, file).await;
    let memo = Some("Paid from the other account".to_owned());
    let set_memo = AccountCommand::Keep(BesideCommand::SetMemo { transaction, memo });
    let meta = Meta::new(world.business, "owner");
    let receipt = world.commands.account_pages(world.account, vec![attach, set_memo], &meta).await.unwrap();
    let positions = world.commands.position_of(&receipt).await.unwrap().unwrap();
    streams::projection::wait_for(&world.pool, "metrics", positions.last, Duration::from_secs(20)).await.unwrap();
    (id, bytes)
}

#[tokio::test]
async fn an_archive_holds_everything_about_one_business_and_nothing_about_another() {
    let world = World::new().await;
    let mut formula = sale("a", "2026-03-02", "12.50");
    formula.description = Some("=cmd|' /C calc'!A0".into());
    world.bring(vec![formula, rent("b", "2026-03-03", "-900")], vec![]).await;
    world.bring(vec![rent("b", "2026-03-03", "-950")], vec![]).await;
    let (receipt, bytes) = receipt_beside(&world, "b").await;
    let other = world.register("Bo's Butchery").await;

    let owner = member(world.business, Role::Owner, Assurance::SteppedUp);
    let (status, archive) = download(&world, owner, world.business).await;
    assert_eq!(status, StatusCode::OK);
    let files = files(&archive);
    let manifest: Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
    assert_eq!((&manifest["name"], &manifest["format"]), (&"Ada's Bakery".into(), &"workdock.export.v1".into()));
    let listed = manifest["files"].as_array().unwrap();
    assert_eq!(listed.len(), files.len() - 1);
    for part in listed {
        let bytes = &files[part["path"].as_str().unwrap()];
        assert_eq!(part["sha256"], hex::encode(Sha256::digest(bytes)));
        assert_eq!(part["bytes"], bytes.len());
    }

    let transactions = String::from_utf8(files["transactions.csv"].clone()).unwrap();
    assert!(transactions.contains("'=cmd|' /C calc'!A0"), "{transactions}");
    assert!(transactions.contains("-950.00,EUR,expense,rent,Line b"), "{transactions}");
    assert_eq!(transactions.lines().count(), 3);
    let events = String::from_utf8(files["events.jsonl"].clone()).unwrap();
    let events: Vec<Value> = events.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let types: Vec<_> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    let page = "account.synced.v2";
    let beside = ["account.attached.v1", "account.memo_set.v1"];
    let first = ["business.registered.v2", "source.connected.v2", "account.opened.v2", page, page];
    assert_eq!(types, [&first[..], &beside].concat());
    assert_eq!(events[3]["content"]["added"][0]["description"], "=cmd|' /C calc'!A0");
    assert_eq!(events[4]["content"]["amended"][0]["was"]["amount"], "-900");
    assert_eq!(files[&format!("attachment-{receipt}.pdf")], bytes);
    let attachments = String::from_utf8(files["attachments.csv"].clone()).unwrap();
    assert!(attachments.contains("Rent March.pdf,application/pdf,700000"), "{attachments}");
    let memos = String::from_utf8(files["memos.csv"].clone()).unwrap();
    assert!(memos.contains("Paid from the other account"), "{memos}");
    for (name, bytes) in &files {
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.contains("Butchery") && !text.contains(&other.to_string()), "{name}");
    }

    // That it happened is in the log.
    let exported = "select count(*) from store.events where event_type = 'security.exported' and business = $1";
    let exported: i64 =
        sqlx::query_scalar(exported).bind(world.business.to_string()).fetch_one(&world.pool).await.unwrap();
    assert_eq!(exported, 1);
}

#[tokio::test]
async fn only_an_owner_who_confirmed_gets_it() {
    let world = World::new().await;
    let refused = [
        (member(world.business, Role::Owner, Assurance::OneFactor), StatusCode::FORBIDDEN),
        (member(world.business, Role::Manager, Assurance::SteppedUp), StatusCode::FORBIDDEN),
        (member(world.business, Role::Auditor, Assurance::SteppedUp), StatusCode::FORBIDDEN),
        (member(BusinessId::new(), Role::Owner, Assurance::SteppedUp), StatusCode::NOT_FOUND),
    ];
    for (principal, status) in refused {
        let (answered, body) = download(&world, principal, world.business).await;
        assert_eq!(answered, status, "{}", String::from_utf8_lossy(&body));
    }
    let request = Request::get(format!("/api/v1/businesses/{}/export", world.business)).body(Body::empty()).unwrap();
    let exports = Exports { reader: world.reader.clone(), journal: Arc::new(world.commands.journal()) };
    assert_eq!(router(exports).oneshot(request).await.unwrap().status(), StatusCode::UNAUTHORIZED);
}
