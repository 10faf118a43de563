//! The tables `metric_cell` and `metric_version`.

use domain::Sums;
use rust_decimal::Decimal;
use sqlx::PgConnection;
use streams::projection::ProjectionError;

use super::sum_columns;
use crate::metrics::cell::Cell;
use crate::metrics::folded::Folded;
use crate::metrics::memory::{Memory, Stored};
use crate::metrics::versions::Version;
use crate::rows::{Column, Rows};

/// What is stored of the folded cells, from memory or rows.
pub(in crate::metrics) async fn stored_cells_in_tx(
    tx: &mut PgConnection,
    memory: &mut Memory,
    folded: &Folded<'_>,
) -> Result<Vec<Option<Stored>>, ProjectionError> {
    let complete = match memory.complete {
        Some(complete) => complete,
        None => sqlx::query_scalar("select not exists (select from metric_cell)").fetch_one(&mut *tx).await?,
    };
    memory.complete = Some(complete);
    let mut stored: Vec<_> = folded.cells.iter().map(|cell| memory.recall(cell)).collect();
    let missing: Vec<_> = (0..stored.len()).filter(|&n| stored[n].is_none()).collect();
    if complete || missing.is_empty() {
        return Ok(stored);
    }
    let cells: Vec<_> = missing.iter().map(|&n| folded.cells[n]).collect();
    let mut columns = cell_columns(&cells);
    columns.push(("n", Column::BigInt((0..).take(cells.len()).collect())));
    // Laterals, so that each cell is one probe of each index however little the planner knows.
    let statement = "select k.n, c.id, v.amount_in::text, v.amount_out::text, v.count from {rows}
        cross join lateral (select id from metric_cell m where m.business = k.business and m.grain = k.grain
            and m.dim = k.dim and m.bucket = k.bucket and m.key = k.key and m.kind = k.kind
            and m.currency = k.currency limit 1) c
        cross join lateral (select * from metric_version w where w.cell = c.id order by w.position desc limit 1) v";
    let rows: Vec<(i64, i64, String, String, i64)> =
        Rows::new("metric_cell", columns).fetch_in_tx(tx, statement).await?;
    for (n, id, inflow, outflow, count) in rows {
        let sums = Sums { inflow: decimal(&inflow)?, outflow: decimal(&outflow)?, count };
        let n = usize::try_from(n).map_err(|error| sqlx::Error::Decode(error.into()))?;
        stored[missing[n]] = Some(Stored { id, sums });
    }
    Ok(stored)
}

/// Read as text: the driver's decoding goes through powers that need not be exact.
fn decimal(text: &str) -> Result<Decimal, sqlx::Error> {
    Decimal::from_str_exact(text).map_err(|error| sqlx::Error::Decode(error.into()))
}

fn cell_columns<'a>(cells: &[Cell<'a>]) -> Vec<(&'static str, Column<'a>)> {
    vec![
        ("business", Column::Uuid(cells.iter().map(|cell| cell.business.as_uuid()).collect())),
        ("grain", Column::Text(cells.iter().map(|cell| cell.grain.as_str()).collect())),
        ("bucket", Column::Date(cells.iter().map(|cell| cell.bucket).collect())),
        ("dim", Column::Text(cells.iter().map(|cell| cell.dim.name()).collect())),
        ("key", Column::Owned(cells.iter().map(|cell| cell.dim.key()).collect())),
        ("kind", Column::Text(cells.iter().map(|cell| cell.kind.as_str()).collect())),
        ("currency", Column::Text(cells.iter().map(|cell| cell.currency.code()).collect())),
    ]
}

pub(in crate::metrics) fn cell_rows<'a>(cells: &[(i64, Cell<'a>)]) -> Rows<'a> {
    let (ids, cells): (Vec<_>, Vec<_>) = cells.iter().copied().unzip();
    let mut columns = vec![("id", Column::BigInt(ids))];
    columns.extend(cell_columns(&cells));
    Rows::new("metric_cell", columns)
}

pub(in crate::metrics) fn version_rows(versions: &[Version]) -> Rows<'static> {
    let sums: Vec<_> = versions.iter().map(|version| version.sums).collect();
    let mut columns = vec![
        ("cell", Column::BigInt(versions.iter().map(|version| version.cell).collect())),
        ("position", Column::BigInt(versions.iter().map(|version| version.position).collect())),
    ];
    columns.extend(sum_columns(&sums));
    Rows::new("metric_version", columns)
}
