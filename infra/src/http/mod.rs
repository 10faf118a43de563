//! One port: the page, GraphQL, REST, health and metrics, behind the same checks.

mod gate;
mod headers;
mod health;
mod problem;
mod server;
mod ui;

pub use gate::Gate;
pub use health::{Live, Readiness};
pub use server::{bind, serve};
