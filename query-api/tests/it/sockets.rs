//! Subscriptions over real sockets.

use std::time::Duration;

use axum::{Extension, Router};
use chrono::Utc;
use futures_util::{SinkExt, StreamExt};
use query_api::live::{SessionEnded, SessionUntil, SocketLimits};
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async, connect_async};

use crate::world::{World, sale};

/// Ends a test that hangs; long, since a busy machine is no fault.
const PATIENCE: Duration = Duration::from_secs(120);

type Client = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn serve(app: Router) -> String {
    serve_on(TcpSocket::new_v4().unwrap(), app).await
}

async fn serve_on(socket: TcpSocket, app: Router) -> String {
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let listener = socket.listen(64).unwrap();
    let address = format!("ws://{}/graphql/ws", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    address
}

async fn connect(address: &str) -> Client {
    connect_on(TcpSocket::new_v4().unwrap(), address).await
}

async fn connect_on(socket: TcpSocket, address: &str) -> Client {
    let mut request = address.into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().unwrap());
    let server = request.uri().authority().unwrap().as_str().parse().unwrap();
    let stream = MaybeTlsStream::Plain(socket.connect(server).await.unwrap());
    let (mut client, _) = client_async(request, stream).await.unwrap();
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
    asks(id, world, "business position at events transactions")
}

fn asks(id: &str, world: &World, fields: &str) -> Value {
    let query = format!("subscription($business: UUID!) {{ changed(business: $business) {{ {fields} }} }}");
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

const STATUS: &str = "subscription($business: UUID!) { connectionStatus(business: $business) { name health working
    advice progress { percent } } }";

#[tokio::test]
async fn whoever_looks_at_connections_is_told_at_once_when_one_stands_otherwise() {
    let world = World::new().await;
    let connect = "insert into connectors.connection (source, business, provider, external_id, state, history_from,
            accounts, history_done_at)
        values ($1, $2, 'plaid', 'item', 'active', '2024-01-01', array[$3::uuid], now())";
    let connect = sqlx::query(connect).bind(world.source.as_uuid()).bind(world.business.as_uuid());
    connect.bind(world.account.as_uuid()).execute(&world.pool).await.unwrap();
    let mut client = connect_to(&world).await;
    let variables = json!({ "business": world.business });
    send(
        &mut client,
        json!({ "id": "1", "type": "subscribe", "payload": { "query": STATUS, "variables": variables } }),
    )
    .await;
    let stands = async |client: &mut Client| -> Value {
        let message = receive(client).await;
        assert_eq!(message["type"], "next", "{message}");
        message["payload"]["data"]["connectionStatus"].clone()
    };
    let first = stands(&mut client).await;
    assert_eq!((&first[0]["name"], &first[0]["health"]), (&json!("Statements"), &json!("healthy")));

    let began = std::time::Instant::now();
    let change = async |set: &str| {
        let update = format!("update connectors.connection set {set} where source = $1");
        sqlx::query(&update).bind(world.source.as_uuid()).execute(&world.pool).await.unwrap();
    };
    change("health = 'consent_needed', reason = 'ITEM_LOGIN_REQUIRED'").await;
    let broken = stands(&mut client).await;
    assert_eq!(broken[0]["health"], "consent_needed");
    assert!(broken[0]["advice"].as_str().unwrap().contains("Sign in at the provider"), "{broken}");
    change("health = 'healthy', leased_by = gen_random_uuid(), leased_until = now() + interval '1 hour'").await;
    let working = stands(&mut client).await;
    assert_eq!((&working[0]["health"], &working[0]["working"]), (&json!("healthy"), &json!(true)));
    assert!(began.elapsed() < Duration::from_secs(8), "told at once, not by the sweep: {:?}", began.elapsed());
}

async fn connect_to(world: &World) -> Client {
    connect(&serve(world.app()).await).await
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
    unfollowed(&world).await;
}

/// The smaller the kernel's buffers the sooner they are full; it takes twice as much.
const BUFFER: u32 = 8 * 1024;

/// As much as a message can hold: two fill the buffers of both sides.
fn at_length() -> String {
    let name = "long".repeat(230);
    (0..30).fold("position".to_owned(), |fields, n| fields + &format!(" {name}{n}: business"))
}

async fn serve_narrow(world: &World, send_within: Duration) -> String {
    let socket = TcpSocket::new_v4().unwrap();
    // The sockets that it accepts inherit it.
    socket.set_send_buffer_size(BUFFER).unwrap();
    serve_on(socket, world.app_with(SocketLimits { send_within, ..SocketLimits::default() })).await
}

/// Asks for long messages, and does not read them.
async fn fall_asleep(address: &str, world: &World) -> Client {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(BUFFER).unwrap();
    let mut sleeper = connect_on(socket, address).await;
    send(&mut sleeper, asks("1", world, &at_length())).await;
    sleeper
}

#[tokio::test]
async fn one_that_does_not_read_holds_up_nobody_and_gets_the_newest() {
    const CHANGES: usize = 12;
    let world = World::new().await;
    // Whoever waited for it would wait longer than the test.
    let address = serve_narrow(&world, PATIENCE * 10).await;
    let mut sleeper = fall_asleep(&address, &world).await;
    let mut reader = connect(&address).await;
    send(&mut reader, subscribe("1", &world)).await;
    receive(&mut reader).await;
    let mut last = 0;
    for n in 0..CHANGES {
        last = world.bring(vec![sale(&format!("s{n}"), "2024-09-03", "1")], vec![]).await;
        told(&mut reader, last).await;
    }
    let mut positions = Vec::new();
    while positions.last() < Some(&last) {
        positions.push(receive(&mut sleeper).await["payload"]["data"]["changed"]["position"].as_i64().unwrap());
    }
    assert!(positions.is_sorted_by(|before, after| before < after), "{positions:?}");
    // What was on its way when the buffers were full, and then the newest: nothing between is kept for it.
    assert!(positions.len() <= CHANGES / 2, "{positions:?}");
}

#[tokio::test]
async fn one_that_never_reads_is_let_go() {
    let world = World::new().await;
    let address = serve_narrow(&world, Duration::from_millis(100)).await;
    let mut sleeper = fall_asleep(&address, &world).await;
    let mut reader = connect(&address).await;
    send(&mut reader, subscribe("1", &world)).await;
    receive(&mut reader).await;
    for n in 0..3 {
        let position = world.bring(vec![sale(&format!("s{n}"), "2024-09-03", "1")], vec![]).await;
        told(&mut reader, position).await;
    }
    drop(reader);
    // It was the last who followed the business, and reads nothing yet.
    unfollowed(&world).await;
    let end = tokio::time::timeout(PATIENCE, async {
        loop {
            match sleeper.next().await {
                Some(Ok(Message::Text(_))) => {}
                other => break other,
            }
        }
    });
    // The bytes that were in the buffers, and no farewell.
    assert!(matches!(end.await.unwrap(), None | Some(Err(_))));
}

/// Feeds end with their last follower.
async fn unfollowed(world: &World) {
    let wait = async {
        while world.deps.hub.followed() > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.unwrap();
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
