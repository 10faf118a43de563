//! The log on real servers.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod append_only;
mod chain;
mod commands;
mod files;
mod following;
mod given;
mod keys;
mod memberships;
mod payloads;
mod pool;
mod proof;
mod repair;
mod running;
mod schemas;
mod sealing;
mod security;
mod sequencing;
mod versions;
