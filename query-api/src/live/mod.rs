//! What reaches those who look on: one message per committed change, however many they are.
//!
//! ```text
//! NATS ──▶ Hub: one subscription a business ──▶ Broadcast: one execution a query ──▶ sockets
//! ```
//!
//! How connections stand changes without an event too (a page was read): [`Statuses`] hears of it from the store, and
//! has the same broadcast.
//!
//! Every arrow is a `watch`: it holds the newest value only, so a reader that is slow or does not read at all skips
//! to the newest and never holds memory. What is skipped is contained in what is newer: a message names a position.

mod broadcast;
mod hub;
mod protocol;
mod socket;
mod statuses;

pub use broadcast::Broadcast;
pub use hub::{Follower, Hub, Tick};
pub use socket::{SessionEnded, SessionLasts, SessionUntil, SocketLimits, serve_socket};
pub use statuses::{StatusFollower, Statuses};
