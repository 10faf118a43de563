//! What somebody says of transactions that may be the same money.

use async_graphql::{Context, Enum, Error, Object};
use domain::access::Action;
use domain::{BusinessId, MatchId, Problem};
use streams::Commands;
use streams::matches::{Say, SayError, say};
use uuid::Uuid;

use super::{Position, Receipt, allowed, failed, meta, refused};

#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "Say")]
pub enum MatchDecision {
    Accept,
    /// Of what was proposed, or of what stands.
    Refuse,
}

#[derive(Debug, Default)]
pub struct MatchesMutation;

#[Object]
impl MatchesMutation {
    /// Says whether transactions are the same money. It stands over what is found by itself, for ever or until somebody
    /// says otherwise. The receipt names the match.
    async fn decide_match(
        &self,
        ctx: &Context<'_>,
        business: Uuid,
        id: Uuid,
        decision: MatchDecision,
    ) -> Result<Receipt, Error> {
        let on = BusinessId::from_uuid(business);
        let principal = allowed(ctx, Action::Manage, Some(on))?;
        let (commands, meta) = (ctx.data::<Commands>()?, meta(ctx, on, principal));
        match say(commands, MatchId::from_uuid(id), decision.into(), &meta).await {
            Ok(position) => Ok(Receipt { id, position: Position(position) }),
            Err(SayError::Command(error)) => Err(failed(&error)),
            Err(error) => {
                tracing::debug!(%error, "a match could not be decided");
                let detail = match error {
                    SayError::NotThere => "There is no such match; it may have been found otherwise meanwhile.",
                    _ => "It cannot be recorded now; try again in a moment.",
                };
                Err(refused(Problem::new(error.code(), detail)))
            }
        }
    }
}
