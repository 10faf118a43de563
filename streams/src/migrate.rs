//! The store's tables, brought up to date.

use sqlx::PgPool;
use sqlx::migrate::{MigrateError, Migrator};

/// Migrations of this crate. Those of others may stand in the same database.
pub(crate) static MIGRATOR: Migrator = Migrator { ignore_missing: true, ..sqlx::migrate!("./migrations") };

/// Creates the schemas `store` and `streams`, or brings them up to date. Several processes may call it at once: one
/// migrates, the others wait and find nothing to do.
pub async fn migrate(pool: &PgPool) -> Result<(), MigrateError> {
    MIGRATOR.run(pool).await
}
