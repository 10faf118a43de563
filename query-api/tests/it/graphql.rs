use domain::Kind;
use serde_json::{Value, json};

use crate::world::{World, line, rent, sale};

const SUMMARY: &str = "query($business: UUID!, $period: PeriodInput!, $asOf: AsOf, $minPosition: Position) {
  business(id: $business) { summary(period: $period, asOf: $asOf, minPosition: $minPosition) {
    period { from to } compared { from to } known { position at } currency stableBelowPercent otherCurrencies
    figures { metric unit currency value reason before difference percent direction moreIsBetter }
    movers { category kind value before difference percent } } } }";

pub fn figure<'a>(summary: &'a Value, metric: &str) -> &'a Value {
    summary["figures"].as_array().unwrap().iter().find(|figure| figure["metric"] == metric).unwrap()
}

#[tokio::test]
async fn a_summary_compares_all_figures_and_says_why_some_are_undefined() {
    let world = World::new().await;
    let lines = vec![
        sale("s1", "2023-10-03", "900.00"),
        rent("r1", "2023-10-05", "-450.00"),
        sale("s2", "2024-10-03", "1000.00"),
        line("f2", "2024-10-04", "-100.00", Kind::Refund, "refund"),
        rent("r2", "2024-10-05", "-450.00"),
        line("l2", "2024-10-06", "5000.00", Kind::Financing, "loan"),
    ];
    let position = world.bring(lines, vec![]).await;
    let variables = json!({ "business": world.business, "period": { "from": "2024-10-01", "to": "2024-10-31" },
        "minPosition": position });
    let data = world.data(SUMMARY, variables).await;
    let summary = &data["business"]["summary"];
    assert_eq!(summary["compared"], json!({ "from": "2023-10-01", "to": "2023-10-31" }));
    assert_eq!(summary["known"]["position"], position);
    let revenue = figure(summary, "REVENUE");
    assert_eq!(
        (&revenue["value"], &revenue["before"], &revenue["direction"]),
        (&json!("900.00"), &json!("900.00"), &json!("STABLE"))
    );
    assert_eq!(figure(summary, "PROFIT_MARGIN")["value"], "0.5");
    assert_eq!(figure(summary, "PROFIT_MARGIN")["currency"], Value::Null);
    assert_eq!(figure(summary, "BALANCE")["value"], "5900.00");
    assert_eq!(figure(summary, "AVERAGE_SALE")["value"], "1000.00");
    // August and September 2024 are empty but known: operations took nothing.
    assert_eq!(figure(summary, "BURN_RATE")["value"], "0.00");
    assert_eq!(figure(summary, "RUNWAY")["value"], Value::Null);
    assert!(figure(summary, "RUNWAY")["reason"].as_str().unwrap().contains("Nothing is burned"));
    assert_eq!(figure(summary, "BURN_RATE")["before"], Value::Null);
    assert_eq!(summary["movers"][0]["category"], "product_sale");
    let mut shown = summary.clone();
    shown["known"] = json!("left out");
    insta::assert_json_snapshot!("summary", shown);
}

#[tokio::test]
async fn one_request_answers_everything_at_one_position() {
    let world = World::new().await;
    world.bring(vec![sale("s1", "2024-09-03", "10.00"), rent("r1", "2024-10-05", "-4.50")], vec![]).await;
    let query = "query($id: UUID!) { business(id: $id) {
        id name baseCurrency timeZone fiscalYearFirstMonth firstDay lastDay currencies
        accounts { id name currency closed source externalId } sources { name kind connected }
        known { position }
        series(period: {from: \"2024-09-01\", to: \"2024-10-31\"}, bucket: MONTH) {
          points { from to key partial revenue expenses profit profitMargin moneyIn net averageSale count } }
        balances(period: {from: \"2024-10-04\", to: \"2024-10-06\"}) {
          total { day balance } accounts { account { name } closing points { balance } } } } }";
    let data = world.data(query, json!({ "id": world.business })).await;
    let business = &data["business"];
    assert_eq!(business["firstDay"], "2024-09-03");
    assert_eq!(business["lastDay"], "2024-10-05");
    assert_eq!(business["currencies"], json!(["EUR"]));
    assert_eq!(business["accounts"][0]["name"], "Current");
    assert_eq!(business["sources"][0]["kind"], "file");
    let points = &business["series"]["points"];
    assert_eq!((&points[0]["revenue"], &points[0]["averageSale"]), (&json!("10.00"), &json!("10.00")));
    assert_eq!((&points[1]["expenses"], &points[1]["profitMargin"]), (&json!("4.50"), &Value::Null));
    assert_eq!(business["balances"]["total"][0]["balance"], "10.00");
    let account = &business["balances"]["accounts"][0];
    assert_eq!((&account["account"]["name"], &account["closing"]), (&json!("Current"), &json!("5.50")));
}

#[tokio::test]
async fn a_series_is_split_by_category_account_and_kind_and_filtered_by_both() {
    let world = World::new().await;
    let savings = world.open(world.business, "Savings").await;
    world.bring(vec![sale("s1", "2024-09-03", "10.00"), rent("r1", "2024-09-05", "-4.00")], vec![]).await;
    world.bring_to(savings, vec![sale("s2", "2024-09-04", "7.00"), rent("r2", "2024-09-05", "-1.00")], vec![]).await;
    let query = "query($id: UUID!, $by: Dimension, $account: UUID, $category: String) { business(id: $id) {
        series(period: {from: \"2024-09-01\", to: \"2024-09-30\"}, bucket: MONTH, by: $by, account: $account, category: $category) {
          points { key moneyIn moneyOut count } } } }";
    let ask = async |by: Value, account: Value, category: Value| {
        let variables = json!({ "id": world.business, "by": by, "account": account, "category": category });
        world.data(query, variables).await["business"]["series"]["points"].take()
    };
    let none = Value::Null;
    let point = |key: &str, money_in: &str, money_out: &str, count: i64| json!({ "key": key, "moneyIn": money_in, "moneyOut": money_out, "count": count });
    let by_category = ask(json!("CATEGORY"), none.clone(), none.clone()).await;
    assert_eq!(by_category, json!([point("product_sale", "17.00", "0.00", 2), point("rent", "0.00", "5.00", 2)]));
    let by_kind = ask(json!("KIND"), json!(savings), none.clone()).await;
    assert_eq!(
        by_kind,
        json!([point("revenue", "7.00", "0.00", 1), point("expense", "0.00", "1.00", 1)])
            .as_array()
            .map(|points| {
                let mut points = points.clone();
                points.sort_by_key(|point| point["key"].as_str().map(str::to_owned));
                Value::from(points)
            })
            .unwrap()
    );
    // No cell holds these: they are read from the changes.
    let crossed = ask(json!("CATEGORY"), json!(savings), none.clone()).await;
    assert_eq!(crossed, json!([point("product_sale", "7.00", "0.00", 1), point("rent", "0.00", "1.00", 1)]));
    let both = ask(none.clone(), json!(savings), json!("rent")).await;
    assert_eq!(both[0]["moneyOut"], "1.00");
    let by_account = ask(json!("ACCOUNT"), none, json!("rent")).await;
    assert_eq!(by_account.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_figure_opens_down_to_its_transactions_and_events() {
    let world = World::new().await;
    world.bring(vec![sale("s1", "2024-09-03", "10.00")], vec![]).await;
    let position = world.bring(vec![sale("s1", "2024-09-03", "12.50"), sale("s2", "2024-09-01", "1.00")], vec![]).await;
    let query = "query($id: UUID!) { business(id: $id) {
        explain(metric: REVENUE, period: {from: \"2024-09-01\", to: \"2024-09-30\"}) {
          figure { value } formula transactionCount parts { key label kind category value count }
          history { known { position } value cause } }
        transactions(category: \"product_sale\", first: 10) { pageInfo { hasNextPage } nodes {
          id day amount cause revisions account { name }
          event { position type hash line batch source { name } } } } } }";
    let data = world.data(query, json!({ "id": world.business })).await;
    let explain = &data["business"]["explain"];
    assert_eq!(explain["figure"]["value"], "13.50");
    assert_eq!(
        explain["parts"],
        json!([{ "key": "revenue/product_sale", "label": "Product sale", "kind": "REVENUE",
        "category": "product_sale", "value": "13.50", "count": 2 }])
    );
    let history = explain["history"].as_array().unwrap();
    assert_eq!(history.len(), 2);
    assert_eq!((&history[0]["value"], &history[0]["known"]["position"]), (&json!("13.50"), &json!(position)));
    assert_eq!((&history[1]["value"], &history[1]["cause"]), (&json!("10.00"), &json!("NEW")));
    let nodes = data["business"]["transactions"]["nodes"].as_array().unwrap();
    assert_eq!(nodes.len(), 2);
    let (corrected, late) = (&nodes[0], &nodes[1]);
    assert_eq!(
        (&corrected["cause"], &corrected["revisions"], &corrected["amount"]),
        (&json!("CORRECTED"), &json!(2), &json!("12.50"))
    );
    assert_eq!(late["cause"], "LATE");
    let event = &corrected["event"];
    assert_eq!(
        (&event["position"], &event["type"], &event["line"]),
        (&json!(position), &json!("account.synced.v2"), &json!(7))
    );
    assert_eq!(event["hash"].as_str().unwrap().len(), 64);
    assert!(event["batch"].is_string());
    assert_eq!(event["source"]["name"], "Statements");
    let history = "query($id: UUID!, $tx: UUID!) { business(id: $id) { transactionHistory(id: $tx) {
        validFrom validTo removed transaction { amount } } } }";
    let data = world.data(history, json!({ "id": world.business, "tx": corrected["id"] })).await;
    let revisions = data["business"]["transactionHistory"].as_array().unwrap();
    assert_eq!(revisions.len(), 2);
    assert_eq!((&revisions[0]["validTo"], &revisions[1]["validTo"]), (&json!(position), &Value::Null));
}

#[tokio::test]
async fn unknown_and_foreign_ids_find_nothing() {
    let world = World::new().await;
    let other = world.register("Other").await;
    world.bring(vec![sale("s1", "2024-09-03", "10.00")], vec![]).await;
    let data = world.data("{ business(id: \"00000000-0000-4000-8000-000000000000\") { id } }", json!({})).await;
    assert_eq!(data["business"], Value::Null);
    let query = "query($id: UUID!, $tx: UUID!) { business(id: $id) { transactionHistory(id: $tx) { removed }
        transactions { nodes { id } } batches { nodes { id } } } }";
    let id = sale("s1", "2024-09-03", "10.00").id;
    let data = world.data(query, json!({ "id": other, "tx": id })).await;
    assert_eq!(
        data["business"],
        json!({ "transactionHistory": [], "transactions": { "nodes": [] }, "batches": { "nodes": [] } })
    );
}

/// `innermost` in so many levels of valid introspection.
fn nested(levels: usize, innermost: &str) -> String {
    format!("{{ __schema {{ queryType {}{innermost}{} }} }}", "{ ofType ".repeat(levels), "}".repeat(levels))
}

/// Fragments that each spread the next one twice.
fn doubling(levels: usize) -> String {
    let spread = |n: usize| format!(" fragment f{n} on Business {{ ...f{} ...f{} }}", n + 1, n + 1);
    let fragments: String = (0..levels).map(spread).collect();
    format!("{{ businesses {{ ...f0 }} }}{fragments}")
}

fn times(count: usize, field: impl Fn(usize) -> String) -> String {
    (0..count).map(field).collect()
}

const TOO_MUCH: &str = "The query asks for more than one answer holds; ask for shorter pages, shorter periods or larger \
                        buckets, or in several queries.";
const CENTURY: &str = "series(period: {from: \"1900-01-01\", to: \"1999-12-31\"}, bucket: DAY) { points { from } }";

#[tokio::test]
async fn bombs_are_refused_before_they_run_each_for_its_own_reason() {
    let world = World::new().await;
    let summary = "summary(period: {from: \"2020-01-01\", to: \"2024-01-01\"}) { figures { value } }";
    let page = "transactions(first: 500) { nodes { id day amount } }";
    let inside = |fields: String| format!("{{ businesses {{ {fields} }} }}");
    let bombs = [
        (format!("{{ {} }}", "viewer { name } ".repeat(21)), "The query asks for too many fields at its root."),
        (format!("{{ viewer {{ {} }} }}", "name ".repeat(1_000)), "The query asks for too many fields."),
        (doubling(30), "The query asks for too many fields."),
        (doubling(30) + " fragment f30 on Business { name }", "The query asks for too many fields."),
        (inside(times(31, |n| format!("a{n}: id "))), "The query has too many aliases."),
        (nested(16, "{ name }"), "Query is nested too deep."),
        (nested(40, "{ name }"), "The recursion depth of the query cannot be greater than `36`"),
        (format!("{{ business {{ {} }} }}", times(20, |n| format!("s{n}: {CENTURY} "))), TOO_MUCH),
        (inside(times(20, |n| format!("t{n}: {page} "))), TOO_MUCH),
        (inside(times(20, |n| format!("s{n}: {summary} "))), TOO_MUCH),
        ("{ nonsense }".to_owned(), "Unknown field \"nonsense\" on type \"Query\"."),
    ];
    for (bomb, reason) in bombs {
        let answer = world.graphql(&bomb, json!({})).await;
        let told = answer["errors"].as_array().unwrap();
        assert_eq!((told.len(), &told[0]["message"]), (1, &json!(reason)), "{}", &bomb[..60.min(bomb.len())]);
        assert_eq!(told[0]["extensions"]["code"], "INVALID");
        assert!(answer["data"].is_null());
    }
    // One level less is asked as often as anybody likes.
    assert_eq!(world.data(&nested(15, "{ name }"), json!({})).await["__schema"]["queryType"]["ofType"], Value::Null);
}

#[tokio::test]
async fn a_series_alone_is_refused_by_its_buckets() {
    let world = World::new().await;
    let query = format!("query($id: UUID!) {{ business(id: $id) {{ {CENTURY} }} }}");
    let answer = world.graphql(&query, json!({ "id": world.business })).await;
    let reason = "The period has more than 4000 buckets of this size; ask for a shorter period or larger buckets.";
    assert_eq!(answer["errors"][0]["message"], reason);
    let path = format!("/api/v1/metrics/{}/revenue?from=1900-01-01&to=1999-12-31&bucket=day", world.business);
    let (status, _, problem) = world.get(&path).await;
    assert_eq!((status.as_u16(), &problem["detail"]), (400, &json!(reason)));
}

#[tokio::test]
async fn requests_that_are_none_are_refused_and_errors_carry_codes() {
    let world = World::new().await;
    let long = axum::http::Request::post("/graphql")
        .header("content-type", "application/json")
        .body(axum::body::Body::from(json!({ "query": "x".repeat(40_000) }).to_string()))
        .unwrap();
    let (_, _, answer) = world.send(long).await;
    assert_eq!((&answer["code"], &answer["detail"]), (&json!("TOO_LARGE"), &json!("The query is too long.")));
    let list = axum::http::Request::post("/graphql")
        .header("content-type", "application/json")
        .body(axum::body::Body::from(json!([{ "query": "{ viewer { name } }" }]).to_string()))
        .unwrap();
    assert_eq!(world.send(list).await.0, 400);
    let backwards = "query($id: UUID!) { business(id: $id) { summary(period: {from: \"2024-02-01\", to: \"2024-01-01\"}) { currency } } }";
    let answer = world.graphql(backwards, json!({ "id": world.business })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "INVALID");
    insta::assert_json_snapshot!("graphql_error", answer["errors"]);
}

#[tokio::test]
async fn a_position_that_is_not_shown_in_time_is_told() {
    let world = World::new().await;
    let query = "query($id: UUID!) { business(id: $id) { known(minPosition: 1000000) { position } } }";
    let answer = world.graphql(query, json!({ "id": world.business })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAVAILABLE");
}

#[tokio::test]
async fn a_database_that_fails_tells_nothing_of_itself() {
    let world = World::new().await;
    sqlx::query("drop view read.metric_cell").execute(&world.pool).await.unwrap();
    let query = "query($id: UUID!) { business(id: $id) { firstDay } }";
    let answer = world.graphql(query, json!({ "id": world.business })).await;
    let text = answer.to_string();
    assert_eq!(answer["errors"][0]["extensions"]["code"], "INTERNAL");
    assert!(!text.contains("metric_cell") && !text.contains("relation"), "{text}");
}

#[tokio::test]
async fn the_page_s_own_introspection_passes_the_limits() {
    let world = World::new().await;
    let query =
        "query { __schema { types { name kind fields(includeDeprecated: true) { name args { name type { kind name
        ofType { kind name ofType { kind name ofType { kind name } } } } } type { kind name ofType { kind name ofType {
        kind name ofType { kind name } } } } } enumValues { name } inputFields { name } } } }";
    let data = world.data(query, json!({})).await;
    assert!(data["__schema"]["types"].as_array().unwrap().len() > 20);
}
