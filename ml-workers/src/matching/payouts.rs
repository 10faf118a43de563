//! What payouts are the sum of, by their providers' own word.

use std::collections::HashMap;

use domain::matching::{Contents, Leg, Parts, Relation, told};
use domain::{BusinessId, Kind, TransactionId};
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row};
use streams::matches::Kept;
use uuid::Uuid;

use super::{Config, Failure};

/// Those of them that are known, however long ago they were, as they are now.
const CONTENTS: &str = "
select p.payout, count(*) as told, count(t.id) as known, count(*) filter (where t.kind <> $3) as sold,
       coalesce(sum(t.amount) filter (where t.kind <> $3), 0) as gross,
       coalesce(sum(t.amount) filter (where t.kind = $3), 0) as fees, min(t.day) as from_day, max(t.day) as to_day
from meaning.paid_out p
left join lateral (
    select id, amount, day, coalesce(decided::jsonb #>> '{reported,kind}', kind) as kind from read.transaction
    where id = p.transaction and business = p.business and valid_to = 9223372036854775807) t on true
where p.business = $1 and p.payout = any($2)
group by p.payout";

/// Of the payouts among these, where anything was told of them.
pub(super) async fn contents(
    pool: &PgPool,
    business: BusinessId,
    legs: &[Leg],
) -> Result<HashMap<TransactionId, Contents>, sqlx::Error> {
    let payouts = legs.iter().filter(|leg| leg.reported.kind == Kind::InternalTransfer);
    let payouts: HashMap<Uuid, &Leg> = payouts.map(|leg| (leg.id.as_uuid(), leg)).collect();
    if payouts.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<Uuid> = payouts.keys().copied().collect();
    let query = sqlx::query(CONTENTS).bind(business.as_uuid()).bind(ids).bind(Kind::Expense.as_str());
    let rows = query.fetch_all(pool).await?;
    let of = |row: &PgRow| -> Result<Option<(TransactionId, Contents)>, sqlx::Error> {
        let Some(payout) = payouts.get(&row.try_get("payout")?) else { return Ok(None) };
        Ok(Some((payout.id, contents_of(row, payout)?)))
    };
    rows.iter().filter_map(|row| of(row).transpose()).collect()
}

fn contents_of(row: &PgRow, payout: &Leg) -> Result<Contents, sqlx::Error> {
    let count = |column: &str| -> Result<u32, sqlx::Error> {
        u32::try_from(row.try_get::<i64, _>(column)?).map_err(|error| sqlx::Error::Decode(Box::new(error)))
    };
    let parts = match (row.try_get("from_day")?, row.try_get("to_day")?) {
        (Some(from), Some(to)) => Some(Parts {
            account: payout.account,
            from,
            to,
            count: count("sold")?,
            gross: row.try_get("gross")?,
            fees: row.try_get("fees")?,
        }),
        _ => None,
    };
    Ok(Contents { told: count("told")?, known: count("known")?, parts })
}

/// Writes with matches that stand what became known of their payouts since.
pub(super) async fn explain(
    config: &Config,
    business: BusinessId,
    kept: impl Iterator<Item = &Kept>,
    legs: &HashMap<TransactionId, &Leg>,
    contents: &HashMap<TransactionId, Contents>,
) -> Result<(), Failure> {
    for kept in kept.filter(|kept| kept.state.stands() && kept.found.relation == Relation::Payout) {
        let payout = kept.found.legs.iter().find_map(|leg| Some((*legs.get(&leg.id)?, contents.get(&leg.id)?)));
        let Some((payout, contents)) = payout else { continue };
        let now = told(&kept.found, payout, contents);
        if now != kept.found {
            config.commands.matches().explain(business, &now).await?;
        }
    }
    Ok(())
}
