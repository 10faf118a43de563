//! Writes of the patches, set by set: rows that are new, then changes of rows that stand.

use std::collections::{BTreeMap, HashSet};

use sqlx::PgConnection;
use streams::projection::ProjectionError;
use uuid::Uuid;

use super::fold::{AccountPatch, BatchPatch, BusinessPatch, Patches, SourcePatch};
use crate::decode::poison;
use crate::rows::{Column, Rows};

pub(super) async fn write_in_tx(tx: &mut PgConnection, patches: &Patches) -> Result<(), ProjectionError> {
    let (new, changed) = split(&patches.businesses, |id| id.as_uuid(), |patch| patch.created);
    insert_businesses_in_tx(tx, &new).await?;
    change_businesses_in_tx(tx, &changed).await?;
    let (new, changed) = split(&patches.sources, |id| *id, |patch| patch.created.is_some());
    insert_sources_in_tx(tx, &new).await?;
    change_sources_in_tx(tx, &changed).await?;
    let (new, changed) = split(&patches.accounts, |id| id.as_uuid(), |patch| patch.created.is_some());
    insert_accounts_in_tx(tx, &new).await?;
    change_accounts_in_tx(tx, &changed).await?;
    add_batches_in_tx(tx, patches).await
}

type Keyed<'p, P> = Vec<(Uuid, &'p P)>;

fn split<'p, K, P>(
    patches: &'p BTreeMap<K, P>,
    id: impl Fn(&K) -> Uuid,
    is_new: impl Fn(&P) -> bool,
) -> (Keyed<'p, P>, Keyed<'p, P>) {
    patches.iter().map(|(key, patch)| (id(key), patch)).partition(|(_, patch)| is_new(patch))
}

fn ids<P>(patches: &Keyed<'_, P>) -> (&'static str, Column<'static>) {
    ("id", Column::Uuid(patches.iter().map(|(id, _)| *id).collect()))
}

fn text<'p, P>(patches: &Keyed<'p, P>, value: impl Fn(&'p P) -> Option<&'p str>) -> Column<'p> {
    Column::OptionalText(patches.iter().map(|(_, patch)| value(patch)).collect())
}

/// 0, which is before every position, where this patch names nothing.
fn named<P>(patches: &Keyed<'_, P>, at: impl Fn(&P) -> Option<i64>) -> Column<'static> {
    Column::BigInt(patches.iter().map(|(_, patch)| at(patch).unwrap_or(0)).collect())
}

fn positions<P>(patches: &Keyed<'_, P>, position: impl Fn(&P) -> i64) -> (&'static str, Column<'static>) {
    ("position", Column::BigInt(patches.iter().map(|(_, patch)| position(patch)).collect()))
}

fn business_rows<'p>(patches: &Keyed<'p, BusinessPatch>) -> Rows<'p> {
    let month = |patch: &BusinessPatch| patch.fiscal_first_month.map(|month| i32::from(month.get()));
    Rows::new(
        "business",
        vec![
            ids(patches),
            ("named_at", named(patches, |patch| patch.named_at)),
            ("base_currency", text(patches, |patch| patch.base_currency.map(|currency| currency.code()))),
            ("time_zone", text(patches, |patch| patch.time_zone.map(|zone| zone.name()))),
            ("fiscal_first_month", Column::OptionalInt(patches.iter().map(|(_, patch)| month(patch)).collect())),
            positions(patches, |patch| patch.position),
        ],
    )
}

async fn insert_businesses_in_tx(tx: &mut PgConnection, new: &Keyed<'_, BusinessPatch>) -> Result<(), ProjectionError> {
    Ok(business_rows(new).append_in_tx(tx, usize::MAX).await?)
}

async fn change_businesses_in_tx(
    tx: &mut PgConnection,
    changed: &Keyed<'_, BusinessPatch>,
) -> Result<(), ProjectionError> {
    let statement = "update business t set named_at = greatest(k.named_at, t.named_at),
        time_zone = coalesce(k.time_zone, t.time_zone),
        fiscal_first_month = coalesce(k.fiscal_first_month, t.fiscal_first_month), position = k.position
        from {rows} where t.id = k.id returning t.id";
    change_in_tx(tx, "business", changed, |patch| patch.position, &business_rows(changed), statement).await
}

async fn insert_sources_in_tx(tx: &mut PgConnection, new: &Keyed<'_, SourcePatch>) -> Result<(), ProjectionError> {
    let created: Vec<_> = new.iter().filter_map(|(_, patch)| patch.created.as_ref()).collect();
    let rows = Rows::new(
        "source",
        vec![
            ids(new),
            ("business", Column::Uuid(created.iter().map(|(business, _, _)| business.as_uuid()).collect())),
            ("kind", Column::Text(created.iter().map(|(_, kind, _)| *kind).collect())),
            ("named_at", Column::BigInt(created.iter().map(|(_, _, at)| *at).collect())),
            ("connected", Column::Bool(new.iter().map(|(_, patch)| !patch.disconnected).collect())),
            positions(new, |patch| patch.position),
        ],
    );
    Ok(rows.append_in_tx(tx, usize::MAX).await?)
}

async fn change_sources_in_tx(tx: &mut PgConnection, changed: &Keyed<'_, SourcePatch>) -> Result<(), ProjectionError> {
    let rows = Rows::new(
        "source",
        vec![
            ids(changed),
            ("disconnected", Column::Bool(changed.iter().map(|(_, patch)| patch.disconnected).collect())),
            ("authorised", Column::Bool(changed.iter().map(|(_, patch)| patch.authorised).collect())),
            positions(changed, |patch| patch.position),
        ],
    );
    let statement = "update source t set connected = (t.connected or k.authorised) and not k.disconnected,
        position = k.position
        from {rows} where t.id = k.id returning t.id";
    change_in_tx(tx, "source", changed, |patch| patch.position, &rows, statement).await
}

async fn insert_accounts_in_tx(tx: &mut PgConnection, new: &Keyed<'_, AccountPatch>) -> Result<(), ProjectionError> {
    let opened: Vec<_> = new.iter().filter_map(|(_, patch)| patch.created.as_ref()).collect();
    let rows = Rows::new(
        "account",
        vec![
            ids(new),
            ("business", Column::Uuid(opened.iter().map(|account| account.business.as_uuid()).collect())),
            ("source", Column::Uuid(opened.iter().map(|account| account.source.as_uuid()).collect())),
            ("named_at", named(new, |patch| patch.named_at)),
            ("currency", Column::Text(opened.iter().map(|account| account.currency.code()).collect())),
            ("opened_at", Column::BigInt(opened.iter().map(|account| account.opened_at).collect())),
            ("closed", Column::Bool(new.iter().map(|(_, patch)| patch.closed).collect())),
            ("differs_from", Column::OptionalDate(new.iter().map(|(_, patch)| patch.differs_from).collect())),
            ("checked_at", Column::BigInt(new.iter().map(|(_, patch)| patch.checked_at).collect())),
            positions(new, |patch| patch.position),
        ],
    );
    Ok(rows.append_in_tx(tx, usize::MAX).await?)
}

async fn change_accounts_in_tx(
    tx: &mut PgConnection,
    changed: &Keyed<'_, AccountPatch>,
) -> Result<(), ProjectionError> {
    let rows = Rows::new(
        "account",
        vec![
            ids(changed),
            ("named_at", named(changed, |patch| patch.named_at)),
            ("closed", Column::Bool(changed.iter().map(|(_, patch)| patch.closed).collect())),
            ("differs_from", Column::OptionalDate(changed.iter().map(|(_, patch)| patch.differs_from).collect())),
            ("checked_at", Column::BigInt(changed.iter().map(|(_, patch)| patch.checked_at).collect())),
            positions(changed, |patch| patch.position),
        ],
    );
    let statement = "update account t set named_at = greatest(k.named_at, t.named_at), closed = t.closed or k.closed,
        differs_from = case when k.checked_at > 0 then k.differs_from else t.differs_from end,
        checked_at = greatest(k.checked_at, t.checked_at), position = k.position from {rows} where t.id = k.id returning t.id";
    change_in_tx(tx, "account", changed, |patch| patch.position, &rows, statement).await
}

/// Runs a change; a row that is not there is poison at the position that would change it.
async fn change_in_tx<P>(
    tx: &mut PgConnection,
    what: &str,
    changed: &Keyed<'_, P>,
    position: impl Fn(&P) -> i64,
    rows: &Rows<'_>,
    statement: &str,
) -> Result<(), ProjectionError> {
    if changed.is_empty() {
        return Ok(());
    }
    let found: Vec<(Uuid,)> = rows.fetch_in_tx(tx, statement).await?;
    let found: HashSet<_> = found.into_iter().map(|(id,)| id).collect();
    match changed.iter().find(|(id, _)| !found.contains(id)) {
        None => Ok(()),
        Some((id, patch)) => Err(poison(position(patch), format!("it changes the {what} {id}, which is unknown"))),
    }
}

async fn add_batches_in_tx(tx: &mut PgConnection, patches: &Patches) -> Result<(), ProjectionError> {
    let batches: Vec<_> = patches.batches.iter().collect();
    if batches.is_empty() {
        return Ok(());
    }
    let number =
        |value: fn(&BatchPatch) -> i64| Column::BigInt(batches.iter().map(|(_, batch)| value(batch)).collect());
    let rows = Rows::new(
        "batch",
        vec![
            ("id", Column::Uuid(batches.iter().map(|((id, _), _)| id.as_uuid()).collect())),
            ("business", Column::Uuid(batches.iter().map(|(_, batch)| batch.business.as_uuid()).collect())),
            ("account", Column::Uuid(batches.iter().map(|((_, account), _)| account.as_uuid()).collect())),
            ("first_position", number(|batch| batch.first_position)),
            ("last_position", number(|batch| batch.last_position)),
            ("started_at", Column::Moment(batches.iter().map(|(_, batch)| batch.started_at).collect())),
            ("last_at", Column::Moment(batches.iter().map(|(_, batch)| batch.last_at).collect())),
            ("added", number(|batch| batch.added)),
            ("amended", number(|batch| batch.amended)),
            ("removed", number(|batch| batch.removed)),
        ],
    );
    let statement = "insert into batch as b (id, business, account, source, first_position, last_position, started_at,
            last_at, added, amended, removed)
        select k.id, k.business, k.account, a.source, k.first_position, k.last_position, k.started_at, k.last_at,
            k.added, k.amended, k.removed
        from {rows} join account a on a.id = k.account and a.business = k.business
        on conflict (id, account) do update set last_position = excluded.last_position, last_at = excluded.last_at,
            added = b.added + excluded.added, amended = b.amended + excluded.amended,
            removed = b.removed + excluded.removed
        returning id, account";
    let written: Vec<(Uuid, Uuid)> = rows.fetch_in_tx(tx, statement).await?;
    let written: HashSet<_> = written.into_iter().collect();
    let is_written = |id: Uuid, account: Uuid| written.contains(&(id, account));
    match batches.iter().find(|((id, account), _)| !is_written(id.as_uuid(), account.as_uuid())) {
        None => Ok(()),
        Some(((_, account), batch)) => {
            let reason = format!("account {account} was never opened in business {}", batch.business);
            Err(poison(batch.first_position, reason))
        }
    }
}
