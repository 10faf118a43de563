//! Who looks, and what they may see.

use async_graphql::{Context, Enum, Object, Result};
use domain::access::{self, Action, Principal, Subject, authorise, may};
use uuid::Uuid;

use super::business::Business;
use super::cost;
use super::principal;
use crate::reader::Reader;

#[derive(Debug, Default)]
pub struct ViewerQuery;

#[Object]
impl ViewerQuery {
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Viewer> {
        Ok(Viewer { principal: principal(ctx)?.clone() })
    }

    /// Businesses that the viewer may see.
    #[graphql(complexity = "cost::list(5, child_complexity)")]
    async fn businesses(&self, ctx: &Context<'_>) -> Result<Vec<Business>> {
        visible(ctx).await
    }
}

pub struct Viewer {
    principal: Principal,
}

/// How surely it is the viewer: what needs a second factor asks for it where this is not enough.
#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "access::Assurance")]
pub enum Assurance {
    OneFactor,
    Confirmed,
    TwoFactors,
    SteppedUp,
}

#[Object]
impl Viewer {
    async fn name(&self) -> String {
        self.principal.subject.to_string()
    }

    /// Null for the local owner and for keys.
    async fn user(&self) -> Option<Uuid> {
        match self.principal.subject {
            Subject::User(user) => Some(user.as_uuid()),
            Subject::LocalOwner | Subject::Key(_) | Subject::System(_) => None,
        }
    }

    async fn assurance(&self) -> Assurance {
        self.principal.assurance.into()
    }

    #[graphql(complexity = "cost::list(5, child_complexity)")]
    async fn businesses(&self, ctx: &Context<'_>) -> Result<Vec<Business>> {
        visible(ctx).await
    }
}

async fn visible(ctx: &Context<'_>) -> Result<Vec<Business>> {
    let principal = principal(ctx)?;
    authorise(principal, Action::UseOwnAccount, None)?;
    let rows = ctx.data::<Reader>()?.businesses().await?;
    let visible = rows.into_iter().filter(|row| may(principal, Action::Read, row.id));
    Ok(visible.map(Business::new).collect())
}
