//! Matches over REST and GraphQL: pages, states, one transaction's chain, and a tag that says whether anything changed.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::account::{AccountCommand, PaidOut};
use domain::matching::{Evidence, Match, MatchLeg, Parts, Relation};
use domain::meaning::Meaning;
use domain::{AccountId, MatchId, TransactionId};
use serde_json::{Value, json};
use streams::matches::{Kept, State};
use uuid::Uuid;

use crate::world::{World, sale};

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

fn whole_year() -> &'static str {
    "from=2024-01-01&to=2024-12-31"
}

/// Two sales are in a payout, one is not.
async fn with_a_payout() -> (World, [TransactionId; 4]) {
    let world = World::new().await;
    let lines = [1, 2, 3, 4].map(|n| sale(&format!("sale {n}"), "2024-03-05", "10.00"));
    let ids = [0, 1, 2, 3].map(|n: usize| lines[n].id);
    world.bring(lines.to_vec(), vec![]).await;
    let told = PaidOut { payout: ids[3], day: "2024-03-05".parse().unwrap(), holds: ids[..2].to_vec() };
    world.told_to(world.account, AccountCommand::PayOut(told)).await;
    (world, ids)
}

#[tokio::test]
async fn a_payout_opens_to_exactly_what_is_in_it() {
    let (world, ids) = with_a_payout().await;
    let mut held: Vec<_> = ids[..2].iter().map(ToString::to_string).collect();
    held.sort();
    // Page by page, in either order.
    for order in ["day", "amount"] {
        let mut path = Some(format!("transactions?{}&payout={}&order={order}&first=1", whole_year(), ids[3]));
        let mut seen = Vec::new();
        while let Some(asked) = path.take() {
            let (status, _, body) = world.get(&format!("/api/v1/businesses/{}/{asked}", world.business)).await;
            assert_eq!(status, StatusCode::OK, "{body}");
            let row = &body["transactions"][0];
            assert_eq!(row["paid_out_with"], json!(ids[3]));
            seen.push(row["id"].as_str().unwrap().to_owned());
            let next = body["next"].as_str();
            path = next.map(|next| {
                format!("transactions?{}&payout={}&order={order}&first=1&after={next}", whole_year(), ids[3])
            });
        }
        seen.sort();
        assert_eq!(seen, held, "{order}");
    }
    let query = "query($b: UUID!, $p: UUID, $s: String) { business(id: $b) {
        transactions(payout: $p, search: $s) { nodes { id paidOutWith } } } }";
    for search in [None, Some("sale")] {
        let data = world.data(query, json!({"b": world.business, "p": ids[3], "s": search})).await;
        let rows = data["business"]["transactions"]["nodes"].as_array().unwrap().clone();
        let mut seen: Vec<_> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
        seen.sort_unstable();
        assert_eq!(seen, held, "{search:?}");
        assert!(rows.iter().all(|row| row["paidOutWith"] == json!(ids[3])));
    }
    let data = world.data(query, json!({"b": world.business})).await;
    let rows = data["business"]["transactions"]["nodes"].as_array().unwrap();
    assert_eq!((rows.len(), rows.iter().filter(|row| row["paidOutWith"].is_null()).count()), (4, 2));
    let changed = "query($b: UUID!, $p: UUID) { business(id: $b) {
        transactions(payout: $p, changedFrom: {position: 0}) { nodes { id } } } }";
    let data = world.data(changed, json!({"b": world.business, "p": ids[3]})).await;
    assert_eq!(data["business"]["transactions"]["nodes"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_payouts_match_tells_its_sum_and_what_is_not_known_of_it() {
    let (world, ids) = with_a_payout().await;
    let account = world.account;
    let parts = |gross: &str| Parts {
        account,
        from: "2024-03-04".parse().unwrap(),
        to: "2024-03-05".parse().unwrap(),
        count: 2,
        gross: gross.parse().unwrap(),
        fees: "-0.5".parse().unwrap(),
    };
    let of = |evidence: Evidence, gross: &str| {
        let mut kept = kept(1, State::Applied);
        kept.found.relation = Relation::Payout;
        kept.found.evidence.push(evidence);
        kept.found.legs[0] = MatchLeg { account, id: ids[3], to: None };
        kept.found.parts = Some(parts(gross));
        kept
    };
    let query = "query($b: UUID!) { business(id: $b) { matches { nodes {
        sum { payout from to count gross fees difference } } } } }";
    let path = format!("/api/v1/businesses/{}/matches", world.business);
    let told = (Evidence::ProviderSays(3), json!(ids[3]));
    let guessed = (Evidence::SumOf(2), Value::Null);
    for ((evidence, payout), gross, difference) in
        [(told.clone(), "13", "0.00"), (told, "10", "3.00"), (guessed, "13", "0.00")]
    {
        world.commands.matches().forget(world.business, &[kept(1, State::Applied).found.id]).await.unwrap();
        world.commands.matches().put(world.business, &of(evidence, gross)).await.unwrap();
        let sum = json!({"payout": payout, "from": "2024-03-04", "to": "2024-03-05", "count": 2,
            "gross": format!("{gross}.00"), "fees": "-0.50", "difference": difference});
        assert_eq!(world.get(&path).await.2["matches"][0]["sum"], sum);
        let data = world.data(query, json!({"b": world.business})).await;
        assert_eq!(data["business"]["matches"]["nodes"][0]["sum"], sum);
    }
}
