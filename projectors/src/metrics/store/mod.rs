//! Reads and writes of the tables, set by set.

mod cells;
mod deltas;
mod erase;
mod rates;
mod revisions;
mod scope;

use domain::Sums;
use sqlx::{Executor, PgConnection};
use streams::projection::ProjectionError;

use crate::rows::Column;
pub(in crate::metrics) use cells::{cell_rows, stored_cells_in_tx, version_rows};
pub(in crate::metrics) use deltas::{add_to_daily_in_tx, delta_rows};
pub(in crate::metrics) use erase::erase_in_tx;
pub(in crate::metrics) use rates::rate_rows;
pub(in crate::metrics) use revisions::{close_in_tx, days_in_tx, revision_rows};
pub(in crate::metrics) use scope::{load_scope_in_tx, save_scope_in_tx};

pub(in crate::metrics) async fn create_in_tx(tx: &mut PgConnection) -> Result<(), ProjectionError> {
    tx.execute(include_str!("../tables.sql")).await?;
    tx.execute(include_str!("../timescale.sql")).await?;
    Ok(())
}

fn sum_columns(sums: &[Sums]) -> [(&'static str, Column<'static>); 3] {
    [
        ("amount_in", Column::Numeric(sums.iter().map(|sums| sums.inflow).collect())),
        ("amount_out", Column::Numeric(sums.iter().map(|sums| sums.outflow).collect())),
        ("count", Column::BigInt(sums.iter().map(|sums| sums.count).collect())),
    ]
}
