//! A recorded conversation: the requests that a connector must send, in their order, and exactly the answers it gets.
//!
//! While one is played its provider's data comes from it alone; tokens are given as ever. A request that is not the
//! next one is answered with 409 and both, so that a test says what went wrong.

use std::path::Path;
use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use chrono::TimeDelta;
use serde::Serialize;
use serde_json::{Value, json};

use super::answer::json as answer;
use super::world::lock;
use super::{Provider, World};

#[derive(Debug, Clone)]
pub struct Scenario {
    provider: Provider,
    steps: Vec<Value>,
}

#[derive(Debug, thiserror::Error)]
pub enum InvalidScenario {
    #[error("the scenario cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
    #[error("the scenario is not JSON: {0}")]
    NotJson(#[from] serde_json::Error),
    #[error("the scenario has no steps of a provider that is simulated")]
    Unknown,
}

impl Scenario {
    pub fn read(path: &Path) -> Result<Self, InvalidScenario> {
        Self::parse(&std::fs::read_to_string(path)?)
    }

    pub fn parse(text: &str) -> Result<Self, InvalidScenario> {
        let value: Value = serde_json::from_str(text)?;
        let steps = value["steps"].as_array().filter(|steps| !steps.is_empty()).ok_or(InvalidScenario::Unknown)?;
        let first = &steps[0]["request"];
        let path = first["path"].as_str().unwrap_or_default();
        let provider = if value["product"] == "transactions/sync" {
            Provider::Plaid
        } else if path.starts_with("/v1/") {
            Provider::Stripe
        } else if path.starts_with("/v3/company/") {
            Provider::QuickBooks
        } else if first["query"] == "orders" {
            Provider::Shopify
        } else {
            return Err(InvalidScenario::Unknown);
        };
        Ok(Self { provider, steps: steps.clone() })
    }

    /// Whether a query asks for objects that the scenario does not tell of: then there are none.
    fn knows_nothing_of(&self, said: &Said) -> bool {
        let entity = |query: &Value| page_of(query.as_str()?).map(|(entity, ..)| entity);
        let Some(asked) = said.get("query").and_then(entity) else { return false };
        !self.steps.iter().any(|step| entity(&step["request"]["query"]).as_ref() == Some(&asked))
    }

    pub const fn provider(&self) -> Provider {
        self.provider
    }
}

/// How far a scenario is.
#[derive(Debug)]
pub struct Playing {
    scenario: Scenario,
    next: usize,
    mismatches: Vec<Value>,
}

#[derive(Debug, Serialize)]
pub struct Played {
    provider: Provider,
    steps: usize,
    next: usize,
    done: bool,
    mismatches: Vec<Value>,
}

impl Playing {
    pub fn of(scenario: Scenario) -> Self {
        let mut playing = Self { scenario, next: 0, mismatches: Vec::new() };
        playing.skip_messages();
        playing
    }

    pub fn played(&self) -> Played {
        let steps = self.scenario.steps.len();
        Played {
            provider: self.scenario.provider,
            steps,
            next: self.next,
            done: self.next == steps,
            mismatches: self.mismatches.clone(),
        }
    }

    /// Steps without a request tell of a webhook, which whoever plays sends.
    fn skip_messages(&mut self) {
        while self.scenario.steps.get(self.next).is_some_and(|step| step.get("request").is_none()) {
            self.next += 1;
        }
    }

    fn answer(&mut self, said: &Said) -> Response {
        let Some(step) = self.scenario.steps.get(self.next).cloned() else {
            // The last answer stands: asking again is harmless.
            let last = self.scenario.steps.iter().rev().find(|step| step["request"].is_object());
            return match last.filter(|step| said.is(&step["request"])) {
                Some(step) => respond(&step["respond"]),
                None => self.mismatch(said, &Value::Null),
            };
        };
        if !said.is(&step["request"]) {
            return self.mismatch(said, &step["request"]);
        }
        self.next += 1;
        self.skip_messages();
        respond(&step["respond"])
    }

    fn mismatch(&mut self, said: &Said, expected: &Value) -> Response {
        let mismatch = json!({"step": self.next, "expected": expected, "got": said.shown()});
        self.mismatches.push(mismatch.clone());
        answer(409, &json!({"scenario": mismatch}))
    }
}

fn respond(recorded: &Value) -> Response {
    let status = recorded["status"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap_or(200);
    let mut response = answer(status, &recorded["body"]);
    for (name, value) in recorded["headers"].as_object().into_iter().flatten() {
        let name = HeaderName::try_from(name.as_str());
        if let (Ok(name), Some(Ok(value))) = (name, value.as_str().map(HeaderValue::from_str)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// What a request says: its path, and the members of its query and its body.
struct Said {
    path: String,
    members: Vec<(String, Value)>,
}

impl Said {
    fn of(path: &str, query: Option<&str>, body: &[u8]) -> Self {
        let texts = |bytes: &[u8]| -> Vec<(String, Value)> {
            let pairs = form_urlencoded::parse(bytes);
            pairs.map(|(name, value)| (name.into_owned(), Value::String(value.into_owned()))).collect()
        };
        let mut members = texts(query.unwrap_or_default().as_bytes());
        match serde_json::from_slice::<Value>(body) {
            Ok(Value::Object(object)) => {
                let variables = object.get("variables").and_then(Value::as_object).cloned().unwrap_or_default();
                members.extend(variables);
                members.extend(object);
            }
            _ => members.extend(texts(body)),
        }
        Self { path: path.to_owned(), members }
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.members.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// Whether it says what is expected; what is not expected may be said too.
    fn is(&self, expected: &Value) -> bool {
        expected.as_object().is_none_or(|expected| expected.iter().all(|(name, value)| self.says(name, value)))
    }

    fn says(&self, name: &str, value: &Value) -> bool {
        match (name, value) {
            ("path", Value::String(path)) => self.path.ends_with(path.as_str()),
            // Stripe's: the members of the query, all of them.
            ("query", Value::Object(query)) => {
                let named = |name: &str| query.get(name).map(ToString::to_string);
                let text = |value: &Value| value.to_string();
                query.iter().all(|(name, value)| self.get(name).map(text) == Some(value.to_string()))
                    && self.members.iter().all(|(name, _)| {
                        !matches!(name.as_str(), "starting_after" | "ending_before" | "limit") || named(name).is_some()
                    })
            }
            // Shopify's: the connection that is asked for.
            ("query", Value::String(connection)) if !connection.contains(' ') => self.get("query").is_some(),
            ("query", Value::String(query)) => {
                self.get("query").and_then(Value::as_str).is_some_and(|said| page_of(said) == page_of(query))
            }
            // Earlier is more: what changed in between is told once more.
            ("changedSince", Value::String(since)) => {
                let moment = |text: &str| chrono::DateTime::parse_from_rfc3339(text).ok();
                let said = self.get("changedSince").and_then(Value::as_str).and_then(moment);
                said.zip(moment(since)).is_some_and(|(said, since)| said <= since && since - said < TimeDelta::hours(1))
            }
            ("entities", Value::String(entities)) => {
                let said = self.get("entities").and_then(Value::as_str).unwrap_or_default();
                entities.split(',').all(|entity| said.split(',').any(|said| said == entity))
            }
            (_, Value::Null) => self.get(name).is_none_or(|said| said.is_null() || said == ""),
            (_, value) => self.get(name) == Some(value),
        }
    }

    fn shown(&self) -> Value {
        let secret = |name: &str| name.contains("secret") || name.contains("token") || name == "client_id";
        let shown = self.members.iter().filter(|(name, _)| !secret(name));
        let members: serde_json::Map<_, _> = shown.cloned().collect();
        json!({"path": self.path, "members": members})
    }
}

/// The entity and the page of a query of Intuit's; conditions and an order may be said beside them.
fn page_of(query: &str) -> Option<(String, usize, usize)> {
    let lower = query.to_ascii_lowercase();
    let words: Vec<_> = lower.split_whitespace().collect();
    let after = |name: &str| words.iter().position(|word| *word == name).and_then(|at| words.get(at + 1).copied());
    Some((after("from")?.to_owned(), after("startposition")?.parse().ok()?, after("maxresults")?.parse().ok()?))
}

/// What of a provider is played: data, and the tokens that the scenario itself gives.
fn is_played(provider: Provider, path: &str) -> bool {
    match provider {
        Provider::Plaid => path.ends_with("/transactions/sync"),
        Provider::Stripe => path.ends_with("/v1/balance_transactions"),
        Provider::QuickBooks => {
            path.ends_with("/query") || path.ends_with("/cdc") || path.ends_with("/oauth2/v1/tokens/bearer")
        }
        Provider::Shopify => path.ends_with("/graphql.json"),
    }
}

pub(super) async fn replay(
    State((world, provider)): State<(Arc<World>, Provider)>,
    request: Request,
    next: Next,
) -> Response {
    let Some(playing) = &world.playing else { return next.run(request).await };
    if lock(playing).scenario.provider != provider {
        return next.run(request).await;
    }
    let path = request.uri().path().to_owned();
    if provider == Provider::Plaid && path.ends_with("/accounts/get") {
        return answer(200, &accounts(&lock(playing).scenario));
    }
    if !is_played(provider, &path) {
        return next.run(request).await;
    }
    let query = request.uri().query().map(ToOwned::to_owned);
    let (_, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap_or_default();
    let said = Said::of(&path, query.as_deref(), &body);
    let mut playing = lock(playing);
    if provider == Provider::QuickBooks && playing.scenario.knows_nothing_of(&said) {
        return answer(200, &json!({"QueryResponse": {}}));
    }
    playing.answer(&said)
}

/// The accounts that a scenario's transactions name.
fn accounts(scenario: &Scenario) -> Value {
    let mut ids: Vec<(&str, &str)> = Vec::new();
    for step in &scenario.steps {
        for transaction in step["respond"]["body"]["added"].as_array().into_iter().flatten() {
            let currency = transaction["iso_currency_code"].as_str().unwrap_or("USD");
            if let Some(id) = transaction["account_id"].as_str()
                && !ids.iter().any(|(known, _)| *known == id)
            {
                ids.push((id, currency));
            }
        }
    }
    let accounts = ids.into_iter().map(|(id, currency)| {
        json!({
            "account_id": id, "mask": "0000", "name": id, "official_name": null, "subtype": "checking",
            "type": "depository",
            "balances": {"available": null, "current": null, "iso_currency_code": currency, "limit": null,
                         "unofficial_currency_code": null},
        })
    });
    json!({"accounts": accounts.collect::<Vec<_>>(), "item": {"item_id": "scenario"}, "request_id": "scenario"})
}
