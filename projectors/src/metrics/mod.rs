//! The metric views: every revision of every transaction, what each event changed, and the cumulative sums that every
//! figure is read from, now and as of any position.
//!
//! **Guarantee.** Rows are a function of the log. As of a position P, a cell's newest version at or below P is the sum
//! of the deltas up to P, which is the sum of the revisions that stand at P; `metric_daily` is the same sum now. All
//! are written in the transaction that moves the checkpoint.
//!
//! **Parts.** What a transaction is split in adds to the figures of each part's kind and category instead of its own;
//! the transaction stays one, and is counted with its largest part. Cells of an account or a day hold the same money
//! as before.
//!
//! **Days** are those of the business's time zone when the transaction was received. A change of zone holds for what
//! comes after it; days that were published stay.
//!
//! **Exchange rates** are rows beside the sums, of the same checkpoint: a sum and the rates that convert it are always
//! known alike. Nothing is converted here (docs/adr/0011-exchange-rates.md).
//!
//! **Texts** are in no row: a revision names its event and its place in it, where they stand sealed.
//!
//! **On failure.** An event of an account or a business that the log never named, one that takes back what does not
//! stand, and a sum beyond 28 digits are poison. Everything else is the database's and is tried again.
//!
//! **Cost.** A transaction that comes alone writes 20 versions (5 grains of 4 dimensions), some 2 KB with their index;
//! a page of 500 of one account writes hardly more, since it shares its cells. Weeks and quarters could be summed from
//! days and months at the price of longer reads; they are a fifth of this each, and one transaction a call is folded
//! at 1,600/s over one connection as it is.
//!
//! **Memory** is bounded by the batch, and by caches that may be forgotten at any time.

mod cell;
mod closings;
mod fold;
mod folded;
mod memory;
mod offline;
mod reconcile;
mod retention;
mod scope;
mod store;
mod sums;
mod versions;

#[cfg(test)]
mod tests;

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use domain::BusinessId;
use domain::business::BusinessEvent;
use sqlx::PgConnection;
use streams::projection::{Notice, Projection, ProjectionError};
use streams::{DomainEvent, Event};

use crate::decode::Decoded;
pub use closings::{Closing, Recount, closings};
use fold::Fold;
use folded::Folded;
use memory::Memory;
pub use offline::{Month, Months};
pub use reconcile::{Difference, first_day, reconcile};
pub use retention::{RetentionError, keep_raw_rows, tend};

/// The projection `metrics`.
#[derive(Debug)]
pub struct Metrics {
    keep_revisions: bool,
    copy_from: usize,
    memory: Mutex<Memory>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Rows from which on `COPY` is faster than a prepared `INSERT` of arrays.
    const COPY_FROM: usize = 64;

    pub fn new() -> Self {
        Self { keep_revisions: true, copy_from: Self::COPY_FROM, memory: Mutex::default() }
    }

    /// Figures without the rows of `transaction`, for rebuilding and measuring them alone. Where a business changed
    /// its time zone, a correction of an earlier transaction whose day depends on the zone is poison here: no row
    /// says where it stood.
    pub fn views_only() -> Self {
        Self { keep_revisions: false, ..Self::new() }
    }

    /// Never uses `COPY`, for servers and proxies that do not speak it.
    pub fn without_copy(self) -> Self {
        Self { copy_from: usize::MAX, ..self }
    }

    fn remembered(&self) -> Memory {
        std::mem::take(&mut *self.memory.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn remember(&self, memory: Memory) {
        *self.memory.lock().unwrap_or_else(PoisonError::into_inner) = memory;
    }

    async fn write_run_in_tx(
        &self,
        tx: &mut PgConnection,
        memory: &mut Memory,
        events: &[Decoded],
    ) -> Result<Vec<Notice>, ProjectionError> {
        store::load_scope_in_tx(tx, &mut memory.scope, events).await?;
        let days = store::days_in_tx(tx, &fold::ambiguous(events, &memory.scope)).await?;
        let mut fold = Fold::new(&mut memory.scope, events, days, self.keep_revisions);
        for event in events {
            fold.apply(event)?;
        }
        let folded = fold.finish();
        self.write_folded_in_tx(tx, memory, &folded).await?;
        store::save_scope_in_tx(tx, &mut memory.scope).await?;
        Ok(folded.notices)
    }

    async fn write_folded_in_tx(
        &self,
        tx: &mut PgConnection,
        memory: &mut Memory,
        folded: &Folded<'_>,
    ) -> Result<(), ProjectionError> {
        let stored = store::stored_cells_in_tx(tx, memory, folded).await?;
        let versions = versions::accumulate(folded, stored)?;
        store::close_in_tx(tx, &folded.closings).await?;
        store::revision_rows(&folded.revisions).append_in_tx(tx, self.copy_from).await?;
        store::delta_rows(&folded.deltas).append_in_tx(tx, self.copy_from).await?;
        store::add_to_daily_in_tx(tx, &folded.deltas).await?;
        store::cell_rows(&versions.new_cells).append_in_tx(tx, self.copy_from).await?;
        store::version_rows(&versions.versions).append_in_tx(tx, self.copy_from).await?;
        store::rate_rows(&folded.rates).append_in_tx(tx, self.copy_from).await?;
        for (cell, stored) in folded.cells.iter().zip(&versions.newest) {
            if let Some(stored) = stored {
                memory.remember(cell, *stored);
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Projection for Metrics {
    fn name(&self) -> &'static str {
        "metrics"
    }

    fn version(&self) -> u32 {
        6
    }

    fn tables(&self) -> &'static [&'static str] {
        &[
            "transaction",
            "metric_delta",
            "metric_daily",
            "metric_cell",
            "metric_version",
            "metric_monthly_check",
            "exchange_rate",
        ]
    }

    async fn create_in_tx(&self, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        store::create_in_tx(tx).await
    }

    fn forget(&self) {
        self.remember(Memory::default());
    }

    async fn erase_in_tx(&self, tx: &mut PgConnection, business: BusinessId) -> Result<(), ProjectionError> {
        store::erase_in_tx(tx, business).await
    }

    async fn write_in_tx(&self, tx: &mut PgConnection, events: &[Event]) -> Result<Vec<Notice>, ProjectionError> {
        // Taken, not lent: what an error leaves half-changed is forgotten.
        let mut memory = self.remembered();
        let events: Vec<_> = events.iter().map(Decoded::try_new).collect::<Result<_, _>>()?;
        let mut notices = Vec::new();
        for run in events.split_inclusive(ends_run) {
            merge(&mut notices, self.write_run_in_tx(tx, &mut memory, run).await?);
        }
        self.remember(memory);
        Ok(notices)
    }
}

/// Which earlier revisions are ambiguous is asked before a run is folded, so a change of zone is the last of its run.
fn ends_run(event: &Decoded) -> bool {
    matches!(event.event, DomainEvent::Business(BusinessEvent::TimeZoneChanged { .. }))
}

fn merge(notices: &mut Vec<Notice>, newer: Vec<Notice>) {
    for notice in newer {
        match notices.iter_mut().find(|known| known.business == notice.business) {
            Some(known) => {
                known.position = notice.position;
                known.events += notice.events;
                known.transactions = known.transactions.saturating_add(notice.transactions);
            }
            None => notices.push(notice),
        }
    }
}

/// The schema whose rows are served; `None` before the projection was built.
async fn serving_schema(connection: &mut PgConnection) -> Result<Option<String>, sqlx::Error> {
    let schema =
        "select quote_ident(checkpoint.schema) from streams.active join streams.checkpoint using (projection, version)
        where projection = 'metrics'";
    sqlx::query_scalar(schema).fetch_optional(connection).await
}
