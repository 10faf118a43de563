//! The audit history and the proofs, as whoever may read them and whoever may not.

use std::collections::{BTreeMap, BTreeSet};

use axum::Extension;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use domain::access::{Assurance, Membership, Principal, Role};
use domain::business::BusinessCommand;
use domain::{BusinessId, UserId};
use serde_json::{Value, json};
use streams::Meta;
use streams::proof::tree::{Hash, verify_consistency, verify_inclusion};
use streams::proof::{Checkpoint, Notary, Signer};
use tower::ServiceExt;

use crate::world::{World, answer_of, rent, sale};

const HISTORY: &str = "query($id: UUID!, $filter: AuditFilter, $first: Int!, $after: String) {
    business(id: $id) { audit(filter: $filter, first: $first, after: $after) {
      edges { node { position kind actor { kind name } subject summary before after changes { field before after }
                     request address hash } }
      pageInfo { hasNextPage endCursor } } } }";

async fn rename(world: &World, name: &str) -> i64 {
    let command = BusinessCommand::Rename { name: name.to_owned() };
    let meta = Meta { address: Some("203.0.113.7".into()), ..Meta::new(world.business, "user:1") };
    let receipt = world.commands.business(world.business, command, &meta).await.unwrap();
    let position = world.commands.position_of(&receipt).await.unwrap().unwrap().last;
    audited(world, position).await;
    position
}

async fn audited(world: &World, position: i64) {
    let patience = std::time::Duration::from_secs(20);
    streams::projection::wait_for(&world.pool, "audit", position, patience).await.unwrap();
}

async fn history(world: &World, filter: Value) -> Vec<Value> {
    let data = world.data(HISTORY, json!({ "id": world.business, "filter": filter, "first": 100 })).await;
    let edges = data["business"]["audit"]["edges"].as_array().unwrap();
    edges.iter().map(|edge| edge["node"].clone()).collect()
}

fn member(business: BusinessId, role: Role) -> Principal {
    let membership = Membership { role, needs_second_factor: false };
    Principal::user(UserId::new(), Assurance::TwoFactors, BTreeMap::from([(business, membership)]))
}

async fn ask(world: &World, principal: Principal, path: &str) -> (StatusCode, Value) {
    let app = world.app_without_session().layer(Extension(principal));
    let (status, _, body) = answer_of(app, Request::get(path).body(Body::empty()).unwrap()).await;
    (status, body)
}

#[tokio::test]
async fn a_change_is_shown_with_what_was_before() {
    let world = World::new().await;
    let position = rename(&world, "Ada's Café").await;
    let newest = &history(&world, json!({})).await[0];
    assert_eq!((newest["position"].as_i64(), &newest["kind"]), (Some(position), &json!("business.renamed")));
    assert_eq!(newest["actor"], json!({ "kind": "USER", "name": "user:1" }));
    assert_eq!((&newest["address"], &newest["summary"]), (&json!("203.0.113.7"), &json!("Business renamed")));
    let change = json!([{ "field": "name", "before": "\"Ada's Bakery\"", "after": "\"Ada's Café\"" }]);
    assert_eq!(newest["changes"], change);
    let hash: Vec<u8> = sqlx::query_scalar("select hash from store.log where position = $1")
        .bind(position)
        .fetch_one(&world.pool)
        .await
        .unwrap();
    assert_eq!(newest["hash"], hex::encode(hash));
}

#[tokio::test]
async fn filters_find_what_they_name() {
    let world = World::new().await;
    rename(&world, "Corner").await;
    let refused = BusinessCommand::Rename { name: String::new() };
    world.commands.business(world.business, refused, &Meta::new(world.business, "key:9")).await.unwrap_err();
    let position = world.bring(vec![sale("s", "2024-09-03", "100"), rent("r", "2024-08-01", "-40")], vec![]).await;
    audited(&world, position).await;
    let kinds = async |filter: Value| -> Vec<String> {
        history(&world, filter).await.iter().map(|node| node["kind"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(kinds(json!({ "kind": "security" })).await, ["security.command_refused"]);
    assert_eq!(kinds(json!({ "kind": "business.renamed" })).await, ["business.renamed"]);
    assert_eq!(kinds(json!({ "actor": "key:9" })).await, ["security.command_refused"]);
    assert_eq!(kinds(json!({ "text": "business renamed" })).await, ["business.renamed"]);
    assert_eq!(kinds(json!({ "text": "rename refused" })).await, ["security.command_refused"]);
    // Names are sealed: they are found nevertheless, alone and with what stands in the clear, as they were and as they are.
    assert_eq!(kinds(json!({ "text": "corner" })).await, ["business.renamed"]);
    assert_eq!(kinds(json!({ "text": "Corner renamed" })).await, ["business.renamed"]);
    assert_eq!(kinds(json!({ "text": "bakery" })).await, ["business.renamed", "business.registered"]);
    assert_eq!(kinds(json!({ "text": "bakery registered" })).await, ["business.registered"]);
    assert_eq!(kinds(json!({ "text": "corner registered" })).await, Vec::<String>::new());
    assert_eq!(kinds(json!({ "text": "bakery", "kind": "account" })).await, Vec::<String>::new());
    assert_eq!(kinds(json!({ "subject": world.account })).await, ["account.synced", "account.opened"]);
    assert_eq!(kinds(json!({ "from": "2001-01-01", "to": "2001-12-31" })).await, Vec::<String>::new());
    assert_eq!(kinds(json!({ "from": "2001-01-01" })).await.len(), 6);
    assert_eq!(kinds(json!({ "position": position })).await, ["account.synced"]);
    assert_eq!(kinds(json!({ "position": position, "kind": "business" })).await, Vec::<String>::new());
    assert_eq!(kinds(json!({ "position": position + 1_000 })).await, Vec::<String>::new());
    assert_eq!(kinds(json!({ "position": 0 })).await, Vec::<String>::new());
    // From an event to the figures that it moved.
    let moved =
        "query($id: UUID!, $at: Position!) { business(id: $id) { moved(position: $at) { month kind in out count } } }";
    let data = world.data(moved, json!({ "id": world.business, "at": position })).await;
    let expected = json!([
        { "month": "2024-08-01", "kind": "EXPENSE", "in": "0.00", "out": "40.00", "count": 1 },
        { "month": "2024-09-01", "kind": "REVENUE", "in": "100.00", "out": "0.00", "count": 1 },
    ]);
    assert_eq!(data["business"]["moved"], expected);
}

/// Whoever looks at an event sees what each transaction was before it and what it is since, as they were told then.
#[tokio::test]
async fn an_event_shows_its_transactions_before_and_after() {
    let world = World::new().await;
    let lines =
        vec![sale("kept", "2024-09-03", "10"), sale("gone", "2024-09-04", "20"), sale("moved", "2024-09-05", "30")];
    let first = world.bring(lines, vec![]).await;
    let now = vec![sale("moved", "2024-10-05", "35"), rent("new", "2024-10-06", "-5")];
    let second = world.bring(now, vec![sale("gone", "2024-09-04", "20").id]).await;
    world.bring(vec![sale("moved", "2024-10-05", "36")], vec![]).await;

    let query =
        "query($id: UUID!, $at: Position!, $first: Int) { business(id: $id) { revised(position: $at, first: $first) {
        count transactions { before { description day amount } after { description day amount } } } } }";
    let revised = async |position: i64, first: i32| {
        let data = world.data(query, json!({ "id": world.business, "at": position, "first": first })).await;
        data["business"]["revised"].clone()
    };
    let side = |name: &str, day: &str, amount: &str| json!({ "description": format!("Line {name}"), "day": day, "amount": amount });
    let expected = json!({ "count": 3, "transactions": [
        { "before": null, "after": side("new", "2024-10-06", "-5.00") },
        { "before": side("moved", "2024-09-05", "30.00"), "after": side("moved", "2024-10-05", "35.00") },
        { "before": side("gone", "2024-09-04", "20.00"), "after": null },
    ] });
    assert_eq!(revised(second, 50).await, expected);
    let begun = revised(first, 2).await;
    assert_eq!((&begun["count"], begun["transactions"].as_array().unwrap().len()), (&json!(3), 2));
    // Another kind of event, and no event.
    for other in [1, second + 1_000] {
        assert_eq!(revised(other, 50).await, json!({ "count": 0, "transactions": [] }));
    }
}

#[tokio::test]
async fn pages_stay_right_while_rows_arrive() {
    let world = World::new().await;
    for n in 0..12 {
        rename(&world, &format!("Name {n}")).await;
    }
    let before: BTreeSet<i64> =
        history(&world, json!({})).await.iter().map(|node| node["position"].as_i64().unwrap()).collect();
    let (mut seen, mut after) = (Vec::new(), Value::Null);
    loop {
        let variables = json!({ "id": world.business, "first": 4, "after": after });
        let mut data = world.data(HISTORY, variables).await;
        let page = &mut data["business"]["audit"];
        seen.extend(page["edges"].as_array().unwrap().iter().map(|edge| edge["node"]["position"].as_i64().unwrap()));
        rename(&world, &format!("Later {}", seen.len())).await;
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].take();
    }
    assert!(seen.windows(2).all(|pair| pair[0] > pair[1]), "{seen:?}");
    assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), before);
}

#[tokio::test]
async fn a_file_of_all_rows_is_streamed_harmless_and_recorded() {
    let world = World::new().await;
    rename(&world, "=HYPERLINK(\"http://example.com\")").await;
    let insert = "insert into store.events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata)
        select 'security', gen_random_uuid()::text, 1, 'security.support_access', '1',
               '{\"event\":\"security.support_access\",\"reason\":\"x\"}', format('{\"actor\":\"=1+1\",\"business\":\"%s\"}', $1)::json
        from generate_series(1, 1200)";
    sqlx::query(insert).bind(world.business.to_string()).execute(&world.pool).await.unwrap();
    while world.head().await < 1_204 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    audited(&world, 1_204).await;
    let path = format!("/api/v1/businesses/{}/audit?format=csv", world.business);
    let response = world.app().oneshot(Request::get(&path).body(Body::empty()).unwrap()).await.unwrap();
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/csv"));
    let body = axum::body::to_bytes(response.into_body(), 16 << 20).await.unwrap();
    let mut csv = csv::Reader::from_reader(&body[..]);
    let rows: Vec<csv::StringRecord> = csv.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 1_204);
    assert_eq!((&rows[0][0], &rows[0][3]), ("1204", "'=1+1"));
    assert!(rows.iter().all(|row| row.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@']))));
    while world.head().await < 1_205 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    audited(&world, 1_205).await;
    let exported = history(&world, json!({ "kind": "security.exported" })).await;
    assert_eq!(exported.len(), 1);
    assert_eq!(exported[0]["summary"], "audit table exported, 1204 rows");
}

#[tokio::test]
async fn owners_and_auditors_read_it_and_nobody_else() {
    let world = World::new().await;
    audited(&world, world.head().await).await;
    let other = world.register("Ben's Garage").await;
    let path = format!("/api/v1/businesses/{}/audit", world.business);
    for (role, status) in [(Role::Owner, 200), (Role::Auditor, 200), (Role::Manager, 403), (Role::Viewer, 403)] {
        let (answer, _) = ask(&world, member(world.business, role), &path).await;
        assert_eq!(answer, status, "{role}");
        let (answer, _) = ask(&world, member(world.business, role), "/api/v1/audit/proof").await;
        assert_eq!(answer, if status == 200 { 404 } else { 403 }, "{role}");
    }
    assert_eq!(ask(&world, member(other, Role::Owner), &path).await.0, 404);
    // The installation's own history is for whoever runs it.
    assert_eq!(ask(&world, member(world.business, Role::Owner), "/api/v1/audit").await.0, 403);
    assert_eq!(ask(&world, Principal::local_owner(), "/api/v1/audit").await.0, 200);
    // A position of another business is one that does not exist.
    let (_, body) = ask(&world, member(other, Role::Owner), "/api/v1/audit/proof?position=1").await;
    let (_, missing) = ask(&world, member(other, Role::Owner), "/api/v1/audit/proof?position=999999").await;
    assert_eq!(body, missing);
}

#[tokio::test]
async fn proofs_hold_against_the_checkpoint_that_comes_with_them() {
    let world = World::new().await;
    for n in 0..20 {
        rename(&world, &format!("Name {n}")).await;
    }
    let folder = std::env::temp_dir().join(format!("workdock-proof-{}", world.business));
    std::fs::create_dir_all(&folder).unwrap();
    let key = folder.join("checkpoint.key");
    let notary =
        Notary::new(world.pool.clone(), Signer::open(&key, || "example.com/log".into()).unwrap(), &key, Vec::new());
    let old = notary.at(9).await.unwrap().checkpoint;
    let new = notary.now().await.unwrap().checkpoint;
    let auditor = member(world.business, Role::Auditor);
    let (status, body) = ask(&world, auditor.clone(), "/api/v1/audit/proof?position=7&from=9").await;
    assert_eq!(status, 200, "{body}");
    let hash = |value: &Value| -> Hash { hex::decode(value.as_str().unwrap()).unwrap().try_into().unwrap() };
    let path = |value: &Value| -> Vec<Hash> { value["path"].as_array().unwrap().iter().map(hash).collect() };
    let signed = Checkpoint::open(body["checkpoint"].as_str().unwrap(), notary.verifier()).unwrap();
    assert_eq!(signed, new);
    let (inclusion, consistency) = (&body["inclusion"], &body["consistency"]);
    assert_eq!(verify_inclusion(&hash(&inclusion["leaf"]), 6, new.size, &path(inclusion), &new.root), Ok(()));
    assert_eq!(verify_consistency((9, &old.root), (new.size, &new.root), &path(consistency)), Ok(()));
    let (status, body) = ask(&world, auditor.clone(), "/api/v1/audit/proof?position=7&checkpoint=9").await;
    assert_eq!((status.as_u16(), body["size"].as_i64()), (200, Some(9)));
    for (query, status) in [("position=12&checkpoint=9", 503), ("checkpoint=8", 404), ("from=999", 400)] {
        let (answer, body) = ask(&world, auditor.clone(), &format!("/api/v1/audit/proof?{query}")).await;
        assert_eq!(answer, status, "{query}: {body}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}
