//! Connected once more: what was known goes on, and nothing counts twice.

use std::collections::BTreeSet;

use connectors::connections::{Data, Wish};
use domain::SourceId;
use serde_json::{Value, json};

use super::worker::{Office, agree};
use super::world::of_today;
use crate::simulator::Simulated;

/// What stands, as its user sees it, of the days from the given one on: twice what is there twice.
async fn lines(office: &Office, from: &str) -> Vec<String> {
    let standing = office.connected.standing().await;
    let days = standing.values().filter(|row| row["booked"].as_str().unwrap() >= from);
    let text = |row: &Value| ["booked", "amount", "currency", "description", "kind"].map(|name| row[name].to_string());
    let mut lines: Vec<String> = days.map(|row| text(row).join(" ")).collect();
    lines.sort();
    lines
}

async fn oldest(office: &Office) -> String {
    let standing = office.connected.standing().await;
    standing.values().map(|row| row["booked"].as_str().unwrap().to_owned()).min().unwrap()
}

/// Through the provider's pages once more, as somebody who begins anew.
async fn connect_again(office: &Office, simulated: &Simulated, provider: &str) -> (SourceId, bool) {
    let instance = Some("harbour-coffee.myshopify.com".to_owned());
    let wish = Wish { provider: provider.to_owned(), instance, ..Wish::default() };
    let way = office.connections.begin(&office.who, office.business(), &wish).await.unwrap();
    let back = agree(simulated, &way.url.unwrap()).await;
    let found = office.connections.finish(&office.who, &back).await.unwrap();
    if found.is_new {
        assert!(found.accounts.iter().all(|account| account.chosen), "what was chosen is proposed");
        let accounts: Vec<_> = found.accounts.iter().map(|account| account.id).collect();
        office.connections.choose(&office.who, office.business(), found.at.source, &accounts).await.unwrap();
    }
    (found.at.source, found.is_new)
}

async fn goes_on(provider: &str) {
    let simulated = of_today().await;
    let office = Office::new(&simulated).await;
    let work = office.work();
    let source = office.connect(&simulated, provider).await;
    simulated.advance(60).await;
    office.settled(source).await;
    let before = lines(&office, "").await;
    assert!(before.len() > 100, "{}", before.len());
    office.connections.disconnect(&office.who, office.business(), source, Data::Keep).await.unwrap();
    simulated.advance(2 * 86_400).await;
    assert_eq!(connect_again(&office, &simulated, provider).await, (source, true), "{provider}");
    simulated.advance(60).await;
    office.settled(source).await;
    let connected = office.connected.events("source.connected").await;
    assert_eq!(connected.len(), 1, "it is the same source");
    drop(work);

    let fresh = Office::new(&simulated).await;
    let _work = fresh.work();
    let other = fresh.connect(&simulated, provider).await;
    simulated.advance(60).await;
    fresh.settled(other).await;
    let from = oldest(&fresh).await;
    let (again, once) = (lines(&office, &from).await, lines(&fresh, &from).await);
    assert_eq!(again, once, "{provider}");
    assert!(lines(&office, "").await.len() > before.len(), "{provider}: what came meanwhile is there");
}

#[tokio::test]
async fn a_bank_that_is_disconnected_and_connected_again_doubles_nothing() {
    goes_on("plaid").await;
}

#[tokio::test]
async fn a_card_processor_that_is_disconnected_and_connected_again_doubles_nothing() {
    goes_on("stripe").await;
}

#[tokio::test]
async fn books_that_are_disconnected_and_connected_again_double_nothing() {
    goes_on("quickbooks").await;
}

#[tokio::test]
async fn a_shop_that_is_disconnected_and_connected_again_doubles_nothing() {
    goes_on("shopify").await;
}

/// The bank gives new ids to accounts and lines; one line was pending before and settled for another amount meanwhile.
#[tokio::test]
async fn a_revoked_bank_that_is_linked_anew_goes_on_under_its_old_accounts() {
    let simulated = of_today().await;
    let office = Office::new(&simulated).await;
    let _work = office.work();
    let source = office.connect(&simulated, "plaid").await;
    simulated.advance(60).await;
    let fuel =
        json!({"key": "fuel", "pence": -10_000, "description": "FUEL", "after_seconds": 3600, "settles_at": -6_120});
    simulated.control("/happen", &fuel).await;
    office.settled(source).await;
    let accounts = async || -> BTreeSet<String> {
        let opened = office.connected.events("account.opened").await;
        opened.iter().map(|event| event["id"].to_string()).collect()
    };
    let (had, before) = (accounts().await, lines(&office, "").await);
    assert_eq!(before.iter().filter(|line| line.contains("FUEL")).count(), 1);
    simulated.control("/tokens", &json!({"provider": "plaid", "action": "revoke"})).await;
    office.until(source, "revoked", |row| row["health"] == "revoked").await;
    simulated.advance(7_200).await;
    assert_eq!(connect_again(&office, &simulated, "plaid").await, (source, false));
    simulated.advance(60).await;
    office.settled(source).await;
    assert_eq!(accounts().await, had, "no account is new");
    let after = lines(&office, "").await;
    let fuel: Vec<_> = after.iter().filter(|line| line.contains("FUEL")).collect();
    assert_eq!(fuel.len(), 1, "{fuel:?}");
    assert!(fuel[0].contains("-61.2"), "{fuel:?}");
    let only = |line: &&String| !line.contains("FUEL");
    let mut rest: Vec<_> = after.iter().filter(only).cloned().collect();
    for line in before.iter().filter(only) {
        let place = rest.iter().position(|one| one == line);
        rest.remove(place.unwrap_or_else(|| panic!("{line} is gone")));
    }
    let today = (chrono::Utc::now() - chrono::TimeDelta::days(2)).date_naive().to_string();
    assert!(rest.iter().all(|line| line.trim_matches('"') >= today.as_str()), "only what is new came: {rest:?}");
    // A repair by its own row leads to the same.
    simulated.control("/tokens", &json!({"provider": "plaid", "action": "revoke"})).await;
    office.until(source, "revoked", |row| row["health"] == "revoked").await;
    let wish = Wish { provider: "plaid".into(), repairs: Some(source), ..Wish::default() };
    let way = office.connections.begin(&office.who, office.business(), &wish).await.unwrap();
    let back = agree(&simulated, &way.url.unwrap()).await;
    assert_eq!(office.connections.finish(&office.who, &back).await.unwrap().at.source, source);
    simulated.advance(60).await;
    office.settled(source).await;
    assert_eq!(lines(&office, "").await, after);
}

/// Whoever had the data taken out begins with nothing.
#[tokio::test]
async fn what_was_taken_out_comes_back_as_a_source_of_its_own() {
    let simulated = of_today().await;
    let office = Office::new(&simulated).await;
    let _work = office.work();
    let source = office.connect_with_key().await;
    office.settled(source).await;
    let before = lines(&office, "").await;
    office.connections.disconnect(&office.who, office.business(), source, Data::Erase).await.unwrap();
    assert!(lines(&office, "").await.is_empty());
    let again = office.connect_with_key().await;
    assert_ne!(again, source);
    office.settled(again).await;
    assert_eq!(lines(&office, "").await, before);
}
