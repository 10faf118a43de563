//! What subscribers are told.

use async_graphql::{Context, Result, SimpleObject, Subscription as Root};
use chrono::{DateTime, Utc};
use domain::BusinessId;
use domain::access::{Action, authorise};
use futures::Stream;
use uuid::Uuid;

use super::connections::Connection;
use super::cost;
use super::input::Position;
use super::principal;
use crate::live::{Follower, Hub, StatusFollower};
use crate::reader::{self, Reader};

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

    /// How the connections of the business stand, in the order of `connections`: at once, and again whenever one stands
    /// otherwise, such as its health, its progress, or that it is being read.
    #[graphql(complexity = "cost::list(5, child_complexity)")]
    async fn connection_status(
        &self,
        ctx: &Context<'_>,
        business: Uuid,
    ) -> Result<impl Stream<Item = Vec<Connection>> + use<>> {
        let business = BusinessId::from_uuid(business);
        authorise(principal(ctx)?, Action::Read, Some(business))?;
        let (reader, follower) = (ctx.data::<Reader>()?.clone(), ctx.data::<Hub>()?.follow_connections(business));
        let seen = Seen { business, reader, follower, told: None };
        Ok(futures::stream::unfold(seen, Seen::next))
    }
}

/// What a viewer of connections was told last.
struct Seen {
    business: BusinessId,
    reader: Reader,
    follower: StatusFollower,
    told: Option<Vec<reader::Connection>>,
}

impl Seen {
    /// How they stand, once it is otherwise than what was told.
    async fn next(mut self) -> Option<(Vec<Connection>, Self)> {
        loop {
            if self.told.is_some() && !self.follower.changed().await {
                return None;
            }
            match self.reader.connections(self.business).await {
                Ok(now) if self.told.as_ref() != Some(&now) => {
                    let shown = now.iter().map(|one| Connection::of(self.business, one.clone())).collect();
                    self.told = Some(now);
                    return Some((shown, self));
                }
                Ok(_) => {}
                // The first answer is waited for: the page shows what it has read itself meanwhile.
                Err(error) => {
                    tracing::warn!(%error, "how connections stand cannot be read; it is tried again");
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    }
}

const AGAIN: std::time::Duration = std::time::Duration::from_secs(1);

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
