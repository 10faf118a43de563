//! How far a business's transactions reach, and where they came from.

use std::sync::Arc;

use async_graphql::{Context, Object, Result};
use chrono::NaiveDate;
use domain::access::{Action, authorise};

use super::batches::BatchConnection;
use super::cost;
use super::entities::{Account, Source};
use super::input::{AsOf, Position};
use super::loaders::PartyData;
use super::principal;
use super::viewed::Views;
use crate::reader::{Parties, Reader};
use crate::views::Span;

pub struct Extent {
    pub views: Arc<Views>,
}

impl Extent {
    async fn span(&self, ctx: &Context<'_>, as_of: Option<AsOf>, min_position: Option<Position>) -> Result<Vec<Span>> {
        Ok(ctx.data::<Reader>()?.span(&self.views.view(ctx, as_of, min_position).await?).await?)
    }

    /// As they are now, read once for all that this request asks of them.
    async fn parties(&self, ctx: &Context<'_>) -> Result<Option<Parties>> {
        authorise(principal(ctx)?, Action::Read, Some(self.views.business()))?;
        Ok(ctx.data::<PartyData>()?.load_one(self.views.business()).await?)
    }
}

#[Object]
impl Extent {
    /// First booked day over all accounts, as known at asOf (null without transactions).
    async fn first_day(
        &self,
        ctx: &Context<'_>,
        as_of: Option<AsOf>,
        min_position: Option<Position>,
    ) -> Result<Option<NaiveDate>> {
        Ok(self.span(ctx, as_of, min_position).await?.iter().map(|span| span.first).min())
    }

    /// Last booked day over all accounts, as known at asOf (null without transactions).
    async fn last_day(
        &self,
        ctx: &Context<'_>,
        as_of: Option<AsOf>,
        min_position: Option<Position>,
    ) -> Result<Option<NaiveDate>> {
        Ok(self.span(ctx, as_of, min_position).await?.iter().map(|span| span.last).max())
    }

    /// Those that a transaction is in, as known at asOf.
    async fn currencies(
        &self,
        ctx: &Context<'_>,
        as_of: Option<AsOf>,
        min_position: Option<Position>,
    ) -> Result<Vec<String>> {
        Ok(self.span(ctx, as_of, min_position).await?.iter().map(|span| span.currency.to_string()).collect())
    }

    /// Those that had been opened at asOf. Their names, and whether they are closed, stand as they are now.
    async fn accounts(
        &self,
        ctx: &Context<'_>,
        as_of: Option<AsOf>,
        min_position: Option<Position>,
    ) -> Result<Vec<Account>> {
        if as_of.is_none() && min_position.is_none() {
            let accounts = self.parties(ctx).await?.map(|parties| parties.accounts);
            return Ok(accounts.iter().flat_map(|accounts| accounts.iter()).map(Account::from).collect());
        }
        let view = self.views.view(ctx, as_of, min_position).await?;
        Ok(ctx.data::<Reader>()?.accounts(&view).await?.iter().map(Account::from).collect())
    }

    /// Those that had been connected at asOf. Whether they are connected stands as it is now.
    async fn sources(
        &self,
        ctx: &Context<'_>,
        as_of: Option<AsOf>,
        min_position: Option<Position>,
    ) -> Result<Vec<Source>> {
        if as_of.is_none() && min_position.is_none() {
            let sources = self.parties(ctx).await?.map(|parties| parties.sources);
            return Ok(sources.iter().flat_map(|sources| sources.iter()).map(Source::from).collect());
        }
        let view = self.views.view(ctx, as_of, min_position).await?;
        Ok(ctx.data::<Reader>()?.sources(&view).await?.iter().map(Source::from).collect())
    }

    /// Batches (imports, demo days) newest first: what came when, to choose a past view by. Those that had begun at asOf;
    /// one that went on after it is told whole, as it stands now.
    #[graphql(complexity = "cost::page(first.unwrap_or(20), child_complexity)")]
    async fn batches(
        &self,
        ctx: &Context<'_>,
        #[graphql(default_with = "Some(20)")] first: Option<i32>,
        after: Option<String>,
        as_of: Option<AsOf>,
        min_position: Option<Position>,
    ) -> Result<BatchConnection> {
        BatchConnection::read(ctx, self.views.view(ctx, as_of, min_position).await?, first.unwrap_or(20), after).await
    }
}
