//! Workers on a running log.
#![allow(clippy::unwrap_used)]

mod drift;
mod matching;
mod meaning;
mod recurring;
mod world;
