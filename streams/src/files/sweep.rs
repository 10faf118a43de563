//! What nobody needs: pieces of uploads that broke off, and files that stand beside no transaction and are named by no
//! event.

use std::time::Duration;

use sqlx::PgPool;
use tokio_util::sync::CancellationToken;

/// Between two looks.
pub const EVERY: Duration = Duration::from_secs(600);
/// Somebody may still be uploading, or about to attach.
pub const FORGOTTEN_AFTER: Duration = Duration::from_secs(3600);

const UPLOADS: &str = "
with old as (delete from files.upload where begun_at < clock_timestamp() - $1::interval returning upload)
delete from files.chunk using old where chunk.upload = old.upload";

const FILES: &str = "
with old as (
    delete from files.file f where kept_at < clock_timestamp() - $1::interval
        and not exists (select from files.attachment a where a.business = f.business and a.hash = f.hash)
        and not exists (select from files.payload p where p.business = f.business and p.hash = f.hash)
    returning upload)
delete from files.chunk using old where chunk.upload = old.upload";

/// Sweeps until it is stopped. Any number of processes may; each thing goes once.
pub async fn run(pool: PgPool, stop: CancellationToken) {
    loop {
        if let Err(error) = sweep(&pool, FORGOTTEN_AFTER).await {
            tracing::warn!(%error, "files that nobody needs are swept later");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Deletes what was left `after` so long; how many pieces went.
pub async fn sweep(pool: &PgPool, after: Duration) -> Result<u64, sqlx::Error> {
    let mut pieces = 0;
    for delete in [UPLOADS, FILES] {
        pieces += sqlx::query(delete).bind(after).execute(pool).await?.rows_affected();
    }
    Ok(pieces)
}
