//! Subscriptions over real sockets.

use std::time::Duration;

use axum::{Extension, Router};
use chrono::Utc;
use futures_util::{SinkExt, StreamExt};
use query_api::live::{SessionEnded, SessionUntil};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::world::{World, sale};

/// Ends a test that hangs; long, since a busy machine is no fault.
const PATIENCE: Duration = Duration::from_secs(120);

type Client = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn serve(app: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("ws://{}/graphql/ws", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    address
}

async fn connect(address: &str) -> Client {
    let mut request = address.into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().unwrap());
    let (mut client, _) = connect_async(request).await.unwrap();
    send(&mut client, json!({ "type": "connection_init" })).await;
    assert_eq!(receive(&mut client).await["type"], "connection_ack");
    client
}

async fn send(client: &mut Client, message: Value) {
    client.send(Message::text(message.to_string())).await.unwrap();
}

async fn receive(client: &mut Client) -> Value {
    loop {
        let message = tokio::time::timeout(PATIENCE, client.next()).await.unwrap().unwrap().unwrap();
        match message {
            Message::Text(text) => return serde_json::from_str(&text).unwrap(),
            Message::Close(frame) => return json!({ "closed": frame.map(|frame| u16::from(frame.code)) }),
            _ => {}
        }
    }
}

fn subscribe(id: &str, world: &World) -> Value {
    let query =
        "subscription($business: UUID!) { changed(business: $business) { business position at events transactions } }";
    json!({ "id": id, "type": "subscribe", "payload": { "query": query, "variables": { "business": world.business } } })
}

/// Reads until the position is told.
async fn told(client: &mut Client, position: i64) -> Value {
    loop {
        let message = receive(client).await;
        assert_eq!(message["type"], "next", "{message}");
        let change = message["payload"]["data"]["changed"].clone();
        if change["position"].as_i64().unwrap() >= position {
            return change;
        }
    }
}

#[tokio::test]
async fn a_subscriber_is_told_where_it_begins_and_of_every_change() {
    let world = World::new().await;
    let mut client = connect(&serve(world.app()).await).await;
    send(&mut client, subscribe("1", &world)).await;
    let first = receive(&mut client).await;
    assert_eq!((&first["id"], &first["payload"]["data"]["changed"]["events"]), (&json!("1"), &json!(0)));
    for n in 0..3 {
        let position = world.bring(vec![sale(&format!("s{n}"), "2024-09-03", "1")], vec![]).await;
        let change = told(&mut client, position).await;
        assert_eq!((&change["events"], &change["transactions"]), (&json!(1), &json!(1)));
        let read = world
            .data("query($id: UUID!) { business(id: $id) { known { position } } }", json!({ "id": world.business }))
            .await;
        assert!(read["business"]["known"]["position"].as_i64().unwrap() >= position);
    }
    send(&mut client, json!({ "id": "1", "type": "complete" })).await;
    send(&mut client, json!({ "type": "ping" })).await;
    assert_eq!(receive(&mut client).await["type"], "pong");
}

#[tokio::test]
async fn many_viewers_cost_one_subscription_and_all_are_told() {
    let world = World::new().await;
    let address = serve(world.app()).await;
    let mut clients = Vec::new();
    for _ in 0..50 {
        let mut client = connect(&address).await;
        send(&mut client, subscribe("x", &world)).await;
        receive(&mut client).await;
        clients.push(client);
    }
    assert_eq!(world.deps.hub.followed(), 1);
    let position = world.bring(vec![sale("s", "2024-09-03", "1")], vec![]).await;
    for client in &mut clients {
        told(client, position).await;
    }
    drop(clients);
    // The feed ends with its last follower.
    tokio::time::timeout(PATIENCE, async {
        while world.deps.hub.followed() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn one_that_does_not_read_holds_up_nobody_and_gets_the_newest() {
    let world = World::new().await;
    let address = serve(world.app()).await;
    let mut sleeper = connect(&address).await;
    send(&mut sleeper, subscribe("1", &world)).await;
    let mut reader = connect(&address).await;
    send(&mut reader, subscribe("1", &world)).await;
    receive(&mut reader).await;
    let mut last = 0;
    for n in 0..30 {
        last = world.bring(vec![sale(&format!("s{n}"), "2024-09-03", "1")], vec![]).await;
        told(&mut reader, last).await;
    }
    told(&mut sleeper, last).await;
}

#[tokio::test]
async fn a_lost_notice_is_made_good() {
    let world = World::new().await;
    let mut client = connect(&serve(world.app()).await).await;
    send(&mut client, subscribe("1", &world)).await;
    let began = receive(&mut client).await["payload"]["data"]["changed"]["position"].as_i64().unwrap();
    // Committed, but nobody was told of it: only names and settings, which the metrics do not tell.
    let rename = domain::business::BusinessCommand::Rename { name: "Ada's".to_owned() };
    world.commands.business(world.business, rename, &streams::Meta::new(world.business, "owner")).await.unwrap();
    let change = tokio::time::timeout(PATIENCE, told_slowly(&mut client, began + 1)).await.unwrap();
    assert_eq!(change["events"], 0);
}

async fn told_slowly(client: &mut Client, position: i64) -> Value {
    loop {
        if let Message::Text(text) = client.next().await.unwrap().unwrap() {
            let message: Value = serde_json::from_str(&text).unwrap();
            let change = message["payload"]["data"]["changed"].clone();
            if change["position"].as_i64().unwrap() >= position {
                return change;
            }
        }
    }
}

#[tokio::test]
async fn the_rules_of_the_protocol_are_kept() {
    let world = World::new().await;
    let address = serve(world.app()).await;
    let mut client = connect(&address).await;
    send(&mut client, subscribe("1", &world)).await;
    receive(&mut client).await;
    send(&mut client, subscribe("1", &world)).await;
    assert_eq!(receive(&mut client).await["closed"], 4409);

    let mut client = connect(&address).await;
    send(&mut client, json!({ "type": "connection_init" })).await;
    assert_eq!(receive(&mut client).await["closed"], 4429);

    let mut client = connect(&address).await;
    send(&mut client, json!({ "type": "what" })).await;
    assert_eq!(receive(&mut client).await["closed"], 4400);

    let mut client = connect(&address).await;
    let query = json!({ "id": "q", "type": "subscribe", "payload": { "query": "{ viewer { name } }" } });
    send(&mut client, query).await;
    let refused = receive(&mut client).await;
    assert_eq!((&refused["type"], &refused["payload"][0]["extensions"]["code"]), (&json!("error"), &json!("INVALID")));
    let unknown = json!({ "id": "u", "type": "subscribe", "payload": {
        "query": "subscription { changed(business: \"00000000-0000-4000-8000-000000000000\") { position } }" } });
    send(&mut client, unknown).await;
    let refused = receive(&mut client).await;
    assert_eq!((&refused["id"], &refused["payload"][0]["extensions"]["code"]), (&json!("u"), &json!("NOT_FOUND")));
    for n in 0..17 {
        send(&mut client, subscribe(&n.to_string(), &world)).await;
    }
    loop {
        let message = receive(&mut client).await;
        if message.get("closed").is_some() {
            assert_eq!(message["closed"], 4400);
            break;
        }
    }
}

#[tokio::test]
async fn without_a_session_there_is_no_socket_and_with_its_end_the_socket_ends() {
    let world = World::new().await;
    let closed = serve(world.app_without_session()).await;
    match connect_async(closed).await {
        Err(Error::Http(response)) => assert_eq!(response.status(), 401),
        other => panic!("{other:?}"),
    }
    // However long it takes to connect: what comes after some frames, or after none, is the end.
    let until = SessionUntil(Utc::now() + chrono::Duration::milliseconds(1500));
    let mut client = connect(&serve(world.app().layer(Extension(until))).await).await;
    client.send(Message::text(subscribe("1", &world).to_string())).await.ok();
    let ended = loop {
        let message = receive(&mut client).await;
        if message.get("closed").is_some() {
            break message;
        }
    };
    assert_eq!(ended["closed"], 4403);
    let ended = std::sync::Arc::new(tokio_util::sync::CancellationToken::new());
    let mut client = connect(&serve(world.app().layer(Extension(SessionEnded(ended.clone())))).await).await;
    send(&mut client, subscribe("1", &world)).await;
    receive(&mut client).await;
    ended.cancel();
    assert_eq!(receive(&mut client).await["closed"], 4403);
}
