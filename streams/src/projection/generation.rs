//! A generation: one filled (or being filled) set of a projection's tables, with its own schema and checkpoint.

use sqlx::{PgConnection, Row};

use super::{Projection, ProjectionError};

/// Rows of another version, of a generation being filled, and of the serving one never share a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generation {
    /// The key in `streams.checkpoint`: `metrics` while it serves, `metrics.next` or `metrics.shadow` before.
    pub label: String,
    pub version: i32,
    pub schema: String,
}

/// A generation's checkpoint, read under its lock: whoever holds it is the only writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    pub position: i64,
    pub epoch: i64,
    pub blocked: i32,
}

impl Generation {
    /// The one that the runtime keeps up and `read` views show.
    pub fn live(projection: &dyn Projection) -> Self {
        Self::named(projection, "", "")
    }

    /// The one that a rebuild fills beside the live one.
    pub fn next(projection: &dyn Projection) -> Self {
        Self::named(projection, ".next", "_next")
    }

    /// The one that a verification fills, compares and drops.
    pub fn shadow(projection: &dyn Projection) -> Self {
        Self::named(projection, ".shadow", "_shadow")
    }

    fn named(projection: &dyn Projection, label: &str, schema: &str) -> Self {
        let (name, version) = (projection.name(), version_of(projection));
        Self { label: format!("{name}{label}"), version, schema: format!("{name}_v{version}{schema}") }
    }

    pub async fn exists(&self, connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
        sqlx::query_scalar("select exists (select from streams.checkpoint where projection = $1 and version = $2)")
            .bind(&self.label)
            .bind(self.version)
            .fetch_one(connection)
            .await
    }

    /// Creates schema, tables, grants and a checkpoint at 0.
    pub async fn create_in_tx(
        &self,
        tx: &mut PgConnection,
        projection: &dyn Projection,
    ) -> Result<(), ProjectionError> {
        sqlx::query(&format!("create schema {}", quoted(&self.schema))).execute(&mut *tx).await?;
        self.enter_in_tx(tx).await?;
        projection.create_in_tx(tx).await?;
        sqlx::query("insert into streams.checkpoint (projection, version, schema) values ($1, $2, $3)")
            .bind(&self.label)
            .bind(self.version)
            .bind(&self.schema)
            .execute(&mut *tx)
            .await?;
        self.grant_in_tx(tx).await?;
        Ok(())
    }

    /// The program may write its tables where it does not own them.
    async fn grant_in_tx(&self, tx: &mut PgConnection) -> Result<(), sqlx::Error> {
        if !program_role_exists(tx).await? {
            return Ok(());
        }
        let schema = quoted(&self.schema);
        for grant in [
            format!("grant usage on schema {schema} to workdock"),
            format!("grant select, insert, update, delete, truncate on all tables in schema {schema} to workdock"),
            format!("grant usage on all sequences in schema {schema} to workdock"),
        ] {
            sqlx::query(&grant).execute(&mut *tx).await?;
        }
        Ok(())
    }

    /// Unqualified names mean this generation's tables until the transaction ends.
    pub async fn enter_in_tx(&self, tx: &mut PgConnection) -> Result<(), sqlx::Error> {
        sqlx::query("select set_config('search_path', $1, true)").bind(self.search_path()).execute(tx).await?;
        Ok(())
    }

    fn search_path(&self) -> String {
        format!("{}, public", quoted(&self.schema))
    }

    /// Locks the checkpoint until the transaction ends and enters the schema. `None`: there is no such generation
    /// (any more).
    ///
    /// The commit does not wait for the disk: rows and checkpoint share it, so that a crash of the server takes both
    /// back and the events are folded again.
    pub async fn lock_in_tx(&self, tx: &mut PgConnection) -> Result<Option<Checkpoint>, sqlx::Error> {
        let row = sqlx::query(
            "select position, epoch, blocked, set_config('search_path', $3, true),
                    set_config('synchronous_commit', 'off', true)
             from streams.checkpoint where projection = $1 and version = $2 for update",
        )
        .bind(&self.label)
        .bind(self.version)
        .bind(self.search_path())
        .fetch_optional(tx)
        .await?;
        row.map(|row| Ok(Checkpoint { position: row.try_get(0)?, epoch: row.try_get(1)?, blocked: row.try_get(2)? }))
            .transpose()
    }

    /// The checkpoint without its lock; `None` where there is no such generation.
    pub async fn position(&self, connection: &mut PgConnection) -> Result<Option<i64>, sqlx::Error> {
        sqlx::query_scalar("select position from streams.checkpoint where projection = $1 and version = $2")
            .bind(&self.label)
            .bind(self.version)
            .fetch_optional(connection)
            .await
    }

    /// Moves the checkpoint; on commit, whoever waits for this position is woken.
    pub async fn advance_in_tx(
        &self,
        tx: &mut PgConnection,
        position: i64,
        newly_blocked: i32,
    ) -> Result<(), sqlx::Error> {
        sqlx::query(
            "with moved as (
                update streams.checkpoint
                set position = $3, blocked = blocked + $4, updated_at = clock_timestamp()
                where projection = $1 and version = $2)
             select pg_notify('workdock_checkpoint', $1 || ' ' || $2 || ' ' || $3)",
        )
        .bind(&self.label)
        .bind(self.version)
        .bind(position)
        .bind(newly_blocked)
        .execute(tx)
        .await?;
        Ok(())
    }

    /// Forgets the generation with all its rows. Nothing happens where there is none.
    pub async fn drop_in_tx(&self, tx: &mut PgConnection) -> Result<(), sqlx::Error> {
        sqlx::query("delete from streams.checkpoint where schema = $1").bind(&self.schema).execute(&mut *tx).await?;
        sqlx::query(&format!("drop schema if exists {} cascade", quoted(&self.schema))).execute(tx).await?;
        Ok(())
    }
}

/// The version as the tables hold it.
pub fn version_of(projection: &dyn Projection) -> i32 {
    i32::try_from(projection.version()).unwrap_or(i32::MAX)
}

/// An identifier as SQL text.
pub fn quoted(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}

pub async fn program_role_exists(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("select exists (select from pg_roles where rolname = 'workdock')").fetch_one(connection).await
}
