//! The row of a connection, as far as persons change it. What workers change stands in `worker/`.

use domain::{BusinessId, SourceId};
use sqlx::PgPool;
use uuid::Uuid;

use super::Known;
use crate::provider::sync::SourceAt;

/// Days that the first sync reads back.
const HISTORY: i32 = 366;

/// Whether it is there and not ended.
pub(super) async fn is_there(pool: &PgPool, at: SourceAt) -> Result<bool, sqlx::Error> {
    Ok(provider_of(pool, at).await?.is_some())
}

pub(super) async fn is_active(pool: &PgPool, at: SourceAt) -> Result<bool, sqlx::Error> {
    const ACTIVE: &str = "
        select exists (select from connectors.connection where source = $1 and business = $2 and state = 'active')";
    sqlx::query_scalar(ACTIVE).bind(at.source.as_uuid()).bind(at.business.as_uuid()).fetch_one(pool).await
}

pub(super) async fn provider_of(pool: &PgPool, at: SourceAt) -> Result<Option<String>, sqlx::Error> {
    const FIND: &str =
        "select provider from connectors.connection where source = $1 and business = $2 and state <> 'ended'";
    sqlx::query_scalar(FIND).bind(at.source.as_uuid()).bind(at.business.as_uuid()).fetch_optional(pool).await
}

/// All of a business, those that ended too.
pub(super) async fn known(pool: &PgPool, business: BusinessId) -> Result<Vec<Known>, sqlx::Error> {
    const KNOWN: &str = "select source, provider, state = 'choosing' from connectors.connection where business = $1";
    let rows: Vec<(Uuid, String, bool)> = sqlx::query_as(KNOWN).bind(business.as_uuid()).fetch_all(pool).await?;
    let known = rows.into_iter().map(|(source, provider, is_choosing)| Known {
        source: SourceId::from_uuid(source),
        provider,
        is_choosing,
    });
    Ok(known.collect())
}

/// The source of this business that is what the provider calls so: one that is connected, else one that ended and whose
/// data was kept.
pub(super) async fn of_external(
    pool: &PgPool,
    business: BusinessId,
    provider: &str,
    external: &str,
) -> Result<Option<SourceId>, sqlx::Error> {
    const FIND: &str = "
        select source from connectors.connection
        where business = $1 and provider = $2 and external_id = $3 and not (state = 'ended' and erased)
        order by state = 'ended', created_at desc limit 1";
    let query = sqlx::query_scalar(FIND).bind(business.as_uuid()).bind(provider).bind(external);
    let found: Option<Uuid> = query.fetch_optional(pool).await?;
    Ok(found.map(SourceId::from_uuid))
}

/// A source is about to be connected. One that is there stays as it is.
pub(super) async fn begun(
    pool: &PgPool,
    at: SourceAt,
    provider: &str,
    external: &str,
    by: &str,
) -> Result<(), sqlx::Error> {
    const BEGUN: &str = "
        insert into connectors.connection (source, business, provider, external_id, history_from, connected_by)
        values ($1, $2, $3, $4, current_date - $5, $6) on conflict (source) do nothing";
    let query = sqlx::query(BEGUN).bind(at.source.as_uuid()).bind(at.business.as_uuid());
    query.bind(provider).bind(external).bind(HISTORY).bind(by).execute(pool).await?;
    Ok(())
}

/// Whether its accounts are still to be chosen; one that is active, or `goes_on`, does so at once. One that had ended
/// is chosen from anew.
pub(super) async fn connected(
    pool: &PgPool,
    at: SourceAt,
    provider: &str,
    external: &str,
    (by, goes_on): (&str, bool),
) -> Result<bool, sqlx::Error> {
    const CONNECTED: &str = "
        insert into connectors.connection as c (source, business, provider, external_id, history_from, connected_by)
        values ($1, $2, $3, $4, current_date - $5, $6)
        on conflict (source) do update set external_id = excluded.external_id, health = 'healthy', reason = null,
            connected_by = excluded.connected_by,
            state = case when c.state = 'ended' then 'choosing' when $7 then 'active' else c.state end,
            -- The history that was whole is that of the ids before.
            history_done_at = case when c.external_id = excluded.external_id then c.history_done_at end,
            health_since = now(), failures = 0, next_at = now(), asked_at = now(), asked_by = 'asked',
            subscribed_at = null
        returning state = 'choosing'";
    let query = sqlx::query_scalar(CONNECTED).bind(at.source.as_uuid()).bind(at.business.as_uuid());
    query.bind(provider).bind(external).bind(HISTORY).bind(by).bind(goes_on).fetch_one(pool).await
}

pub(super) async fn repaired(pool: &PgPool, source: SourceId) -> Result<(), sqlx::Error> {
    const REPAIRED: &str = "
        update connectors.connection set health = 'healthy', reason = null, health_since = now(), failures = 0,
            next_at = now(), asked_at = now(), asked_by = 'asked' where source = $1 and state <> 'ended'";
    sqlx::query(REPAIRED).bind(source.as_uuid()).execute(pool).await?;
    Ok(())
}

pub(super) async fn chosen(pool: &PgPool, at: SourceAt) -> Result<Vec<Uuid>, sqlx::Error> {
    const CHOSEN: &str = "select accounts from connectors.connection where source = $1 and business = $2";
    let query = sqlx::query_scalar(CHOSEN).bind(at.source.as_uuid()).bind(at.business.as_uuid());
    Ok(query.fetch_optional(pool).await?.unwrap_or_default())
}

/// Those that are read now, or were once.
pub(super) async fn ever_read(pool: &PgPool, at: SourceAt) -> Result<Vec<Uuid>, sqlx::Error> {
    const READ: &str = "
        select unnest(accounts) from connectors.connection where source = $1 and business = $2
        union select account from connectors.balance where source = $1 and business = $2";
    sqlx::query_scalar(READ).bind(at.source.as_uuid()).bind(at.business.as_uuid()).fetch_all(pool).await
}

pub(super) async fn choose(pool: &PgPool, at: SourceAt, accounts: &[Uuid]) -> Result<(), sqlx::Error> {
    const CHOOSE: &str = "
        update connectors.connection set accounts = $3, state = 'active', next_at = now(), asked_at = now(),
            asked_by = 'asked', history_done_at = case when accounts @> $3 then history_done_at end
        where source = $1 and business = $2 and state <> 'ended'";
    let query = sqlx::query(CHOOSE).bind(at.source.as_uuid()).bind(at.business.as_uuid()).bind(accounts);
    query.execute(pool).await?;
    Ok(())
}

/// Due at once, also where it waits for its user.
pub(super) async fn ask(pool: &PgPool, at: SourceAt) -> Result<(), sqlx::Error> {
    const ASK: &str = "
        update connectors.connection set next_at = now(), asked_at = now(), asked_by = 'asked', probe = true
        where source = $1 and business = $2 and state = 'active'";
    sqlx::query(ASK).bind(at.source.as_uuid()).bind(at.business.as_uuid()).execute(pool).await?;
    Ok(())
}

/// From here on no worker takes it, and whoever has it gives it up.
pub(super) async fn end(pool: &PgPool, at: SourceAt, erased: bool) -> Result<(), sqlx::Error> {
    const END: &str =
        "update connectors.connection set state = 'ended', erased = $3 where source = $1 and business = $2";
    let query = sqlx::query(END).bind(at.source.as_uuid()).bind(at.business.as_uuid()).bind(erased);
    query.execute(pool).await?;
    Ok(())
}

pub(super) async fn is_leased(pool: &PgPool, source: SourceId) -> Result<bool, sqlx::Error> {
    const LEASED: &str = "select exists (select from connectors.connection where source = $1 and leased_until > now())";
    sqlx::query_scalar(LEASED).bind(source.as_uuid()).fetch_one(pool).await
}
