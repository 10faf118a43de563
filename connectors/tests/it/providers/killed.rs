//! Killed at every step: a sync that is dropped at its n-th await, for every n, and then done again, ends like one
//! that was never disturbed.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use connectors::connections::{Data, Wish};
use connectors::provider::sync::Syncer;
use connectors::provider::{Connector, Credentials, Grant, Patience, Secret, Vault, quickbooks, shopify};
use connectors::simulator::Options;
use domain::Code;
use serde_json::{Value, json};

use super::worker::Office;
use super::world::{
    Connected, QUICK, agreed, figures, key, of_today, plaid, public_token_of, quickbooks_config, shopify_config, stripe,
};
use crate::simulator::Simulated;

/// Of history: it is read again after each kill.
const DAYS: u32 = 45;

/// Polls a future so many times and drops it then; whether it had ended before.
pub async fn killed_after(polls: usize, future: impl Future) -> bool {
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
    evident(&killed).await;
}

/// What events name is there, also where it was written for one that did not come.
async fn evident(connected: &Connected) {
    streams::files::sweep(&connected.world.pool, Duration::ZERO).await.unwrap();
    let named: BTreeSet<_> = connected.payloads().await.iter().map(|kept| kept.payload["file"].to_string()).collect();
    let files: i64 =
        sqlx::query_scalar("select count(*) from files.file").fetch_one(&connected.world.pool).await.unwrap();
    assert!(!named.is_empty());
    assert_eq!(i64::try_from(named.len()).unwrap(), files);
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
        assert_eq!(calm.paid_out().await, killed.paid_out().await);
        assert_eq!(calm.documents().await, killed.documents().await);
        simulated.advance(2 * 86_400).await;
    }
    assert!(!figures(&calm).await.is_empty());
    evident(&killed).await;
    assert_eq!(killed.events("source.health_changed").await.len(), 0);
}

#[tokio::test]
async fn a_shop_that_is_killed_at_any_step_ends_like_an_undisturbed_one() {
    let simulated = of_today().await;
    let config = shopify::Config { days: 30, ..shopify_config(&simulated) };
    let connector = shopify::Shopify::new(config);
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
    let config = quickbooks::Config { days: Some(30), ..quickbooks_config(&simulated) };
    let connector = quickbooks::QuickBooks::new(config);
    let grants = [agreed(&simulated, &connector).await, agreed(&simulated, &connector).await];
    let renewed = async || connector.complete(&agreed(&simulated, &connector).await).await.unwrap();
    ends_undisturbed(&simulated, &connector, grants, renewed).await;
}

/// Of the last days alone: a year is read again after each kill otherwise.
async fn of_days(days: i64) -> Simulated {
    let mut options = Options::new(1, Utc::now() - TimeDelta::days(366 - days));
    options.speed = 0;
    let simulated = Simulated::with(options).await;
    simulated.control("/limits", &json!({"enabled": false})).await;
    simulated
}

#[tokio::test]
async fn a_card_processor_that_is_killed_at_any_step_ends_like_an_undisturbed_one() {
    let simulated = of_days(20).await;
    let connector = stripe(&simulated, 100);
    let renewed = async || connector.complete(&key()).await.unwrap();
    ends_undisturbed(&simulated, &connector, [key(), key()], renewed).await;
}

/// Dropped one await later each time, until it gets through.
async fn at_last<T>(mut attempt: impl AsyncFnMut() -> T) -> T {
    for polls in 1.. {
        let mut ended = None;
        if killed_after(polls, async { ended = Some(attempt().await) }).await {
            return ended.unwrap();
        }
    }
    unreachable!()
}

/// Whoever is interrupted while connecting, choosing or leaving tries again, and there is one source and no second.
#[tokio::test]
async fn connecting_choosing_and_leaving_that_are_killed_at_any_step_end_like_undisturbed_ones() {
    let simulated = of_days(20).await;
    let office = Office::new(&simulated).await;
    let (connections, who, business) = (&office.connections, &office.who, office.business());
    let wish = Wish { provider: "stripe".into(), ..Wish::default() };
    let secret = || Secret::new("rk_live_simulated");
    let connect = async || connections.connect_with_key(who, business, &wish, secret()).await;
    let found = at_last(connect).await.unwrap();
    let source = found.at.source;
    let count = async |table: &str| -> i64 {
        let query = format!("select count(*) from connectors.{table}");
        sqlx::query_scalar(&query).fetch_one(&connections.pool).await.unwrap()
    };
    assert_eq!((count("connection").await, count("credential").await), (1, 1));
    assert_eq!(office.connected.events("source.connected").await.len(), 1);
    let accounts: Vec<_> = found.accounts.iter().map(|account| account.id).collect();
    at_last(async || connections.choose(who, business, source, &accounts).await).await.unwrap();
    let work = office.work();
    office.settled(source).await;
    assert!(!office.figures().await.is_empty());
    drop(work);
    // What was done already when it was killed is not there to be done.
    let left = at_last(async || connections.disconnect(who, business, source, Data::Keep).await).await;
    assert!(left.is_ok() || left.as_ref().is_err_and(|problem| problem.code == Code::NotFound), "{left:?}");
    let state: String =
        sqlx::query_scalar("select state from connectors.connection").fetch_one(&connections.pool).await.unwrap();
    assert_eq!((state.as_str(), count("credential").await), ("ended", 0));
    assert_eq!(office.connected.events("source.disconnected").await.len(), 1);
    let again = at_last(connect).await.unwrap();
    assert_eq!((again.at.source, count("connection").await), (source, 1));
    let erased = at_last(async || connections.disconnect(who, business, source, Data::Erase).await).await;
    assert!(erased.is_ok() || erased.as_ref().is_err_and(|problem| problem.code == Code::NotFound), "{erased:?}");
    assert!(office.figures().await.is_empty());
}

/// Two who read the same source at once, with one vault.
async fn counts_once(simulated: &Simulated, connector: &dyn Connector, renewed: impl AsyncFn() -> Credentials) {
    let (calm, raced) = (Connected::new().await, Connected::new().await);
    for connected in [&calm, &raced] {
        let syncer = connected.syncer(connector);
        let meta = streams::Meta::new(connected.at.business, "test");
        syncer.keep(connected.at, "Source", &renewed().await, &meta).await.unwrap();
    }
    for _ in 0..2 {
        let credentials = renewed().await;
        for connected in [&calm, &raced] {
            connected.vault.keep(connected.at.business, connected.at.source, &credentials).await.unwrap();
        }
        patient(&calm, connector).sync(calm.at).await.unwrap();
        let syncer = patient(&raced, connector);
        let (one, other) = tokio::join!(syncer.sync(raced.at), syncer.sync(raced.at));
        one.unwrap();
        other.unwrap();
        assert_eq!(figures(&calm).await, figures(&raced).await);
        assert_eq!(calm.paid_out().await, raced.paid_out().await);
        assert_eq!(calm.documents().await, raced.documents().await);
        simulated.advance(2 * 86_400).await;
    }
    let added = async |connected: &Connected| -> usize {
        let pages = connected.events("account.synced").await;
        pages.iter().map(|page| page["added"].as_array().unwrap().len()).sum()
    };
    assert!(added(&calm).await > 0);
    assert_eq!(added(&calm).await, added(&raced).await);
}

#[tokio::test]
async fn two_workers_at_once_count_cards_shop_and_books_once() {
    let simulated = of_days(20).await;
    let cards = stripe(&simulated, 100);
    counts_once(&simulated, &cards, async || cards.complete(&key()).await.unwrap()).await;
    let simulated = of_today().await;
    let shop = shopify::Shopify::new(shopify::Config { days: 30, ..shopify_config(&simulated) });
    agreed(&simulated, &shop).await;
    let token = || Secret::new("shpat_simulated");
    let external_id = "harbour-coffee.myshopify.com";
    let credentials =
        async || Credentials { access: token(), refresh: None, expires_at: None, external_id: external_id.to_owned() };
    counts_once(&simulated, &shop, credentials).await;
    let books = quickbooks::QuickBooks::new(quickbooks::Config { days: Some(30), ..quickbooks_config(&simulated) });
    let renewed = async || books.complete(&agreed(&simulated, &books).await).await.unwrap();
    counts_once(&simulated, &books, renewed).await;
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
