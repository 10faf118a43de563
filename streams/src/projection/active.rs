//! Which generation `read.<table>` views show.

use sqlx::{PgConnection, Row};

use super::generation::{Generation, program_role_exists, quoted, version_of};
use super::{Projection, ProjectionError};

/// The version that serves, `None` before the first.
pub async fn active_version(connection: &mut PgConnection, projection: &str) -> Result<Option<i32>, sqlx::Error> {
    sqlx::query_scalar("select version from streams.active where projection = $1")
        .bind(projection)
        .fetch_optional(connection)
        .await
}

/// Points the views at the live generation: readers see the old rows until the commit and the new ones after it.
pub async fn activate_in_tx(tx: &mut PgConnection, projection: &dyn Projection) -> Result<(), ProjectionError> {
    let live = Generation::live(projection);
    let before = sqlx::query("select tables from streams.active where projection = $1 for update")
        .bind(projection.name())
        .fetch_optional(&mut *tx)
        .await?;
    let before: Vec<String> = before.map(|row| row.try_get(0)).transpose()?.unwrap_or_default();
    for table in &before {
        sqlx::query(&format!("drop view if exists read.{}", quoted(table))).execute(&mut *tx).await?;
    }
    let readers = program_role_exists(tx).await?;
    for table in projection.tables() {
        let (schema, table) = (quoted(&live.schema), quoted(table));
        sqlx::query(&format!("create view read.{table} as select * from {schema}.{table}")).execute(&mut *tx).await?;
        if readers {
            sqlx::query(&format!("grant select on read.{table} to workdock")).execute(&mut *tx).await?;
        }
    }
    sqlx::query(
        "insert into streams.active (projection, version, tables) values ($1, $2, $3)
         on conflict (projection) do update set version = $2, tables = $3, since = clock_timestamp()",
    )
    .bind(projection.name())
    .bind(version_of(projection))
    .bind(projection.tables())
    .execute(&mut *tx)
    .await?;
    sqlx::query("select pg_notify('workdock_checkpoint', 'active ' || $1)").bind(projection.name()).execute(tx).await?;
    Ok(())
}

/// Creates the projection's first generation and lets it serve. Returns whether it was missing; does nothing where
/// any version already serves. Several processes may call it at once.
pub async fn create_first(connection: &mut PgConnection, projection: &dyn Projection) -> Result<bool, ProjectionError> {
    if active_version(connection, projection.name()).await?.is_some() {
        return Ok(false);
    }
    let mut tx = sqlx::Connection::begin(connection).await?;
    sqlx::query("select pg_advisory_xact_lock(hashtextextended('streams.active:' || $1, 0))")
        .bind(projection.name())
        .execute(&mut *tx)
        .await?;
    if active_version(&mut tx, projection.name()).await?.is_some() {
        tx.rollback().await?;
        return Ok(false);
    }
    Generation::live(projection).create_in_tx(&mut tx, projection).await?;
    activate_in_tx(&mut tx, projection).await?;
    tx.commit().await?;
    Ok(true)
}
