//! Replacing a projection's rows while the old ones serve.

use std::sync::Arc;
use std::time::Duration;

use sqlx::{Connection, PgConnection, PgPool, Row};
use tokio::time::sleep;

use super::fill::Filler;
use super::lock::ReplayLock;
use super::{OnProgress, Phase, Progress, ReplayError};
use crate::log;
use crate::projection::generation::quoted;
use crate::projection::{Generation, Projection, activate_in_tx, active_version};

/// The running projection is made to wait, for the swap, only when this few events are missing.
const NEARLY_THERE: i64 = 200;
/// Readers of the views hold the swap up; it gives way to them and tries again.
const SWAP_TRIES: u32 = 30;
const SWAP_WAIT: &str = "2s";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rebuilt {
    /// The checkpoint of the rows that serve now.
    pub position: i64,
    /// The version that served before.
    pub replaced: Option<i32>,
}

/// Fills new rows of the projection's version from the log, lets them catch up with what serves (the same version, or
/// an earlier one) and swaps them in, atomically and without going back in position. The old rows are dropped
/// afterwards. Needs the right to create schemas. `projection` is an instance of its own.
///
/// # Errors
/// Whatever happens before the swap leaves what serves as it was; the call can be repeated.
pub async fn rebuild(
    pool: &PgPool,
    projection: Arc<dyn Projection>,
    on_progress: OnProgress<'_>,
) -> Result<Rebuilt, ReplayError> {
    let lock = ReplayLock::take(pool, &*projection).await?;
    let rebuilt = Rebuild { pool, projection, on_progress }.run().await;
    lock.release().await?;
    rebuilt
}

struct Rebuild<'a> {
    pool: &'a PgPool,
    projection: Arc<dyn Projection>,
    on_progress: OnProgress<'a>,
}

impl Rebuild<'_> {
    async fn run(self) -> Result<Rebuilt, ReplayError> {
        let mut connection = self.pool.acquire().await?.detach();
        let next = Generation::next(&*self.projection);
        drop_orphans(&mut connection, &*self.projection).await?;
        let mut tx = connection.begin().await?;
        next.drop_in_tx(&mut tx).await?;
        next.create_in_tx(&mut tx, &*self.projection).await?;
        tx.commit().await?;
        let mut filler = Filler::new(self.pool, &self.projection, next.clone(), self.on_progress);
        filler.fill_to(log::head(self.pool).await?.position).await?;
        analyze(&mut connection, &next).await?;
        let rebuilt = self.catch_up_and_swap(&mut connection, &mut filler, &next).await?;
        if let Err(error) = drop_orphans(&mut connection, &*self.projection).await {
            tracing::warn!(%error, "the old rows could not be dropped yet; the next replay does it");
        }
        Ok(rebuilt)
    }

    async fn catch_up_and_swap(
        &self,
        connection: &mut PgConnection,
        filler: &mut Filler<'_>,
        next: &Generation,
    ) -> Result<Rebuilt, ReplayError> {
        for try_number in 1..=SWAP_TRIES {
            filler.fill_to(log::head(self.pool).await?.position).await?;
            let position = filler.position();
            (self.on_progress)(&Progress { phase: Phase::Swapping, position, target: position });
            match self.swap(connection, filler, next).await {
                Ok(Some(rebuilt)) => return Ok(rebuilt),
                Ok(None) => {}
                Err(ReplayError::Database(error)) if gave_way(&error) => {
                    // The lock that the running projection waits for is given back at once, not with the next use.
                    connection.ping().await?;
                    tracing::info!(try_number, %error, "readers hold the views; trying again");
                    sleep(Duration::from_millis(200)).await;
                }
                Err(error) => return Err(error),
            }
        }
        Err(ReplayError::ViewsHeld { projection: self.projection.name() })
    }

    /// `None` where too much is missing to let the running projection wait for it.
    async fn swap(
        &self,
        connection: &mut PgConnection,
        filler: &mut Filler<'_>,
        next: &Generation,
    ) -> Result<Option<Rebuilt>, ReplayError> {
        let name = self.projection.name();
        let mut tx = connection.begin().await?;
        sqlx::query("select set_config('lock_timeout', $1, true)").bind(SWAP_WAIT).execute(&mut *tx).await?;
        let replaced = active_version(&mut tx, name).await?;
        // From here on the running projection waits.
        let serving = lock_serving_in_tx(&mut tx, name, replaced).await?;
        let head = log::head(self.pool).await?.position;
        let reached = serving.unwrap_or(head).min(head);
        if reached - filler.position() > NEARLY_THERE {
            tx.rollback().await?;
            return Ok(None);
        }
        filler.fill_to(reached.max(filler.position())).await?;
        next.lock_in_tx(&mut tx).await?;
        self.replace_in_tx(&mut tx, next, replaced).await?;
        activate_in_tx(&mut tx, &*self.projection).await?;
        // What serves from now on was written without waiting for the disk: this commit does.
        sqlx::query("select set_config('synchronous_commit', 'on', true)").execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(Some(Rebuilt { position: filler.position(), replaced }))
    }

    /// The filled generation becomes the live one; whatever had its name or an earlier version loses its checkpoint
    /// and becomes an orphan.
    async fn replace_in_tx(
        &self,
        tx: &mut PgConnection,
        next: &Generation,
        replaced: Option<i32>,
    ) -> Result<(), ReplayError> {
        let live = Generation::live(&*self.projection);
        let (from, to) = (quoted(&next.schema), quoted(&live.schema));
        let taken: bool = sqlx::query_scalar("select exists (select from pg_namespace where nspname = $1)")
            .bind(&live.schema)
            .fetch_one(&mut *tx)
            .await?;
        if taken {
            let trash = quoted(&format!("{}_trash", live.schema));
            sqlx::query(&format!("alter schema {to} rename to {trash}")).execute(&mut *tx).await?;
        }
        sqlx::query(&format!("alter schema {from} rename to {to}")).execute(&mut *tx).await?;
        let same = replaced == Some(live.version) && live.exists(tx).await?;
        for statement in if same { &TAKE_OVER[..] } else { &SUCCEED[..] } {
            sqlx::query(statement)
                .bind(&live.label)
                .bind(live.version)
                .bind(&next.label)
                .bind(&live.schema)
                .execute(&mut *tx)
                .await?;
        }
        Ok(())
    }
}

/// The same version: its row stays, so that the running projection, which waits for its lock, finds it changed.
/// $1 name, $2 version, $3 label of the filled generation, $4 schema.
const TAKE_OVER: [&str; 4] = [
    "delete from streams.dead_letter where projection = $1 and version = $2 and $3 <> $4",
    "update streams.dead_letter set projection = $1 where projection = $3 and version = $2 and $4 <> ''",
    "update streams.checkpoint live
     set position = next.position, blocked = next.blocked, epoch = live.epoch + 1, updated_at = clock_timestamp()
     from streams.checkpoint next
     where live.projection = $1 and live.version = $2 and next.projection = $3 and next.version = $2 and $4 <> ''",
    "delete from streams.checkpoint where projection = $3 and version = $2 and $1 <> $4",
];

/// Another version: the rows of all others go, whose running projections then find themselves superseded.
const SUCCEED: [&str; 2] = [
    "delete from streams.checkpoint where projection = $1 and $2 > 0 and $3 <> $4",
    "update streams.checkpoint set projection = $1, schema = $4, epoch = epoch + 1
     where projection = $3 and version = $2",
];

/// Where the serving generation is, with its lock; `None` where none serves.
async fn lock_serving_in_tx(
    tx: &mut PgConnection,
    projection: &str,
    version: Option<i32>,
) -> Result<Option<i64>, sqlx::Error> {
    let row = sqlx::query("select position from streams.checkpoint where projection = $1 and version = $2 for update")
        .bind(projection)
        .bind(version)
        .fetch_optional(tx)
        .await?;
    row.map(|row| row.try_get(0)).transpose()
}

/// Planners must know the new rows before readers meet them.
async fn analyze(connection: &mut PgConnection, generation: &Generation) -> Result<(), sqlx::Error> {
    let tables: Vec<String> = sqlx::query_scalar("select tablename::text from pg_tables where schemaname = $1")
        .bind(&generation.schema)
        .fetch_all(&mut *connection)
        .await?;
    for table in tables {
        sqlx::query(&format!("analyze {}.{}", quoted(&generation.schema), quoted(&table)))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Drops the projection's schemas that no checkpoint knows: replaced ones.
async fn drop_orphans(connection: &mut PgConnection, projection: &dyn Projection) -> Result<(), sqlx::Error> {
    let orphans: Vec<String> = sqlx::query_scalar(
        "select nspname::text from pg_namespace
         where nspname ~ ('^' || $1 || '_v[0-9]+(_next|_shadow|_trash)?$')
           and nspname not in (select schema from streams.checkpoint)",
    )
    .bind(projection.name())
    .fetch_all(&mut *connection)
    .await?;
    for schema in orphans {
        let mut tx = connection.begin().await?;
        sqlx::query("select set_config('lock_timeout', '10s', true)").execute(&mut *tx).await?;
        sqlx::query(&format!("drop schema {} cascade", quoted(&schema))).execute(&mut *tx).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// A lock was not to be had in time, or a deadlock was broken.
fn gave_way(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| code == "55P03" || code == "40P01")
}
