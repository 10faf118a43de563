//! Erasures of businesses: the state of one that was asked for, and the certificates of those that are done.

pub(crate) mod http;

pub use http::{Erasures, ROUTES, router};
