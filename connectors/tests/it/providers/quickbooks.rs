use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::HeaderMap;
use chrono::{TimeDelta, Utc};
use connectors::provider::quickbooks::{Config, QuickBooks};
use connectors::provider::sync::{SourceAt, SyncError};
use connectors::provider::{
    Connector, Credentials, FoundAccount, MemoryVault, Place, ProviderError, Reported, Secret, Then, Vault,
    WebhookRefused, What,
};
use connectors::simulator::Scenario;
use domain::{BusinessId, SourceId};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::world::{Connected, QUICK, agreed, by_kind, figures, of_today, quickbooks, quickbooks_config, receiving};
use crate::simulator::{Simulated, payload};

#[tokio::test]
async fn the_recorded_conversation_ends_with_the_expected_objects() {
    let Some(scenario) = payload("quickbooks/scenario_query_refresh_cdc.json") else { return };
    let expected = &payload("quickbooks/expected.json").unwrap()["scenario_query_refresh_cdc.json"];
    let simulated = Simulated::playing(Scenario::parse(&scenario.to_string()).unwrap()).await;
    let connector = QuickBooks::new(Config { limit: 2, days: None, ..quickbooks_config(&simulated) });
    let currency = "USD".parse().unwrap();
    let account = FoundAccount { id: "123".into(), name: "Books".into(), currency, balance: None, mark: None };
    let vault = MemoryVault::default();
    let at = SourceAt { business: BusinessId::new(), source: SourceId::new() };
    let mut credentials = Credentials {
        access: Secret::new("AT-old"),
        refresh: Some(Secret::new("RT-old")),
        expires_at: None,
        external_id: "123".into(),
    };
    vault.keep(at.business, at.source, &credentials).await.unwrap();
    let mut all: BTreeMap<(&str, String), Reported> = BTreeMap::new();
    let mut removed = Vec::new();
    let mut next: Option<String> = None;
    let cursor = loop {
        let place = Place { cursor: None, page: next.as_deref() };
        let pull = || connector.pull(&credentials, &account, place);
        let page = match connectors::provider::retried(QUICK, pull).await {
            Err(ProviderError::TokenExpired) => {
                credentials = vault.open(at.business, at.source, &connector, Some(&credentials)).await.unwrap();
                continue;
            }
            page => page.unwrap(),
        };
        all.extend(page.reported.into_iter().map(|one| ((one.entity, one.id.clone()), one)));
        for gone in page.removed {
            all.remove(&gone);
            removed.push(gone);
        }
        match page.then {
            Then::More(page) => next = Some(page),
            Then::Done(cursor) | Then::Early(cursor) | Then::Whole { cursor, .. } => break cursor,
        }
    };
    assert_eq!(cursor.as_deref(), Some("since:2026-02-03T00:00:00-08:00"));
    assert_eq!(credentials.refresh.unwrap().expose(), expected["stored_refresh_token"].as_str().unwrap());
    let decimal = |value: &Value| value.as_str().unwrap().parse::<Decimal>().unwrap();
    let entities = expected["entities"].as_array().unwrap();
    assert_eq!(all.len(), entities.len());
    for one in entities {
        let entity = one["entity"].as_str().unwrap();
        let is = all.iter().find(|((of, id), _)| *of == entity && json!(id) == one["source_id"]).unwrap().1;
        assert_eq!((is.amount, is.booked.to_string()), (decimal(&one["cash_amount"]), text(&one["date"])), "{one}");
        assert_eq!((is.kind.as_str(), is.currency.code()), (one["class"].as_str().unwrap(), "USD"));
    }
    assert_eq!(all.values().map(|one| one.amount).sum::<Decimal>(), decimal(&expected["sum_cash"]));
    assert_eq!(removed, [("Purchase", text(&expected["deleted"][0]["source_id"]))]);
    let played: Value =
        simulated.http.get(simulated.url("/control/scenario")).send().await.unwrap().json().await.unwrap();
    assert_eq!((&played["done"], &played["mismatches"]), (&json!(true), &json!([])));
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Sums of both by kind over the days that both know whole.
async fn assert_true(simulated: &Simulated, standing: &BTreeMap<String, Value>, now: chrono::DateTime<Utc>) {
    let from = (Utc::now() - TimeDelta::days(300)).date_naive().to_string();
    let to = (now - TimeDelta::days(10)).date_naive().to_string();
    let url = simulated.url(&format!("/control/truth?from={from}&to={to}"));
    let truth: Value = simulated.http.get(url).send().await.unwrap().json().await.unwrap();
    let known = standing.iter().filter(|(_, row)| {
        let day = row["booked"].as_str().unwrap();
        (from.as_str()..=to.as_str()).contains(&day)
    });
    let sums = by_kind(&known.map(|(key, row)| (key.clone(), row.clone())).collect());
    for kind in ["revenue", "refund", "expense", "tax", "financing"] {
        let wanted = truth["total"]["by_kind"][kind].as_i64().unwrap_or_default();
        assert_eq!(sums.get(kind).copied().unwrap_or_default(), wanted, "{kind}: {sums:?}");
    }
}

#[tokio::test]
async fn a_year_listed_and_two_weeks_of_changes_agree_with_the_truth() {
    let simulated = of_today().await;
    let (connected, connector) = (Connected::new().await, quickbooks(&simulated));
    let syncer = connected.syncer(&connector);
    syncer.connect(connected.at, "Books", &agreed(&simulated, &connector).await).await.unwrap();
    let first = syncer.sync(connected.at).await.unwrap();
    assert!(first.counts.added > 1000 && first.pages > 8, "{first:?}");
    for fault in [
        json!({"kind": "server_error", "permille": 200}),
        json!({"kind": "rate_limited", "permille": 150}),
        // A renewal whose answer is lost costs the refresh token: that is not what this is about.
        json!({"kind": "cut", "permille": 150, "path": "/v3/"}),
        json!({"kind": "unknown_fields", "permille": 300}),
        json!({"kind": "unknown_values", "permille": 300}),
    ] {
        simulated.control("/faults", &fault).await;
    }
    for _ in 0..14 {
        simulated.advance(86_400).await;
        let _ = syncer.sync(connected.at).await;
    }
    simulated.http.delete(simulated.url("/control/faults")).send().await.unwrap();
    syncer.sync(connected.at).await.unwrap();
    let again = syncer.sync(connected.at).await.unwrap();
    assert_eq!((again.counts.added, again.counts.amended, again.counts.removed), (0, 0, 0));
    let pages = connected.events("account.synced").await.len();
    syncer.sync(connected.at).await.unwrap();
    assert_eq!(connected.events("account.synced").await.len(), pages, "nothing new is no event");
    assert_true(&simulated, &connected.standing().await, Utc::now() + TimeDelta::days(14)).await;

    // Silent for longer than changes are told: everything is listed again, nothing is doubled, and what was deleted
    // meanwhile is found out by its absence.
    let happening = json!({"key": "mistake", "pence": -4_711, "description": "MISTAKE", "after_seconds": 60,
        "settles_at": -4_711, "taken_back_after_seconds": 86_400});
    simulated.control("/happen", &happening).await;
    simulated.advance(3_600).await;
    syncer.sync(connected.at).await.unwrap();
    let mistakes =
        async || connected.standing().await.into_values().filter(|row| row["description"] == "MISTAKE").count();
    assert_eq!(mistakes().await, 1);
    let before = connected.standing().await.len();
    simulated.advance(31 * 86_400).await;
    let late = syncer.sync(connected.at).await.unwrap();
    assert!(late.pages > 8, "{late:?}");
    assert_eq!((mistakes().await, late.counts.removed), (0, 1));
    let standing = connected.standing().await;
    assert!(standing.len() > before);
    assert_true(&simulated, &standing, Utc::now() + TimeDelta::days(45)).await;
    let fresh = Connected::new().await;
    let syncer = fresh.syncer(&connector);
    syncer.connect(fresh.at, "Books", &agreed(&simulated, &connector).await).await.unwrap();
    syncer.sync(fresh.at).await.unwrap();
    assert_eq!(figures(&fresh).await, figures(&connected).await);
}

/// Every page of a first reading, and how much was read by then.
async fn pages(simulated: &Simulated, connector: &QuickBooks) -> Vec<(Vec<Reported>, Option<u8>)> {
    let credentials = connector.complete(&agreed(simulated, connector).await).await.unwrap();
    let account = connector.accounts(&credentials).await.unwrap().remove(0);
    let (mut pages, mut next): (Vec<_>, Option<String>) = (Vec::new(), None);
    loop {
        let place = Place { cursor: None, page: next.as_deref() };
        let page = connector.pull(&credentials, &account, place).await.unwrap();
        let Then::More(more) = page.then else {
            pages.push((page.reported, None));
            return pages;
        };
        pages.push((page.reported, connector.progress(&more)));
        next = Some(more);
    }
}

#[tokio::test]
async fn the_history_comes_newest_first_and_a_day_of_more_than_a_page_is_whole() {
    let simulated = of_today().await;
    let listed = |limit| QuickBooks::new(Config { limit, days: Some(60), ..quickbooks_config(&simulated) });
    let all = pages(&simulated, &listed(1000)).await;
    let small = pages(&simulated, &listed(3)).await;
    let ids = |pages: &[(Vec<Reported>, Option<u8>)]| -> BTreeMap<(&'static str, String), Decimal> {
        let all = pages.iter().flat_map(|(page, _)| page);
        all.map(|one| ((one.entity, one.id.clone()), one.amount)).collect()
    };
    assert!(ids(&all).len() > 100 && small.len() > 4 * all.len(), "{} pages, {} pages", all.len(), small.len());
    assert_eq!(ids(&small), ids(&all), "a day may have more objects than a page");

    // Each entity goes back day by day, and all of them together.
    let mut reached: BTreeMap<&str, String> = BTreeMap::new();
    for page in small.iter().map(|(page, _)| page).filter(|page| !page.is_empty()) {
        let days: Vec<_> = page.iter().map(|one| one.booked.to_string()).collect();
        let before = reached.insert(page[0].entity, days.iter().min().unwrap().clone());
        assert!(before.is_none_or(|before| *days.iter().max().unwrap() <= before), "{}: {days:?}", page[0].entity);
    }
    let newest: Vec<_> = small.iter().take(8).flat_map(|(page, _)| page).map(|one| one.booked.to_string()).collect();
    let week = (Utc::now() - TimeDelta::days(14)).date_naive().to_string();
    assert!(newest.iter().filter(|day| **day >= week).count() * 3 > newest.len(), "{newest:?}");
    let told: Vec<u8> = small.iter().filter_map(|(_, percent)| *percent).collect();
    assert!(told.is_sorted() && told[0] < 20 && *told.last().unwrap() == 99, "{told:?}");
}

#[tokio::test]
async fn an_edit_is_an_amendment_and_what_is_deleted_is_taken_back() {
    let simulated = of_today().await;
    let connector = QuickBooks::new(Config { days: Some(20), ..quickbooks_config(&simulated) });
    let connected = Connected::new().await;
    let syncer = connected.syncer(&connector);
    syncer.connect(connected.at, "Books", &agreed(&simulated, &connector).await).await.unwrap();
    // It settles at once for one amount and is corrected later; the other is entered and vanishes.
    for (key, settles) in [("fuel", Some(-6_120)), ("hold", None)] {
        let happening = json!({"key": key, "pence": -5_000, "description": key.to_uppercase(),
            "after_seconds": 3600, "settles_at": settles});
        simulated.control("/happen", &happening).await;
    }
    simulated.advance(4000).await;
    syncer.sync(connected.at).await.unwrap();
    let named = async |name: &str| -> Vec<Value> {
        connected.standing().await.into_values().filter(|row| row["description"] == name).collect()
    };
    // Pending lines are not in the books; what settled is, once.
    assert_eq!(named("FUEL").await.len(), 1);
    assert_eq!(named("FUEL").await[0]["amount"], "-61.2");
    assert!(named("HOLD").await.is_empty());
}

/// A permission that is gone looks like a list that is empty, with status 200.
#[tokio::test]
async fn a_list_that_is_suddenly_empty_takes_nothing_back() {
    let simulated = of_today().await;
    let (connected, connector) = (Connected::new().await, quickbooks(&simulated));
    let syncer = connected.syncer(&connector);
    syncer.connect(connected.at, "Books", &agreed(&simulated, &connector).await).await.unwrap();
    syncer.sync(connected.at).await.unwrap();
    let before = figures(&connected).await;
    simulated.advance(31 * 86_400).await;
    for hidden in ["Purchase", "RefundReceipt"] {
        simulated.control("/faults", &json!({"kind": "emptied", "name": hidden})).await;
        let error = syncer.sync(connected.at).await.unwrap_err();
        assert!(matches!(error, SyncError::Provider(ProviderError::Vanished { .. })), "{hidden}: {error:?}");
        let now = figures(&connected).await;
        // By number: meanwhile the books have moved some to another category.
        let numbers: Vec<_> = now.values().map(|row| &row["reference"]).collect();
        let gone: Vec<_> = before.values().filter(|row| !numbers.contains(&&row["reference"])).collect();
        assert!(gone.is_empty(), "{hidden}: something was taken back: {gone:#?}");
        simulated.http.delete(simulated.url("/control/faults")).send().await.unwrap();
    }
    assert_eq!(
        connected.events("source.health_changed").await,
        [json!({"event": "source.health_changed", "health": "failing", "reason": "much_vanished"})]
    );
    // Seen again, it goes on by itself.
    syncer.sync(connected.at).await.unwrap();
    assert_eq!(connected.events("source.health_changed").await.len(), 2);
    assert!(figures(&connected).await.len() > before.len());
}

#[tokio::test]
async fn refresh_tokens_are_stored_and_a_dead_one_needs_the_user() {
    let simulated = of_today().await;
    let (connected, connector) = (Connected::new().await, quickbooks(&simulated));
    let syncer = connected.syncer(&connector);
    let first = syncer.connect(connected.at, "Books", &agreed(&simulated, &connector).await).await.unwrap();
    simulated.control("/tokens", &json!({"provider": "quickbooks", "action": "expire"})).await;
    syncer.sync(connected.at).await.unwrap();
    let kept = connected.vault.open(connected.at.business, connected.at.source, &connector, None).await.unwrap();
    assert_ne!((&kept.access, &kept.refresh), (&first.access, &first.refresh));
    simulated.control("/tokens", &json!({"provider": "quickbooks", "action": "revoke"})).await;
    let error = syncer.sync(connected.at).await.unwrap_err();
    assert!(matches!(error, SyncError::Provider(ProviderError::ConsentNeeded { .. })), "{error:?}");
    assert_eq!(
        connected.events("source.health_changed").await,
        [json!({"event": "source.health_changed", "health": "consent_needed", "reason": "invalid_grant"})]
    );
    let second = syncer.connect(connected.at, "Books", &agreed(&simulated, &connector).await).await.unwrap();
    syncer.sync(connected.at).await.unwrap();
    syncer.disconnect(connected.at, "asked by the owner").await.unwrap();
    assert_eq!(connector.accounts(&second).await, Err(ProviderError::TokenExpired), "it was given back");
}

#[tokio::test]
async fn webhooks_are_hints_with_a_good_signature() {
    let simulated = Simulated::unlimited().await;
    let connector = quickbooks(&simulated);
    let (url, mut received) = receiving().await;
    simulated.control("/webhooks", &json!({"provider": "quickbooks", "url": url})).await;
    simulated.advance(86_400).await;
    let (headers, body) = tokio::time::timeout(Duration::from_secs(5), received.recv()).await.unwrap().unwrap();
    let hint = connector.webhook(&headers, &body, Utc::now()).await.unwrap();
    assert_eq!((hint.external_ids, hint.what), (vec!["1185883450".to_owned()], What::News));
    let mut other = body.to_vec();
    other.push(b' ');
    assert_eq!(connector.webhook(&headers, &other, Utc::now()).await, Err(WebhookRefused::Forged));
    assert_eq!(connector.webhook(&HeaderMap::new(), &body, Utc::now()).await, Err(WebhookRefused::Forged));
}
