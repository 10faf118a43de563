//! The mapping that a person gave for files of an account, kept for the next one with the same header row.
//!
//! The account's name is kept as a keyed hash, and the mapping sealed: its rules may name people.

use domain::BusinessId;
use sha2::{Digest, Sha256};
use sqlx::PgPool;
use streams::mappings;
use streams::sealing::Keys;

use super::Request;
use crate::file::error::ImportError;
use crate::file::formats::Format;
use crate::file::mapping::Mapping;
use crate::file::plan::Remembered;
use crate::file::read::Settled;

/// Header rows of an account that are tried; banks change theirs every few years.
const RECALL: &str = "
select format, mapping #>> '{}' from sources.mapping
where business = $1 and account = $2 order by kept_at desc limit 50";
const KEEP: &str = "
insert into sources.mapping (business, account, format, header, mapping) values ($1, $2, $3, $4, to_jsonb($5::text))
on conflict (business, account, format, header) do update set mapping = excluded.mapping, kept_at = now()";

fn unavailable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ImportError {
    ImportError::Unavailable(error.into())
}

/// What was said of files of this account before, newest first.
pub(super) async fn recall(
    pool: &PgPool,
    keys: &Keys,
    business: BusinessId,
    account: Option<&str>,
) -> Result<Vec<Remembered>, ImportError> {
    let sealer = keys.of_business(business);
    let account = mappings::account_hash(&sealer, account.unwrap_or_default()).await.map_err(unavailable)?;
    let rows: Vec<(String, String)> =
        sqlx::query_as(RECALL).bind(business.as_uuid()).bind(account).fetch_all(pool).await.map_err(unavailable)?;
    // A mapping that a newer version no longer knows is as good as none.
    let mut remembered = Vec::new();
    for (format, sealed) in rows {
        let text = mappings::open(&sealer, &sealed).await.map_err(unavailable)?;
        let mapping = text.and_then(|text| Mapping::parse(&text).ok());
        remembered.extend(mapping.map(|mapping| Remembered { format, mapping }));
    }
    Ok(remembered)
}

/// Keeps what was said of this file.
pub(super) async fn keep(pool: &PgPool, keys: &Keys, request: &Request, settled: &Settled) -> Result<(), ImportError> {
    let Some(mut mapping) = request.mapping.clone() else { return Ok(()) };
    let columns: Vec<String> = match settled {
        Settled::Csv(settled) => settled.layout.header.names().to_vec(),
        Settled::Statements(_) => Vec::new(),
    };
    match settled.format() {
        Format::Csv if columns.is_empty() => return Ok(()),
        Format::Csv => {
            mapping.file.delimiter.clone_from(&settled.mapping().file.delimiter);
            mapping.file.columns = Some(columns.clone());
        }
        Format::Qif => {}
        _ => return Ok(()),
    }
    // The next file may have other lines above its header, and other bytes.
    mapping.file.preamble = None;
    mapping.file.encoding = None;
    let mut header = Sha256::new();
    for column in &columns {
        header.update((column.len() as u64).to_be_bytes());
        header.update(column);
    }
    let text = serde_json::to_string(&mapping).map_err(unavailable)?;
    let sealer = keys.of_business(request.business);
    let sealed = mappings::seal(&sealer, &text).await.map_err(unavailable)?;
    let account = request.defaults.account.as_deref().unwrap_or_default();
    let account = mappings::account_hash(&sealer, account).await.map_err(unavailable)?;
    sqlx::query(KEEP)
        .bind(request.business.as_uuid())
        .bind(account)
        .bind(settled.format().as_str())
        .bind(header.finalize().to_vec())
        .bind(sealed)
        .execute(pool)
        .await
        .map_err(unavailable)?;
    Ok(())
}
