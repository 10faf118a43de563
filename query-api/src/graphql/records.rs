//! Whether the records of a business are to end, and what forbids it.

use async_graphql::{Context, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use domain::BusinessId;
use domain::Problem;
use domain::access::{Action, authorise};
use domain::business;
use streams::{Commands, erasure};

use super::principal;
use crate::Failure;
use crate::reader::Reader;

/// The business goes for good at that moment, unless an owner withdraws it.
#[derive(Debug, Clone, SimpleObject)]
pub struct Erasure {
    requested_at: DateTime<Utc>,
    due_at: DateTime<Utc>,
}

/// While it stands nothing is erased.
#[derive(Debug, Clone, SimpleObject)]
pub struct LegalHold {
    reason: String,
    since: DateTime<Utc>,
    /// Who set it, as the audit history names them.
    by: String,
}

pub struct Keeping {
    pub business: BusinessId,
}

#[Object]
impl Keeping {
    /// Null where nobody asked for it.
    async fn erasure(&self, ctx: &Context<'_>) -> Result<Option<Erasure>> {
        authorise(principal(ctx)?, Action::Read, Some(self.business))?;
        let found = erasure::find(ctx.data::<Reader>()?.pool(), self.business).await.map_err(Failure::from)?;
        let open = found.filter(|state| state.erased_at.is_none());
        Ok(open.map(|state| Erasure { requested_at: state.requested_at, due_at: state.due_at }))
    }

    /// Null where there is none.
    async fn legal_hold(&self, ctx: &Context<'_>) -> Result<Option<LegalHold>> {
        authorise(principal(ctx)?, Action::ReadAudit, Some(self.business))?;
        let hold = self.now(ctx).await?.records().hold().cloned();
        Ok(hold.map(|hold| LegalHold { reason: hold.reason, since: hold.since, by: hold.by }))
    }
}

impl Keeping {
    async fn now(&self, ctx: &Context<'_>) -> Result<business::Business> {
        let now = ctx.data::<Commands>()?.business_now(self.business).await;
        Ok(now.map_err(|error| {
            tracing::error!(%error, business = %self.business, "a business cannot be read");
            Problem::new(error.code(), "This cannot be read just now. Nothing is lost; try again.")
        })?)
    }
}
