//! Which account of ours is meant by a provider's id: the one that follows from the id, or the one that went on under
//! another id before and shows the same mark.

use std::collections::HashMap;

use domain::AccountId;
use sha2::{Digest, Sha256};
use sqlx::PgPool;
use uuid::Uuid;

use super::SourceAt;
use crate::provider::FoundAccount;

/// An account of ours under a provider's id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub id: AccountId,
    /// The cursor that it brought from the id before. It says nothing under this one.
    pub left_at: Option<String>,
}

/// What is kept of a mark: it holds a person's words and digits.
pub fn mark_of(account: &FoundAccount) -> Option<Vec<u8>> {
    account.mark.as_ref().map(|mark| Sha256::digest(mark).to_vec())
}

/// The identities of accounts, in their order. Marks are kept, to be known again by.
pub async fn identities(pool: &PgPool, at: SourceAt, found: &[FoundAccount]) -> Result<Vec<Identity>, sqlx::Error> {
    const KEEP: &str = "
        insert into connectors.account as a (source, business, external_id, account, mark)
        select $1, $2, * from unnest($3::text[], $4::uuid[], $5::bytea[])
        on conflict (source, external_id) do update set mark = excluded.mark where a.mark is distinct from excluded.mark";
    const KEPT: &str = "
        select external_id, account, left_at from connectors.account where source = $1 and external_id = any($2)";
    let marked: Vec<_> = found.iter().filter_map(|one| Some((one, mark_of(one)?))).collect();
    let mut kept: HashMap<String, Identity> = HashMap::new();
    if !marked.is_empty() {
        let ids: Vec<&str> = marked.iter().map(|(one, _)| one.id.as_str()).collect();
        let own: Vec<Uuid> = marked.iter().map(|(one, _)| at.account(&one.id).as_uuid()).collect();
        let marks: Vec<&[u8]> = marked.iter().map(|(_, mark)| mark.as_slice()).collect();
        let query = sqlx::query(KEEP).bind(at.source.as_uuid()).bind(at.business.as_uuid());
        query.bind(&ids).bind(own).bind(marks).execute(pool).await?;
        let query = sqlx::query_as(KEPT).bind(at.source.as_uuid()).bind(&ids);
        let rows: Vec<(String, Uuid, Option<String>)> = query.fetch_all(pool).await?;
        let identity = |(external, id, left_at)| (external, Identity { id: AccountId::from_uuid(id), left_at });
        kept = rows.into_iter().map(identity).collect();
    }
    let own = |one: &FoundAccount| Identity { id: at.account(&one.id), left_at: None };
    Ok(found.iter().map(|one| kept.remove(&one.id).unwrap_or_else(|| own(one))).collect())
}
