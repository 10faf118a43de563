//! Which businesses have to be looked through, by what is new in the log.

use std::collections::BTreeMap;

use domain::BusinessId;
use sqlx::PgPool;

use super::{Failure, store};

/// Events that are looked at at once.
const AT_ONCE: i64 = 500;

/// Looks at the next events; whether there were any.
pub(super) async fn step(pool: &PgPool) -> Result<bool, Failure> {
    let from = store::looked_to(pool).await?;
    let events = store::next_events(pool, from, AT_ONCE).await?;
    let Some((_, _, last)) = events.last() else { return Ok(false) };
    let of_accounts = events.iter().filter(|(_, aggregate, _)| aggregate == "account");
    let asked: BTreeMap<_, _> = of_accounts.map(|(business, _, at)| (BusinessId::from_uuid(*business), *at)).collect();
    store::ask(pool, &asked, *last).await?;
    Ok(true)
}
