//! `workdock demo`: the demo business, and the same company read from its four simulated providers. Connectors, worker,
//! matcher and figures in one piece, against what really happened.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use chrono::{Days, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::connections::control;
use crate::harness::{Folder, Up};

const CONNECTED: &str = "Harbour Coffee Roasters (connected)";
/// What a debug build may need on a busy machine.
const PATIENCE: Duration = Duration::from_secs(600);
/// Kinds that earn or cost; settlements and transfers between own accounts are told by each account that sees them.
const COUNTED: [&str; 5] = ["revenue", "refund", "expense", "tax", "financing"];

/// A demo without ticks, whose sources are polled all the time.
async fn demo(folder: &Folder) -> Result<(Up, String)> {
    let mut command = folder.command(&["demo", "--port", "0", "--no-open", "--rate", "0", "--bustle", "600"]);
    command
        .env("WORKDOCK_SOURCES__EVERY_SECONDS", "3")
        .env("WORKDOCK_SOURCES__LEASE_SECONDS", "2")
        .env("WORKDOCK_SOURCES__FIRST_WAIT_MILLIS", "20")
        .stderr(std::process::Stdio::inherit());
    let up = Up::start(command).await?;
    let simulator = up.said("Simulated providers to connect to: ").context("no providers")?.to_owned();
    // Nobody polls a real provider so often.
    control(&simulator, "/limits", json!({"enabled": false})).await?;
    Ok((up, simulator))
}

const CONNECTIONS: &str = "query($b: UUID!) { business(id: $b) { connections {
    source provider health progress { percent } transactions
    completeness { account agrees } } } }";

async fn connections(up: &Up, business: &str) -> Result<Vec<Value>> {
    let mut answer = up.graphql(CONNECTIONS, json!({"b": business})).await?;
    Ok(answer["business"]["connections"].take().as_array().cloned().unwrap_or_default())
}

/// Asks again until the answer is as it must be.
async fn until<T: std::fmt::Debug>(
    what: &str,
    mut ask: impl AsyncFnMut() -> Result<T>,
    holds: impl Fn(&T) -> bool,
) -> Result<T> {
    let begun = Instant::now();
    loop {
        let answer = ask().await?;
        if holds(&answer) {
            return Ok(answer);
        }
        ensure!(begun.elapsed() < PATIENCE, "{what}: {answer:#?}");
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

/// All four, their histories read to the end.
async fn all_read(up: &Up, business: &str) -> Result<Vec<Value>> {
    let read = |all: &Vec<Value>| {
        let is_read = |one: &Value| one["health"] == "healthy" && one["progress"].is_null() && told(one) > 0;
        all.len() == 4 && all.iter().all(is_read)
    };
    until("four sources are read", async || connections(up, business).await, read).await
}

fn told(connection: &Value) -> i64 {
    connection["transactions"].as_i64().unwrap_or_default()
}

fn of<'a>(all: &'a [Value], provider: &str) -> &'a Value {
    all.iter().find(|one| one["provider"] == provider).unwrap_or(&Value::Null)
}

/// By day and kind, in pence.
type Sums = BTreeMap<(NaiveDate, String), i64>;

async fn truth(simulator: &str, from: NaiveDate, to: NaiveDate) -> Result<Sums> {
    let url = format!("{simulator}/control/truth?from={from}&to={to}");
    let truth: Value = reqwest::get(url).await?.json().await?;
    let mut sums = Sums::new();
    for (day, figures) in truth["days"].as_object().context("no days")? {
        for kind in COUNTED {
            let pence = figures["by_kind"][kind].as_i64().unwrap_or_default();
            if pence != 0 {
                sums.insert((day.parse()?, kind.to_owned()), pence);
            }
        }
    }
    Ok(sums)
}

fn figures(folder: &Folder, business: &str, from: NaiveDate, to: NaiveDate) -> Result<Sums> {
    let (from, to) = (from.to_string(), to.to_string());
    let days = ["--from", &from, "--to", &to, "--bucket", "day", "--by", "kind"];
    let rows = folder.json(&[&["metrics", "--business", business, "--format", "json"], &days[..]].concat())?;
    let mut sums = Sums::new();
    for row in rows[0].as_array().context("no rows")? {
        let kind = row["key"].as_str().context("no kind")?;
        let mut net: Decimal = row["net"].as_str().context("no sum")?.parse()?;
        net.rescale(2);
        if COUNTED.contains(&kind) && !net.is_zero() {
            let day = row["from"].as_str().context("no day")?.parse()?;
            sums.insert((day, kind.to_owned()), i64::try_from(net.mantissa())?);
        }
    }
    Ok(sums)
}

/// Days and kinds that differ: told and true.
fn differences(told: &Sums, truth: &Sums) -> BTreeMap<(NaiveDate, String), (i64, i64)> {
    let keys = told.keys().chain(truth.keys());
    let of = |sums: &Sums, key| sums.get(key).copied().unwrap_or_default();
    keys.map(|key| (key.clone(), (of(told, key), of(truth, key)))).filter(|(_, (told, truth))| told != truth).collect()
}

async fn business(up: &Up) -> Result<String> {
    let answer = up.graphql("{ viewer { businesses { id name } } }", json!({})).await?;
    let all = answer["viewer"]["businesses"].as_array().context("no businesses")?;
    // The page opens on the first one.
    ensure!(all.len() == 2 && all[0]["name"] == "Harbour Coffee Roasters" && all[1]["name"] == CONNECTED, "{answer}");
    Ok(all[1]["id"].as_str().context("no id")?.to_owned())
}

/// New sales arrive by themselves.
async fn lives(up: &Up, business: &str, simulator: &str) -> Result<()> {
    let before = connections(up, business).await?;
    control(simulator, "/clock", json!({"advance_seconds": 2 * 3600})).await?;
    let more =
        |all: &Vec<Value>| ["shopify", "stripe"].iter().all(|shop| told(of(all, shop)) >= told(of(&before, shop)) + 12);
    until("two hours of sales are read", async || connections(up, business).await, more).await?;
    Ok(())
}

#[tokio::test]
async fn the_demos_company_is_connected_and_each_penny_of_it_counts_once() -> Result<()> {
    let folder = Folder::new();
    let (up, simulator) = demo(&folder).await?;
    let connected = until("it is registered", async || Ok(business(&up).await), Result::is_ok).await??;
    let first = all_read(&up, &connected).await?;
    for provider in ["plaid", "stripe"] {
        let statement = of(&first, provider)["completeness"].as_array().context("no statement")?.clone();
        ensure!(statement.iter().all(|account| account["agrees"] == true), "{provider}: {statement:?}");
    }
    // Within what each provider was asked for, and what all of them have entered by now.
    let today = Utc::now().date_naive();
    let (from, to) = (today - Days::new(120), today - Days::new(3));
    let truth = truth(&simulator, from, to).await?;
    ensure!(truth.len() > 200, "{} sums of truth", truth.len());
    let told = async || Ok(differences(&figures(&folder, CONNECTED, from, to)?, &truth));
    until("the same money is counted once", told, BTreeMap::is_empty).await?;
    lives(&up, &connected, &simulator).await?;
    let (code, _) = up.stop()?;
    ensure!(code == Some(0), "it ended with {code:?}");

    // Started again, its clients are known, and nothing is connected twice.
    let (up, simulator) = demo(&folder).await?;
    lives(&up, &business(&up).await?, &simulator).await?;
    let again = all_read(&up, &connected).await?;
    for provider in ["plaid", "stripe", "shopify", "quickbooks"] {
        ensure!(of(&again, provider)["source"] == of(&first, provider)["source"], "{again:#?}");
    }
    Ok(())
}

const SEEN: &str = "query($b: UUID!, $period: PeriodInput!, $ever: PeriodInput!, $then: AsOf!) { business(id: $b) {
    known(asOf: $then) { at }
    transactions(period: $ever, first: 1, asOf: $then) { nodes { day } }
    explain(metric: EXPENSES, period: $period, asOf: $then) { figure { value } }
    changes(metric: EXPENSES, period: $period, from: $then) { start end causes { cause value } } } }";

#[tokio::test]
async fn any_day_of_the_demo_is_seen_as_it_was_known_then() -> Result<()> {
    let folder = Folder::new();
    let command = folder.command(&["demo", "--port", "0", "--no-open", "--rate", "0", "--unconnected"]);
    let up = Up::start(command).await?;
    let answer = up.graphql("{ viewer { businesses { id } } }", json!({})).await?;
    let business = answer["viewer"]["businesses"][0]["id"].as_str().context("no business")?.to_owned();
    let then = Utc::now().date_naive() - Days::new(200);
    let variables = json!({
        "b": business,
        "period": {"from": then - Days::new(30), "to": then},
        "ever": {"from": then - Days::new(900), "to": then + Days::new(200)},
        "then": {"date": then},
    });
    let seen = up.graphql(SEEN, variables).await?["business"].take();
    // Nothing is there of the days after, and what was there then is not what is there now.
    ensure!(seen["transactions"]["nodes"][0]["day"] == json!(then), "{seen:#}");
    ensure!(seen["known"]["at"].as_str().is_some_and(|at| at.starts_with(&then.to_string())), "{seen:#}");
    let changes = &seen["changes"];
    ensure!(changes["start"] == seen["explain"]["figure"]["value"] && changes["start"] != changes["end"], "{seen:#}");
    let causes = changes["causes"].as_array().context("no causes")?;
    let amount = |value: &Value| value.as_str().unwrap_or_default().parse::<Decimal>().unwrap_or_default();
    let caused: Decimal = causes.iter().map(|cause| amount(&cause["value"])).sum();
    ensure!(!caused.is_zero() && amount(&changes["start"]) + caused == amount(&changes["end"]), "{seen:#}");
    up.stop()?;
    Ok(())
}
