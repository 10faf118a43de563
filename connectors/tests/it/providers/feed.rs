//! The fifth provider: a till of somebody's, described by configuration alone.

use std::fmt::Write;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::{NaiveDate, TimeDelta, Utc};
use connectors::provider::sync::SyncError;
use connectors::provider::{Grant, ProviderError, Registry, Settings};

use super::world::{Connected, by_kind, figures};

const PAGE: usize = 40;

/// A row of the till: pence, and the day.
type Row = (u32, i64, NaiveDate);

#[derive(Clone, Default)]
struct Till {
    rows: Arc<Mutex<Vec<Row>>>,
    asked: Arc<AtomicU32>,
}

impl Till {
    fn sell(&self, count: u32, day: NaiveDate) {
        let mut rows = self.rows.lock().unwrap();
        for _ in 0..count {
            let id = u32::try_from(rows.len()).unwrap();
            let pence = if id % 10 == 9 { -150 } else { 1000 + i64::from(id) };
            rows.push((id, pence, day));
        }
    }

    fn asked(&self, query: &Asked) -> Vec<Row> {
        let since: NaiveDate = query.since.as_deref().unwrap_or("2000-01-01").parse().unwrap();
        self.rows.lock().unwrap().iter().copied().filter(|(_, _, day)| *day >= since).collect()
    }

    /// Each third request meets a fault.
    fn refuses(&self, headers: &HeaderMap) -> Option<Response> {
        if headers.get("x-till-key").is_none_or(|key| key != "secret of the till") {
            return Some(StatusCode::UNAUTHORIZED.into_response());
        }
        let n = self.asked.fetch_add(1, Ordering::Relaxed);
        (n % 3 == 2).then(|| {
            if n.is_multiple_of(2) { StatusCode::BAD_GATEWAY } else { StatusCode::TOO_MANY_REQUESTS }.into_response()
        })
    }
}

#[derive(serde::Deserialize)]
struct Asked {
    since: Option<String>,
    after: Option<usize>,
    page: Option<usize>,
}

fn decimal(pence: i64) -> String {
    let sign = if pence < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", pence.abs() / 100, pence.abs() % 100)
}

async fn in_json(State(till): State<Till>, headers: HeaderMap, Query(asked): Query<Asked>) -> Response {
    if let Some(refused) = till.refuses(&headers) {
        return refused;
    }
    let (rows, from) = (till.asked(&asked), asked.after.unwrap_or(0));
    let page: Vec<_> = rows.iter().skip(from).take(PAGE).collect();
    let next = (from + PAGE < rows.len()).then(|| (from + PAGE).to_string());
    // By hand: what builds JSON from values would put a binary float in between.
    let row = |(id, pence, day): &&Row| {
        let what = if *pence < 0 { "given_back" } else { "sale" };
        let total = decimal(*pence);
        format!(
            r#"{{"number": {id}, "when": {{"day": "{day}"}}, "total": {{"amount": {total}}}, "type": "{what}", "note": "Table {id}"}}"#
        )
    };
    let list: Vec<_> = page.iter().map(row).collect();
    format!(r#"{{"result": {{"payments": [{}]}}, "next": {}}}"#, list.join(", "), next.as_deref().unwrap_or("null"))
        .into_response()
}

async fn in_csv(State(till): State<Till>, headers: HeaderMap, Query(asked): Query<Asked>) -> Response {
    if let Some(refused) = till.refuses(&headers) {
        return refused;
    }
    let mut text = String::from("\u{feff}Number;Day;Total;Type;Note\n");
    let from = (asked.page.unwrap_or(1) - 1) * PAGE;
    for (id, pence, day) in till.asked(&asked).iter().skip(from).take(PAGE) {
        let what = if *pence < 0 { "given_back" } else { "sale" };
        let (day, total) = (day.format("%d.%m.%Y"), decimal(*pence).replace('.', ","));
        writeln!(text, "{id};{day};{total};{what};\"Table {id}\"").unwrap();
    }
    text.into_response()
}

async fn opened(till: &Till) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let router = axum::Router::new().route("/json", get(in_json)).route("/csv", get(in_csv)).with_state(till.clone());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    base
}

/// Two feeds of the same till, as an operator writes them.
fn configured(base: &str) -> Registry {
    let text = format!(
        r#"
        [feed.till]
        title = "Till"
        url = "{base}/json"
        auth = {{ header = "x-till-key" }}
        format = "json"
        rows = "/result/payments"
        currency = "GBP"
        paging = {{ by = "cursor", parameter = "after", pointer = "/next" }}
        since = {{ parameter = "since" }}
        kinds = {{ sale = "revenue", given_back = "refund" }}
        fields = {{ id = "/number", date = "/when/day", amount = "/total/amount", kind = "/type", description = "/note" }}

        [feed.till-in-csv]
        title = "Till, as a table"
        url = "{base}/csv"
        auth = {{ header = "x-till-key" }}
        format = "csv"
        delimiter = ";"
        decimal = ","
        date_format = "%d.%m.%Y"
        currency = "GBP"
        paging = {{ by = "page", parameter = "page" }}
        kinds = {{ sale = "revenue", given_back = "refund" }}
        fields = {{ id = "Number", date = "Day", amount = "Total", kind = "Type", description = "Note" }}
        "#
    );
    let settings: Settings = toml::from_str(&text).unwrap();
    Registry::configured(&settings)
}

#[tokio::test]
async fn a_feed_of_json_and_one_of_csv_tell_the_same_till() {
    let till = Till::default();
    let today = Utc::now().date_naive();
    till.sell(130, today - TimeDelta::days(5));
    let registry = configured(&opened(&till).await);
    assert_eq!(registry.names().collect::<Vec<_>>(), ["till", "till-in-csv"]);
    let (of_json, of_csv) = (Connected::new().await, Connected::new().await);
    let both = [(&of_json, registry.get("till").unwrap()), (&of_csv, registry.get("till-in-csv").unwrap())];
    for (connected, connector) in both {
        assert!(connector.takes_key() && !connector.redirects());
        let syncer = connected.syncer(connector.as_ref());
        let wrong = syncer.connect(connected.at, "Till", &Grant::key("another")).await;
        assert!(matches!(wrong, Err(SyncError::Provider(ProviderError::Revoked { .. }))), "{wrong:?}");
        let mut result = syncer.connect(connected.at, "Till", &Grant::key("secret of the till")).await;
        if result.is_err() {
            result = syncer.connect(connected.at, "Till", &Grant::key("secret of the till")).await;
        }
        result.unwrap();
        assert_eq!(syncer.sync(connected.at).await.unwrap().counts.added, 130);
        let again = syncer.sync(connected.at).await.unwrap();
        assert_eq!((again.counts.added, again.counts.amended), (0, 0));
    }
    till.sell(70, today);
    // A sale of some days ago is corrected.
    till.rows.lock().unwrap()[100].1 = 777;
    for (connected, connector) in both {
        let counts = connected.syncer(connector.as_ref()).sync(connected.at).await.unwrap().counts;
        assert_eq!((counts.added, counts.amended), (70, 1));
    }
    let sums = by_kind(&of_csv.standing().await);
    let rows = till.rows.lock().unwrap().clone();
    let sum = |of: fn(i64) -> bool| rows.iter().map(|(_, pence, _)| *pence).filter(|pence| of(*pence)).sum::<i64>();
    assert_eq!((sums["revenue"], sums["refund"]), (sum(|pence| pence > 0), sum(|pence| pence < 0)));
    assert_eq!(figures(&of_json).await, figures(&of_csv).await);
}

#[tokio::test]
async fn a_key_that_was_withdrawn_is_a_state_and_an_answer_of_another_shape_says_where() {
    let till = Till::default();
    till.sell(10, Utc::now().date_naive());
    let base = opened(&till).await;
    let text = format!(
        "[feed.other]\ntitle = \"Other\"\nurl = \"{base}/json\"\nauth = {{ header = \"x-till-key\" }}\nformat = \"json\"\n\
         rows = \"/result/receipts\"\ncurrency = \"GBP\"\nfields = {{ id = \"/number\", date = \"/when/day\", amount = \"/total\" }}"
    );
    let registry = Registry::configured(&toml::from_str::<Settings>(&text).unwrap());
    let connector = registry.get("other").unwrap();
    let error = connector.complete(&Grant::key("secret of the till")).await.unwrap_err();
    assert_eq!(error, ProviderError::Unintelligible { what: "there is no /result/receipts".into() });
}
