//! One port: the page, GraphQL, REST, health and metrics, behind the same checks.

mod headers;
mod server;
mod ui;

pub use server::{bind, serve};
