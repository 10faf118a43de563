//! The archive of one business of two, as its owner downloads it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::{Extension, Router};
use domain::access::{Assurance, Membership, People, PeopleError, Person, Principal, Role};
use domain::account::{AccountCommand, BesideCommand};
use domain::{AddresseeId, AttachmentId, BusinessId, Email, TransactionId, UserId};
use query_api::export::{Exports, router};
use serde_json::Value;
use sha2::{Digest, Sha256};
use streams::Meta;
use streams::testing::{archived, table};
use tower::ServiceExt;

use crate::world::{World, rent, sale};

/// One who could be a spreadsheet's undoing.
#[derive(Debug)]
struct Town;

#[async_trait]
impl People for Town {
    async fn people(&self, ids: &[UserId]) -> Result<Vec<Person>, PeopleError> {
        let email = "bo@example.com".parse().unwrap();
        let person = |id: &UserId| Person {
            id: *id,
            name: "=Bo Baker".to_owned(),
            email: Clone::clone(&email),
            email_is_verified: true,
            last_seen: None,
        };
        Ok(ids.iter().map(person).collect())
    }

    async fn addressee(&self, _: &Email) -> Result<AddresseeId, PeopleError> {
        Ok(AddresseeId::new())
    }
}

fn app(world: &World) -> Router {
    let (reader, commands) = (world.reader.clone(), world.commands.clone());
    router(Exports { reader, commands, people: Arc::new(Town) })
}

pub async fn download(world: &World, principal: Principal, business: BusinessId) -> (StatusCode, Vec<u8>) {
    let request = Request::get(format!("/api/v1/businesses/{business}/export")).body(Body::empty()).unwrap();
    let response = app(world).layer(Extension(principal)).oneshot(request).await.unwrap();
    let (status, length) = (response.status(), response.headers().get(header::CONTENT_LENGTH).cloned());
    let bytes = axum::body::to_bytes(response.into_body(), 16 << 20).await.unwrap().to_vec();
    if status == StatusCode::OK {
        assert_eq!(length.unwrap(), bytes.len().to_string().as_str());
    }
    (status, bytes)
}

pub fn member(business: BusinessId, role: Role, assurance: Assurance) -> Principal {
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
    let (manifest, files) = archived(&archive);
    assert_eq!((&manifest.of["name"], manifest.format.as_str()), (&"Ada's Bakery".into(), "workdock.export.v2"));
    assert_eq!(manifest.files.len(), files.len() - 1);
    for part in &manifest.files {
        let bytes = &files[&part.path];
        assert_eq!(
            (part.sha256.as_str(), part.bytes),
            (hex::encode(Sha256::digest(bytes)).as_str(), bytes.len() as u64)
        );
    }

    let (rows, transactions) = table(&files, "transactions");
    assert_eq!((&rows[1]["description"], &rows[0]["amount"]), (&"=cmd|' /C calc'!A0".into(), &"-950.00".into()));
    assert!(transactions.contains("'=cmd|' /C calc'!A0"), "{transactions}");
    assert!(transactions.contains("-950.00,EUR,expense,rent,,Line b"), "{transactions}");
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
    let (_, attachments) = table(&files, "attachments");
    assert!(attachments.contains("Rent March.pdf,application/pdf,700000"), "{attachments}");
    let (_, memos) = table(&files, "memos");
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
    assert_eq!(app(&world).oneshot(request).await.unwrap().status(), StatusCode::UNAUTHORIZED);
}
