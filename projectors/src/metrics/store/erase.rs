//! Rows of a business that was erased.

use domain::BusinessId;
use sqlx::PgConnection;
use streams::projection::ProjectionError;

use crate::erase::rows_in_tx;

const VERSIONS: &str = "
delete from metric_version using metric_cell
where metric_version.cell = metric_cell.id and metric_cell.business = $1";

/// What TimescaleDB has materialised of the second count. Later refreshes leave out what is beyond the retention of raw
/// rows, so it is deleted where it lies.
const MATERIALISED: &str = "
select format('%I.%I', materialization_hypertable_schema, materialization_hypertable_name)
from timescaledb_information.continuous_aggregates
where view_schema = current_schema() and view_name = 'metric_monthly_check'";

pub(in crate::metrics) async fn erase_in_tx(
    tx: &mut PgConnection,
    business: BusinessId,
) -> Result<(), ProjectionError> {
    sqlx::query(VERSIONS).bind(business.as_uuid()).execute(&mut *tx).await?;
    let tables = [
        "metric_cell",
        "metric_daily",
        "metric_delta",
        "transaction",
        "exchange_rate",
        "scope_account",
        "scope_business",
    ];
    rows_in_tx(tx, &tables, business).await?;
    let extension = "select exists (select from pg_extension where extname = 'timescaledb')";
    if sqlx::query_scalar(extension).fetch_one(&mut *tx).await? {
        let tables: Vec<String> = sqlx::query_scalar(MATERIALISED).fetch_all(&mut *tx).await?;
        let tables: Vec<&str> = tables.iter().map(String::as_str).collect();
        rows_in_tx(tx, &tables, business).await?;
    }
    Ok(())
}
