//! Each bucket of a series beside the one before it.

use query_api::figures::{Bucket, Comparison, Metric, Period, Terms};
use query_api::reader::{SeriesQuery, SplitBy, View};
use query_api::views::Scope;
use rand::Rng;
use rust_decimal::Decimal;
use serde_json::json;

use crate::history::{told, ways};
use crate::world::{World, eur, rent, sale};

/// Both sides are the figures that summaries of their days tell.
async fn agree(world: &World, view: &View, query: &SeriesQuery, comparison: Comparison) -> usize {
    let points = world.reader.compared_series(view, query, comparison).await.unwrap();
    for point in &points {
        for (period, side) in [(point.period, "now"), (point.compared, "before")] {
            let terms = query.currency.unwrap();
            let summary = world.reader.summary(view, period, Comparison::PreviousPeriod, terms).await.unwrap();
            for told in summary.figures {
                let metric = told.figure.metric;
                let Some(compared) = point.figure(metric) else {
                    assert!(metric.is_closing());
                    continue;
                };
                let value = if side == "now" { compared.figure.value.ok() } else { compared.before };
                assert_eq!(value, told.figure.value.ok(), "{side} {metric:?} {period:?} {query:?} {comparison:?}");
            }
        }
    }
    points.len()
}

#[tokio::test]
async fn both_sides_are_what_summaries_of_their_days_tell() {
    let (world, mut history, positions) = told(11, 8).await;
    let known = world.date_back(&positions).await;
    for (nth, bucket) in Bucket::ALL.into_iter().enumerate() {
        let at = history.random.gen_range(0..positions.len());
        let running = history.period_around(known[at].date_naive());
        let as_of = ways(positions[at], known[at])[nth % 3];
        let currency = Some(if nth % 2 == 0 { Terms::all_in(eur()) } else { Terms::from(eur()) });
        for (period, as_of) in [(history.period(), None), (running, Some(as_of))] {
            let view = world.view(as_of).await;
            let query = SeriesQuery { period, bucket, by: None, scope: Scope::default(), currency };
            for comparison in [Comparison::PreviousPeriod, Comparison::SamePeriodLastYear] {
                assert!(agree(&world, &view, &query, comparison).await > 0);
            }
        }
    }
}

#[tokio::test]
async fn the_keys_of_a_split_sum_up_to_all_together_on_both_sides() {
    let (world, mut history, _) = told(12, 8).await;
    let view = world.view(None).await;
    let (period, bucket, currency) = (history.period(), Bucket::Month, Some(Terms::from(eur())));
    let query = SeriesQuery { period, bucket, by: None, scope: Scope::default(), currency };
    let whole = world.reader.compared_series(&view, &query, Comparison::PreviousPeriod).await.unwrap();
    for by in [SplitBy::Category, SplitBy::Account, SplitBy::Kind] {
        let query = SeriesQuery { by: Some(by), ..query.clone() };
        let parts = world.reader.compared_series(&view, &query, Comparison::PreviousPeriod).await.unwrap();
        for all in &whole {
            let all_net = all.figure(Metric::Net).unwrap();
            let nets: Vec<_> = parts
                .iter()
                .filter(|part| part.period == all.period)
                .map(|part| part.figure(Metric::Net).unwrap())
                .collect();
            let value: Decimal = nets.iter().map(|net| net.figure.value.unwrap()).sum();
            let before: Decimal = nets.iter().map(|net| net.before.unwrap()).sum();
            assert_eq!((Ok(value), Some(before)), (all_net.figure.value, all_net.before), "{by:?} {:?}", all.period);
        }
    }
}

#[tokio::test]
async fn change_and_direction_are_told_by_bucket_everywhere() {
    let world = World::new().await;
    let lines = vec![
        sale("s1", "2024-01-10", "100"),
        sale("s2", "2024-02-29", "100.40"),
        sale("s3", "2024-03-10", "150.60"),
        rent("r1", "2024-02-10", "-30"),
    ];
    world.bring(lines, vec![]).await;
    let query = "query($id: UUID!, $by: Dimension) { business(id: $id) {
        series(period: {from: \"2024-01-01\", to: \"2024-03-31\"}, bucket: MONTH, by: $by) {
          compared(comparison: PREVIOUS_PERIOD) { period { from } compared { from to } key
            figures(metrics: [REVENUE, PROFIT_MARGIN]) { value before difference percent direction } } } } }";
    let data = world.data(query, json!({ "id": world.business })).await;
    let points = &data["business"]["series"]["compared"];
    // From nothing there is a direction and no percentage; a margin without revenue is null.
    assert_eq!(
        points[0]["figures"][0],
        json!({ "value": "100.00", "before": "0.00", "difference": "100.00", "percent": null, "direction": "UP" })
    );
    assert_eq!(points[0]["figures"][1]["before"], json!(null));
    assert_eq!(points[1]["compared"], json!({ "from": "2024-01-01", "to": "2024-01-31" }));
    assert_eq!(points[1]["figures"][0]["direction"], "STABLE");
    assert_eq!(points[1]["figures"][1]["direction"], "DOWN");
    assert_eq!(points[2]["figures"][0]["percent"], "50");
    // March has no rent, and is told how it was in February.
    let split = world.data(query, json!({ "id": world.business, "by": "CATEGORY" })).await;
    let split = split["business"]["series"]["compared"].as_array().unwrap();
    let march = split.iter().filter(|point| point["period"]["from"] == "2024-03-01");
    assert_eq!(march.count(), 2);
    let path = format!(
        "/api/v1/metrics/{}/revenue?from=2024-01-01&to=2024-03-31&changes=true&compare=previous_period",
        world.business
    );
    let (_, _, body) = world.get(&path).await;
    assert_eq!(body["changes"][2]["figures"][0]["percent"], "50");
    assert_eq!(body["changes"][2]["figures"][0]["direction"], "up");
    let refused = "query($id: UUID!) { business(id: $id) {
        series(period: {from: \"2024-01-01\", to: \"2024-03-31\"}, bucket: MONTH) {
          compared(comparison: PREVIOUS_PERIOD) { figures(metrics: [BALANCE]) { value } } } } }";
    let errors = world.graphql(refused, json!({ "id": world.business })).await;
    assert!(errors.to_string().contains("ask for `closings`"), "{errors}");
}

#[tokio::test]
async fn the_last_days_of_two_februaries_are_compared() {
    let world = World::new().await;
    world
        .bring(
            vec![sale("a", "2023-02-28", "10"), sale("b", "2024-02-28", "20"), sale("c", "2024-02-29", "40")],
            vec![],
        )
        .await;
    let period = Period::try_new("2024-02-28".parse().unwrap(), "2024-03-01".parse().unwrap()).unwrap();
    let view = world.view(None).await;
    let query = SeriesQuery {
        period,
        bucket: Bucket::Day,
        by: None,
        scope: Scope::default(),
        currency: Some(Terms::from(eur())),
    };
    let points = world.reader.compared_series(&view, &query, Comparison::SamePeriodLastYear).await.unwrap();
    let before: Vec<_> = points.iter().map(|point| point.figure(Metric::Revenue).unwrap().before).collect();
    assert_eq!(before, [Some(Decimal::TEN), Some(Decimal::TEN), Some(Decimal::ZERO)]);
}
