//! Statements of accounts that are filled by files: what is covered, what is missing, and what differs.

use axum::http::StatusCode;
use domain::account::{AccountCommand, Drift};
use serde_json::{Value, json};

use crate::world::{World, rent, sale};

/// As an import keeps it.
async fn told(world: &World, file: u8, refused: i64, span: Value) {
    let query = "insert into sources.statement (account, file, business, spans, refused, kept_at)
                 values ($1, $2, $3, $4::jsonb, $5, clock_timestamp())";
    let query = sqlx::query(query).bind(world.account.as_uuid()).bind(vec![file]).bind(world.business.as_uuid());
    query.bind(json!([span]).to_string()).bind(refused).execute(&world.pool).await.unwrap();
}

fn month(month: u8, last: u8, opening: &str, closing: &str) -> Value {
    let (from, to) = (format!("2026-{month:02}-01"), format!("2026-{month:02}-{last:02}"));
    json!({"from": from, "to": to, "opening": opening, "balances": [[to, closing]], "is_stated": true})
}

const STATEMENT: &str = "query($b: UUID!, $a: UUID!, $from: NaiveDate, $to: NaiveDate) { business(id: $b) {
    completeness(account: $a, from: $from, to: $to) { coveredFrom coveredTo refused agrees firstDifference
        gaps { from to why } recorded { differsFrom position } days { day opening closing told difference } }
    standings { account completeTo isComplete gaps refused differsFrom } } }";

async fn statement(world: &World, from: &str, to: &str) -> (Value, Value) {
    let variables = json!({"b": world.business, "a": world.account, "from": from, "to": to});
    let mut business = world.data(STATEMENT, variables).await["business"].take();
    (business["completeness"].take(), business["standings"][0].take())
}

#[tokio::test]
async fn days_that_no_file_tells_of_are_named_and_the_day_from_which_the_balance_differs() {
    let world = World::new().await;
    world.bring(vec![sale("a", "2026-01-10", "5.00"), rent("b", "2026-01-20", "-1.00")], vec![]).await;
    world.bring(vec![sale("c", "2026-03-02", "3.00")], vec![]).await;
    told(&world, 1, 0, month(1, 31, "1.00", "5.00")).await;
    let (whole, standing) = statement(&world, "2026-01-30", "2026-01-31").await;
    assert_eq!(
        (&whole["agrees"], &whole["coveredFrom"], &whole["coveredTo"]),
        (&json!(true), &json!("2026-01-01"), &json!("2026-01-31"))
    );
    let day = json!({"day": "2026-01-31", "opening": "5.00", "closing": "5.00", "told": "5.00", "difference": "0.00"});
    assert_eq!(whole["days"][1], day);
    assert_eq!((&standing["isComplete"], &standing["completeTo"]), (&json!(true), &json!("2026-01-31")));

    told(&world, 3, 2, month(3, 31, "7.00", "10.00")).await;
    let (lacking, standing) = statement(&world, "2026-03-30", "2026-03-31").await;
    let gap = json!([{"from": "2026-02-01", "to": "2026-02-28", "why": "no file tells of it"}]);
    assert_eq!((&lacking["gaps"], &lacking["refused"], &lacking["agrees"]), (&gap, &json!(2), &json!(false)));
    assert_eq!(
        (&lacking["firstDifference"], &lacking["days"][1]["difference"]),
        (&json!("2026-03-31"), &json!("2.00"))
    );
    assert_eq!((&lacking["recorded"], &standing["gaps"]), (&Value::Null, &json!(1)));

    let drift = Drift { from: "2026-03-31".parse().unwrap(), difference: 2.into() };
    let position = world.told_to(world.account, AccountCommand::Check { drift: Some(drift) }).await;
    let (recorded, standing) = statement(&world, "2026-03-30", "2026-03-31").await;
    assert_eq!(recorded["recorded"], json!({"differsFrom": "2026-03-31", "position": position}));
    assert_eq!((&standing["isComplete"], &standing["differsFrom"]), (&json!(false), &json!("2026-03-31")));

    // The missing month comes, and March once more without a refused line.
    world.bring(vec![sale("d", "2026-02-02", "2.00")], vec![]).await;
    told(&world, 2, 0, month(2, 28, "5.00", "7.00")).await;
    told(&world, 4, 0, month(3, 31, "7.00", "10.00")).await;
    world.told_to(world.account, AccountCommand::Check { drift: None }).await;
    let (whole, standing) = statement(&world, "2026-03-30", "2026-03-31").await;
    assert_eq!((&whole["gaps"], &whole["refused"], &whole["agrees"]), (&json!([]), &json!(0), &json!(true)));
    assert_eq!(whole["recorded"]["differsFrom"], Value::Null);
    assert_eq!((&standing["isComplete"], &standing["completeTo"]), (&json!(true), &json!("2026-03-31")));
}

#[tokio::test]
async fn an_account_of_which_no_file_says_anything_is_covered_by_its_transactions() {
    let world = World::new().await;
    world.bring(vec![sale("a", "2026-01-10", "5.00"), rent("b", "2026-02-20", "-1.00")], vec![]).await;
    let (statement, standing) = statement(&world, "2026-02-20", "2026-02-20").await;
    assert_eq!((&statement["coveredFrom"], &statement["coveredTo"]), (&json!("2026-01-10"), &json!("2026-02-20")));
    assert_eq!((&statement["agrees"], &statement["days"][0]["closing"]), (&Value::Null, &json!("4.00")));
    assert_eq!((&standing["completeTo"], &standing["isComplete"]), (&Value::Null, &json!(false)));
}

#[tokio::test]
async fn statements_and_standings_are_asked_for_over_rest_too() {
    let world = World::new().await;
    world.bring(vec![sale("a", "2026-01-10", "5.00")], vec![]).await;
    told(&world, 1, 0, month(1, 31, "1.00", "6.00")).await;
    let path = format!("/api/v1/businesses/{}", world.business);
    let (status, _, standings) = world.get(&format!("{path}/completeness")).await;
    assert_eq!((status, &standings[0]["complete_to"]), (StatusCode::OK, &json!("2026-01-31")));
    let account = format!("{path}/accounts/{}/completeness", world.account);
    let (status, _, statement) = world.get(&format!("{account}?from=2026-01-01&to=2026-01-31")).await;
    assert_eq!((status, &statement["agrees"]), (StatusCode::OK, &json!(true)));
    let (status, _, _) = world.get(&format!("{account}?from=2020-01-01&to=2026-01-31")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let (status, _, _) = world.get(&format!("{path}/accounts/{}/completeness", world.source)).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}
