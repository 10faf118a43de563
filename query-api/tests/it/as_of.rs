//! The same question at different states of knowledge.

use chrono::{Duration, Utc};
use query_api::figures::{Comparison, Metric, Period};
use query_api::views::AsOf;
use rust_decimal::Decimal;
use serde_json::json;

use crate::world::{World, eur, rent, sale};

async fn revenue(world: &World, as_of: Option<AsOf>) -> Decimal {
    let period = Period::try_new("2024-09-01".parse().unwrap(), "2024-09-30".parse().unwrap()).unwrap();
    let view = world.view(as_of).await;
    let summary = world.reader.summary(&view, period, Comparison::PreviousPeriod, eur()).await.unwrap();
    summary.figures.iter().find(|figure| figure.figure.metric == Metric::Revenue).unwrap().figure.value.unwrap()
}

#[tokio::test]
async fn a_view_by_position_by_moment_and_by_date_agree() {
    let world = World::new().await;
    let first = world.bring(vec![sale("s1", "2024-09-03", "10")], vec![]).await;
    let between = Utc::now();
    let second = world.bring(vec![sale("s2", "2024-09-04", "5")], vec![]).await;
    let gone = world.bring(vec![], vec![sale("s1", "2024-09-03", "10").id]).await;
    let dec = Decimal::from;
    assert_eq!(revenue(&world, Some(AsOf::Position(first - 1))).await, dec(0));
    assert_eq!(revenue(&world, Some(AsOf::Position(first))).await, dec(10));
    assert_eq!(revenue(&world, Some(AsOf::Position(second))).await, dec(15));
    assert_eq!(revenue(&world, Some(AsOf::Position(gone))).await, dec(5));
    assert_eq!(revenue(&world, None).await, dec(5));
    assert_eq!(revenue(&world, Some(AsOf::Moment(between))).await, dec(10));
    assert_eq!(revenue(&world, Some(AsOf::Moment(between - Duration::days(1)))).await, dec(0));
    let today = world.view(None).await.today;
    assert_eq!(revenue(&world, Some(AsOf::Date(today))).await, dec(5));
    assert_eq!(revenue(&world, Some(AsOf::Date(today - Duration::days(2)))).await, dec(0));
    assert_eq!(revenue(&world, Some(AsOf::Position(1_000_000))).await, dec(5));
}

#[tokio::test]
async fn the_end_of_a_day_is_the_business_own() {
    let world = World::new().await;
    let position = world.bring(vec![sale("s1", "2024-09-03", "10")], vec![]).await;
    // What was recorded at 23:30 UTC on 31 March was known on 1 April in Berlin.
    sqlx::raw_sql("alter table store.log disable trigger all").execute(&world.pool).await.unwrap();
    sqlx::query("update store.log set known_at = '2024-03-31T23:30:00Z' where position = $1")
        .bind(position)
        .execute(&world.pool)
        .await
        .unwrap();
    sqlx::query("update store.log set known_at = '2024-03-30T12:00:00Z' where position < $1")
        .bind(position)
        .execute(&world.pool)
        .await
        .unwrap();
    let known = async |date: &str| world.view(Some(AsOf::Date(date.parse().unwrap()))).await.known.position;
    assert_eq!(known("2024-03-29").await, 0);
    assert_eq!(known("2024-03-31").await, position - 1);
    assert_eq!(known("2024-04-01").await, position);
}

#[tokio::test]
async fn what_happens_to_others_does_not_change_a_version() {
    let world = World::new().await;
    world.bring(vec![sale("s1", "2024-09-03", "10")], vec![]).await;
    let before = world.view(None).await;
    world.register("Other").await;
    let after = world.view(None).await;
    assert!(after.known.position > before.known.position);
    assert_eq!(after.changed, before.changed);
}

#[tokio::test]
async fn changes_are_listed_with_the_cause_of_each() {
    let world = World::new().await;
    let lines =
        vec![sale("kept", "2024-09-03", "10"), sale("gone", "2024-09-04", "20"), sale("moved", "2024-09-05", "30")];
    let before = world.bring(lines, vec![]).await;
    let now = vec![sale("moved", "2024-10-05", "30"), rent("new", "2024-10-06", "-5"), sale("late", "2024-09-02", "1")];
    world.bring(now, vec![sale("gone", "2024-09-04", "20").id]).await;
    let query = "query($id: UUID!, $from: AsOf!) { business(id: $id) {
        changes(metric: REVENUE, period: {from: \"2024-09-01\", to: \"2024-09-30\"}, from: $from) {
          start end transactionCount causes { cause value count } }
        transactions(period: {from: \"2024-09-01\", to: \"2024-09-30\"}, changedFrom: $from) {
          nodes { description cause day } } } }";
    let data = world.data(query, json!({ "id": world.business, "from": { "position": before } })).await;
    let changes = &data["business"]["changes"];
    assert_eq!((&changes["start"], &changes["end"]), (&json!("60.00"), &json!("11.00")));
    assert_eq!(changes["transactionCount"], 3);
    assert_eq!(
        changes["causes"],
        json!([
            { "cause": "LATE", "value": "1.00", "count": 1 },
            { "cause": "CORRECTED", "value": "-30.00", "count": 1 },
            { "cause": "REMOVED", "value": "-20.00", "count": 1 },
        ])
    );
    let listed = data["business"]["transactions"]["nodes"].as_array().unwrap();
    let listed: Vec<_> =
        listed.iter().map(|node| (node["description"].as_str().unwrap(), node["cause"].as_str().unwrap())).collect();
    assert_eq!(listed, [("Line moved", "CORRECTED"), ("Line gone", "REMOVED"), ("Line late", "LATE")]);
}

#[tokio::test]
async fn the_history_of_an_old_figure_is_found_under_any_number_of_later_batches() {
    let world = World::new().await;
    world.bring(vec![sale("s1", "2023-03-03", "10")], vec![]).await;
    world.bring(vec![sale("s1", "2023-03-03", "12")], vec![]).await;
    for n in 0..15 {
        let later = vec![sale(&format!("n{n}"), "2024-09-03", "1"), rent(&format!("r{n}"), "2023-03-04", "-1")];
        world.bring(later, vec![]).await;
    }
    let query = "query($id: UUID!) { business(id: $id) { explain(metric: REVENUE,
        period: {from: \"2023-03-01\", to: \"2023-03-31\"}) { history { value cause } } } }";
    let data = world.data(query, json!({ "id": world.business })).await;
    let expected = json!([{ "value": "12.00", "cause": "CORRECTED" }, { "value": "10.00", "cause": "NEW" }]);
    assert_eq!(data["business"]["explain"]["history"], expected);
}

const EXTENT: &str = "query($id: UUID!, $at: AsOf, $tx: UUID!) { business(id: $id) {
    firstDay(asOf: $at) lastDay(asOf: $at) currencies(asOf: $at)
    accounts(asOf: $at) { name } sources(asOf: $at) { name }
    batches(asOf: $at) { nodes { firstPosition added } }
    transactionHistory(id: $tx, asOf: $at) { validTo removed transaction { amount } } } }";

#[tokio::test]
async fn what_came_later_was_not_there() {
    let world = World::new().await;
    let line = sale("s1", "2024-09-03", "10");
    let first = world.bring(vec![line.clone()], vec![]).await;
    let between = Utc::now();
    let other = domain::SourceId::new();
    let connect = domain::source::SourceCommand::Connect {
        id: other,
        business: world.business,
        kind: domain::source::SourceKind::File,
        name: "Till".to_owned(),
    };
    world.commands.source(other, connect, &streams::Meta::new(world.business, "owner")).await.unwrap();
    let savings = world.open(world.business, "Savings").await;
    let pounds = domain::Transaction { currency: "GBP".parse().unwrap(), ..sale("s2", "2024-10-05", "5") };
    world.bring_to(savings, vec![pounds, sale("s3", "2024-08-01", "2")], vec![]).await;
    let last = world.bring(vec![domain::Transaction { amount: Decimal::from(12), ..line.clone() }], vec![]).await;
    let asked = async |at: serde_json::Value| {
        let variables = json!({ "id": world.business, "at": at, "tx": line.id });
        world.data(EXTENT, variables).await["business"].take()
    };
    let then = json!({
        "firstDay": "2024-09-03", "lastDay": "2024-09-03", "currencies": ["EUR"],
        "accounts": [{ "name": "Current" }], "sources": [{ "name": "Statements" }],
        "batches": { "nodes": [{ "firstPosition": first, "added": 1 }] },
        "transactionHistory": [{ "validTo": null, "removed": false, "transaction": { "amount": "10.00" } }],
    });
    assert_eq!(asked(json!({ "position": first })).await, then);
    assert_eq!(asked(json!({ "moment": between })).await, then);
    let now = asked(json!(null)).await;
    assert_eq!((&now["firstDay"], &now["lastDay"]), (&json!("2024-08-01"), &json!("2024-10-05")));
    assert_eq!(now["currencies"], json!(["EUR", "GBP"]));
    assert_eq!(now["accounts"], json!([{ "name": "Current" }, { "name": "Savings" }]));
    assert_eq!(now["sources"], json!([{ "name": "Statements" }, { "name": "Till" }]));
    assert_eq!(now["batches"]["nodes"].as_array().unwrap().len(), 3);
    assert_eq!(now["transactionHistory"][0]["validTo"], last);
    assert_eq!(asked(json!({ "position": last })).await, now);
    let before = asked(json!({ "date": "2000-01-01" })).await;
    assert_eq!((&before["firstDay"], &before["accounts"]), (&json!(null), &json!([])));
    assert_eq!((&before["batches"]["nodes"], &before["transactionHistory"]), (&json!([]), &json!([])));
}

#[tokio::test]
async fn two_states_of_knowledge_for_one_list_are_refused() {
    let world = World::new().await;
    let position = world.bring(vec![sale("s1", "2024-09-03", "10")], vec![]).await;
    let query = "query($id: UUID!, $at: AsOf) { business(id: $id) {
        transactions(changedFrom: {position: 0}, changedTo: $at, asOf: $at) { nodes { id } } } }";
    let answer = world.graphql(query, json!({ "id": world.business, "at": { "position": position } })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "INVALID");
    assert!(answer["errors"][0]["message"].as_str().unwrap().contains("asOf or changedTo"));
}
