//! The log on real servers.
#![allow(clippy::unwrap_used)]

mod append_only;
mod commands;
mod given;
