//! Proofs over a real log.

mod files;
mod signing;
mod tree;
mod world;
