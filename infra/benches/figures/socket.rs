//! A subscriber of the page's protocol (graphql-transport-ws).

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

pub struct Subscriber(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Subscriber {
    /// Subscribes to the changes of a business, and has had the first message, which comes at once.
    pub async fn of(address: &str, business: &str) -> Self {
        let mut request = format!("ws://{address}/graphql/ws").into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().unwrap());
        let (socket, _) = connect_async(request).await.unwrap();
        let mut this = Self(socket);
        this.send(json!({ "type": "connection_init" })).await;
        assert_eq!(this.message().await["type"], "connection_ack");
        let query = "subscription ($id: UUID!) { changed(business: $id) { position } }";
        let payload = json!({ "query": query, "variables": { "id": business } });
        this.send(json!({ "id": "1", "type": "subscribe", "payload": payload })).await;
        this.position().await;
        this
    }

    async fn send(&mut self, value: Value) {
        self.0.send(Message::text(value.to_string())).await.unwrap();
    }

    async fn message(&mut self) -> Value {
        loop {
            match self.0.next().await.unwrap().unwrap() {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Close(reason) => panic!("closed: {reason:?}"),
                _ => {}
            }
        }
    }

    /// Waits for the next change and gives its position.
    pub async fn position(&mut self) -> i64 {
        loop {
            let message = self.message().await;
            match message["type"].as_str() {
                Some("next") => return message["payload"]["data"]["changed"]["position"].as_i64().unwrap(),
                Some("ping") => self.send(json!({ "type": "pong" })).await,
                _ => panic!("unexpected {message}"),
            }
        }
    }
}
