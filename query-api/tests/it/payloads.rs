//! What a provider really said, for whoever looks at a line of the ledger.

use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode, header};
use domain::access::{Assurance, Role};
use domain::account::{AccountCommand, Told};
use domain::{BatchId, Transaction, TransactionId};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use streams::Meta;
use streams::files::Payloads;
use streams::testing::{archived, table};
use tower::ServiceExt;

use crate::export::{download, member};
use crate::world::{World, rent, sale};

const FIRST: &str = "{\"added\": [\"s1\", \"s2\"]}";
const SECOND: &str = "day,amount\n2024-09-03,12\n";

impl World {
    /// A page whose transactions were told by these answers.
    async fn read_from(&self, answers: &[(&'static str, &[Transaction])]) {
        self.read(answers, &[]).await;
    }

    /// The same, where the last answer takes these back.
    async fn read(&self, answers: &[(&'static str, &[Transaction])], gone: &[TransactionId]) {
        let mut payloads = Payloads::new(self.pool.clone(), streams::testing::keys(&self.pool), self.business);
        let (mut told, mut reported) = (Vec::new(), Vec::new());
        for (answer, of) in answers {
            let payload = payloads.take(Bytes::from_static(answer.as_bytes())).await.unwrap().unwrap();
            told.push(Told { payload, of: of.iter().map(|one| one.id).collect() });
            reported.extend_from_slice(of);
        }
        told.last_mut().unwrap().of.extend(gone);
        let sync =
            AccountCommand::Sync { batch: BatchId::new(), to_cursor: None, reported, removed: gone.to_vec(), told };
        let meta = Meta::new(self.business, "connector:plaid");
        let receipt = self.commands.account_told(self.account, vec![sync], &payloads, &meta).await.unwrap();
        self.shown(&receipt).await;
    }

    async fn history(&self, of: TransactionId) -> Vec<Value> {
        let query = "query($id: UUID!, $tx: UUID!) { business(id: $id) { transactionHistory(id: $tx) {
            removed payloads { hash media bytes sha256 } takenBack { hash sha256 } transaction { amount note } } } }";
        let data = self.data(query, json!({ "id": self.business, "tx": of })).await;
        data["business"]["transactionHistory"].as_array().unwrap().clone()
    }
}

async fn load(world: &World, path: String) -> (StatusCode, axum::http::HeaderMap, Bytes) {
    let response = world.app().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    (parts.status, parts.headers, axum::body::to_bytes(body, 1 << 20).await.unwrap())
}

#[tokio::test]
async fn each_revision_says_what_its_provider_said_and_gives_it_as_it_came() {
    let world = World::new().await;
    let (one, two) = (sale("s1", "2024-09-03", "10"), sale("s2", "2024-09-04", "20"));
    world.read_from(&[(FIRST, &[one.clone(), two.clone()])]).await;
    let (corrected, three) = (sale("s1", "2024-09-03", "12"), sale("s3", "2024-09-05", "5"));
    world.read_from(&[(FIRST, &[three]), (SECOND, &[corrected])]).await;

    let history = world.history(one.id).await;
    let payload = |revision: &Value| -> Value {
        let [payload] = <[Value; 1]>::try_from(revision["payloads"].as_array().unwrap().clone()).unwrap();
        payload
    };
    assert_eq!(history.len(), 2);
    let (first, second) = (payload(&history[0]), payload(&history[1]));
    assert_eq!(payload(&world.history(two.id).await[0]), first, "one answer told both");
    assert_eq!((&first["media"], &second["media"]), (&json!("application/json"), &json!("text/plain")));
    // As many sums as one note has: a page is never taken for one that has a note.
    assert!(history.iter().all(|revision| revision["transaction"]["note"].is_null()));
    for (payload, said) in [(&first, FIRST), (&second, SECOND)] {
        assert_eq!(payload["sha256"], hex::encode(Sha256::digest(said)));
        assert_eq!(payload["bytes"], said.len());
        let hash = payload["hash"].as_str().unwrap();
        let (status, headers, body) =
            load(&world, format!("/api/v1/businesses/{}/payloads/{hash}", world.business)).await;
        assert_eq!((status, body.as_ref()), (StatusCode::OK, said.as_bytes()));
        assert_eq!(headers[header::CONTENT_TYPE], payload["media"].as_str().unwrap());
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert!(headers[header::CONTENT_DISPOSITION].to_str().unwrap().starts_with("attachment; filename=\"payload-"));
    }

    let other = world.register("Bo's Butchery").await;
    let hash = first["hash"].as_str().unwrap();
    for path in [
        format!("{other}/payloads/{hash}"),
        format!("{}/payloads/{}", world.business, "00".repeat(32)),
        format!("{}/payloads/x", world.business),
    ] {
        let (status, ..) = load(&world, format!("/api/v1/businesses/{path}")).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn what_a_provider_takes_back_leads_to_the_answer_that_did() {
    let world = World::new().await;
    let lines = [sale("s1", "2024-09-03", "10"), sale("s2", "2024-09-04", "20"), sale("s3", "2024-09-05", "30")];
    world.read_from(&[(FIRST, &lines)]).await;
    let (corrected, new) = (sale("s1", "2024-09-03", "12"), sale("s4", "2024-09-05", "5"));
    world.read(&[(FIRST, &[new]), (SECOND, &[corrected])], &[lines[1].id, lines[2].id]).await;
    let second = json!(hex::encode(Sha256::digest(SECOND)));
    for gone in &lines[1..] {
        let history = world.history(gone.id).await;
        assert_eq!((history.len(), &history[0]["removed"]), (1, &json!(true)));
        assert_eq!(history[0]["payloads"][0]["sha256"], hex::encode(Sha256::digest(FIRST)));
        let back = history[0]["takenBack"].as_array().unwrap();
        assert_eq!(back.iter().map(|payload| &payload["sha256"]).collect::<Vec<_>>(), [&second]);
    }
    assert!(world.history(lines[0].id).await.iter().all(|revision| revision["takenBack"] == json!([])));
}

#[tokio::test]
async fn what_no_provider_told_has_none_and_a_receipt_is_no_payload() {
    let world = World::new().await;
    let line = rent("r1", "2024-09-01", "-900");
    world.bring(vec![line.clone()], vec![]).await;
    let file = ("Answer.txt", FIRST.as_bytes().to_vec());
    let keys = streams::testing::keys(&world.pool);
    let (_, attach) = streams::testing::attach(&world.pool, keys, world.business, line.id, file).await;
    world.told_to(world.account, attach).await;
    assert_eq!(world.history(line.id).await[0]["payloads"], json!([]));
    let hash: Vec<u8> = sqlx::query_scalar("select hash from files.file").fetch_one(&world.pool).await.unwrap();
    let (status, ..) =
        load(&world, format!("/api/v1/businesses/{}/payloads/{}", world.business, hex::encode(hash))).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_archive_holds_each_answer_once_and_what_was_read_from_it() {
    let world = World::new().await;
    world.read_from(&[(FIRST, &[sale("s1", "2024-09-03", "10")])]).await;
    world.read_from(&[(FIRST, &[sale("s2", "2024-09-03", "10")]), (SECOND, &[sale("s3", "2024-09-03", "1")])]).await;
    let owner = member(world.business, Role::Owner, Assurance::SteppedUp);
    let (status, archive) = download(&world, owner, world.business).await;
    assert_eq!(status, StatusCode::OK);
    let (_, files) = archived(&archive);
    let (rows, _) = table(&files, "payloads");
    assert_eq!(rows.len(), 3);
    for row in &rows {
        let body = &files[row["file"].as_str().unwrap()];
        assert_eq!(row["sha256"], hex::encode(Sha256::digest(body)));
    }
    assert_eq!((&rows[0]["file"], &rows[0]["number"]), (&rows[1]["file"], &json!(0)));
    assert_eq!(files[rows[2]["file"].as_str().unwrap()], SECOND.as_bytes());
    assert_eq!(files.keys().filter(|name| name.starts_with("payload-")).count(), 2);
}
