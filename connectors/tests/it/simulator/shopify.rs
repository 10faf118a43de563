use connectors::simulator::{App, Provider};
use serde_json::{Value, json};

use super::shape::assert_shape;
use super::{Simulated, payload};

const SHOP: &str = "/shopify/harbour.myshopify.com/admin";

const ORDERS: &str = "query($first: Int!, $after: String, $query: String) {
  orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {
    nodes { id name createdAt processedAt updatedAt cancelledAt test displayFinancialStatus currencyCode
      presentmentCurrencyCode
      totalPriceSet { ...bag } totalTaxSet { ...bag } totalShippingPriceSet { ...bag } totalDiscountsSet { ...bag }
      transactions { id kind status gateway processedAt amountSet { ...bag } parentTransaction { id } } }
    pageInfo { hasNextPage endCursor } } }
fragment bag on MoneyBag { shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }";

async fn query(shop: &Simulated, text: &str, variables: Value) -> Value {
    let request = shop.http.post(shop.url(&format!("{SHOP}/api/2026-07/graphql.json")));
    let request = request.header("x-shopify-access-token", "shpat_simulated");
    request.json(&json!({"query": text, "variables": variables})).send().await.unwrap().json().await.unwrap()
}

async fn rest(shop: &Simulated, path: &str) -> (Option<String>, Value) {
    let url = if path.starts_with("http") { path.to_owned() } else { shop.url(&format!("{SHOP}/api/2026-07/{path}")) };
    let answer = shop.http.get(url).header("x-shopify-access-token", "shpat_simulated").send().await.unwrap();
    let link = answer.headers().get("link").map(|link| link.to_str().unwrap().to_owned());
    (link, answer.json().await.unwrap())
}

#[tokio::test]
async fn orders_have_the_shape_of_the_scenario_and_of_the_payloads() {
    let shop = Simulated::start().await;
    let Some(scenario) = payload("shopify/scenario_graphql_orders.json") else { return };
    let answer = query(&shop, ORDERS, json!({"first": 5})).await;
    assert_shape(&scenario["steps"][0]["respond"]["body"], &answer, &[]);
    let cases = [("orders.json?status=any&limit=1", "orders"), ("shop.json", "shop")];
    for (path, name) in cases {
        let (_, answer) = rest(&shop, path).await;
        let payload = payload(&format!("shopify/{name}.json")).unwrap();
        assert_shape(&payload, &answer, &["customer", "presentment_currency", "pre_tax_price"]);
    }
    let (_, orders) = rest(&shop, "orders.json?limit=1").await;
    let (_, paid) = rest(&shop, &format!("orders/{}/transactions.json", orders["orders"][0]["id"])).await;
    assert_shape(&payload("shopify/transactions.json").unwrap(), &paid, &["receipt"]);
}

#[tokio::test]
async fn pages_tell_each_order_once_and_only_what_was_asked_for() {
    let shop = Simulated::start().await;
    let small = "query($after: String) { orders(first: 100, after: $after, sortKey: UPDATED_AT,
        query: \"updated_at:>='2026-02-01T00:00:00Z'\") { nodes { number: name } pageInfo { hasNextPage endCursor } } }";
    let (mut names, mut after) = (Vec::new(), Value::Null);
    loop {
        let answer = query(&shop, small, json!({"after": after})).await;
        let orders = &answer["data"]["orders"];
        names.extend(orders["nodes"].as_array().unwrap().iter().map(ToString::to_string));
        after = orders["pageInfo"]["endCursor"].clone();
        if orders["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    let count = names.len();
    assert!(count > 200, "{count}");
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count);
    assert!(names[0].starts_with("{\"number\":"), "{}", names[0]);
    let wrong = query(&shop, "{ shop { nothing } }", json!({})).await;
    assert_eq!(wrong["errors"][0]["extensions"]["code"], "undefinedField");
}

#[tokio::test]
async fn the_next_page_stands_in_the_link_header_alone() {
    let shop = Simulated::start().await;
    let first = "orders.json?status=any&limit=250&updated_at_min=2026-02-01T00:00:00Z";
    let (mut link, mut body) = rest(&shop, first).await;
    let mut count = body["orders"].as_array().unwrap().len();
    while let Some(next) = link.as_deref().and_then(|link| link.split(", ").find(|part| part.contains("rel=\"next\"")))
    {
        let url = next[1..next.find('>').unwrap()].to_owned();
        (link, body) = rest(&shop, &url).await;
        count += body["orders"].as_array().unwrap().len();
    }
    assert!(count > 250, "{count}");
}

#[tokio::test]
async fn a_query_is_paid_with_points_until_there_are_none() {
    let shop = Simulated::start().await;
    let mut answer = Value::Null;
    for _ in 0..12 {
        answer = query(&shop, ORDERS, json!({"first": 250})).await;
        if answer["errors"].is_array() {
            break;
        }
    }
    assert_eq!(answer["errors"][0]["extensions"]["code"], "THROTTLED");
    let cost = &answer["extensions"]["cost"];
    assert_eq!((&cost["requestedQueryCost"], &cost["actualQueryCost"]), (&json!(252), &Value::Null));
}

#[tokio::test]
async fn tokens_rotate_and_the_callback_is_signed() {
    let shop = Simulated::start().await;
    let app = App::simulated(Provider::Shopify);
    let quiet = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let agree = format!("{SHOP}/oauth/agree?client_id={}&redirect_uri=http://127.0.0.1/back&state=s", app.client_id);
    let answer = quiet.get(shop.url(&agree)).send().await.unwrap();
    let back = reqwest::Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
    let parameter = |name: &str| back.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    assert_eq!(parameter("state").as_deref(), Some("s"));
    assert_eq!(parameter("hmac").map(|hmac| hmac.len()), Some(64));
    let exchange = async |body: Value| -> (u16, Value) {
        let answer = shop.http.post(shop.url(&format!("{SHOP}/oauth/access_token"))).json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    };
    let client =
        json!({"client_id": app.client_id, "client_secret": app.secret, "code": parameter("code"), "expiring": 1});
    let (_, first) = exchange(client.clone()).await;
    assert_eq!(exchange(client).await.0, 400, "a code works once");
    let refresh = json!({"client_id": app.client_id, "client_secret": app.secret, "grant_type": "refresh_token",
        "refresh_token": first["refresh_token"]});
    let (status, second) = exchange(refresh.clone()).await;
    assert_eq!(status, 200);
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert_eq!(exchange(refresh).await.0, 400, "the refresh token died with its use");
}
