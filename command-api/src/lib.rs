//! The write side's edge: commands through GraphQL and REST, and the sign-in of whoever gives them.
//!
//! A resolver or handler authorises, calls [`streams::Commands`] once and maps; rules live in the aggregates.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::print_stdout))]

pub mod books;
pub mod erasure;
pub mod graphql;
pub mod identity;
pub mod mail;
mod meaning;
mod rates;
pub mod rest;
mod splits;
