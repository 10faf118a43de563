use std::collections::BTreeMap;

use connectors::provider::{Connector, Credentials, FoundAccount, Place, Reported, Then};
use connectors::simulator::Scenario;
use domain::BatchId;
use domain::account::AccountCommand;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::world::{Connected, by_kind, credentials, key, stripe};
use crate::simulator::{Simulated, payload};

/// All pages of one currency, as the scenario plays them.
async fn pulled(scenario: &Value, currency: &str) -> Vec<Reported> {
    let simulated = Simulated::playing(Scenario::parse(&scenario.to_string()).unwrap()).await;
    let connector = stripe(&simulated, 3);
    let (currency, credentials) = (currency.parse().unwrap(), credentials("rk_live_simulated"));
    let account = FoundAccount { id: "account".into(), name: "Stripe".into(), currency, balance: None, mark: None };
    let (mut all, mut next): (Vec<Reported>, Option<String>) = (Vec::new(), None);
    loop {
        let place = Place { cursor: None, page: next.as_deref() };
        let pull = || connector.pull(&credentials, &account, place);
        let page = connectors::provider::retried(super::world::QUICK, pull).await.unwrap();
        all.extend(page.reported);
        match page.then {
            Then::More(page) => next = Some(page),
            Then::Done(cursor) | Then::Early(cursor) | Then::Whole { cursor, .. } => {
                assert_eq!(cursor.as_deref(), Some("created:1767916800"));
                return all;
            }
        }
    }
}

#[tokio::test]
async fn the_recorded_pages_give_the_expected_figures() {
    let Some(scenario) = payload("stripe/scenario_balance_transactions.json") else { return };
    let expected = &payload("stripe/expected.json").unwrap()["scenario_balance_transactions.json"];
    let mut all = pulled(&scenario, "USD").await;
    all.extend(pulled(&scenario, "JPY").await);
    let of = |id: &str, entity: &str| all.iter().find(|one| one.id == id && one.entity == entity);
    let decimal = |value: &Value| value.as_str().unwrap().parse::<Decimal>().unwrap();
    for one in expected["transactions"].as_array().unwrap() {
        let id = one["source_id"].as_str().unwrap();
        let gross = of(id, "balance_transaction").unwrap();
        let fee = of(id, "balance_transaction_fee").map_or(Decimal::ZERO, |fee| fee.amount);
        assert_eq!((gross.amount, fee), (decimal(&one["gross"]), decimal(&one["fee"])), "{id}");
        assert_eq!(
            (gross.amount + fee, gross.currency.code()),
            (decimal(&one["net"]), one["currency"].as_str().unwrap())
        );
        let class = if gross.kind.as_str() == "expense" { "fee" } else { gross.kind.as_str() };
        assert_eq!(class, one["class"], "{id}");
        let own = gross.provider_category.as_deref().unwrap_or(gross.category.as_str());
        assert_eq!((own, gross.pending), (one["reporting_category"].as_str().unwrap(), false));
        assert_eq!(gross.value_date.unwrap().to_string(), one["available_on"].as_str().unwrap()[..10], "{id}");
    }
    for (currency, totals) in expected["totals"].as_object().unwrap() {
        let sum = |kind: &str| -> Decimal {
            let of_kind = all.iter().filter(|one| one.currency.code() == currency && one.kind.as_str() == kind);
            of_kind.map(|one| one.amount).sum()
        };
        let expected = [
            ("revenue", "gross_revenue"),
            ("refund", "refunds"),
            ("expense", "fees"),
            ("internal_transfer", "payouts"),
        ];
        for (kind, member) in expected {
            assert_eq!(sum(kind), decimal(&totals[member]), "{currency} {member}");
        }
        let all: Decimal = all.iter().filter(|one| one.currency.code() == currency).map(|one| one.amount).sum();
        assert_eq!(all, decimal(&totals["net_all"]));
    }
}

/// As if everything before a moment had been read.
async fn read_up_to(
    connected: &Connected,
    connector: &dyn Connector,
    credentials: &Credentials,
    moment: chrono::DateTime<chrono::Utc>,
) {
    let (commands, at) = (&connected.world.commands, connected.at);
    let meta = streams::Meta::new(at.business, "test");
    for account in connector.accounts(credentials).await.unwrap() {
        let id = at.account(&account.id);
        let open = AccountCommand::Open {
            id,
            business: at.business,
            source: at.source,
            name: account.name,
            currency: account.currency,
            external_id: Some(account.id),
        };
        let to_cursor = Some(format!("created:{}", moment.timestamp()));
        let read = AccountCommand::Sync {
            batch: BatchId::new(),
            to_cursor,
            reported: Vec::new(),
            removed: Vec::new(),
            told: vec![],
        };
        commands.account(id, open, &meta).await.unwrap();
        commands.account(id, read, &meta).await.unwrap();
    }
}

#[tokio::test]
async fn what_it_converted_with_is_recorded_once_for_each_day() {
    let mut options = connectors::simulator::Options::new(1, chrono::Utc::now());
    options.speed = 0;
    let simulated = Simulated::with(options).await;
    simulated.control("/limits", &json!({"enabled": false})).await;
    let (connected, connector) = (Connected::new().await, stripe(&simulated, 100));
    let syncer = connected.syncer(&connector);
    let credentials = syncer.connect(connected.at, "Card payments", &key()).await.unwrap();
    read_up_to(&connected, &connector, &credentials, chrono::Utc::now() - chrono::TimeDelta::days(40)).await;
    syncer.sync(connected.at).await.unwrap();
    let recorded = connected.events("rates.recorded").await;
    assert!((10..45).contains(&recorded.len()), "{} rates", recorded.len());
    let mut days = std::collections::BTreeSet::new();
    for event in &recorded {
        assert_eq!((&event["source"], &event["base"]), (&json!("provider"), &json!("EUR")));
        assert!(days.insert(event["days"][0]["day"].to_string()), "a day has one rate: {event}");
    }
    // What it names as evidence is a charge with that rate.
    let (day, note) = (&recorded[0]["days"][0], recorded[0]["note"].as_str().unwrap());
    let (said, id) = note.rsplit_once(' ').unwrap();
    assert_eq!(said, format!("{} applied it: balance_transaction", connector.title()));
    let (_, told) = simulated.stripe(&format!("/v1/balance_transactions/{id}")).await;
    let rate: Decimal = day["rates"]["GBP"].as_str().unwrap().parse().unwrap();
    assert_eq!(told["exchange_rate"].to_string().parse::<Decimal>().unwrap(), rate);
    let (_, charge) = simulated.stripe(&format!("/v1/charges/{}", told["source"].as_str().unwrap())).await;
    let cents = Decimal::from(charge["amount"].as_i64().unwrap());
    assert_eq!((&charge["currency"], (cents * rate).round()), (&json!("eur"), told["amount"].as_i64().unwrap().into()));
    // Again, and from the beginning: nothing new.
    syncer.sync(connected.at).await.unwrap();
    assert_eq!(connected.events("rates.recorded").await.len(), recorded.len());
}

#[tokio::test]
async fn a_week_in_steps_agrees_with_the_truth() {
    // Its history is counted back from the real day.
    let mut options = connectors::simulator::Options::new(1, chrono::Utc::now());
    options.speed = 0;
    let simulated = Simulated::with(options).await;
    simulated.control("/limits", &json!({"enabled": false})).await;
    let (connected, connector) = (Connected::new().await, stripe(&simulated, 100));
    let syncer = connected.syncer(&connector);
    syncer.connect(connected.at, "Card payments", &key()).await.unwrap();
    simulated.control("/faults", &json!({"kind": "rate_limited", "permille": 200})).await;
    simulated.control("/faults", &json!({"kind": "cut", "permille": 100})).await;
    for _ in 0..6 {
        simulated.advance(28 * 3600).await;
        let _ = syncer.sync(connected.at).await;
    }
    simulated.http.delete(simulated.url("/control/faults")).send().await.unwrap();
    syncer.sync(connected.at).await.unwrap();
    let again = syncer.sync(connected.at).await.unwrap();
    assert_eq!((again.counts.added, again.counts.amended), (0, 0));

    assert_sums(&simulated, &connected, chrono::Utc::now() - chrono::TimeDelta::days(300)).await;
}

/// From the day of a moment on, by kind.
pub async fn assert_sums(simulated: &Simulated, connected: &Connected, from: chrono::DateTime<chrono::Utc>) {
    let standing = connected.standing().await;
    let from = from.date_naive().to_string();
    let truth = simulated.http.get(simulated.url(&format!("/control/truth?from={from}"))).send().await.unwrap();
    let total = &truth.json::<Value>().await.unwrap()["total"];
    let zone: domain::TimeZone = "Europe/London".parse().unwrap();
    let since = standing.iter().filter(|(_, row)| {
        let booked: domain::Booked = serde_json::from_value(row["booked"].clone()).unwrap();
        booked.day(zone).to_string() >= from
    });
    let since: BTreeMap<_, _> = since.map(|(key, row)| (key.clone(), row.clone())).collect();
    let sums = by_kind(&since);
    assert_eq!(total["sales"], sums["revenue"]);
    assert_eq!(total["refunds"], sums["refund"]);
    assert_eq!(total["fees"], sums["expense"]);
    assert_eq!(total["payouts"], -sums["internal_transfer"]);
}

#[tokio::test]
async fn a_revoked_key_is_a_state_and_a_test_key_is_refused() {
    let simulated = Simulated::start().await;
    let (connected, connector) = (Connected::new().await, stripe(&simulated, 100));
    let syncer = connected.syncer(&connector);
    let test = connectors::provider::Grant::key("rk_test_any");
    assert!(syncer.connect(connected.at, "Card payments", &test).await.is_err());
    syncer.connect(connected.at, "Card payments", &key()).await.unwrap();
    simulated.control("/tokens", &json!({"provider": "stripe", "action": "revoke"})).await;
    assert!(syncer.sync(connected.at).await.is_err());
    assert_eq!(connected.events("source.health_changed").await[0]["health"], "revoked");
}
