//! Secrets of people, machines and providers, through every way in that takes one, and then looked for in everything that is
//! left behind: files of the servers, logs (which hold the spans of traces), metrics, and answers to bad input.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

use crate::canaries::{canary, found};
use crate::connections::{choose_all, post};
use crate::erased::{Till, without_letters};
use crate::harness::{Folder, Up};

const INVITE: &str =
    "mutation ($b: UUID!, $email: String!) { inviteMember(business: $b, email: $email, role: VIEWER) { id } }";
const TRANSACTIONS: &str = "query ($b: UUID!) { business(id: $b) { transactions { nodes { id account { id } } } } }";

/// What must be found nowhere, by what it is.
#[derive(Default)]
struct Planted(Vec<(&'static str, Vec<u8>)>);

impl Planted {
    fn plant(&mut self, what: &'static str, secret: impl Into<Vec<u8>>) {
        self.0.push((what, secret.into()));
    }

    /// Letters that occur nowhere else.
    fn make(&mut self, what: &'static str) -> String {
        let text = canary(what);
        self.plant(what, text.clone());
        text
    }

    fn within(&self, bytes: &[u8]) -> Vec<&'static str> {
        let is_here = |secret: &[u8]| memchr::memmem::find(bytes, secret).is_some();
        self.0.iter().filter(|(_, secret)| is_here(secret)).map(|(what, _)| *what).collect()
    }
}

/// A program that has an account, or not, and keeps its cookies.
struct Visitor<'a> {
    up: &'a Up,
    client: reqwest::Client,
}

impl<'a> Visitor<'a> {
    fn new(up: &'a Up) -> Result<Self> {
        Ok(Self { up, client: reqwest::Client::builder().cookie_store(true).build()? })
    }

    async fn send(&self, method: Method, path: &str, body: Value) -> Result<Response> {
        let request = self.client.request(method, format!("{}{path}", self.up.url)).header("origin", &self.up.url);
        Ok(request.json(&body).send().await?)
    }

    /// To a route of identity that must take it.
    async fn post(&self, route: &str, body: Value) -> Result<Response> {
        let answer = self.send(Method::POST, &format!("/api/v1/identity/{route}"), body).await?;
        ensure!(answer.status().is_success(), "{route}: {} {}", answer.status(), answer.text().await?);
        Ok(answer)
    }
}

/// The token of the first letter to `address` with a link to `page`.
async fn link(folder: &Folder, address: &str, page: &str) -> Result<String> {
    for _ in 0..300 {
        for entry in std::fs::read_dir(folder.path().join("mail"))? {
            let text = std::fs::read_to_string(entry?.path())?.replace("=\r\n", "").replace("=3D", "=");
            let token = text.split_once(&format!("/{page}token=")).filter(|_| text.contains(address));
            if let Some(token) = token.and_then(|(_, rest)| rest.split_whitespace().next()) {
                return Ok(token.to_owned());
            }
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    anyhow::bail!("no letter to {address} with a link to {page}")
}

async fn start(folder: &Folder, log: &Path, till: &Till, planted: &mut Planted) -> Result<Up> {
    let mut command = folder.command(&["-vv", "up", "--port", "0"]);
    command.envs(till.described());
    command.env("WORKDOCK_PROVIDERS__STRIPE__CLIENT_ID", "client");
    command.env("WORKDOCK_PROVIDERS__STRIPE__SECRET", planted.make("client"));
    command.env("WORKDOCK_PROVIDERS__STRIPE__WEBHOOK_SECRETS", format!("[\"{}\"]", planted.make("webhook")));
    command.stderr(File::options().create(true).append(true).open(log)?);
    let up = Up::start(command).await?;
    up.ready().await?;
    Ok(up)
}

/// Somebody with an account, a second factor, and a password that was set anew.
async fn sign_up<'a>(folder: &Folder, up: &'a Up, planted: &mut Planted) -> Result<Visitor<'a>> {
    let (visitor, email) = (Visitor::new(up)?, format!("{}@workdock.example", canary("mail").to_lowercase()));
    planted.plant("address", email.clone());
    let (name, password, next) = (planted.make("person"), planted.make("password"), planted.make("next"));
    visitor.post("register", json!({ "email": email, "password": password, "name": name })).await?;
    let token = link(folder, &email, "verify-email?").await?;
    visitor.post("verify-email", json!({ "token": token })).await?;
    planted.plant("token of a registration", token);
    visitor.post("forgot-password", json!({ "email": email })).await?;
    let token = link(folder, &email, "reset-password?").await?;
    visitor.post("reset-password", json!({ "token": token, "password": next })).await?;
    planted.plant("token of a reset", token);
    let signed_in = visitor.post("sign-in", json!({ "email": email, "password": next })).await?;
    for cookie in signed_in.headers().get_all("set-cookie") {
        let (name, value) = cookie.to_str()?.split_once('=').context("an odd cookie")?;
        let value = value.split(';').next().unwrap_or_default();
        match name {
            "workdock_refresh" => planted.plant("refresh token", value),
            "workdock_session" => planted.plant("access token", value),
            _ => {}
        }
    }
    second_factor(&visitor, planted).await?;
    Ok(visitor)
}

async fn second_factor(visitor: &Visitor<'_>, planted: &mut Planted) -> Result<()> {
    let started: Value = visitor.post("factors/totp/start", json!({})).await?.json().await?;
    let secret = started["secret"].as_str().context("no secret")?.to_owned();
    let bytes = Secret::try_from_base32(&secret)?;
    planted.plant("TOTP secret", bytes.as_ref());
    planted.plant("TOTP secret, as it is typed", secret);
    let totp = Builder::new().with_secret(bytes).with_account_name("any").build()?;
    let code = totp.generate_current().to_string();
    let confirmed: Value = visitor.post("factors/totp/confirm", json!({ "code": code })).await?.json().await?;
    let codes = confirmed["recoveryCodes"].as_array().context("no codes")?;
    for code in codes {
        planted.plant("recovery code", code.as_str().context("no code")?);
    }
    Ok(())
}

/// Keys, files and words of a business; the key of its machine, which is shown once.
async fn furnish(folder: &Folder, up: &Up, business: &str, planted: &mut Planted) -> Result<String> {
    let with_key = format!("/api/v1/businesses/{business}/connections/key");
    let found = post(up, &with_key, &json!({ "provider": "till", "key": planted.make("credential") })).await?;
    choose_all(up, business, &found).await?;
    let keys = format!("/api/v1/businesses/{business}/keys");
    let made = post(up, &keys, &json!({ "name": "Till", "role": "MANAGER" })).await?;
    let key = made["key"].as_str().context("no key")?.to_owned();
    planted.plant("API key", key.clone());

    let mut first = Value::Null;
    for _ in 0..300 {
        let shown = up.graphql(TRANSACTIONS, json!({ "b": business })).await?;
        first = shown["business"]["transactions"]["nodes"][0].clone();
        if !first.is_null() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let (id, account) = (first["id"].as_str().context("nothing was read")?, &first["account"]["id"]);
    let account = account.as_str().context("no account")?;
    let beside = format!("{}/api/v1/businesses/{business}/accounts/{account}/transactions/{id}", up.url);
    let (name, content) = (planted.make("file"), planted.make("content"));
    let attach = up.client.post(format!("{beside}/attachments?name={name}.txt")).header("origin", &up.url);
    let answer = attach.body(content.repeat(200)).send().await?;
    ensure!(answer.status().is_success(), "{}", answer.text().await?);
    let memo = up.client.put(format!("{beside}/memo")).header("origin", &up.url);
    let answer = memo.json(&json!({ "memo": planted.make("memo") })).send().await?;
    ensure!(answer.status().is_success(), "{}", answer.text().await?);

    let guest = format!("{}@workdock.example", canary("guest").to_lowercase());
    up.graphql(INVITE, json!({ "b": business, "email": guest })).await?;
    planted.plant("token of an invitation", link(folder, &guest, "invitation#").await?);
    planted.plant("address of a guest", guest);
    Ok(key)
}

/// Secrets where they do not belong, as somebody brings them who mistook one field for another: each is refused.
async fn refusals(visitor: &Visitor<'_>, business: &str, key: &str, planted: &mut Planted) -> Result<Vec<Response>> {
    let secret = planted.make("misplaced");
    let of = |path: &str| format!("/api/v1/businesses/{business}/{path}");
    let identity = |path: &str| format!("/api/v1/identity/{path}");
    let (post, get) = (Method::POST, Method::GET);
    let asked = [
        (&post, identity("sign-in"), json!({ "email": "nobody@workdock.example", "password": secret })),
        (&post, identity("sign-in"), json!({ "email": secret, "password": secret })),
        (&post, identity("sign-in"), json!({ "mail": secret, secret.clone(): [secret] })),
        (&post, identity("password"), json!({ "current": secret, "new": secret })),
        (
            &post,
            identity("register"),
            json!({ "email": "x@workdock.example", "password": secret, "name": secret.repeat(9) }),
        ),
        (&post, identity("reset-password"), json!({ "token": secret, "password": secret })),
        (&post, identity("verify-email"), json!({ "token": secret })),
        (&post, identity("confirm"), json!({ "code": secret })),
        (&post, identity("sign-in/second-factor"), json!({ "method": "TOTP", "code": secret })),
        (&post, "/api/v1/session".to_owned(), json!({ "token": secret })),
        (&post, "/api/v1/webhooks/stripe".to_owned(), json!({ "secret": secret })),
        (&post, of("connections/key"), json!({ "provider": "till", "key": { "secret": secret } })),
        (&post, of("keys"), json!({ "name": "Till", "role": secret })),
        (&get, of(&format!("transactions?search={secret}&from={secret}&order={secret}")), Value::Null),
        (&post, "/graphql".to_owned(), json!({ "query": format!("{{ business(id: \"{secret}\") {{ id }} }}") })),
        (&post, "/graphql".to_owned(), json!({ "query": TRANSACTIONS, "variables": { "b": secret } })),
    ];
    let mut answers = Vec::new();
    for (method, path, body) in asked {
        answers.push(visitor.send(method.clone(), &path, body).await?);
    }
    // A key where it reaches nothing, and one that is none.
    for bearer in [key, &secret, &format!("wdk_{secret}")] {
        let asked = visitor.up.client.get(format!("{}/api/v1/audit", visitor.up.url)).bearer_auth(bearer);
        answers.push(asked.send().await?);
    }
    Ok(answers)
}

#[tokio::test]
async fn no_secret_is_readable_in_any_file_log_metric_or_refusal() -> Result<()> {
    let (folder, beside, till) = (Folder::new(), tempfile::tempdir()?, Till::open().await?);
    let (log, mut planted) = (beside.path().join("log"), Planted::default());
    let business = folder.business("Harbour", "GBP", "Europe/London")?;
    let up = start(&folder, &log, &till, &mut planted).await?;
    let visitor = sign_up(&folder, &up, &mut planted).await?;
    let key = furnish(&folder, &up, &business, &mut planted).await?;

    let mut metrics = up.get("/metrics").await?.text().await?;
    for answer in refusals(&visitor, &business, &key, &mut planted).await? {
        let (status, path) = (answer.status(), answer.url().path().to_owned());
        let body = answer.text().await?;
        assert_eq!(planted.within(body.as_bytes()), Vec::<&str>::new(), "{path}: {status} {body}");
        assert!(status.is_client_error() || path == "/graphql", "{path}: {status} {body}");
    }
    metrics.push_str(&up.get("/metrics").await?.text().await?);
    assert!(metrics.contains("workdock_http_request_seconds"), "{metrics}");
    assert_eq!(planted.within(metrics.as_bytes()), Vec::<&str>::new());
    assert_eq!(up.stop()?.0, Some(0));

    let logged = std::fs::read(&log)?;
    assert_eq!(planted.within(&logged), Vec::<&str>::new());
    let spans = memchr::memmem::find(&logged, b"/api/v1/identity/sign-in").is_some();
    assert!(spans, "no span of a request was logged, so nothing was tested");
    // What is not sealed is found, so the search finds what is there.
    assert!(!found(folder.path(), &["security.signed_in".to_owned()]).is_empty());
    let secrets: Vec<_> = planted.0.iter().map(|(_, secret)| secret).collect();
    assert_eq!(without_letters(found(folder.path(), &secrets), &folder), Vec::<String>::new());
    Ok(())
}
