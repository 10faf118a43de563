//! What a file says of its accounts as a whole, kept for the statement of completeness: the days that it is of, its
//! balances, and how many of its lines were refused.
//!
//! A file is known by a keyed hash of its bytes: the same file again, perhaps with another mapping, takes the place of
//! what it said before.

use domain::AccountId;
use domain::completeness::Span;
use sqlx::PgPool;
use streams::sealing::Keys;

use super::Request;
use crate::file::error::ImportError;

const FIELD: &str = "sources.statement.file";
const FORGET: &str = "delete from sources.statement where business = $1 and file = $2";
const KEEP: &str = "
insert into sources.statement (business, file, account, spans, refused)
select $1, $2, account, spans::jsonb, $5 from unnest($3::uuid[], $4::text[]) as told (account, spans)
on conflict (account, file) do update set spans = excluded.spans, refused = excluded.refused, kept_at = now()";
/// Asks for a check of the accounts against what is in the log by now.
const ASK: &str = "
insert into sources.asked (business, account, asked_at)
select $1, account, (select coalesce(max(position), 0) from store.log) from unnest($2::uuid[]) as told (account)
on conflict (account) do update set asked_at = greatest(asked.asked_at, excluded.asked_at)";

/// What is said of one account.
pub(super) type Told = (AccountId, Vec<Span>);

fn unavailable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ImportError {
    ImportError::Unavailable(error.into())
}

/// Keeps it. `digest`: of the file.
pub(super) async fn keep(
    pool: &PgPool,
    keys: &Keys,
    request: &Request,
    digest: &[u8],
    told: &[Told],
    refused: u64,
) -> Result<(), ImportError> {
    let business = request.business.as_uuid();
    let file = keys.of_business(request.business).digest(FIELD, digest).await.map_err(unavailable)?;
    let accounts: Vec<_> = told.iter().map(|(account, _)| account.as_uuid()).collect();
    let spans = told.iter().map(|(_, spans)| serde_json::to_string(spans));
    let spans: Vec<_> = spans.collect::<Result<_, _>>().map_err(unavailable)?;
    let mut tx = pool.begin().await.map_err(unavailable)?;
    let forget = sqlx::query(FORGET).bind(business).bind(&file[..]);
    forget.execute(&mut *tx).await.map_err(unavailable)?;
    let keep = sqlx::query(KEEP).bind(business).bind(&file[..]).bind(&accounts).bind(spans);
    keep.bind(i64::try_from(refused).unwrap_or(i64::MAX)).execute(&mut *tx).await.map_err(unavailable)?;
    sqlx::query(ASK).bind(business).bind(&accounts).execute(&mut *tx).await.map_err(unavailable)?;
    tx.commit().await.map_err(unavailable)
}
