use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use domain::access::{Assurance, Principal};
use query_api::rest::{OPEN_ROUTES, ROUTES};
use serde_json::{Value, json};

use crate::world::{World, answer_of, rent, sale};

fn metrics(world: &World, rest: &str) -> String {
    format!("/api/v1/metrics/{}/{rest}", world.business)
}

#[tokio::test]
async fn without_a_session_every_route_is_refused() {
    let world = World::new().await;
    let filled = |route: &str| {
        route
            .replace("{business_id}", &world.business.to_string())
            .replace("{metric}", "revenue")
            .replace("{month}", "2026-01")
            .replace("{transaction_id}", &world.business.to_string())
            .replace("{attachment_id}", &world.business.to_string())
            .replace("{hash}", &"00".repeat(32))
    };
    let mut requests: Vec<Request<Body>> =
        ROUTES.iter().map(|route| Request::get(filled(route)).body(Body::empty()).unwrap()).collect();
    requests.push(
        Request::post("/graphql")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(r#"{"query":"{ __typename }"}"#))
            .unwrap(),
    );
    for path in ["/graphql", "/graphql/ws"] {
        let upgrade = Request::get(path)
            .header(header::CONNECTION, "upgrade")
            .header(header::UPGRADE, "websocket")
            .header(header::SEC_WEBSOCKET_VERSION, "13")
            .header(header::SEC_WEBSOCKET_KEY, "dGhlIHNhbXBsZSBub25jZQ==")
            .header(header::SEC_WEBSOCKET_PROTOCOL, "graphql-transport-ws");
        requests.push(upgrade.body(Body::empty()).unwrap());
    }
    for request in requests {
        let path = request.uri().to_string();
        let (status, headers, body) = answer_of(world.app_without_session(), request).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json");
        assert_eq!(body["code"], "UNAUTHENTICATED");
    }
}

#[tokio::test]
async fn the_list_of_routes_is_what_is_described() {
    let described = query_api::rest::openapi();
    let beside = [
        query_api::rest::archives::ROUTES,
        query_api::rest::log::ROUTES,
        query_api::rest::sign_ins::ROUTES,
        query_api::export::ROUTES,
        query_api::erasure::ROUTES,
    ];
    let listed: BTreeSet<_> = beside.into_iter().chain([ROUTES, OPEN_ROUTES]).flatten().copied().collect();
    // Those that are asked with a body stand beside them.
    let asked = described.paths.paths.iter().filter(|(_, path)| path.get.is_some()).map(|(route, _)| route.as_str());
    assert_eq!(asked.collect::<BTreeSet<_>>(), listed);
    insta::assert_json_snapshot!("openapi", described);
    insta::assert_snapshot!("sdl", query_api::graphql::sdl());
}

#[tokio::test]
async fn metrics_are_given_by_bucket_with_their_comparison() {
    let world = World::new().await;
    world
        .bring(
            vec![sale("s1", "2024-08-03", "100"), sale("s2", "2024-09-03", "150"), rent("r", "2024-09-04", "-50")],
            vec![],
        )
        .await;
    let (status, _, body) =
        world.get(&metrics(&world, "revenue?from=2024-08-01&to=2024-09-30&bucket=month&compare=previous_period")).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(body["figures"][0]["value"], "250.00");
    assert_eq!(
        body["points"][1],
        json!({ "from": "2024-09-01", "to": "2024-09-30", "partial": false, "values": { "revenue": "150.00" } })
    );
    let (_, _, body) = world.get(&format!("/api/v1/businesses/{}/transactions?first=1", world.business)).await;
    let source = json!({ "id": world.source, "name": "Statements", "kind": "file" });
    assert_eq!(body["transactions"][0]["event"]["source"], source, "each line says where it comes from");
    let (_, _, body) = world.get(&metrics(&world, "cash-flow?from=2024-09-01&to=2024-09-30&by=category")).await;
    assert_eq!(body["points"].as_array().unwrap().len(), 2);
    let (_, _, body) = world.get(&metrics(&world, "profit-margin?from=2024-07-01&to=2024-09-30")).await;
    assert_eq!(body["points"][0]["values"]["profit_margin"], Value::Null);
    assert_eq!(body["points"][2]["values"]["profit_margin"], "0.666667");
    let (_, _, body) = world.get(&metrics(&world, "summary?from=2024-09-01&to=2024-09-30")).await;
    assert_eq!(body["figures"].as_array().unwrap().len(), 15);
    let (status, _, body) = world.get("/api/v1/businesses").await;
    assert_eq!((status, body[0]["name"].as_str()), (StatusCode::OK, Some("Ada's Bakery")));
}

#[tokio::test]
async fn a_line_says_what_its_source_says_of_it() {
    let world = World::new().await;
    let told = domain::Transaction {
        value_date: "2024-09-06".parse().ok(),
        pending: true,
        provider_category: Some("RENT_AND_UTILITIES_RENT".to_owned()),
        ..rent("r", "2024-09-04", "-50")
    };
    world.bring(vec![told, sale("s", "2024-09-03", "100")], vec![]).await;
    let (_, _, body) = world.get(&format!("/api/v1/businesses/{}/transactions", world.business)).await;
    let said = |row: &Value| [&row["value_date"], &row["pending"], &row["provider_category"]].map(Value::clone);
    let rows = body["transactions"].as_array().unwrap();
    assert_eq!(said(&rows[0]), [json!("2024-09-06"), json!(true), json!("RENT_AND_UTILITIES_RENT")]);
    assert_eq!(said(&rows[1]), [Value::Null, json!(false), Value::Null]);
    let text =
        "query($b: UUID!) { business(id: $b) { transactions { nodes { valueDate pending providerCategory } } } }";
    let answer = world.data(text, json!({ "b": world.business })).await;
    let row = json!({ "valueDate": "2024-09-06", "pending": true, "providerCategory": "RENT_AND_UTILITIES_RENT" });
    assert_eq!(answer["business"]["transactions"]["nodes"][0], row);
}

#[tokio::test]
async fn an_answer_that_is_held_is_not_read_again() {
    let world = World::new().await;
    let position = world.bring(vec![sale("s1", "2024-09-03", "100")], vec![]).await;
    for rest in [
        "revenue?from=2024-09-01&to=2024-09-30".to_owned(),
        "summary?from=2024-09-01&to=2024-09-30".to_owned(),
        format!("summary?from=2024-09-01&to=2024-09-30&as_of={position}"),
    ] {
        let path = metrics(&world, &rest);
        let (_, headers, _) = world.get(&path).await;
        let tag = headers[header::ETAG].clone();
        assert_eq!(headers[header::CACHE_CONTROL], "private, no-cache");
        let held = |tag: &str| Request::get(&path).header(header::IF_NONE_MATCH, tag).body(Body::empty()).unwrap();
        let (status, again, body) = world.send(held(tag.to_str().unwrap())).await;
        assert_eq!((status, &again[header::ETAG], body), (StatusCode::NOT_MODIFIED, &tag, Value::Null));
        let listed = format!("\"other\", {}", tag.to_str().unwrap());
        assert_eq!(world.send(held(&listed)).await.0, StatusCode::NOT_MODIFIED);
        // Another business does not matter, the own does, but for a past view.
        world.register("Other").await;
        assert_eq!(world.send(held(tag.to_str().unwrap())).await.0, StatusCode::NOT_MODIFIED);
        world.bring(vec![sale(&rest, "2024-09-04", "1")], vec![]).await;
        let expected = if rest.contains("as_of") { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
        assert_eq!(world.send(held(tag.to_str().unwrap())).await.0, expected);
    }
}

#[tokio::test]
async fn figures_are_explained_and_their_changes_told() {
    let world = World::new().await;
    let before = world.bring(vec![sale("s1", "2024-09-03", "100")], vec![]).await;
    world.bring(vec![sale("s1", "2024-09-03", "90")], vec![]).await;
    let base = format!("/api/v1/businesses/{}", world.business);
    let days = "from=2024-09-01&to=2024-09-30";
    let (_, _, body) = world.get(&format!("{base}/explain?metric=revenue&{days}")).await;
    assert_eq!((&body["value"], &body["parts"][0]["value"]), (&json!("90.00"), &json!("90.00")));
    assert_eq!(body["history"].as_array().unwrap().len(), 2);
    let (_, _, body) = world.get(&format!("{base}/changes?metric=revenue&{days}&known_from={before}")).await;
    assert_eq!(body["causes"], json!([{ "cause": "corrected", "value": "-10.00", "count": 1 }]));
}

#[tokio::test]
async fn faults_are_problems_in_words() {
    let world = World::new().await;
    let days = "from=2024-09-01&to=2024-09-30";
    let cases = [
        ("backwards", metrics(&world, "summary?from=2024-09-02&to=2024-09-01")),
        ("missing_day", metrics(&world, "summary?from=2024-09-02")),
        ("no_such_day", metrics(&world, "summary?from=2024-02-30&to=2024-03-01")),
        ("no_such_metric", metrics(&world, &format!("luck?{days}"))),
        ("no_such_currency", metrics(&world, &format!("summary?{days}&currency=XYZ"))),
        ("no_such_parameter", metrics(&world, &format!("summary?{days}&size=3"))),
        ("no_such_state", metrics(&world, &format!("summary?{days}&as_of=yesterday"))),
        ("no_such_business", format!("/api/v1/metrics/00000000-0000-4000-8000-000000000000/summary?{days}")),
        ("no_id", format!("/api/v1/metrics/1/summary?{days}")),
        ("wrong_cursor", format!("/api/v1/businesses/{}/transactions?after=xyz", world.business)),
        ("too_many_rows", format!("/api/v1/businesses/{}/transactions?first=501", world.business)),
        ("too_many_days", metrics(&world, "revenue?from=1990-01-01&to=2024-01-01&bucket=day")),
    ];
    let mut bodies = Vec::new();
    for (name, path) in cases {
        let (status, headers, body) = world.get(&path).await;
        assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json", "{name}");
        assert_eq!(body["status"], status.as_u16(), "{name}");
        bodies.push(json!({ "case": name, "body": body }));
    }
    insta::assert_json_snapshot!("problems", bodies);
    let post = Request::builder().method(Method::POST).uri(metrics(&world, "summary")).body(Body::empty()).unwrap();
    assert_eq!(world.send(post).await.0, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_kept_answer_is_given_to_those_alone_who_may_have_it() {
    let world = World::new().await;
    world.bring(vec![sale("s1", "2024-09-03", "100")], vec![]).await;
    let app = world.app_without_session();
    let ask = async |business: domain::BusinessId, principal: Principal| {
        let path = format!("/api/v1/metrics/{business}/revenue?from=2024-09-01&to=2024-09-30");
        let mut request = Request::get(path).body(Body::empty()).unwrap();
        request.extensions_mut().insert(principal);
        answer_of(app.clone(), request).await
    };
    let (_, headers, first) = ask(world.business, Principal::local_owner()).await;
    // Something happens elsewhere: a new answer would name its position.
    let other = world.register("Other").await;
    let (_, again, kept) = ask(world.business, Principal::local_owner()).await;
    assert_eq!((&kept, &again[header::ETAG]), (&first, &headers[header::ETAG]), "it was kept");
    let stranger = Principal::user(domain::UserId::new(), Assurance::TwoFactors, BTreeMap::new());
    assert_eq!(ask(world.business, stranger).await.0, StatusCode::NOT_FOUND);
    let (_, _, others) = ask(other, Principal::local_owner()).await;
    assert_eq!(others["figures"][0]["value"], "0.00", "{others}");
    world.bring(vec![sale("s2", "2024-09-04", "1")], vec![]).await;
    let (_, _, changed) = ask(world.business, Principal::local_owner()).await;
    assert_eq!(changed["figures"][0]["value"], "101.00");
}
