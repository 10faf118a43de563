//! What a business consists of: its settings, sources and accounts, and the batches that delivered its transactions.
//!
//! **Guarantee.** Rows are a function of the log; a row's `position` is that of the event that changed it last.
//!
//! **On failure.** A change of something that the log never named is poison; everything else is tried again.

mod fold;
mod store;
mod told;

use async_trait::async_trait;
use domain::BusinessId;
use sqlx::{Executor, PgConnection};
use streams::projection::{Notice, Projection, ProjectionError};
use streams::{DomainEvent, Event};

use crate::decode::Decoded;
use crate::erase;
use told::{Told, told};

/// The projection `entities`.
#[derive(Debug, Default)]
pub struct Entities;

impl Entities {
    pub fn new() -> Self {
        Self
    }
}

#[async_trait]
impl Projection for Entities {
    fn name(&self) -> &'static str {
        "entities"
    }

    fn version(&self) -> u32 {
        3
    }

    fn tables(&self) -> &'static [&'static str] {
        &["business", "source", "account", "batch"]
    }

    async fn create_in_tx(&self, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        tx.execute(include_str!("tables.sql")).await?;
        Ok(())
    }

    async fn erase_in_tx(&self, tx: &mut PgConnection, business: BusinessId) -> Result<(), ProjectionError> {
        erase::rows_in_tx(tx, &["batch", "account", "source"], business).await?;
        sqlx::query("delete from business where id = $1").bind(business.as_uuid()).execute(tx).await?;
        Ok(())
    }

    async fn write_in_tx(&self, tx: &mut PgConnection, events: &[Event]) -> Result<Vec<Notice>, ProjectionError> {
        let events: Vec<_> = events.iter().map(told).collect::<Result<_, _>>()?;
        store::write_in_tx(tx, &fold::fold(&events)).await?;
        Ok(notices(&events))
    }
}

/// Pages of transactions are told by the metric views, which they change; telling them twice would double the
/// messages to every viewer. Security events change nothing that is viewed here.
fn notices(events: &[Decoded<Told>]) -> Vec<Notice> {
    let mut notices: Vec<Notice> = Vec::new();
    let is_told =
        |event: &&Decoded<Told>| !matches!(event.event, Told::Page(_) | Told::Change(DomainEvent::Security(_)));
    let changes = events.iter().filter(is_told);
    for event in changes {
        match notices.iter_mut().find(|notice| notice.business == event.business) {
            Some(notice) => {
                notice.position = event.position;
                notice.events += 1;
            }
            None => {
                let position = event.position;
                notices.push(Notice { business: event.business, position, events: 1, transactions: 0 });
            }
        }
    }
    notices
}
