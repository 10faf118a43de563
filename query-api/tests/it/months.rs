//! A month that is closed, what arrives for it later, and its report.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use domain::Month;
use domain::business::{BusinessCommand, MonthCommand, ReportCode, Salt, Seal, SealedFigure};
use projectors::metrics::{Recount, closings};
use serde_json::{Value, json};
use streams::Meta;
use tower::ServiceExt;

use crate::world::{World, answer_of, rent, sale};

const MONTHS: &str = "query($id: UUID!, $at: Position) { business(id: $id) { months(minPosition: $at) {
    month state isOver position code closedBy { kind } figures { kind in out net count } differences { kind in out count } } } }";

async fn order(world: &World, command: MonthCommand) -> i64 {
    let meta = Meta::new(world.business, "owner");
    let receipt = world.commands.business(world.business, BusinessCommand::Month(command), &meta).await.unwrap();
    let position = world.commands.position_of(&receipt).await.unwrap().unwrap().last;
    streams::projection::wait_for(&world.pool, "audit", position, Duration::from_secs(20)).await.unwrap();
    position
}

async fn close(world: &World, month: Month) -> i64 {
    let view = world.view(None).await;
    let position = view.known.position;
    let figures = world.reader.month_figures(&view, month, position).await.unwrap();
    let seal = Seal { figures, position, salt: Salt::from_bytes([5; 16]), checkpoint: None };
    order(world, MonthCommand::Close { month, seal, today: view.today }).await
}

async fn months(world: &World, at: i64) -> Value {
    world.data(MONTHS, json!({ "id": world.business, "at": at })).await["business"]["months"].take()
}

/// January's revenue and expenses as the metrics answer them at a position.
async fn shown(world: &World, position: i64) -> Vec<String> {
    let query = "query($id: UUID!, $at: Position!) { business(id: $id) { series(period: {from: \"2024-01-01\",
        to: \"2024-01-31\"}, bucket: MONTH, asOf: {position: $at}, minPosition: $at) { points { revenue expenses } } } }";
    let data = world.data(query, json!({ "id": world.business, "at": position })).await;
    let point = &data["business"]["series"]["points"][0];
    let shown = ["revenue", "expenses"].map(|name| point[name].as_str().unwrap_or_default().to_owned());
    shown.to_vec()
}

async fn bytes(world: &World, path: &str) -> (StatusCode, String, Vec<u8>) {
    let response = world.app().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    let status = response.status();
    (status, kind, axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap().to_vec())
}

#[tokio::test]
async fn a_closed_month_keeps_its_figures_and_shows_what_came_later_apart() {
    let world = World::new().await;
    let month: Month = "2024-01".parse().unwrap();
    world.bring(vec![sale("a", "2024-01-03", "120.50"), rent("b", "2024-01-31", "-80")], vec![]).await;
    let closed = close(&world, month).await;
    let figures = json!([
        { "kind": "EXPENSE", "in": "0.00", "out": "80.00", "net": "-80.00", "count": 1 },
        { "kind": "REVENUE", "in": "120.50", "out": "0.00", "net": "120.50", "count": 1 },
    ]);
    let answer = &months(&world, closed).await[0];
    assert_eq!((&answer["month"], &answer["state"]), (&json!("2024-01"), &json!("CLOSED")));
    assert_eq!((&answer["figures"], &answer["differences"]), (&figures, &json!([])));
    assert_eq!((&answer["closedBy"]["kind"], &answer["isOver"]), (&json!("OWNER"), &json!(true)));
    let position = answer["position"].as_i64().unwrap();
    assert!(position < closed);
    assert_eq!(shown(&world, position).await, ["120.50", "80.00"], "as every other figure of the month then");

    let late = world.bring(vec![sale("late", "2024-01-30", "9.99")], vec![]).await;
    let answer = &months(&world, late).await[0];
    assert_eq!(answer["figures"], figures, "what is sealed stays");
    assert_eq!(answer["differences"], json!([{ "kind": "REVENUE", "in": "9.99", "out": "0.00", "count": 1 }]));
    assert_eq!(shown(&world, late).await, ["130.49", "80.00"], "what is known now has moved on");
    assert_eq!(shown(&world, position).await, ["120.50", "80.00"]);
    // What is corrected or taken out is a difference like what arrives.
    let changed =
        world.bring(vec![], vec![sale("late", "2024-01-30", "0").id, rent("b", "2024-01-31", "-80").id]).await;
    let answer = &months(&world, changed).await[0];
    assert_eq!(answer["figures"], figures);
    assert_eq!(answer["differences"], json!([{ "kind": "EXPENSE", "in": "0.00", "out": "-80.00", "count": -1 }]));
    let back = vec![sale("late", "2024-01-30", "9.99"), rent("b", "2024-01-31", "-80")];
    let late = world.bring(back, vec![]).await;
    let answer = &months(&world, late).await[0];
    assert_eq!(answer["differences"], json!([{ "kind": "REVENUE", "in": "9.99", "out": "0.00", "count": 1 }]));

    // Whoever holds the report checks it without a session; other codes are those of no report.
    let code = answer["code"].as_str().unwrap();
    let check = async |code: &str| {
        let request = Request::get(format!("/api/v1/reports/{code}")).body(Body::empty()).unwrap();
        answer_of(world.app_without_session(), request).await
    };
    let (status, _, report) = check(&code.to_lowercase()).await;
    assert_eq!((status.as_u16(), &report["month"], &report["position"]), (200, &json!("2024-01"), &json!(closed)));
    assert_eq!(report["figures"].as_array().unwrap().len(), 2);
    // The event's hash stands in the next event's bytes too, and so in the file that an auditor of another business is
    // handed: it is not enough to make a code from.
    let hash: Vec<u8> = sqlx::query_scalar("select hash from store.log where position = $1")
        .bind(closed)
        .fetch_one(&world.pool)
        .await
        .unwrap();
    let guess = ReportCode::of(Salt::from_bytes([0; 16]), &hash.try_into().unwrap()).to_string();
    for wrong in ["0000-0000-0000-0000", "no-code", &guess] {
        assert_eq!(check(wrong).await.0, 404);
    }

    // An auditor who holds nothing but the events comes to the same figures and the same code.
    let events = streams::log::read(&world.pool, 0, 1000).await.unwrap();
    let found = closings(&events).unwrap();
    assert_eq!((found[0].code.to_string(), found[0].known), (code.to_owned(), position));
    let mut recount = Recount::of(found);
    events.chunks(2).for_each(|events| recount.apply(events).unwrap());
    recount.finish().unwrap();

    let reopened = order(&world, MonthCommand::Reopen { month, reason: "A late invoice".into() }).await;
    let answer = &months(&world, reopened).await[0];
    assert_eq!((&answer["state"], &answer["code"]), (&json!("OPEN"), &Value::Null));
    assert_eq!(answer["figures"][1]["in"], "130.49");
    let (status, _, _) = check(code).await;
    assert_eq!(status, 200, "a report that was sealed once can be checked for ever");
}

/// Figures that are not those of the events are found, whoever closed the month with them.
#[tokio::test]
async fn sealed_figures_that_the_events_do_not_give_are_found_without_a_database() {
    let world = World::new().await;
    let month: Month = "2024-01".parse().unwrap();
    world.bring(vec![sale("a", "2024-01-03", "120.50")], vec![]).await;
    let view = world.view(None).await;
    let position = view.known.position;
    let true_ones = world.reader.month_figures(&view, month, position).await.unwrap();
    let figures = true_ones.into_iter().map(|figure| SealedFigure { inflow: "120.51".parse().unwrap(), ..figure });
    let seal = Seal { figures: figures.collect(), position, salt: Salt::from_bytes([5; 16]), checkpoint: None };
    let closed = order(&world, MonthCommand::Close { month, seal, today: view.today }).await;
    let events = streams::log::read(&world.pool, 0, 1000).await.unwrap();
    let mut recount = Recount::of(closings(&events).unwrap());
    let fault = recount.apply(&events).unwrap_err().to_string();
    assert!(fault.contains(&closed.to_string()) && fault.contains("other figures"), "{fault}");
}

#[tokio::test]
async fn a_report_is_a_page_and_a_pdf_with_the_same_code() {
    let world = World::new().await;
    let month: Month = "2024-01".parse().unwrap();
    world.bring(vec![sale("a", "2024-01-03", "120.50")], vec![]).await;
    let path = format!("/api/v1/businesses/{}/reports/2024-01", world.business);
    let (_, _, open) = bytes(&world, &path).await;
    assert!(String::from_utf8(open).unwrap().contains("This month is open"));
    let closed = close(&world, month).await;
    let code = months(&world, closed).await[0]["code"].as_str().unwrap().to_owned();
    let (status, kind, page) = bytes(&world, &path).await;
    let page = String::from_utf8(page).unwrap();
    assert_eq!((status.as_u16(), kind.as_str()), (200, "text/html; charset=utf-8"));
    assert!(page.contains(&code) && page.contains("120.50") && page.contains("Ada&#39;s Bakery"), "{page}");
    assert!(!page.contains("<script") && !page.contains("style="), "a strict policy lets it in");
    let (_, kind, pdf) = bytes(&world, &format!("{path}?format=pdf")).await;
    assert_eq!(kind, "application/pdf");
    let text = String::from_utf8_lossy(&pdf);
    assert!(pdf.starts_with(b"%PDF-1.7") && text.contains(&code) && text.trim_end().ends_with("%%EOF"));
    if let Some(path) = std::env::var_os("KEEP_REPORT") {
        std::fs::write(path, &pdf).unwrap();
    }
    assert_eq!(bytes(&world, &path.replace("2024-01", "2024-1")).await.0, 404);
    let (_, kind, _) = bytes(&world, "/api/v1/reports/style.css").await;
    assert!(kind.starts_with("text/css"));
}
