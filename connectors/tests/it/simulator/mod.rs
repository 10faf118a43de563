//! The simulator over HTTP: its answers against the recorded and documented payloads, its signatures, its faults.

mod faults;
mod memory;
mod plaid;
mod quickbooks;
mod scenarios;
mod shape;
mod shopify;
mod stripe;
mod webhooks;

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use connectors::simulator::{App, Options, Provider, Scenario, Simulator};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

pub fn noon() -> DateTime<Utc> {
    "2026-03-10T12:00:00Z".parse().unwrap()
}

/// A payload of the data folder, where the folder is there.
pub fn payload(name: &str) -> Option<Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/providers").join(name);
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        println!("skipped: {} is not here", path.display());
    }
    text.map(|text| serde_json::from_str(&text).unwrap())
}

/// A simulator whose time stands still, stopped at the end.
pub struct Simulated {
    pub base: String,
    pub http: reqwest::Client,
    stop: CancellationToken,
}

impl Drop for Simulated {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Simulated {
    pub async fn start() -> Self {
        let mut options = Options::new(1, noon());
        options.speed = 0;
        Self::with(options).await
    }

    /// One that does not limit requests: time stands still there, and tests ask fast.
    pub async fn unlimited() -> Self {
        let simulated = Self::start().await;
        simulated.control("/limits", &json!({"enabled": false})).await;
        simulated
    }

    pub async fn playing(scenario: Scenario) -> Self {
        let mut options = Options::new(1, noon());
        options.speed = 0;
        options.scenario = Some(scenario);
        Self::with(options).await
    }

    pub async fn with(options: Options) -> Self {
        let simulator = Simulator::bind("127.0.0.1:0".parse().unwrap(), options).await.unwrap();
        let stop = CancellationToken::new();
        let base = format!("http://{}", simulator.address);
        tokio::spawn(simulator.run(stop.clone().cancelled_owned()));
        Self { base, http: reqwest::Client::new(), stop }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    pub async fn control(&self, path: &str, body: &Value) {
        let answer = self.http.post(self.url(&format!("/control{path}"))).json(body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
    }

    pub async fn advance(&self, seconds: i64) {
        self.control("/clock", &json!({"advance_seconds": seconds})).await;
    }

    /// To the newest charge that it can happen to.
    pub async fn happens(&self, kind: &str) {
        self.control("/happen", &json!({"kind": kind})).await;
    }

    pub async fn truth(&self) -> Value {
        self.http.get(self.url("/control/truth")).send().await.unwrap().json().await.unwrap()
    }

    /// A call to Plaid: status and body.
    pub async fn plaid(&self, path: &str, mut body: Value) -> (u16, Value) {
        let app = App::simulated(Provider::Plaid);
        body["client_id"] = json!(app.client_id);
        body["secret"] = json!(app.secret);
        let answer = self.http.post(self.url(&format!("/plaid{path}"))).json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// A linked Item whose history is there: its access token.
    pub async fn item(&self, webhook: Option<&str>) -> String {
        let options = json!({"webhook": webhook, "transactions": {"days_requested": 730}});
        let body = json!({"institution_id": "ins_1", "initial_products": ["transactions"], "options": options});
        let (_, public) = self.plaid("/sandbox/public_token/create", body).await;
        let exchange = json!({"public_token": public["public_token"]});
        let (status, item) = self.plaid("/item/public_token/exchange", exchange).await;
        assert_eq!(status, 200, "{item}");
        self.advance(60).await;
        item["access_token"].as_str().unwrap().to_owned()
    }

    pub async fn stripe(&self, path: &str) -> (u16, Value) {
        let request = self.http.get(self.url(&format!("/stripe{path}"))).bearer_auth("rk_live_simulated");
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }
}
