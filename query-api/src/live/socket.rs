//! One WebSocket of one viewer: a thin loop, since there may be ten thousand.
//!
//! It holds the ids of its subscriptions and a place in each execution, no message. A viewer that does not read stops
//! its own loop at the first full buffer of the kernel, and is let go when that lasts.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use axum::extract::ws::{Message, WebSocket};
use chrono::{DateTime, Utc};
use domain::access::Principal;
use futures::Stream;
use tokio_stream::wrappers::WatchStream;
use tokio_util::sync::CancellationToken;

use super::broadcast::{Broadcast, Execution, Frame, Operation};
use super::protocol::{self, Close, FromClient};

/// Until when the session is valid; an extension of the request, put there by the edge. Without it a connection ends
/// after [`SocketLimits::longest`].
#[derive(Debug, Clone, Copy)]
pub struct SessionUntil(pub DateTime<Utc>);

/// Ends the connection before that time, when the session is ended or may see less than it did; an extension too.
#[derive(Debug, Clone)]
pub struct SessionEnded(pub Arc<CancellationToken>);

/// For how long a connection is served.
#[derive(Debug, Default)]
pub struct SessionLasts {
    pub until: Option<SessionUntil>,
    pub ended: Option<SessionEnded>,
}

impl SessionLasts {
    async fn over(&self, longest: Duration) {
        let left = |SessionUntil(until): SessionUntil| (until - Utc::now()).to_std().unwrap_or_default();
        let time = tokio::time::sleep(self.until.map_or(longest, left).min(longest));
        match &self.ended {
            Some(SessionEnded(ended)) => tokio::select! {
                () = time => {}
                () = ended.cancelled() => {}
            },
            None => time.await,
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub struct SocketLimits {
    pub subscriptions: usize,
    /// Of an id that the client gives.
    pub id_bytes: usize,
    pub init_within: Duration,
    /// A ping that often; a connection that was silent for three is closed.
    pub ping_every: Duration,
    /// A viewer whose buffers are full for so long is let go.
    pub send_within: Duration,
    pub longest: Duration,
}

impl Default for SocketLimits {
    fn default() -> Self {
        Self {
            subscriptions: 16,
            id_bytes: 64,
            init_within: Duration::from_secs(10),
            ping_every: Duration::from_secs(25),
            send_within: Duration::from_secs(10),
            longest: Duration::from_secs(12 * 3600),
        }
    }
}

struct Subscription {
    id: Box<str>,
    frames: WatchStream<Frame>,
    _execution: Arc<Execution>,
}

struct Socket {
    socket: WebSocket,
    principal: Arc<Principal>,
    broadcast: Broadcast,
    limits: &'static SocketLimits,
    subscriptions: Vec<Subscription>,
    initialised: bool,
    heard: Instant,
}

/// Why the loop ends.
enum End {
    Close(Close),
    /// The other side is gone, or does not read.
    Gone,
}

enum Event {
    Message(Option<Result<Message, axum::Error>>),
    Frame(usize, Option<Frame>),
    Tick,
    Over,
}

/// Serves one connection until it ends.
pub async fn serve_socket(
    socket: WebSocket,
    principal: Arc<Principal>,
    lasts: SessionLasts,
    broadcast: Broadcast,
    limits: &'static SocketLimits,
) {
    let mut socket = Socket {
        socket,
        principal,
        broadcast,
        limits,
        subscriptions: Vec::new(),
        initialised: false,
        heard: Instant::now(),
    };
    if let End::Close(close) = socket.run(&lasts).await {
        let farewell = socket.socket.send(Message::Close(Some(close.frame())));
        // Nobody is left to tell where it fails.
        drop(tokio::time::timeout(limits.send_within, farewell).await);
    }
}

impl Socket {
    async fn run(&mut self, session: &SessionLasts) -> End {
        let over = session.over(self.limits.longest);
        let first = tokio::time::Instant::now() + self.limits.init_within;
        let mut ticks = tokio::time::interval_at(first, self.limits.ping_every);
        tokio::pin!(over);
        loop {
            let event = tokio::select! {
                message = self.socket.recv() => Event::Message(message),
                (at, frame) = next_frame(&mut self.subscriptions) => Event::Frame(at, frame),
                _ = ticks.tick() => Event::Tick,
                () = &mut over => Event::Over,
            };
            let handled = match event {
                Event::Message(Some(Ok(message))) => self.hear(message).await,
                Event::Message(_) => Err(End::Gone),
                Event::Frame(at, frame) => self.tell(at, frame).await,
                Event::Tick => self.keep_alive().await,
                Event::Over => Err(End::Close(Close::SessionOver)),
            };
            if let Err(end) = handled {
                return end;
            }
        }
    }

    async fn hear(&mut self, message: Message) -> Result<(), End> {
        self.heard = Instant::now();
        let text = match message {
            Message::Text(text) => text,
            Message::Binary(_) => return Err(End::Close(Close::Invalid)),
            Message::Ping(_) | Message::Pong(_) => return Ok(()),
            Message::Close(_) => return Err(End::Gone),
        };
        match serde_json::from_str(&text) {
            Ok(FromClient::ConnectionInit) if self.initialised => Err(End::Close(Close::SecondInit)),
            Ok(FromClient::ConnectionInit) => {
                self.initialised = true;
                self.send(protocol::ack()).await
            }
            Ok(FromClient::Ping) => self.send(protocol::pong()).await,
            Ok(FromClient::Pong) => Ok(()),
            Ok(_) if !self.initialised => Err(End::Close(Close::NotInitialised)),
            Ok(FromClient::Subscribe { id, payload }) => self.subscribe(id, payload).await,
            Ok(FromClient::Complete { id }) => {
                self.subscriptions.retain(|subscription| *subscription.id != *id);
                Ok(())
            }
            Err(_) => Err(End::Close(Close::Invalid)),
        }
    }

    async fn subscribe(&mut self, id: String, operation: Operation) -> Result<(), End> {
        if id.len() > self.limits.id_bytes {
            return Err(End::Close(Close::Invalid));
        }
        if self.subscriptions.iter().any(|subscription| *subscription.id == *id) {
            return Err(End::Close(Close::DuplicateId));
        }
        if self.subscriptions.len() == self.limits.subscriptions {
            return Err(End::Close(Close::TooMany));
        }
        match self.broadcast.join(&self.principal, operation) {
            Ok(execution) => {
                let frames = WatchStream::new(execution.frames());
                self.subscriptions.push(Subscription { id: id.into(), frames, _execution: execution });
                Ok(())
            }
            Err(reason) => {
                let errors = serde_json::json!([{ "message": reason, "extensions": { "code": "INVALID" } }]);
                self.send(protocol::error(&id, &errors.to_string())).await
            }
        }
    }

    async fn tell(&mut self, at: usize, frame: Option<Frame>) -> Result<(), End> {
        let id = &self.subscriptions[at].id;
        let message = match frame {
            Some(Frame::Waiting) => return Ok(()),
            Some(Frame::Next(payload)) => return self.send(protocol::next(id, &payload)).await,
            Some(Frame::Failed(errors)) => protocol::error(id, &errors),
            Some(Frame::Ended) | None => protocol::complete(id),
        };
        self.subscriptions.swap_remove(at);
        self.send(message).await
    }

    async fn keep_alive(&mut self) -> Result<(), End> {
        if !self.initialised {
            return Err(End::Close(Close::InitTimeout));
        }
        if self.heard.elapsed() > self.limits.ping_every * 3 {
            return Err(End::Close(Close::GoingAway));
        }
        self.send(Message::Ping(axum::body::Bytes::new())).await
    }

    async fn send(&mut self, message: Message) -> Result<(), End> {
        match tokio::time::timeout(self.limits.send_within, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(End::Gone),
        }
    }
}

/// The first subscription with a frame; waits for ever where there is none.
async fn next_frame(subscriptions: &mut [Subscription]) -> (usize, Option<Frame>) {
    poll_fn(|context| {
        for (at, subscription) in subscriptions.iter_mut().enumerate() {
            if let Poll::Ready(frame) = Pin::new(&mut subscription.frames).poll_next(context) {
                return Poll::Ready((at, frame));
            }
        }
        Poll::Pending
    })
    .await
}
