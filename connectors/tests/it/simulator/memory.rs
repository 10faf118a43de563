//! What a simulator knows when it is started again.

use std::os::unix::fs::MetadataExt;

use connectors::provider::Connector;
use connectors::simulator::Options;
use serde_json::{Value, json};

use super::{Simulated, noon};
use crate::providers::world::{agreed, plaid, public_token, quickbooks, shopify};

fn remembering(folder: &tempfile::TempDir) -> Options {
    let mut options = Options::new(1, noon());
    options.speed = 0;
    options.bustle = Some(600);
    options.memory = Some(folder.path().join("1.json"));
    options
}

async fn truth_at_noon(simulated: &Simulated) -> Value {
    let days = simulated.http.get(simulated.url("/control/truth?to=2026-03-10")).send().await.unwrap();
    days.json::<Value>().await.unwrap()["total"].take()
}

#[tokio::test]
async fn whom_it_let_in_is_known_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let first = Simulated::with(remembering(&folder)).await;
    let bank = plaid(&first).complete(&public_token(&first, None).await).await.unwrap();
    let shop = shopify(&first).complete(&agreed(&first, &shopify(&first)).await).await.unwrap();
    let books = quickbooks(&first).complete(&agreed(&first, &quickbooks(&first)).await).await.unwrap();
    let renewed = quickbooks(&first).refresh(&books).await.unwrap();
    first.control("/happen", &json!({"key": "a", "pence": -500, "settles_at": -700})).await;
    for kind in ["dispute", "dispute", "dispute_won", "refund"] {
        first.happens(kind).await;
    }
    let truth = truth_at_noon(&first).await;
    let disputes = first.stripe("/v1/disputes").await;
    assert_eq!(std::fs::metadata(folder.path().join("1.json")).unwrap().mode() & 0o777, 0o600);
    // As a crash leaves it.
    drop(first);

    let again = Simulated::with(remembering(&folder)).await;
    assert_eq!(truth_at_noon(&again).await, truth, "another company");
    assert_eq!(again.stripe("/v1/disputes").await, disputes);
    assert!(!plaid(&again).accounts(&bank).await.unwrap().is_empty());
    assert!(!shopify(&again).accounts(&shop).await.unwrap().is_empty());
    assert!(!quickbooks(&again).accounts(&renewed).await.unwrap().is_empty());
    assert!(quickbooks(&again).refresh(&books).await.is_err(), "a token that was replaced");
    let other = plaid(&again).complete(&public_token(&again, None).await).await.unwrap();
    assert_ne!(other.external_id, bank.external_id, "an identifier was given twice");
}

#[tokio::test]
async fn a_file_of_something_else_is_not_begun_anew() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("1.json"), "[]").unwrap();
    let begun = connectors::simulator::Simulator::bind("127.0.0.1:0".parse().unwrap(), remembering(&folder)).await;
    assert!(begun.unwrap_err().to_string().contains("1.json"));
}

#[tokio::test]
async fn one_grant_given_back_leaves_the_others() {
    let simulated = Simulated::unlimited().await;
    let books = quickbooks(&simulated);
    let one = books.complete(&agreed(&simulated, &books).await).await.unwrap();
    let other = books.complete(&agreed(&simulated, &books).await).await.unwrap();
    books.disconnect(&one).await.unwrap();
    assert!(books.accounts(&one).await.is_err());
    assert!(!books.accounts(&other).await.unwrap().is_empty());
}
