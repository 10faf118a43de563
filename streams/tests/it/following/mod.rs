//! Projections that follow the log, on real servers.

mod books;
mod ledger;
mod replaying;
mod running;
mod world;
mod writing;
