//! Workers on a running log.
#![allow(clippy::unwrap_used)]

mod meaning;
mod world;
