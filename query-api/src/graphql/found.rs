//! What workers found in a business by looking at its transactions together. All of it as it stands now.

use std::sync::Arc;

use async_graphql::{Context, Object, Result};
use domain::security::SealedField;
use uuid::Uuid;

use super::cost;
use super::input::Position;
use super::matches::{MatchConnection, MatchState};
use super::principal;
use super::recurring::Recurring;
use super::viewed::Views;
use crate::reader::Reader;

pub struct FoundOf {
    pub views: Arc<Views>,
}

#[Object]
impl FoundOf {
    /// Payments that come again, what is expected first before the rest; what is over is left out. As it stands now.
    /// `id`: that one alone.
    #[graphql(complexity = "cost::list(10, child_complexity)")]
    async fn recurring(
        &self,
        ctx: &Context<'_>,
        id: Option<Uuid>,
        min_position: Option<Position>,
    ) -> Result<Vec<Recurring>> {
        let view = self.views.view(ctx, None, min_position).await?;
        principal(ctx)?.viewed(SealedField::Description, self.views.business());
        let found = ctx.data::<Reader>()?.recurring(&view).await?;
        let asked = found.into_iter().filter(|one| id.is_none_or(|id| one.row.id.as_uuid() == id));
        Ok(asked.map(|one| Recurring::of(view.clone(), one)).collect())
    }

    /// Transactions that are the same money, the newest day first. As they stand now; `states`: those alone;
    /// `transaction`: those that it is a leg of.
    #[graphql(complexity = "cost::page(first, child_complexity)")]
    async fn matches(
        &self,
        ctx: &Context<'_>,
        states: Option<Vec<MatchState>>,
        transaction: Option<Uuid>,
        #[graphql(default = 20)] first: i32,
        after: Option<String>,
        min_position: Option<Position>,
    ) -> Result<MatchConnection> {
        let view = self.views.view(ctx, None, min_position).await?;
        MatchConnection::read(ctx, view, (states, transaction), first, after).await
    }
}
