//! Credentials that are sealed, and renewed once however many workers need them.

use connectors::provider::sync::{Run, SourceAt, Syncer};
use connectors::provider::{Ask, Begun, Connector, Grant, SealedVault, Vault, VaultError};
use domain::{BusinessId, SourceId};
use serde_json::json;

use super::killed::killed_after;
use super::world::{Connected, QUICK, stripe};
use crate::simulator::Simulated;

/// A code, as the user's consent gives it.
async fn code(simulated: &Simulated, connector: &dyn Connector) -> Grant {
    let redirect_uri = "http://127.0.0.1:9/back".to_owned();
    let ask = Ask {
        state: "bound to the session".into(),
        redirect_uri: redirect_uri.clone(),
        webhook: None,
        user: "1".into(),
        repairs: None,
        instance: None,
        challenge: None,
    };
    let Begun::Redirect(page) = connector.begin(&ask).await.unwrap() else { panic!("a page to agree on") };
    assert!(simulated.http.get(&page).send().await.unwrap().text().await.unwrap().contains("Allow"));
    let quiet = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let agreed = quiet.get(page.replace("/oauth/authorize", "/oauth/agree")).send().await.unwrap();
    let back = reqwest::Url::parse(agreed.headers()["location"].to_str().unwrap()).unwrap();
    let parameter = |name: &str| back.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
    assert_eq!(parameter("state"), ask.state);
    Grant::code(parameter("code"), redirect_uri)
}

#[tokio::test]
async fn an_expired_token_is_renewed_once_for_many_workers() {
    let simulated = Simulated::unlimited().await;
    let (connected, connector) = (Connected::new().await, stripe(&simulated, 100));
    let (commands, pool) = (&connected.world.commands, &connected.world.pool);
    let vault = SealedVault::new(pool.clone(), streams::testing::keys(pool));
    let syncer = Syncer { commands, pool, vault: &vault, connector: &connector, patience: QUICK, run: Run::new(None) };
    let first = syncer.connect(connected.at, "Card payments", &code(&simulated, &connector).await).await.unwrap();
    syncer.sync(connected.at).await.unwrap();

    // A refresh token dies with its use: had two workers used it, one would be refused.
    simulated.control("/tokens", &json!({"provider": "stripe", "action": "expire"})).await;
    let rounds = futures::future::join_all((0..6).map(|_| syncer.sync(connected.at))).await;
    for round in rounds {
        round.unwrap();
    }
    let renewed = vault.open(connected.at.business, connected.at.source, &connector, None).await.unwrap();
    assert_ne!((renewed.access, renewed.refresh), (first.access.clone(), first.refresh.clone()));
    assert!(connected.events("source.health_changed").await.is_empty());

    let kept: Vec<String> =
        sqlx::query_scalar("select sealed from connectors.credential").fetch_all(pool).await.unwrap();
    assert_eq!(kept.len(), 1);
    assert!(!kept[0].contains("sk_live") && !kept[0].contains("refresh"), "{}", kept[0]);
    assert!(!format!("{first:?}").contains("sk_live"), "no log shows it");

    syncer.disconnect(connected.at, "asked by the owner").await.unwrap();
    let gone = vault.open(connected.at.business, connected.at.source, &connector, None).await;
    assert!(matches!(gone, Err(VaultError::Missing)));
}

/// A worker loses its lease while its provider answers: the token of before is dead, and the new one must not be.
#[tokio::test]
async fn a_renewal_ends_well_wherever_whoever_asked_for_it_is_dropped() {
    let simulated = Simulated::unlimited().await;
    let (connected, connector) = (Connected::new().await, stripe(&simulated, 100));
    let SourceAt { business, source } = connected.at;
    let (commands, pool) = (&connected.world.commands, &connected.world.pool);
    let vault = SealedVault::new(pool.clone(), streams::testing::keys(pool));
    let syncer = Syncer { commands, pool, vault: &vault, connector: &connector, patience: QUICK, run: Run::new(None) };
    syncer.connect(connected.at, "Card payments", &code(&simulated, &connector).await).await.unwrap();
    let mut polls = 1;
    loop {
        simulated.control("/tokens", &json!({"provider": "stripe", "action": "expire"})).await;
        let expired = vault.open(business, source, &connector, None).await.unwrap();
        let through = killed_after(polls, vault.open(business, source, &connector, Some(&expired))).await;
        // Waits for a renewal that goes on, or does it.
        let renewed = vault.open(business, source, &connector, Some(&expired)).await.unwrap();
        assert_ne!(renewed.access, expired.access, "dropped after {polls} polls");
        connector.accounts(&renewed).await.unwrap();
        if through {
            break;
        }
        polls += 1;
    }
    // How often it is polled is up to the machine: begun, and waiting for the renewal that goes on.
    assert!(polls > 1, "{polls}");
}

#[tokio::test]
async fn another_business_opens_nothing() {
    let simulated = Simulated::start().await;
    let (connected, connector) = (Connected::new().await, stripe(&simulated, 100));
    let pool = &connected.world.pool;
    let vault = SealedVault::new(pool.clone(), streams::testing::keys(pool));
    let SourceAt { business, source } = connected.at;
    vault.keep(business, source, &super::world::credentials("sk_live_any")).await.unwrap();
    assert_eq!(vault.open(business, source, &connector, None).await.unwrap().access.expose(), "sk_live_any");
    let others = [(BusinessId::new(), source), (business, SourceId::new())];
    for (business, source) in others {
        assert!(matches!(vault.open(business, source, &connector, None).await, Err(VaultError::Missing)));
    }
}
