//! Closing a month as the program does it: the figures of the read side, sealed by a command, checked by a code.

use axum::body::Body;
use axum::http::Request;
use domain::BatchId;
use domain::access::{Assurance, Role};
use domain::account::AccountCommand;
use domain::business::{BusinessCommand, MonthCommand, Salt, Seal};
use serde_json::Value;
use streams::Meta;
use streams::proof::{Checkpoint, Signer};

use super::log::verified;
use super::world::{Answer, World, line};

const MONTHS: &str =
    "months(minPosition: $at) { month state isOver position code figures { in count } differences { in } }";

async fn month(world: &World, at: i64) -> Value {
    let query = format!("{{ business(id: \"{}\") {{ {} }} }}", world.ours.id, MONTHS.replace("$at", &at.to_string()));
    let answer = world.graphql(Some(&world.member(Role::Viewer, Assurance::OneFactor)), &query).await;
    answer.body["data"]["business"]["months"][0].clone()
}

async fn order(world: &World, what: &str) -> Answer {
    let owner = world.member(Role::Owner, Assurance::OneFactor);
    let mutation = format!("mutation {{ {} {{ position }} }}", what.replace("$b", &world.ours.id.to_string()));
    world.graphql(Some(&owner), &mutation).await
}

async fn close(world: &World, month: &str, seen: i64) -> Answer {
    order(world, &format!("closeMonth(business: \"$b\", month: \"{month}\", seen: {seen})")).await
}

fn position(answer: &Answer, of: &str) -> i64 {
    answer.body["data"][of]["position"].as_i64().unwrap_or_else(|| panic!("{answer:?}"))
}

/// Another sale of March; its position.
pub async fn sell(world: &World, n: u32) -> i64 {
    let sync = AccountCommand::Sync {
        batch: BatchId::new(),
        to_cursor: None,
        reported: vec![line("Ours", n)],
        removed: vec![],
        told: vec![],
    };
    let receipt = world.commands.account(world.ours.account, sync, &Meta::new(world.ours.id, "owner")).await.unwrap();
    world.commands.position_of(&receipt).await.unwrap().unwrap().last
}

#[tokio::test]
async fn what_was_looked_at_is_what_is_closed() {
    let world = World::new().await;
    let seen = month(&world, 0).await["position"].as_i64().unwrap();
    let late = sell(&world, 4).await;
    assert_eq!(close(&world, "2026-03", seen).await.code(), Some("CONFLICT"), "more came since");
    let seen = month(&world, late).await["position"].as_i64().unwrap();
    let closed = position(&close(&world, "2026-03", seen).await, "closeMonth");
    assert_eq!(close(&world, "2026-03", closed).await.code(), Some("CONFLICT"), "closed already");
    assert_eq!(close(&world, "2099-01", closed).await.code(), Some("REFUSED"), "not over");
    assert_eq!(close(&world, "2026-3", closed).await.code(), Some("INVALID"));

    let sealed = month(&world, closed).await;
    assert_eq!((&sealed["state"], &sealed["figures"][0]["in"]), (&"CLOSED".into(), &"1000.00".into()), "{sealed}");
    let later = sell(&world, 5).await;
    let now = month(&world, later).await;
    assert_eq!(now["figures"], sealed["figures"], "what is sealed does not move");
    assert_eq!(now["differences"][0]["in"], "500.00");

    let reopen = |reason: &str| format!("reopenMonth(business: \"$b\", month: \"2026-03\", reason: \"{reason}\")");
    assert_eq!(order(&world, &reopen("")).await.code(), Some("REFUSED"));
    let opened = position(&order(&world, &reopen("A late invoice")).await, "reopenMonth");
    let open = month(&world, opened).await;
    assert_eq!(
        (&open["state"], &open["figures"][0]["in"], &open["code"]),
        (&"OPEN".into(), &"1500.00".into(), &Value::Null)
    );
    // Whoever was told no, by the figures or by the business, finds that in the history.
    let refused = "{ business(id: \"$b\") { audit(filter: {kind: \"security.command_refused\"}, minPosition: $p) {
        edges { node { summary } } } } }";
    let auditor = world.member(Role::Auditor, Assurance::OneFactor);
    let refused = refused.replace("$b", &world.ours.id.to_string()).replace("$p", &opened.to_string());
    let told = world.graphql(Some(&auditor), &refused).await.body["data"]["business"]["audit"]["edges"].clone();
    let told: Vec<_> = told.as_array().unwrap().iter().map(|edge| edge["node"]["summary"].as_str().unwrap()).collect();
    assert_eq!(told.len(), 4, "{told:?}");
    assert!(told[3].starts_with("Close of business refused"), "{told:?}");
    // Why, for those who read the history; sealed where it is stored.
    let audit =
        "{ business(id: \"$b\") { audit(filter: {kind: \"business.month_reopened\"}) { edges { node { after } } } } }";
    let history = world.graphql(Some(&auditor), &audit.replace("$b", &world.ours.id.to_string())).await;
    assert!(history.body.to_string().contains("A late invoice"), "{history:?}");
    let stored = "select payload::text from store.events where event_type = 'business.month_reopened'";
    let stored: String = sqlx::query_scalar(stored).fetch_one(&world.pool).await.unwrap();
    assert!(!stored.contains("invoice"), "{stored}");
}

#[tokio::test]
async fn a_code_tells_its_holder_the_sealed_figures_and_no_name() {
    let world = World::new().await;
    let closed = position(&close(&world, "2026-03", 1 << 40).await, "closeMonth");
    let code = month(&world, closed).await["code"].as_str().unwrap().to_owned();
    let get = |code: &str| Request::get(format!("/api/v1/reports/{code}")).body(Body::empty()).unwrap();
    let told = world.send(None, get(&code)).await;
    assert_eq!(told.body["figures"][0]["in"], "600", "{told:?}");
    let text = told.body.to_string();
    assert!(!text.contains("Ours") && !text.contains(&world.ours.id.to_string()), "{text}");
    assert_eq!(told.headers["cache-control"], "no-store");
    assert_eq!(world.send(None, get("0123-4567-89AB-CDEF")).await.code(), Some("NOT_FOUND"));
}

/// Whoever is handed the log finds what a month was closed under, and what is not of this log.
#[tokio::test]
async fn a_closing_under_a_forged_checkpoint_is_named_by_its_position() {
    for (forged, says) in [(Forged::Key, "signed"), (Forged::Root, "another"), (Forged::Size, "events")] {
        let world = World::new().await;
        let closed = position(&close(&world, "2026-03", 1 << 40).await, "closeMonth");
        let (code, proven) = verified(&world).await;
        assert_eq!((code, &proven["unaltered"]), (Some(0), &Value::Bool(true)), "{proven}");
        let note = proven["closed"][0]["checkpoint"].as_str().unwrap();
        let signed = Checkpoint::open(note, world.notary.verifier()).unwrap();
        assert!(signed.size.cast_signed() < closed, "{signed:?}");

        let seal = Seal { figures: vec![], position: closed, salt: Salt::from_bytes([7; 16]), checkpoint: None };
        let seal = Seal { checkpoint: Some(forged.note(&world, signed, closed)), ..seal };
        let (month, today) = ("2026-01".parse().unwrap(), "2026-05-01".parse().unwrap());
        let order = BusinessCommand::Month(MonthCommand::Close { month, seal, today });
        let receipt = world.commands.business(world.ours.id, order, &Meta::new(world.ours.id, "owner")).await.unwrap();
        let at = world.commands.position_of(&receipt).await.unwrap().unwrap().last;
        let (code, found) = verified(&world).await;
        assert_eq!((code, found["position"].as_i64()), (Some(1), Some(at)), "{found}");
        assert!(found["reason"].as_str().unwrap().contains(says), "{found}");
    }
}

#[derive(Debug, Clone, Copy)]
enum Forged {
    /// Another key of the same name.
    Key,
    /// Signed, and over another log.
    Root,
    /// Signed, and over less than was closed.
    Size,
}

impl Forged {
    fn note(self, world: &World, signed: Checkpoint, closed: i64) -> String {
        let key = world.folder.path().join("checkpoint.key");
        let own = Signer::open(&key, || "example.com/log".into()).unwrap();
        let size = closed.unsigned_abs();
        let (signer, checkpoint) = match self {
            Self::Key => (Signer::generate("example.com/log").unwrap(), signed),
            Self::Root => (own, Checkpoint { size, root: [7; 32], ..signed }),
            Self::Size => (own, signed),
        };
        signer.sign(&checkpoint.to_string()).to_string()
    }
}
