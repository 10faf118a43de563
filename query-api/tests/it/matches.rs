//! Matches over REST and GraphQL: pages, states, one transaction's chain, and a tag that says whether anything changed.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::matching::{Evidence, Match, MatchLeg, Relation};
use domain::meaning::Meaning;
use domain::{AccountId, MatchId, TransactionId};
use serde_json::{Value, json};
use streams::matches::{Kept, State};
use uuid::Uuid;

use crate::world::World;

/// One of a row of matches, each of two transactions and a day later than the one before.
fn kept(n: u8, state: State) -> Kept {
    let id = |part: u8| Uuid::from_u128(u128::from(n) << 8 | u128::from(part));
    let settled = Meaning { kind: domain::Kind::Settlement, category: "book_entry".parse().unwrap() };
    let leg = |part: u8, to| MatchLeg {
        account: AccountId::from_uuid(id(part + 100)),
        id: TransactionId::from_uuid(id(part)),
        to,
    };
    let found = Match {
        id: MatchId::from_uuid(id(0)),
        relation: Relation::BookEntry,
        percent: 95,
        evidence: vec![Evidence::SameAmount],
        legs: vec![leg(1, Some(settled)), leg(2, None)],
        parts: None,
    };
    let day = format!("2026-03-{:02}", n + 1).parse().unwrap();
    Kept { found, state, day, amount: "12.5".parse().unwrap(), currency: "GBP".parse().unwrap() }
}

async fn with_matches() -> (World, String) {
    let world = World::new().await;
    let states = [State::Applied, State::Proposed, State::Refused, State::Applied, State::Accepted];
    for (n, state) in (1..).zip(states) {
        world.commands.matches().put(world.business, &kept(n, state)).await.unwrap();
    }
    let path = format!("/api/v1/businesses/{}/matches", world.business);
    (world, path)
}

fn days(body: &Value) -> Vec<&str> {
    body["matches"].as_array().unwrap().iter().map(|one| one["day"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn pages_walk_from_the_newest_to_the_oldest() {
    let (world, path) = with_matches().await;
    let (mut asked, mut seen) = (format!("{path}?first=2"), Vec::new());
    loop {
        let (status, headers, body) = world.get(&asked).await;
        assert_eq!((status, &body["proposed"]), (StatusCode::OK, &json!(1)));
        seen.extend(days(&body).into_iter().map(str::to_owned));
        let Some(link) = headers.get(header::LINK) else { break };
        let link = link.to_str().unwrap();
        assert!(link.contains(body["next"].as_str().unwrap()) && link.contains("first=2"), "{link}");
        link.trim_start_matches('<').split('>').next().unwrap().clone_into(&mut asked);
    }
    assert_eq!(seen, ["2026-03-06", "2026-03-05", "2026-03-04", "2026-03-03", "2026-03-02"]);
}

#[tokio::test]
async fn states_and_one_transaction_are_asked_for() {
    let (world, path) = with_matches().await;
    let (_, _, body) = world.get(&format!("{path}?states=proposed,refused")).await;
    assert_eq!(days(&body), ["2026-03-04", "2026-03-03"]);
    let leg = kept(4, State::Applied).found.legs[0].id;
    let (_, _, body) = world.get(&format!("{path}?transaction={leg}")).await;
    assert_eq!(days(&body), ["2026-03-05"]);
    let one = &body["matches"][0];
    assert_eq!(
        (&one["relation"], &one["state"], &one["amount"]),
        (&json!("book_entry"), &json!("applied"), &json!("12.50"))
    );
    // What goes on counting comes first.
    assert_eq!((&one["legs"][0]["kind"], &one["legs"][1]["kind"]), (&Value::Null, &json!("settlement")));
    let query = "query($b: UUID!, $t: UUID!) { business(id: $b) { matches(transaction: $t) { nodes { day } } } }";
    let data = world.data(query, json!({"b": world.business, "t": leg})).await;
    assert_eq!(data["business"]["matches"]["nodes"], json!([{"day": "2026-03-05"}]));
    for bad in ["states=open", "first=0", "after=x", "other=1"] {
        let (status, ..) = world.get(&format!("{path}?{bad}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{bad}");
    }
}

#[tokio::test]
async fn a_tag_holds_until_a_match_stands_otherwise() {
    let (world, path) = with_matches().await;
    let (_, headers, _) = world.get(&path).await;
    let tag = headers[header::ETAG].to_str().unwrap().to_owned();
    let again = || Request::get(&path).header(header::IF_NONE_MATCH, &tag).body(Body::empty()).unwrap();
    assert_eq!(world.send(again()).await.0, StatusCode::NOT_MODIFIED);
    world.commands.matches().put(world.business, &kept(2, State::Refused)).await.unwrap();
    assert_eq!(world.send(again()).await.0, StatusCode::OK);
}
