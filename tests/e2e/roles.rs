//! Each role a process of its own, on servers that were given: how users outgrow one machine.

use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::harness::{Folder, Process, Up, signal};

pub const CSV: &str = "Date;Text;Amount;Currency\n2024-01-31;sale;1.50;EUR\n2024-02-01;rent;-900.00;EUR\n";
const NET: &str = "query ($id: UUID!) { business(id: $id) {
    summary(period: { from: \"2024-01-01\", to: \"2024-02-29\" }) { known { position } figures { metric value } } } }";

/// PostgreSQL and nats-server as somebody else's: the roles get addresses, and never the folder.
pub struct Given {
    _servers: Process,
    superuser: String,
    pub environment: Vec<(&'static str, String)>,
    /// The keys folder that processes of one installation share.
    roles: Folder,
}

impl Given {
    pub async fn start(servers: &Folder) -> Result<Self> {
        let mut command = servers.command(&["servers", "--", "/bin/sh", "-c", SCRIPT]);
        command.stdin(Stdio::piped());
        let process = Process::start(command, "servers ").await?;
        let (postgres, nats) = process.said.split_once(' ').context("two addresses")?;
        let at = postgres.rsplit_once('@').and_then(|(_, at)| at.split('/').next()).context("an address")?;
        let url = |role: &str| -> Result<String> {
            let password = std::fs::read_to_string(servers.path().join(format!("keys/postgres_{role}")))?;
            Ok(format!("postgres://{role}:{}@{at}/workdock", password.trim()))
        };
        let environment = vec![
            ("WORKDOCK_POSTGRES__URL", url("workdock")?),
            ("WORKDOCK_POSTGRES__OWNER_URL", url("workdock_owner")?),
            ("WORKDOCK_NATS__URL", nats.to_owned()),
        ];
        Ok(Self { superuser: postgres.to_owned(), _servers: process, environment, roles: Folder::new() })
    }

    /// The address of who may change the server's settings.
    pub fn superuser(&self) -> &str {
        &self.superuser
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.roles.command(arguments);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    pub async fn role(&self, role: &str) -> Result<Process> {
        Process::start(self.command(&["serve", "--role", role, "--port", "0"]), "Workdock serves ").await
    }

    pub async fn api(&self) -> Result<Up> {
        Up::start(self.command(&["serve", "--role", "api", "--port", "0"])).await
    }
}

const SCRIPT: &str = "echo servers $WORKDOCK_TEST_POSTGRES $WORKDOCK_TEST_NATS; read line";

pub async fn register(api: &Up) -> Result<String> {
    let body = json!({ "name": "Shop", "base_currency": "EUR", "time_zone": "Europe/Berlin" });
    let answer = api.client.post(format!("{}/api/v1/businesses", api.url)).header("origin", &api.url).json(&body);
    let answer: Value = answer.send().await?.error_for_status()?.json().await?;
    Ok(answer["id"].as_str().context("no id")?.to_owned())
}

pub async fn upload(api: &Up, id: &str, csv: &str) -> Result<Value> {
    let file = reqwest::multipart::Part::text(csv.to_owned()).file_name("bank.csv");
    let form = reqwest::multipart::Form::new().part("file", file);
    let path = format!("{}/api/v1/businesses/{id}/imports", api.url);
    let answer = api.client.post(path).header("origin", &api.url).multipart(form).send().await?;
    Ok(answer.error_for_status()?.json().await?)
}

/// The net of the first months of 2024 as soon as the position is shown, however busy the machine is.
pub async fn net(api: &Up, id: &str, position: &Value) -> Result<Value> {
    let mut tries = 0;
    let answer = loop {
        let shown = |answer: &Value| answer["business"]["summary"]["known"]["position"].as_i64() >= position.as_i64();
        match api.graphql(NET, json!({ "id": id })).await {
            Ok(answer) if shown(&answer) => break answer,
            other if tries == 120 => anyhow::bail!("position {position} is not shown: {other:?}"),
            _ => tries += 1,
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    };
    let figures = answer["business"]["summary"]["figures"].as_array().context("no figures")?;
    let net = figures.iter().find(|figure| figure["metric"] == "NET").context("no net")?;
    Ok(net["value"].clone())
}

#[tokio::test]
async fn what_one_role_imports_another_shows() -> Result<()> {
    let servers = Folder::new();
    let given = Given::start(&servers).await?;
    let migrated = given.command(&["migrate"]).output()?;
    assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
    let _sequencer = given.role("sequencer").await?;
    let _standby = given.role("sequencer").await?;
    let projector = given.role("projector").await?;
    let (writer, reader) = (given.api().await?, given.api().await?);
    assert_ne!(writer.url, reader.url);
    writer.ready().await?;
    reader.ready().await?;

    let id = register(&writer).await?;
    let report = upload(&writer, &id, CSV).await?;
    assert_eq!(report["added"], 2, "{report}");
    assert_eq!(net(&reader, &id, &report["positions"]["last"]).await?, "-898.50");

    // A role that died is replaced, and nothing is missed between.
    drop(projector);
    let more = upload(&reader, &id, "Date;Text;Amount;Currency\n2024-02-02;sale;1000.00;EUR\n").await?;
    let _projector = given.role("projector").await?;
    assert_eq!(net(&writer, &id, &more["positions"]["last"]).await?, "101.50");

    // Commands work on the same servers.
    let figures = given.command(&["metrics", "--business", "Shop", "--bucket", "year", "--format", "json"]).output()?;
    let figures: Value = serde_json::from_slice(&figures.stdout)?;
    assert_eq!(figures[0]["net"], "101.50", "{figures}");
    let link = given.command(&["sign-in", "--url", &writer.url]).output()?;
    assert!(String::from_utf8(link.stdout)?.contains(&format!("{}/sign-in?token=", writer.url)));
    Ok(())
}

#[tokio::test]
async fn a_sequencer_that_is_killed_is_followed_by_its_standby() -> Result<()> {
    let servers = Folder::new();
    let given = Given::start(&servers).await?;
    let first = given.role("sequencer").await?;
    let _second = given.role("sequencer").await?;
    let _projector = given.role("projector").await?;
    let api = given.api().await?;
    let id = register(&api).await?;
    signal(first.pid(), Signal::SIGKILL);
    let report = upload(&api, &id, CSV).await?;
    assert_eq!(net(&api, &id, &report["positions"]["last"]).await?, "-898.50");
    Ok(())
}

/// The key is with the sequencer: whoever closes a month elsewhere has it signed there.
#[tokio::test]
async fn a_month_is_closed_in_every_role_under_a_checkpoint_or_not_at_all() -> Result<()> {
    let servers = Folder::new();
    let given = Given::start(&servers).await?;
    let sequencer = given.role("sequencer").await?;
    let _projector = given.role("projector").await?;
    let api = given.api().await?;
    let id = register(&api).await?;
    let report = upload(&api, &id, CSV).await?;
    net(&api, &id, &report["positions"]["last"]).await?;
    let post = async |path: String| -> Result<reqwest::Response> {
        let request = api.client.post(format!("{}{path}", api.url)).header("origin", &api.url);
        Ok(request.json(&json!({})).send().await?)
    };
    let close = |month: &str| format!("/api/v1/businesses/{id}/months/{month}/close");
    let answer = post(close("2024-01")).await?;
    assert_eq!(answer.status(), 200, "{}", answer.text().await?);
    let answer = post("/api/v1/audit/checkpoint".to_owned()).await?;
    assert_eq!(answer.status(), 200, "{}", answer.text().await?);

    let file = servers.path().join("shop.audit").display().to_string();
    let exported = given.command(&["audit", "export", "--business", "Shop", "-o", &file]).output()?;
    assert!(exported.status.success(), "{}", String::from_utf8_lossy(&exported.stderr));
    let key = String::from_utf8(given.command(&["audit", "key"]).output()?.stdout)?;
    let verified = given.command(&["audit", "verify", "--json", "--key", key.trim(), &file]).output()?;
    let verified: Value = serde_json::from_slice(&verified.stdout)?;
    assert_eq!(verified["unaltered"], true, "{verified}");
    assert!(verified["closed"][0]["checkpoint"].is_string(), "{verified}");
    // The process that answers has no key of its own.
    let path = format!("{}/api/v1/businesses/{id}/audit/log", api.url);
    let log = api.client.get(&path).send().await?.error_for_status()?.bytes().await?;
    std::fs::write(&file, log)?;
    let verified = given.command(&["audit", "verify", "--key", key.trim(), &file]).output()?;
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));

    drop(sequencer);
    assert_eq!(api.client.get(&path).send().await?.status(), 503);
    for path in [close("2024-02"), "/api/v1/audit/checkpoint".to_owned()] {
        let answer = post(path).await?;
        assert_eq!(answer.status(), 503);
        let problem: Value = answer.json().await?;
        assert!(problem["detail"].as_str().is_some_and(|text| text.contains("signs checkpoints")), "{problem}");
    }
    Ok(())
}

/// One who guesses links at one process after the other is stopped as if there were one.
#[tokio::test]
async fn a_limit_holds_over_all_roles() -> Result<()> {
    const LIMIT: usize = 30;
    let servers = Folder::new();
    let mut given = Given::start(&servers).await?;
    given.environment.push(("WORKDOCK_HTTP__LIMITS__SIGN_IN", LIMIT.to_string()));
    // Each has counted the sign-in of its own link.
    let (one, two) = (given.api().await?, given.api().await?);
    let guess = async |api: &Up| -> Result<reqwest::Response> {
        let request = api.client.post(format!("{}/api/v1/session", api.url)).header("origin", &api.url);
        Ok(request.json(&json!({ "token": "a guess" })).send().await?)
    };
    for _ in 0..20 {
        assert_eq!(guess(&one).await?.status(), 401);
    }
    // Counts are told within a quarter of a second, on a busy machine a little later.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let mut allowed = 0;
    let refused = loop {
        let answer = guess(&two).await?;
        if answer.status() == 429 {
            break answer;
        }
        allowed += 1;
        assert!(allowed < LIMIT, "the other process knows nothing of the first");
    };
    assert!((5..=12).contains(&allowed), "{allowed} of {LIMIT} were left after 20 and two sign-ins");
    assert!(refused.headers()["retry-after"].to_str()?.parse::<u64>()? <= 120);
    assert!(refused.headers()["ratelimit-policy"].to_str()?.contains("q="));
    let problem: Value = refused.json().await?;
    assert_eq!(problem["code"], "TOO_MANY_REQUESTS");
    assert!(problem["request"].is_string());
    Ok(())
}
