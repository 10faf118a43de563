//! Projections that follow the log, on real servers.

mod books;
mod ledger;
mod writing;
