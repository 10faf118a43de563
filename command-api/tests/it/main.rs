//! The write side's edge on a real store.
#![allow(clippy::unwrap_used)]

mod erasure;
mod identity;
mod mutations;
mod rest;
mod store;
mod team;
