//! Killed at every step: a sync that is dropped at its n-th await, for every n, and then done again, ends like one
//! that was never disturbed.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;

use serde_json::{Value, json};

use connectors::provider::sync::Syncer;
use connectors::provider::{Connector, Credentials, Grant, Patience, Secret, Vault};

use super::world::{
    Connected, QUICK, agreed, figures, of_today, plaid, public_token_of, quickbooks_config, shopify_config,
};
use crate::simulator::Simulated;

/// Of history: it is read again after each kill.
const DAYS: u32 = 45;

/// Polls a future so many times and drops it then; whether it had ended before.
async fn killed_after(polls: usize, future: impl Future) -> bool {
    let mut future = pin!(future);
    let mut polled = 0;
    std::future::poll_fn(|context| {
        if polled == polls {
            return Poll::Ready(false);
        }
        polled += 1;
        future.as_mut().poll(context).map(|_| true)
    })
    .await
}

#[tokio::test]
async fn a_sync_that_is_killed_at_any_step_ends_like_an_undisturbed_one() {
    let simulated = Simulated::unlimited().await;
    let connector = plaid(&simulated);
    let (calm, killed) = (Connected::new().await, Connected::new().await);
    for connected in [&calm, &killed] {
        connected
            .syncer(&connector)
            .connect(connected.at, "Bank", &public_token_of(&simulated, None, DAYS).await)
            .await
            .unwrap();
    }
    let settles =
        json!({"key": "fuel", "pence": -10_000, "description": "FUEL", "after_seconds": 3600, "settles_at": -6_120});
    simulated.advance(60).await;
    simulated.control("/happen", &settles).await;
    let mut polls = 1;
    for _ in 0..2 {
        calm.syncer(&connector).sync(calm.at).await.unwrap();
        // One step further each time, until one gets through.
        while !killed_after(polls, killed.syncer(&connector).sync(killed.at)).await {
            polls += 1;
        }
        // How often a future is polled is up to the machine: busy ones wake it for several things at once.
        assert!(polls > 5, "{polls}");
        polls = 1;
        simulated.advance(2 * 86_400).await;
    }
    killed.syncer(&connector).sync(killed.at).await.unwrap();
    calm.syncer(&connector).sync(calm.at).await.unwrap();
    let figures = async |connected: &Connected| {
        let mut standing = connected.standing().await;
        standing.values_mut().for_each(|row| row["id"] = Value::Null);
        standing
    };
    assert_eq!(figures(&calm).await, figures(&killed).await);
    assert_eq!(killed.events("source.health_changed").await.len(), 0);
}

/// The provider's budget is not what is tried here: it is waited for.
fn patient<'a>(connected: &'a Connected, connector: &'a dyn Connector) -> Syncer<'a> {
    Syncer { patience: Patience { tries: 60, ..QUICK }, ..connected.syncer(connector) }
}

/// Two sources with the same credentials: one is killed at every step, the other is not.
async fn ends_undisturbed(
    simulated: &Simulated,
    connector: &dyn Connector,
    grants: [Grant; 2],
    renewed: impl AsyncFn() -> Credentials,
) {
    let (calm, killed) = (Connected::new().await, Connected::new().await);
    for (connected, grant) in [&calm, &killed].into_iter().zip(&grants) {
        patient(connected, connector).connect(connected.at, "Source", grant).await.unwrap();
    }
    for _ in 0..2 {
        // A token is given to one alone: both work with the newest.
        let credentials = renewed().await;
        for connected in [&calm, &killed] {
            connected.vault.keep(connected.at.business, connected.at.source, &credentials).await.unwrap();
        }
        patient(&calm, connector).sync(calm.at).await.unwrap();
        let mut polls = 1;
        while !killed_after(polls, patient(&killed, connector).sync(killed.at)).await {
            polls += 1;
        }
        assert!(polls > 5, "{polls}");
        patient(&killed, connector).sync(killed.at).await.unwrap();
        assert_eq!(figures(&calm).await, figures(&killed).await);
        simulated.advance(2 * 86_400).await;
    }
    assert!(!figures(&calm).await.is_empty());
    assert_eq!(killed.events("source.health_changed").await.len(), 0);
}

#[tokio::test]
async fn a_shop_that_is_killed_at_any_step_ends_like_an_undisturbed_one() {
    let simulated = of_today().await;
    let config = connectors::provider::shopify::Config { days: 30, ..shopify_config(&simulated) };
    let connector = connectors::provider::shopify::Shopify::new(config);
    let grants = [agreed(&simulated, &connector).await, agreed(&simulated, &connector).await];
    let shop = "harbour-coffee.myshopify.com".to_owned();
    let token = Secret::new("shpat_simulated");
    let renewed =
        async || Credentials { access: token.clone(), refresh: None, expires_at: None, external_id: shop.clone() };
    ends_undisturbed(&simulated, &connector, grants, renewed).await;
}

#[tokio::test]
async fn books_that_are_killed_at_any_step_end_like_undisturbed_ones() {
    let simulated = of_today().await;
    let config = connectors::provider::quickbooks::Config { days: Some(30), ..quickbooks_config(&simulated) };
    let connector = connectors::provider::quickbooks::QuickBooks::new(config);
    let grants = [agreed(&simulated, &connector).await, agreed(&simulated, &connector).await];
    let renewed = async || connector.complete(&agreed(&simulated, &connector).await).await.unwrap();
    ends_undisturbed(&simulated, &connector, grants, renewed).await;
}

#[tokio::test]
async fn two_workers_at_once_count_everything_once() {
    let simulated = Simulated::unlimited().await;
    let connector = plaid(&simulated);
    let (calm, raced) = (Connected::new().await, Connected::new().await);
    for connected in [&calm, &raced] {
        connected
            .syncer(&connector)
            .connect(connected.at, "Bank", &public_token_of(&simulated, None, DAYS).await)
            .await
            .unwrap();
    }
    for _ in 0..3 {
        simulated.advance(86_400).await;
        calm.syncer(&connector).sync(calm.at).await.unwrap();
        let syncer = raced.syncer(&connector);
        let (one, other) = tokio::join!(syncer.sync(raced.at), syncer.sync(raced.at));
        one.unwrap();
        other.unwrap();
    }
    let references = async |connected: &Connected| connected.standing().await.into_keys().collect::<Vec<_>>();
    assert_eq!(references(&calm).await, references(&raced).await);
    let added = async |connected: &Connected| -> usize {
        let pages = connected.events("account.synced").await;
        pages.iter().map(|page| page["added"].as_array().unwrap().len()).sum()
    };
    assert_eq!(added(&calm).await, added(&raced).await);
}
