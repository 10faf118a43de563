//! A summary of an account or a category alone.

use serde_json::{Value, json};

use crate::world::{World, rent, sale};

const SCOPED: &str = "query($id: UUID!, $account: UUID, $category: String) { business(id: $id) {
    summary(period: {from: \"2024-08-01\", to: \"2024-09-30\"}, compare: PREVIOUS_PERIOD, account: $account,
        category: $category) { figures { metric value before } movers { category } }
    series(period: {from: \"2024-08-01\", to: \"2024-09-30\"}, bucket: MONTH, account: $account, category: $category) {
        points { revenue expenses profit count } closings { balance { value } } } } }";

fn cents(value: &Value) -> i64 {
    value.as_str().unwrap().replace('.', "").parse().unwrap()
}

#[tokio::test]
async fn a_summary_of_a_part_is_the_sum_of_its_series() {
    let world = World::new().await;
    let savings = world.open(world.business, "Savings").await;
    world.bring(vec![sale("old", "2024-06-03", "7"), sale("s1", "2024-08-03", "100")], vec![]).await;
    world.bring(vec![rent("r1", "2024-09-04", "-50"), sale("s2", "2024-09-05", "30")], vec![]).await;
    world.bring_to(savings, vec![sale("s3", "2024-08-06", "5"), rent("r2", "2024-09-07", "-2")], vec![]).await;
    let path =
        format!("/api/v1/metrics/{}/summary?from=2024-08-01&to=2024-09-30&compare=previous_period", world.business);
    // Revenue, expenses, count, and revenue of the two months before.
    for (account, category, expected) in [
        (None, None, [13500, 5200, 5, 700]),
        (Some(savings), None, [500, 200, 2, 0]),
        (None, Some("rent"), [0, 5200, 2, 0]),
        (Some(world.account), Some("product_sale"), [13000, 0, 2, 700]),
    ] {
        let variables = json!({ "id": world.business, "account": account, "category": category });
        let data = world.data(SCOPED, variables).await["business"].take();
        let figure = |name: &str| {
            let figures = data["summary"]["figures"].as_array().unwrap();
            figures.iter().find(|figure| figure["metric"] == name).unwrap().clone()
        };
        let points = data["series"]["points"].as_array().unwrap();
        let sum = |name: &str| points.iter().map(|point| cents(&point[name])).sum::<i64>();
        for (metric, name) in [("REVENUE", "revenue"), ("EXPENSES", "expenses"), ("PROFIT", "profit")] {
            assert_eq!(cents(&figure(metric)["value"]), sum(name), "{metric} {account:?} {category:?}");
        }
        let count = points.iter().map(|point| point["count"].as_i64().unwrap()).sum::<i64>();
        let told = [sum("revenue"), sum("expenses"), count, cents(&figure("REVENUE")["before"])];
        assert_eq!((told, cents(&figure("COUNT")["value"])), (expected, expected[2]));
        assert_eq!(figure("BALANCE")["value"], data["series"]["closings"][1]["balance"]["value"]);
        assert_eq!(data["summary"]["movers"].as_array().unwrap().is_empty(), account.is_some());
        let account = account.map(|account| format!("&account={account}")).unwrap_or_default();
        let category = category.map(|category| format!("&category={category}")).unwrap_or_default();
        let (_, _, body) = world.get(&format!("{path}{account}{category}")).await;
        let revenue = &body["figures"].as_array().unwrap()[0];
        assert_eq!(
            (&revenue["value"], &revenue["before"]),
            (&figure("REVENUE")["value"], &figure("REVENUE")["before"])
        );
    }
}
