//! What each bucket of a series closes with.

use query_api::figures::{Bucket, Comparison, Metric, Period, Terms};
use query_api::reader::{SeriesQuery, View};
use query_api::views::Scope;
use rand::Rng;
use serde_json::json;

use crate::history::{told, ways};
use crate::world::{World, eur, rent, sale};

/// Each figure is the one that a summary of the bucket tells, and an explanation of it where a part alone is asked for.
async fn agree(world: &World, view: &View, query: &SeriesQuery) -> usize {
    let terms = query.currency.unwrap();
    let closings = world.reader.closings(view, query).await.unwrap();
    for closing in &closings {
        let summary = world.reader.summary(view, closing.period, Comparison::PreviousPeriod, terms).await.unwrap();
        assert_eq!(closing.day, summary.period.to());
        for figure in closing.figures() {
            let case = format!("{:?} {query:?} as of {:?}", figure.metric, view.known);
            let scope = query.scope.clone();
            let told = if scope == Scope::default() {
                summary.figures.iter().find(|told| told.figure.metric == figure.metric).unwrap().figure
            } else {
                world.reader.explain(view, figure.metric, closing.period, terms, scope).await.unwrap().figure
            };
            assert_eq!(figure, told, "{case} {:?}", closing.period);
        }
    }
    closings.len()
}

#[tokio::test]
async fn a_bucket_closes_with_what_a_summary_of_it_tells() {
    for seed in [7, 2024] {
        let (world, mut history, positions) = told(seed, 8).await;
        let known = world.date_back(&positions).await;
        let accounts = world.reader.accounts(&world.view(None).await).await.unwrap();
        for (nth, bucket) in Bucket::ALL.into_iter().enumerate() {
            let at = history.random.gen_range(0..positions.len());
            let running = history.period_around(known[at].date_naive());
            let as_of = ways(positions[at], known[at])[nth % 3];
            let scope = Scope { account: (nth % 2 == 1).then(|| accounts[0].id), category: None };
            let currency = Some(if nth % 4 == 0 { Terms::all_in(eur()) } else { Terms::from(eur()) });
            for (period, as_of) in [(history.period(), None), (running, Some(as_of))] {
                let view = world.view(as_of).await;
                let query = SeriesQuery { period, bucket, by: None, scope: scope.clone(), currency };
                assert!(agree(&world, &view, &query).await > 0);
            }
        }
    }
}

#[tokio::test]
async fn balance_burn_and_runway_are_told_by_bucket_everywhere() {
    let world = World::new().await;
    let mut lines = vec![sale("opening", "2023-12-31", "1000")];
    lines.extend(
        [("r1", "2024-01-10", "-90"), ("r2", "2024-02-10", "-30"), ("r3", "2024-03-10", "-30")]
            .map(|(name, day, amount)| rent(name, day, amount)),
    );
    world.bring(lines, vec![]).await;
    let query = "query($id: UUID!, $by: Dimension) { business(id: $id) {
        series(period: {from: \"2024-01-01\", to: \"2024-03-31\"}, bucket: MONTH, by: $by) { closings {
          from to day balance { value reason } burnRate { value reason } runway { value reason } } } } }";
    let data = world.data(query, json!({ "id": world.business })).await;
    let closings = &data["business"]["series"]["closings"];
    let balance = |nth: usize| closings[nth]["balance"]["value"].clone();
    assert_eq!([balance(0), balance(1), balance(2)], [json!("910.00"), json!("880.00"), json!("850.00")]);
    assert_eq!(closings[0]["burnRate"]["value"], json!(null));
    assert!(closings[0]["burnRate"]["reason"].as_str().unwrap().contains("three full months"));
    // December brought more in than January and February took.
    assert_eq!(closings[1]["burnRate"], json!({ "value": "0.00", "reason": null }));
    assert!(closings[1]["runway"]["reason"].as_str().unwrap().contains("Nothing is burned"));
    assert_eq!(closings[2]["burnRate"]["value"], "50.00");
    assert_eq!(closings[2]["runway"]["value"], "17");
    let split = world.data(query, json!({ "id": world.business, "by": "CATEGORY" })).await;
    assert_eq!(&split["business"]["series"]["closings"], closings, "of all together, however it is split");
    let path = format!("/api/v1/metrics/{}/cash-flow?from=2024-01-01&to=2024-03-31&closing=true", world.business);
    let (_, _, body) = world.get(&path).await;
    assert_eq!(
        body["points"][2]["closing"],
        json!({ "day": "2024-03-31", "balance": { "value": "850.00", "reason": null },
            "burn_rate": { "value": "50.00", "reason": null }, "runway": { "value": "17", "reason": null } })
    );
    let (status, _, body) = world.get(&format!("{path}&by=account")).await;
    assert_eq!((status.as_u16(), &body["code"]), (400, &json!("INVALID")));
    let month = Period::try_new("2024-03-01".parse().unwrap(), "2024-03-31".parse().unwrap()).unwrap();
    let view = world.view(None).await;
    let summary = world.reader.summary(&view, month, Comparison::PreviousPeriod, eur()).await.unwrap();
    let told = summary.figures.iter().find(|told| told.figure.metric == Metric::Runway).unwrap().figure.value;
    assert_eq!(told, Ok("17".parse().unwrap()));
}
