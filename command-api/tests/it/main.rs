//! The write side's edge on a real store.
#![allow(clippy::unwrap_used)]

mod mutations;
mod rest;
mod sessions;
mod store;
mod team;
