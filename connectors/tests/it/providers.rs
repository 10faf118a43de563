//! Connectors end to end: against the simulator, into the accounts of a business on real servers.

mod again;
mod budget;
mod disputes;
mod documents;
mod feed;
mod killed;
mod late;
mod payloads;
mod payouts;
mod plaid;
mod quickbooks;
mod rough_day;
mod shopify;
mod stripe;
mod vault;
mod worker;
pub mod world;
