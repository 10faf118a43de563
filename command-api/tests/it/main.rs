//! The write side's edge on a real store.
#![allow(clippy::unwrap_used)]

mod identity;
mod mutations;
mod rest;
mod store;
mod team;
