//! Sources at providers through the running program: connected over HTTP, read by its worker, compared with what really
//! happened at the simulated providers.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::harness::{Folder, Process, Up};

/// Tells the program whose client it is, as a person does in `workdock.toml`.
fn connected_to<'c>(command: &'c mut Command, simulator: &str) -> &'c mut Command {
    command
        .env("WORKDOCK_PROVIDERS__PLAID__BASE", format!("{simulator}/plaid"))
        .env("WORKDOCK_PROVIDERS__PLAID__CLIENT_ID", "simulated-plaid-client")
        .env("WORKDOCK_PROVIDERS__PLAID__SECRET", "simulated-plaid-secret")
        .env("WORKDOCK_PROVIDERS__STRIPE__BASE", format!("{simulator}/stripe"))
        .env("WORKDOCK_PROVIDERS__STRIPE__CONNECT", format!("{simulator}/stripe"))
        .env("WORKDOCK_PROVIDERS__STRIPE__CLIENT_ID", "simulated-stripe-client")
        .env("WORKDOCK_PROVIDERS__STRIPE__SECRET", "simulated-stripe-secret")
        .env("WORKDOCK_SOURCES__EVERY_SECONDS", "1")
        .env("WORKDOCK_SOURCES__LEASE_SECONDS", "2")
        .env("WORKDOCK_SOURCES__FIRST_WAIT_MILLIS", "20")
        .stderr(std::process::Stdio::inherit())
}

async fn simulator(folder: &Folder) -> Result<(Process, String)> {
    let process = Process::start(
        folder.command(&["simulate", "--speed", "0", "--listen", "127.0.0.1:0"]),
        "The simulator answers on ",
    )
    .await?;
    let url = process.said.split_whitespace().next().context("no address")?.to_owned();
    Ok((process, url))
}

pub async fn control(url: &str, path: &str, body: Value) -> Result<()> {
    let answer = reqwest::Client::new().post(format!("{url}/control{path}")).json(&body).send().await?;
    ensure!(answer.status().is_success(), "{path}: {}", answer.status());
    Ok(())
}

pub async fn post(up: &Up, path: &str, body: &Value) -> Result<Value> {
    let request = up.client.post(format!("{}{path}", up.url)).header("origin", &up.url).json(body);
    let answer = request.send().await?;
    let status = answer.status();
    let text = answer.text().await?;
    ensure!(status.is_success(), "{path}: {status} {text}");
    Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
}

/// As the wizard does it, with the user's browser at the provider.
async fn connect(up: &Up, business: &str, provider: &str) -> Result<String> {
    let connections = format!("/api/v1/businesses/{business}/connections");
    let begun = post(up, &connections, &json!({"provider": provider})).await?;
    let page = begun["url"].as_str().context("no address")?;
    let agreed = page.replace("/link?", "/link/finish?").replace("/oauth/authorize", "/oauth/agree");
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
    let answer = browser.get(agreed).send().await?;
    let back = reqwest::Url::parse(answer.headers()["location"].to_str()?)?;
    ensure!(back.path() == "/connect/callback", "{back}");
    let mut params: serde_json::Map<String, Value> =
        back.query_pairs().map(|(name, value)| (name.into_owned(), json!(value))).collect();
    let state = params.remove("state").context("no state")?;
    let found = post(up, "/api/v1/connections/finish", &json!({"state": state, "params": params})).await?;
    choose_all(up, business, &found).await
}

/// Reads every account that was found at a provider from here on; the source's id.
pub async fn choose_all(up: &Up, business: &str, found: &Value) -> Result<String> {
    ensure!(found["connection_state"] == "choosing", "{found}");
    let connections = format!("/api/v1/businesses/{business}/connections");
    let source = found["source"].as_str().context("no source")?.to_owned();
    let accounts: Vec<&Value> = found["accounts"].as_array().context("no accounts")?.iter().map(|a| &a["id"]).collect();
    let request = up.client.put(format!("{}{connections}/{source}/accounts", up.url)).header("origin", &up.url);
    let chosen = request.json(&json!({"accounts": accounts})).send().await?;
    ensure!(chosen.status().as_u16() == 204, "{}", chosen.text().await?);
    Ok(source)
}

const ASKED: &str = "query($b: UUID!) { business(id: $b) { connections {
    source provider health progress { percent } lagSeconds transactions failures
    log(first: 3) { outcome added }
    completeness { account agrees firstDifference pending gaps { from } days { day told difference } } } } }";

/// Until all are read and healthy, and what they told is shown.
async fn settled(up: &Up, business: &str) -> Result<Value> {
    let mut last = Value::Null;
    for _ in 0..600 {
        last = up.graphql(ASKED, json!({"b": business})).await?["business"]["connections"].take();
        let all = last.as_array().context("no connections")?;
        let is_settled = |connection: &Value| {
            let quiet = connection["log"].as_array().is_some_and(|log| {
                log.len() == 3 && log.iter().skip(1).take(2).all(|sync| sync["outcome"] == "done" && sync["added"] == 0)
            });
            connection["health"] == "healthy" && connection["progress"].is_null() && quiet
        };
        if !all.is_empty() && all.iter().all(is_settled) {
            return Ok(last);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    anyhow::bail!("never settled: {last:#}")
}

#[tokio::test]
async fn two_providers_are_connected_read_and_agree_with_their_balances() -> Result<()> {
    let folder = Folder::new();
    let business = folder.business("Harbour", "GBP", "Europe/London")?;
    let (_simulator, url) = simulator(&folder).await?;
    control(&url, "/limits", json!({"enabled": false})).await?;
    let start = async || {
        let mut command = folder.command(&["up", "--port", "0"]);
        connected_to(&mut command, &url);
        Up::start(command).await
    };
    let up = start().await?;
    connect(&up, &business, "plaid").await?;
    connect(&up, &business, "stripe").await?;
    control(&url, "/clock", json!({"advance_seconds": 60})).await?;
    // Killed while the history comes; its leases run out, and the next one goes on.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    up.kill();
    let up = start().await?;
    settled(&up, &business).await?;
    control(&url, "/faults", json!({"kind": "server_error", "status": 503, "permille": 150})).await?;
    // Not a new token: one that is cut off on its way is lost for good, and its user must connect again.
    control(&url, "/faults", json!({"kind": "cut", "path": "transactions", "permille": 100})).await?;
    control(&url, "/clock", json!({"advance_seconds": 86_400})).await?;
    tokio::time::sleep(Duration::from_secs(4)).await;
    reqwest::Client::new().delete(format!("{url}/control/faults")).send().await?;
    let connections = settled(&up, &business).await?;
    for connection in connections.as_array().context("none")? {
        assert!(connection["transactions"].as_i64() > Some(0), "{connection:#}");
        for account in connection["completeness"].as_array().context("no statement")? {
            assert_eq!(account["agrees"], true, "{connection:#}");
            assert_eq!(account["firstDifference"], Value::Null);
        }
    }
    Ok(())
}
