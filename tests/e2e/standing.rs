//! A business that a poison event stops: it says so wherever it is read, all others go on, and a retry lets it go on.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use sqlx::{Connection, Executor};

use crate::harness::{Folder, Up};
use crate::roles::{CSV, net, upload};

const STANDS: &str =
    "query ($id: UUID!) { business(id: $id) { known { position } standsStill { position since reason } } }";
const AT_LEAST: &str =
    "query ($id: UUID!, $position: Position!) { business(id: $id) { known(minPosition: $position) { position } } }";
const SUMMARY: &str = "summary?from=2024-01-01&to=2024-02-29";
/// The tables refuse it while the cause is there, as they would a value that no one thought of.
const ODD: &str = "Date;Text;Amount;Currency\n2024-02-03;odd;13.13;EUR\n";

async fn business(up: &Up, id: &str) -> Result<Value> {
    Ok(up.graphql(STANDS, json!({ "id": id })).await?["business"].take())
}

async fn health(up: &Up) -> Result<Value> {
    Ok(up.get("/health/ready").await?.error_for_status()?.json().await?)
}

async fn tag(up: &Up, id: &str) -> Result<String> {
    let answer = up.get(&format!("/api/v1/metrics/{id}/{SUMMARY}")).await?.error_for_status()?;
    Ok(answer.headers()["etag"].to_str()?.to_owned())
}

/// Lets the metrics' tables refuse what they took before, or take it again.
async fn change_tables(folder: &Folder, change: &str) -> Result<()> {
    let mut owner = folder.store("workdock_owner").await.context("no store")?;
    let schema: String = sqlx::query_scalar(
        "select checkpoint.schema from streams.active join streams.checkpoint using (projection, version)
         where projection = 'metrics'",
    )
    .fetch_one(&mut owner)
    .await?;
    owner.execute(format!("alter table {schema}.transaction {change}").as_str()).await?;
    Ok(owner.close().await?)
}

#[tokio::test]
async fn a_business_that_stands_still_says_so_until_a_retry_lets_it_go_on() -> Result<()> {
    let folder = Folder::new();
    let (shop, other) =
        (folder.business("Shop", "EUR", "Europe/Berlin")?, folder.business("Other", "EUR", "Europe/Berlin")?);
    let up = folder.up(&[]).await?;
    let first = upload(&up, &shop, CSV).await?;
    assert_eq!(net(&up, &shop, &first["positions"]["last"]).await?, "-898.50");
    assert_eq!(business(&up, &shop).await?["standsStill"], Value::Null);
    let held = tag(&up, &shop).await?;

    change_tables(&folder, "add constraint nothing_odd check (amount <> 13.13) not valid").await?;
    let odd = upload(&up, &shop, ODD).await?["positions"]["last"].as_i64().context("no position")?;
    let behind = upload(&up, &shop, "Date;Text;Amount;Currency\n2024-02-04;sale;5.00;EUR\n").await?;
    let behind = &behind["positions"]["last"];
    let elsewhere = upload(&up, &other, CSV).await?;
    assert_eq!(net(&up, &other, &elsewhere["positions"]["last"]).await?, "-898.50", "others go on");
    assert_eq!(business(&up, &other).await?["standsStill"], Value::Null);

    let marked = business(&up, &shop).await?;
    assert_eq!(marked["standsStill"]["position"], odd - 1, "{marked}");
    assert_eq!(marked["known"]["position"], odd - 1, "it claims no more than is in its figures");
    let reason = marked["standsStill"]["reason"].as_str().context("no reason")?;
    assert!(reason.contains(&odd.to_string()) && reason.contains("account.synced"), "{reason}");
    assert!(!reason.contains("13.13"), "nothing of the event is told: {reason}");
    let refused = up.graphql(AT_LEAST, json!({ "id": shop, "position": behind })).await.unwrap_err().to_string();
    assert!(refused.contains("UNAVAILABLE") && refused.contains("stand still since"), "{refused}");
    let answer = up.get(&format!("/api/v1/metrics/{shop}/{SUMMARY}")).await?;
    assert_ne!(answer.headers()["etag"].to_str()?, held, "what says that it stands still is another answer");
    let known = &answer.json::<Value>().await?["known"];
    assert_eq!(known["position"], odd - 1);
    assert!(known["stands_still_since"].is_string(), "{known}");
    let report = health(&up).await?;
    let stands =
        json!({ "part": "projection metrics", "state": format!("business {shop} stands still at position {odd}") });
    assert_eq!((&report["status"], &report["degraded"]), (&json!("degraded"), &json!([stands])));
    let counted = format!("workdock_business_stands_still{{projection=\"metrics\",business=\"{shop}\"}}");
    assert!(up.get("/metrics").await?.text().await?.contains(&format!("{counted} 1")));

    let still = folder.run(&["replay", "--retry", "Shop"]);
    let said = String::from_utf8(still.stdout)?;
    assert!(
        !still.status.success() && said.contains(&format!("metrics: still stands still at position {odd}")),
        "{said}"
    );
    change_tables(&folder, "drop constraint nothing_odd").await?;
    let went_on = folder.json(&["replay", "--retry", "Shop", "--json"])?;
    let metrics = went_on.iter().find(|report| report["projection"] == "metrics").context("no metrics")?;
    assert_eq!((&metrics["state"], &metrics["events"]), (&json!("goes_on"), &json!(2)), "{metrics}");
    assert_eq!(net(&up, &shop, behind).await?, "-880.37");
    assert_eq!(business(&up, &shop).await?["standsStill"], Value::Null);
    assert_ne!(tag(&up, &shop).await?, held);
    // Health hears of it with the next look.
    while health(&up).await?["status"] != "ready" {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert!(up.get("/metrics").await?.text().await?.contains(&format!("{counted} 0")));
    Ok(())
}
