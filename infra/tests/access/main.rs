//! Everything that the program serves, with who may use it: what is not in the lists fails, and what is in them is
//! really asked, as each role, as somebody of another business, with a key made for nothing, and with nobody signed in.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod fields;
mod isolation;
mod log;
mod months;
mod refusals;
mod routes;
mod subjects;
mod world;
