//! Erasures of businesses: the state of one that was asked for, and the certificates of those that are done.

mod http;

pub use http::{Erasures, router};
