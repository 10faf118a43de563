//! Tells providers of disconnections that they could not be told of when they happened.
//!
//! Credentials that were set aside (`connectors.retired`) stay sealed until the provider has taken them back, or says
//! that they open nothing any more. Each try waits twice as long as the one before, up to an hour.

use domain::{BusinessId, SourceId};
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

use crate::connections::Connections;
use crate::provider::{Connector, Credentials, RETIRED_AS};

/// At once; the rest waits for the next look.
const MOST: i64 = 4;
/// Nobody can take back any more what was not in so many days; the provider's own page can.
const GIVEN_UP: i32 = 90;

#[derive(FromRow)]
struct Retired {
    id: Uuid,
    source: Uuid,
    business: Uuid,
    provider: String,
    sealed: String,
    tries: i32,
}

/// Tries those that are due. A try counts before it is made, so that one that kills its worker waits too.
pub(super) async fn give_back(connections: &Connections) -> Result<(), sqlx::Error> {
    const DUE: &str = "
        update connectors.retired set tries = tries + 1,
            next_at = now() + make_interval(secs => least(3600, 5 * power(2, least(tries, 10))))
        where id in (select id from connectors.retired where next_at <= now() and provider = any($1)
            order by next_at limit $2 for update skip locked)
        returning id, source, business, provider, sealed, tries";
    let names: Vec<_> = connections.registry.names().map(ToOwned::to_owned).collect();
    let query = sqlx::query_as(DUE).bind(names).bind(MOST);
    let due: Vec<Retired> = query.fetch_all(&connections.pool).await?;
    for one in due {
        let Some(connector) = connections.registry.get(&one.provider) else { continue };
        match told(connections, connector.as_ref(), &one).await {
            Ok(()) => forget(&connections.pool, one.id).await?,
            Err(error) => tracing::warn!(source = %one.source, tries = one.tries, %error, "not given back yet"),
        }
    }
    Ok(())
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn told(connections: &Connections, connector: &dyn Connector, one: &Retired) -> Result<(), Failure> {
    let sealer = connections.commands.keys().of_business(BusinessId::from_uuid(one.business));
    let text = sealer.open(RETIRED_AS, one.source, &one.sealed).await?;
    let mut credentials: Credentials = serde_json::from_slice(&text)?;
    if credentials.is_due(chrono::Utc::now()) {
        match connector.refresh(&credentials).await {
            Err(error) if error.is_over() => return Ok(()),
            renewed => credentials = renewed?,
        }
        // The token before died with it.
        let sealed = sealer.seal(RETIRED_AS, one.source, &serde_json::to_vec(&credentials)?).await?;
        let query = sqlx::query("update connectors.retired set sealed = $2 where id = $1").bind(one.id).bind(sealed);
        query.execute(&connections.pool).await?;
    }
    match connector.disconnect(&credentials).await {
        Err(error) if !error.is_over() => Err(Failure::from(error)),
        _ => {
            let source = SourceId::from_uuid(one.source);
            tracing::info!(%source, tries = one.tries, "the provider took the access back");
            Ok(())
        }
    }
}

async fn forget(pool: &PgPool, id: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query("delete from connectors.retired where id = $1").bind(id).execute(pool).await?;
    Ok(())
}

/// Those that nobody took back in all the time.
pub(super) async fn give_up(pool: &PgPool) -> Result<(), sqlx::Error> {
    const OLD: &str = "delete from connectors.retired where since < now() - make_interval(days => $1)";
    let given_up = sqlx::query(OLD).bind(GIVEN_UP).execute(pool).await?.rows_affected();
    if given_up > 0 {
        tracing::error!(given_up, "accesses were never taken back by their providers, and are forgotten");
    }
    Ok(())
}
