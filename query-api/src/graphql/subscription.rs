//! What subscribers are told.

use async_graphql::{Context, Result, SimpleObject, Subscription as Root};
use chrono::{DateTime, Utc};
use domain::BusinessId;
use domain::access::{Action, authorise};
use futures::Stream;
use uuid::Uuid;

use super::input::Position;
use super::principal;
use crate::live::{Follower, Hub};

#[derive(Debug, Clone, Copy, Default)]
pub struct Subscription;

#[derive(Debug, Clone, Copy, SimpleObject)]
pub struct Change {
    business: Uuid,
    position: Position,
    at: DateTime<Utc>,
    events: i32,
    transactions: i32,
}

#[Root]
impl Subscription {
    /// One message for each committed change of the business's figures (coalesced to the newest). The first one
    /// comes at once, with the present position and no events: from it on nothing is missed.
    async fn changed(&self, ctx: &Context<'_>, business: Uuid) -> Result<impl Stream<Item = Change> + use<>> {
        let business = BusinessId::from_uuid(business);
        authorise(principal(ctx)?, Action::Read, Some(business))?;
        let follower = ctx.data::<Hub>()?.follow(business).await?;
        Ok(futures::stream::unfold((follower, None), next))
    }
}

/// Counts since the last message: what a slow reader skipped is in the next one.
async fn next(
    (mut follower, seen): (Follower, Option<(u64, u64)>),
) -> Option<(Change, (Follower, Option<(u64, u64)>))> {
    let tick = follower.next().await?;
    let (events, transactions) = seen.unwrap_or((tick.events, tick.transactions));
    let since = |now: u64, before: u64| i32::try_from(now - before).unwrap_or(i32::MAX);
    let change = Change {
        business: tick.business.as_uuid(),
        position: Position(tick.position),
        at: tick.at,
        events: since(tick.events, events),
        transactions: since(tick.transactions, transactions),
    };
    Some((change, (follower, Some((tick.events, tick.transactions)))))
}
