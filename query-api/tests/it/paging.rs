use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::world::{World, rent, sale};

const PAGE: &str = "query($id: UUID!, $after: String, $asOf: AsOf, $order: TransactionOrder, $search: String) {
    business(id: $id) { transactions(first: 7, after: $after, asOf: $asOf, order: $order, search: $search) {
      nodes { id day amount description } pageInfo { hasNextPage endCursor } known { position } } } }";

async fn walk(world: &World, variables: Value, mut between: impl AsyncFnMut(usize)) -> Vec<Value> {
    let (mut seen, mut after, mut nth) = (Vec::new(), Value::Null, 0);
    loop {
        let mut variables = variables.clone();
        variables["id"] = json!(world.business);
        variables["after"] = after;
        let mut data = world.data(PAGE, variables).await;
        let page = &mut data["business"]["transactions"];
        seen.extend(page["nodes"].as_array().unwrap().iter().cloned());
        if page["pageInfo"]["hasNextPage"] == false {
            return seen;
        }
        after = page["pageInfo"]["endCursor"].take();
        between(nth).await;
        nth += 1;
    }
}

fn ids(nodes: &[Value]) -> BTreeSet<String> {
    nodes.iter().map(|node| node["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn pages_neither_repeat_nor_lose_rows_while_others_arrive() {
    let world = World::new().await;
    let day = |n: usize| format!("2024-09-{:02}", 1 + n % 5);
    let lines: Vec<_> = (0..40).map(|n| sale(&format!("s{n}"), &day(n), &format!("{}.50", 1 + n % 9))).collect();
    let position = world.bring(lines.clone(), vec![]).await;
    let known: BTreeSet<_> = lines.iter().map(|line| line.id.to_string()).collect();
    for order in ["DAY", "AMOUNT"] {
        let arrive = async |nth: usize| {
            let name = format!("{order}-{nth}");
            world
                .bring(vec![sale(&name, "2024-09-03", "4.50"), sale(&format!("{name}b"), "2024-09-30", "99")], vec![])
                .await;
        };
        // As known at a position: exactly those, whatever arrives.
        let fixed = json!({ "order": order, "asOf": { "position": position } });
        let seen = walk(&world, fixed, arrive).await;
        assert_eq!(seen.len(), 40);
        assert_eq!(ids(&seen), known);
        // As known now: each once, none of the old ones lost.
        let arrive = async |nth: usize| {
            world.bring(vec![sale(&format!("{order}-now-{nth}"), "2024-09-03", "4.50")], vec![]).await;
        };
        let seen = walk(&world, json!({ "order": order }), arrive).await;
        assert_eq!(ids(&seen).len(), seen.len());
        assert!(ids(&seen).is_superset(&known));
    }
}

#[tokio::test]
async fn amounts_are_ordered_by_size_whatever_their_sign() {
    let world = World::new().await;
    world
        .bring(vec![sale("a", "2024-09-01", "5"), rent("b", "2024-09-02", "-70"), sale("c", "2024-09-03", "6")], vec![])
        .await;
    let seen = walk(&world, json!({ "order": "AMOUNT" }), async |_| {}).await;
    let amounts: Vec<_> = seen.iter().map(|node| node["amount"].as_str().unwrap()).collect();
    assert_eq!(amounts, ["-70.00", "6.00", "5.00"]);
}

#[tokio::test]
async fn words_are_searched_as_they_are() {
    let world = World::new().await;
    world.bring(vec![sale("50%_off", "2024-09-01", "5"), sale("50 xoff", "2024-09-02", "7")], vec![]).await;
    let seen = walk(&world, json!({ "search": "50%_OFF" }), async |_| {}).await;
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0]["description"], "Line 50%_off");
}

#[tokio::test]
async fn rest_pages_follow_the_link_and_stay_at_one_state_of_knowledge() {
    let world = World::new().await;
    let lines: Vec<_> = (0..12).map(|n| sale(&format!("s{n}"), "2024-09-03", "1")).collect();
    world.bring(lines, vec![]).await;
    let mut next = Some(format!("/api/v1/businesses/{}/transactions?first=5&kind=revenue", world.business));
    let (mut seen, mut pages) = (BTreeSet::new(), 0);
    while let Some(path) = next {
        let (status, headers, body) = world.get(&path).await;
        assert_eq!(status, 200, "{body}");
        let rows = body["transactions"].as_array().unwrap();
        assert!(rows.iter().all(|row| seen.insert(row["id"].to_string()) && row["event"]["position"].is_number()));
        world.bring(vec![sale(&format!("later{pages}"), "2024-09-01", "1")], vec![]).await;
        pages += 1;
        next = headers.get("link").map(|link| {
            let link = link.to_str().unwrap();
            link[1..link.find('>').unwrap()].to_owned()
        });
    }
    assert_eq!((pages, seen.len()), (3, 12));
}

#[tokio::test]
async fn batches_are_paged_newest_first() {
    let world = World::new().await;
    for n in 0..5 {
        world.bring(vec![sale(&format!("s{n}"), "2024-09-03", "1")], vec![]).await;
    }
    let query = "query($id: UUID!, $after: String) { business(id: $id) { batches(first: 3, after: $after) {
        nodes { id firstPosition lastPosition added amended removed account { name } source { name } }
        pageInfo { hasNextPage endCursor } } } }";
    let first = world.data(query, json!({ "id": world.business })).await;
    let page = &first["business"]["batches"];
    assert_eq!(page["nodes"].as_array().unwrap().len(), 3);
    assert_eq!((&page["nodes"][0]["added"], &page["nodes"][0]["account"]["name"]), (&json!(1), &json!("Current")));
    let rest = world.data(query, json!({ "id": world.business, "after": page["pageInfo"]["endCursor"] })).await;
    let rest = &rest["business"]["batches"];
    assert_eq!((rest["nodes"].as_array().unwrap().len(), &rest["pageInfo"]["hasNextPage"]), (2, &json!(false)));
}

#[tokio::test]
async fn money_in_and_money_out_are_told_apart() {
    let world = World::new().await;
    let before = world.head().await;
    let lines = vec![sale("in", "2024-09-03", "5"), rent("out", "2024-09-04", "-3"), sale("zero", "2024-09-05", "0")];
    world.bring(lines, vec![]).await;
    let query = "query($id: UUID!, $sign: Sign, $order: TransactionOrder, $from: AsOf) { business(id: $id) {
        transactions(sign: $sign, order: $order, changedFrom: $from) { nodes { amount } } } }";
    for (sign, amounts) in [("IN", vec!["5.00"]), ("OUT", vec!["-3.00"])] {
        for order in ["DAY", "AMOUNT"] {
            for from in [Value::Null, json!({ "position": before })] {
                let asked = json!({ "id": world.business, "sign": sign, "order": order, "from": from });
                let data = world.data(query, asked).await;
                let nodes = data["business"]["transactions"]["nodes"].as_array().unwrap().clone();
                let found: Vec<_> = nodes.iter().map(|node| node["amount"].as_str().unwrap()).collect();
                assert_eq!(found, amounts, "{sign} {order} {from}");
            }
        }
        let path = format!("/api/v1/businesses/{}/transactions?sign={}", world.business, sign.to_lowercase());
        let (_, _, body) = world.get(&path).await;
        assert_eq!(body["transactions"].as_array().unwrap().len(), 1, "{body}");
        assert_eq!(body["transactions"][0]["amount"], amounts[0]);
    }
}
