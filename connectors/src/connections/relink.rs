//! A provider that calls everything anew when it is connected once more: its accounts are known by what they show.
//!
//! The accounts go on as they are, under their new ids; their lines are recognised while they are read (`sync/former`).
//! What stands here is written before the new credentials are kept: until then the old ids mean what they meant.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::{AccountId, BusinessId, Problem, SourceId};
use sqlx::PgPool;
use uuid::Uuid;

use super::Connections;
use super::failure::{of_database, of_provider};
use crate::provider::sync::{SourceAt, mark_of};
use crate::provider::{Connector, Credentials, FoundAccount, retried};

/// A source that has accounts of these, and which they are.
#[derive(Debug)]
pub(super) struct Relinked {
    pub source: SourceId,
    accounts: Vec<(FoundAccount, Vec<u8>, AccountId)>,
}

impl Connections {
    /// The source of this business that these credentials open once more, under other ids.
    pub(super) async fn relinked(
        &self,
        connector: &dyn Connector,
        business: BusinessId,
        credentials: &Credentials,
    ) -> Result<Option<Relinked>, Problem> {
        if !connector.renames() {
            return Ok(None);
        }
        let found = retried(self.patience, || connector.accounts(credentials)).await.map_err(of_provider)?;
        find(&self.pool, business, connector.name(), found).await.map_err(of_database)
    }

    /// From now on the new ids mean the old accounts.
    pub(super) async fn take_over(&self, at: SourceAt, relinked: Relinked) -> Result<(), Problem> {
        for (found, mark, account) in relinked.accounts {
            let cursor = self.commands.account_cursor(account).await.map_err(|error| error.problem())?;
            let lines = self.commands.account_but(account, &std::collections::HashSet::new(), NaiveDate::MIN).await;
            let lines: Vec<Uuid> = lines.map_err(|error| error.problem())?.iter().map(|one| one.id.as_uuid()).collect();
            let written = write(&self.pool, at, (&found.id, &mark), (account, cursor, lines)).await;
            written.map_err(of_database)?;
        }
        Ok(())
    }
}

/// The one with the most accounts in common; one that is connected before one that is not.
async fn find(
    pool: &PgPool,
    business: BusinessId,
    provider: &str,
    found: Vec<FoundAccount>,
) -> Result<Option<Relinked>, sqlx::Error> {
    const FIND: &str = "
        select a.source, a.mark, (array_agg(distinct a.account))[1]
        from connectors.account a join connectors.connection c using (source)
        where c.business = $1 and c.provider = $2 and a.mark = any($3) and not (c.state = 'ended' and c.erased)
        group by a.source, a.mark, c.state, c.created_at having count(distinct a.account) = 1
        order by count(*) over (partition by a.source) desc, c.state = 'ended', c.created_at desc";
    let mut marked: HashMap<Vec<u8>, Vec<FoundAccount>> = HashMap::new();
    for one in found {
        if let Some(mark) = mark_of(&one) {
            marked.entry(mark).or_default().push(one);
        }
    }
    // Two that show the same are not told apart by it.
    marked.retain(|_, alike| alike.len() == 1);
    let marks: Vec<&[u8]> = marked.keys().map(Vec::as_slice).collect();
    let query = sqlx::query_as(FIND).bind(business.as_uuid()).bind(provider).bind(marks);
    let rows: Vec<(Uuid, Vec<u8>, Uuid)> = query.fetch_all(pool).await?;
    let Some(source) = rows.first().map(|(source, ..)| *source) else { return Ok(None) };
    let of_source = rows.into_iter().filter(|(of, ..)| *of == source);
    let accounts = of_source.filter_map(|(_, mark, account)| {
        let one = marked.remove(&mark)?.pop()?;
        Some((one, mark, AccountId::from_uuid(account)))
    });
    Ok(Some(Relinked { source: SourceId::from_uuid(source), accounts: accounts.collect() }))
}

async fn write(
    pool: &PgPool,
    at: SourceAt,
    (external, mark): (&str, &[u8]),
    (account, cursor, lines): (AccountId, Option<String>, Vec<Uuid>),
) -> Result<(), sqlx::Error> {
    const CALL: &str = "
        insert into connectors.account (source, business, external_id, account, mark, left_at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (source, external_id) do update set account = excluded.account, mark = excluded.mark,
            left_at = excluded.left_at";
    const WAIT: &str = "
        insert into connectors.former (account, transaction, source, business)
        select $1, unnest($2::uuid[]), $3, $4 on conflict do nothing";
    let mut tx = pool.begin().await?;
    let (source, business) = (at.source.as_uuid(), at.business.as_uuid());
    let query = sqlx::query(CALL).bind(source).bind(business).bind(external).bind(account.as_uuid());
    query.bind(mark).bind(cursor).execute(&mut *tx).await?;
    let query = sqlx::query(WAIT).bind(account.as_uuid()).bind(lines).bind(source).bind(business);
    query.execute(&mut *tx).await?;
    tx.commit().await
}
