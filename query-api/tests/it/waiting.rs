//! Whoever writes reads what they wrote: every read waits for the position that it is given, and says so in time where
//! it does not come.

use axum::http::{Request, StatusCode};
use domain::BatchId;
use domain::account::AccountCommand;
use futures::future::join_all;
use serde_json::json;
use streams::Meta;
use streams::projection::CheckpointWatch;
use tokio_util::sync::CancellationToken;

use crate::world::{World, sale};

const NEVER: i64 = 1_000_000;

/// What is asked of the log itself, for a file of it or of all of a business, or by whoever holds a report; and what
/// nobody writes who is told a position.
const NO_WAIT: [&str; 10] = [
    "/api/v1/audit/checkpoint",
    "/api/v1/audit/proof",
    "/api/v1/reports/{code}",
    "/api/v1/businesses/{business_id}/export",
    "/api/v1/businesses/{business_id}/audit/log",
    "/api/v1/erasures",
    "/api/v1/erasures/{business_id}/certificate",
    "/api/v1/businesses/{business_id}/audit/archives/{position}",
    "/api/v1/audit/archives/{position}",
    "/api/v1/identity/sign-ins",
];

impl World {
    /// All that wait share one watch, as servers have it.
    async fn served(mut self) -> Self {
        let watch = CheckpointWatch::start(self.pool.clone(), CancellationToken::new()).await.unwrap();
        self.reader = self.reader.watching(watch);
        self.deps.reader = self.reader.clone();
        self
    }

    /// Writes a page without waiting until it is shown; its position.
    async fn write(&self, name: &str) -> i64 {
        let reported = vec![sale(name, "2024-09-03", "10")];
        let sync =
            AccountCommand::Sync { batch: BatchId::new(), to_cursor: None, reported, removed: vec![], told: vec![] };
        let meta = Meta::new(self.business, "owner");
        let receipt = self.commands.account(self.account, sync, &meta).await.unwrap();
        self.commands.position_of(&receipt).await.unwrap().unwrap().last
    }

    fn filled(&self, path: &str) -> String {
        let path = path
            .replace("{business_id}", &self.business.to_string())
            .replace("{metric}", "revenue")
            .replace("{month}", "2024-09")
            .replace("{account_id}", &self.account.to_string())
            .replace("{source_id}", &self.source.to_string())
            .replace("{transaction_id}", &sale("w", "2024-09-03", "10").id.to_string())
            .replace("{attachment_id}", &self.business.to_string())
            .replace("{hash}", &"00".repeat(32));
        let query = match path.rsplit('/').next() {
            Some("explain") => "metric=revenue&from=2024-09-01&to=2024-09-30&",
            Some("changes") => "metric=revenue&from=2024-09-01&to=2024-09-30&known_from=0&",
            Some("summary" | "revenue") => "from=2024-09-01&to=2024-09-30&",
            _ => "",
        };
        format!("{path}?{query}min_position=")
    }
}

#[tokio::test]
async fn every_rest_read_waits_for_a_position_and_tells_where_it_does_not_come() {
    let world = World::new().await.served().await;
    let described = query_api::rest::openapi();
    let mut waiting = Vec::new();
    for (path, item) in &described.paths.paths {
        let Some(get) = &item.get else { continue };
        let waits = get.parameters.iter().flatten().any(|parameter| parameter.name == "min_position");
        assert_eq!(waits, !NO_WAIT.contains(&path.as_str()), "{path}");
        if waits {
            assert!(get.responses.responses.contains_key("503"), "{path}");
            // Those of archives are served by whoever keeps their files.
            if !query_api::rest::archives::ROUTES.contains(&path.as_str()) {
                waiting.push(world.filled(path));
            }
        }
    }
    assert!(waiting.len() > 15, "{waiting:?}");
    let answers = join_all(waiting.iter().map(async |path| {
        let path = format!("{path}{NEVER}");
        let (status, _, body) = world.get(&path).await;
        (path, status, body)
    }));
    for (path, status, body) in answers.await {
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{path} {body}");
        assert!(body["detail"].as_str().unwrap().contains("position 1000000"), "{body}");
    }
}

#[tokio::test]
async fn a_read_with_the_write_s_position_holds_what_was_written() {
    let world = World::new().await;
    for n in 1..=5 {
        let position = world.write(&format!("s{n}")).await;
        let path = format!("/api/v1/metrics/{}/summary?from=2024-09-01&to=2024-09-30", world.business);
        let (_, _, body) = world.get(&format!("{path}&min_position={position}")).await;
        assert_eq!(body["figures"][0]["value"], format!("{}.00", n * 20 - 10), "{body}");
        let position = world.write(&format!("t{n}")).await;
        let query = "query($id: UUID!, $at: Position) { business(id: $id) {
            transactions(minPosition: $at) { nodes { id } } } }";
        let data = world.data(query, json!({ "id": world.business, "at": position })).await;
        assert_eq!(data["business"]["transactions"]["nodes"].as_array().unwrap().len(), 2 * n);
    }
}

#[tokio::test]
async fn a_position_that_is_no_number_is_refused() {
    let world = World::new().await;
    let path = format!("/api/v1/businesses/{}/transactions?min_position=soon", world.business);
    let (status, _, body) = world.send(Request::get(path).body(axum::body::Body::empty()).unwrap()).await;
    assert_eq!((status, &body["code"]), (StatusCode::BAD_REQUEST, &json!("INVALID")));
}

#[tokio::test]
async fn every_query_field_that_reads_the_tables_waits_for_a_position() {
    let world = World::new().await.served().await;
    let id = world.business;
    let days = "period: {from: \"2024-09-01\", to: \"2024-09-30\"}";
    let fields = [
        "firstDay(AT)".to_owned(),
        "lastDay(AT)".to_owned(),
        "currencies(AT)".to_owned(),
        "accounts(AT) { id }".to_owned(),
        "sources(AT) { id }".to_owned(),
        "batches(AT) { nodes { id } }".to_owned(),
        "categories(AT) { key }".to_owned(),
        "recurring(AT) { id }".to_owned(),
        "matches(AT) { proposed }".to_owned(),
        "connections(AT) { source }".to_owned(),
        format!("connection(source: \"{id}\", AT) {{ source }}"),
        "audit(AT) { edges { cursor } }".to_owned(),
        "archives(AT) { file }".to_owned(),
        "moved(position: 1, AT) { month }".to_owned(),
        "months(AT) { month }".to_owned(),
        "exchangeRates(AT) { day }".to_owned(),
        "daysWithoutRate(AT) { day }".to_owned(),
        "rulePreview(rules: [], AT) { changed }".to_owned(),
        format!("beside(transaction: \"{id}\", AT) {{ memo {{ text }} }}"),
        "transactions(AT) { nodes { id } }".to_owned(),
        format!("transactionHistory(id: \"{id}\", AT) {{ removed }}"),
        format!("summary({days}, AT) {{ currency }}"),
        format!("series({days}, bucket: MONTH, AT) {{ currency }}"),
        format!("balances({days}, AT) {{ currency }}"),
        format!("explain(metric: REVENUE, {days}, AT) {{ formula }}"),
        format!("changes(metric: REVENUE, {days}, from: {{position: 0}}, AT) {{ start }}"),
    ];
    let asked = fields.iter().map(async |field| {
        let field = field.replace("AT", &format!("minPosition: {NEVER}"));
        let query = format!("query($id: UUID!) {{ business(id: $id) {{ {field} }} }}");
        (field, world.graphql(&query, json!({ "id": id })).await)
    });
    for (field, answer) in join_all(asked).await {
        assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{field}: {answer}");
        assert!(answer["errors"][0]["message"].as_str().unwrap().contains("position 1000000"), "{field}: {answer}");
    }
}
