//! The write side's edge on a real store.
#![allow(clippy::unwrap_used)]

mod mutations;
mod sessions;
mod team;
