//! Rows of a business that was erased.

use domain::BusinessId;
use sqlx::PgConnection;
use streams::projection::ProjectionError;

/// Deletes them from tables with a column `business`.
pub(crate) async fn rows_in_tx(
    tx: &mut PgConnection,
    tables: &[&str],
    business: BusinessId,
) -> Result<(), ProjectionError> {
    for table in tables {
        let delete = format!("delete from {table} where business = $1");
        sqlx::query(&delete).bind(business.as_uuid()).execute(&mut *tx).await?;
    }
    Ok(())
}
