//! The audit history: one row for each event, with who, what, when, from where, and what was before.
//!
//! **Guarantee.** Rows are a function of the log, and every event has one: a type of event that this program does not
//! know is shown by its fields. `known_at` is the time shown, so that times never fall along positions.
//!
//! **Members.** What concerns a person's sign-in concerns no business; each business shows it of those who were its
//! members then.
//!
//! **Never shown**: texts of transactions, addresses of mail, and secrets' hashes. Other texts are shown as they are
//! stored, sealed ones sealed.
//!
//! **Retention.** What a `history_archived` event names stands in a file, and its rows go with that event; what closed months
//! stand on stays.
//!
//! **Erasure.** Rows of an erased business go, but that it was erased; those of an erased person keep the id, without the
//! addresses that they came from.
//!
//! **On failure.** Nothing here is poison. The database's errors are tried again.

mod archive;
mod fields;
mod fold;
mod membership;
mod store;
mod summary;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use domain::BusinessId;
use domain::security::SecurityEvent;
use sqlx::{Executor, PgConnection};
use streams::Event;
use streams::projection::{Notice, Projection, ProjectionError};

use crate::erase;

/// The projection `audit`.
#[derive(Debug, Default)]
pub struct Audit;

impl Audit {
    /// Rows from which on `COPY` is faster than a prepared `INSERT` of arrays.
    const COPY_FROM: usize = 64;

    pub const fn new() -> Self {
        Self
    }

    async fn write_run_in_tx(&self, tx: &mut PgConnection, events: &[Event]) -> Result<(), ProjectionError> {
        let drafts: Vec<_> = events.iter().map(fold::Draft::of).collect();
        let mut known = store::known_in_tx(tx, &drafts).await?;
        let rows: Vec<_> = drafts.iter().map(|draft| draft.settle(&mut known)).collect();
        store::rows(&drafts, &rows).append_in_tx(tx, Self::COPY_FROM).await?;
        Ok(store::keep_in_tx(tx, &known).await?)
    }
}

/// Whether somebody's account ends with it: rows keep their id, and no longer where they were.
fn ends_person(event: &Event) -> bool {
    event.event_type == SecurityEvent::ACCOUNT_ERASED
}

#[async_trait]
impl Projection for Audit {
    fn name(&self) -> &'static str {
        "audit"
    }

    fn version(&self) -> u32 {
        6
    }

    fn tables(&self) -> &'static [&'static str] {
        &["event", "known", "membership", "archive"]
    }

    async fn create_in_tx(&self, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        tx.execute(include_str!("tables.sql")).await?;
        Ok(())
    }

    /// What was recorded of it before goes; that it was erased stays.
    async fn erase_in_tx(&self, tx: &mut PgConnection, business: BusinessId) -> Result<(), ProjectionError> {
        erase::rows_in_tx(tx, self.tables(), business).await
    }

    /// Viewers are told by the other projections.
    async fn write_in_tx(&self, tx: &mut PgConnection, events: &[Event]) -> Result<Vec<Notice>, ProjectionError> {
        for run in events.split_inclusive(|event| ends_person(event) || archive::is_one(event)) {
            self.write_run_in_tx(tx, run).await?;
            membership::fold_in_tx(tx, run).await?;
            match run.last() {
                Some(end) if ends_person(end) => store::forget_addresses_in_tx(tx, end).await?,
                Some(end) if archive::is_one(end) => archive::fold_in_tx(tx, end).await?,
                _ => {}
            }
        }
        Ok(Vec::new())
    }
}
