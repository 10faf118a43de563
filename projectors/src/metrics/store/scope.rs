//! Businesses and accounts that the fold must know.

use domain::{AccountId, BusinessId, TimeZone};
use sqlx::PgConnection;
use streams::projection::ProjectionError;
use uuid::Uuid;

use crate::decode::Decoded;
use crate::metrics::scope::{Scope, Zones};
use crate::rows::{Column, Rows};

/// Makes the businesses and accounts of the events known, as far as rows know them.
pub(in crate::metrics) async fn load_scope_in_tx(
    tx: &mut PgConnection,
    scope: &mut Scope,
    events: &[Decoded],
) -> Result<(), ProjectionError> {
    let missing = |id: &BusinessId| scope.zones(*id).is_none();
    let businesses = distinct(events.iter().map(|event| event.business).filter(missing).map(BusinessId::as_uuid));
    if !businesses.is_empty() {
        let rows: Vec<(Uuid, Vec<String>)> =
            sqlx::query_as("select business, time_zones from scope_business where business = any($1)")
                .bind(businesses)
                .fetch_all(&mut *tx)
                .await?;
        for (business, zones) in rows {
            let zones: Result<Vec<TimeZone>, _> = zones.iter().map(|zone| zone.parse()).collect();
            let zones = zones.map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
            if let Some(zones) = Zones::from_list(zones) {
                scope.load_business(BusinessId::from_uuid(business), zones);
            }
        }
    }
    let missing = |id: &Uuid| scope.owner(AccountId::from_uuid(*id)).is_none();
    let accounts = distinct(events.iter().map(|event| event.aggregate).filter(missing));
    if !accounts.is_empty() {
        let rows: Vec<(Uuid, Uuid)> =
            sqlx::query_as("select account, business from scope_account where account = any($1)")
                .bind(accounts)
                .fetch_all(&mut *tx)
                .await?;
        for (account, business) in rows {
            scope.load_account(AccountId::from_uuid(account), BusinessId::from_uuid(business));
        }
    }
    Ok(())
}

fn distinct(ids: impl Iterator<Item = Uuid>) -> Vec<Uuid> {
    let mut ids: Vec<_> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

pub(in crate::metrics) async fn save_scope_in_tx(
    tx: &mut PgConnection,
    scope: &mut Scope,
) -> Result<(), ProjectionError> {
    for business in &scope.touched_businesses {
        let Some(zones) = scope.zones(*business) else { continue };
        let zones: Vec<_> = zones.list().map(TimeZone::name).collect();
        let upsert = "insert into scope_business (business, time_zones) values ($1, $2)
            on conflict (business) do update set time_zones = excluded.time_zones";
        sqlx::query(upsert).bind(business.as_uuid()).bind(zones).execute(&mut *tx).await?;
    }
    if !scope.opened_accounts.is_empty() {
        let owned =
            scope.opened_accounts.iter().filter_map(|account| Some((account.as_uuid(), scope.owner(*account)?)));
        let (accounts, owners): (Vec<_>, Vec<_>) = owned.map(|(account, owner)| (account, owner.as_uuid())).unzip();
        let rows = vec![("account", Column::Uuid(accounts)), ("business", Column::Uuid(owners))];
        let statement = "insert into scope_account (account, business) select account, business from {rows}";
        Rows::new("scope_account", rows).run_in_tx(tx, statement).await?;
    }
    scope.settle();
    Ok(())
}
