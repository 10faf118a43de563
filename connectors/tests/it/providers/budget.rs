//! The budget of requests: all workers together never ask more, and everything is read all the same.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use connectors::provider::{Connector, Registry, plaid};
use connectors::worker::{self, Budgets};
use serde_json::Value;
use uuid::Uuid;

use super::payouts::of_days;
use super::worker::{Office, PATIENCE};
use super::world::{Connected, figures, key, plaid_config, public_token_of, stripe};
use crate::simulator::Simulated;

const DAYS: u32 = 10;
/// Requests of a provider a second.
const RATE: f64 = 3.0;
/// What may have been saved up before.
const BURST: TimeDelta = TimeDelta::seconds(1);
/// Clocks are read in whole milliseconds.
const ROUNDED: TimeDelta = TimeDelta::milliseconds(10);

fn bank(simulated: &Simulated) -> plaid::Plaid {
    plaid::Plaid::new(plaid::Config { days: DAYS, ..plaid_config(simulated) })
}

/// When a provider was asked since a moment, by the real clock.
pub async fn asked(simulated: &Simulated, provider: &str, since: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let answer = simulated.http.get(simulated.url("/control/requests")).send().await.unwrap();
    let all: Vec<Value> = answer.json().await.unwrap();
    let of = all.iter().filter(|one| one["provider"] == provider);
    let mut moments: Vec<DateTime<Utc>> = of.map(|one| one["at"].as_str().unwrap().parse().unwrap()).collect();
    moments.retain(|at| *at >= since);
    moments.sort();
    moments
}

/// Each is asked no sooner than the budget had room for it, the first with what was saved up.
fn assert_within(moments: &[DateTime<Utc>], began: DateTime<Utc>) {
    let gap = TimeDelta::from_std(Duration::from_secs_f64(RATE.recip())).unwrap();
    for (before, at) in (0..).zip(moments) {
        let earliest = began + gap * before - BURST - ROUNDED;
        assert!(*at >= earliest, "{before} before {at}, which is before {earliest}");
    }
}

/// What a bank and a processor tell somebody who has no budget.
async fn without_a_budget(simulated: &Simulated) -> BTreeMap<String, Value> {
    let (bank, cards) = (bank(simulated), stripe(simulated, 50));
    let (one, other) = (Connected::new().await, Connected::new().await);
    let (of_bank, of_cards) = (one.syncer(&bank), other.syncer(&cards));
    of_bank.connect(one.at, "Bank", &public_token_of(simulated, None, DAYS).await).await.unwrap();
    of_cards.connect(other.at, "Card payments", &key()).await.unwrap();
    simulated.advance(60).await;
    of_bank.sync(one.at).await.unwrap();
    of_cards.sync(other.at).await.unwrap();
    let mut all = figures(&one).await;
    all.extend(figures(&other).await);
    all
}

/// Both workers are at it.
async fn until_both_work(office: &Office) {
    const AT_WORK: &str = "select leased_by from connectors.connection
        where leased_by is not null and leased_until > now()";
    let (mut seen, began) = (HashSet::<Uuid>::new(), Instant::now());
    while seen.len() < 2 && began.elapsed() < PATIENCE {
        seen.extend(sqlx::query_scalar::<_, Uuid>(AT_WORK).fetch_all(&office.connections.pool).await.unwrap());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(seen.len(), 2);
}

/// Two businesses have connected the same two providers, each provider with a budget.
#[tokio::test]
async fn two_workers_share_a_budget_and_read_everything() {
    let simulated = of_days(i64::from(DAYS)).await;
    let there: DateTime<Utc> = simulated.truth().await["now"].as_str().unwrap().parse().unwrap();
    // Where histories begin depends on when they were asked for.
    let from = (there - TimeDelta::days(i64::from(DAYS) - 2)).date_naive().to_string();
    let mut registry = Registry::default();
    registry.add(Arc::new(bank(&simulated)) as Arc<dyn Connector>);
    registry.add(Arc::new(stripe(&simulated, 50)));
    let mut office = Office::with(registry, None).await;
    let mut businesses = Vec::new();
    for _ in 0..2 {
        office.connected.world.another_business().await;
        let sources = [office.connect(&simulated, "plaid").await, office.connect(&simulated, "stripe").await];
        businesses.push((office.business(), sources));
    }
    let mut all = without_a_budget(&simulated).await;
    all.retain(|_, row| row["booked"].as_str().unwrap() >= from.as_str());
    assert!(all.len() > 100, "{}", all.len());

    let began = Utc::now();
    let budgets = Budgets { of: BTreeMap::new(), otherwise: RATE };
    let config = || worker::Config { at_most: 2, budgets: budgets.clone(), ..office.config() };
    let _both = (office.work_with(config()), office.work_with(config()));
    until_both_work(&office).await;
    for (business, sources) in businesses {
        office.connected.world.business = business;
        office.connected.at.business = business;
        for source in sources {
            office.settled(source).await;
        }
        let mut read = office.figures().await;
        read.retain(|_, row| row["booked"].as_str().unwrap() >= from.as_str());
        assert_eq!(read.len(), all.len());
        assert!(read == all, "each line as it was told");
    }
    for provider in ["plaid", "stripe"] {
        let moments = asked(&simulated, provider, began).await;
        assert!(moments.len() > 15, "{provider} was asked {} times alone", moments.len());
        assert_within(&moments, began);
    }
}
