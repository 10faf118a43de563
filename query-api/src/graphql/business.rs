//! A business, and the questions that can be asked about it.

use std::sync::Arc;

use async_graphql::{Context, Object, Result};
use chrono::NaiveDate;
use domain::BusinessId;
use domain::access::{Action, authorise};
use uuid::Uuid;

use super::audit::{AuditConnection, AuditFilter, AuditMovement, AuditRevised};
use super::beside::BesideOf;
use super::changes::Changes;
use super::completeness::CompletenessOf;
use super::connections::Connection;
use super::cost;
use super::explain::{Explain, Explanation};
use super::extent::Extent;
use super::found::FoundOf;
use super::input::{AsOf, PeriodInput, Position};
use super::meaning::MeaningOf;
use super::metrics::{Balances, Series, SeriesAsked, Summary, scope};
use super::months::BusinessMonth;
use super::names::{Bucket, Cause, Comparison, Dimension, Kind, Metric, Sign, TransactionOrder};
use super::principal;
use super::rates::RatesOf;
use super::records::Keeping;
use super::rules::RulesOf;
use super::standing::{Known, StandsStill};
use super::team::Team;
use super::transactions::{Revision, TransactionConnection, TransactionsAsked};
use super::viewed::{Views, shown, shown_in_history};
use crate::Failure;
use crate::reader::{Reader, View};
use crate::views::BusinessRow;

/// The business that the request's header names.
#[derive(Debug, Clone, Copy)]
pub struct ByHeader(pub BusinessId);

#[derive(Debug, Default)]
pub struct BusinessQuery;

#[Object]
impl BusinessQuery {
    /// Without an id: the one that the header `X-Workdock-Business` names.
    async fn business(&self, ctx: &Context<'_>, id: Option<Uuid>) -> Result<Option<Business>> {
        let asked = id.map(BusinessId::from_uuid).or_else(|| ctx.data_opt::<ByHeader>().map(|ByHeader(id)| *id));
        let id =
            asked.ok_or_else(|| Failure::invalid("Name a business: as id, or in the header X-Workdock-Business."))?;
        authorise(principal(ctx)?, Action::Read, Some(id))?;
        match ctx.data::<Reader>()?.view(id, None, None).await {
            Ok(view) => Ok(Some(Business { row: view.business.clone(), views: Arc::new(Views::with(view)) })),
            Err(Failure::Refused(problem)) if problem.code == domain::Code::NotFound => Ok(None),
            Err(failure) => Err(failure.into()),
        }
    }
}

pub struct Business {
    row: BusinessRow,
    views: Arc<Views>,
}

impl Business {
    pub fn new(row: BusinessRow) -> Self {
        Self { views: Arc::new(Views::of(row.id)), row }
    }

    /// The asked view. Every figure passes here, and so the authorisation.
    async fn view(&self, ctx: &Context<'_>, as_of: Option<AsOf>, min_position: Option<Position>) -> Result<View> {
        self.views.view(ctx, as_of, min_position).await
    }
}

#[Object]
#[allow(clippy::too_many_arguments, reason = "the arguments are the contract's")]
impl Business {
    async fn id(&self) -> Uuid {
        self.row.id.as_uuid()
    }

    /// As it stands now, like its settings.
    async fn name(&self) -> &str {
        &self.row.name
    }

    async fn base_currency(&self) -> &str {
        self.row.base_currency.code()
    }

    async fn time_zone(&self) -> &str {
        self.row.time_zone.name()
    }

    async fn fiscal_year_first_month(&self) -> i32 {
        i32::from(self.row.fiscal_year_first_month.get())
    }

    /// Who works in it.
    #[graphql(flatten)]
    async fn team(&self) -> Team {
        Team { business: self.row.id }
    }

    /// What its transactions mean.
    #[graphql(flatten)]
    async fn meaning(&self) -> MeaningOf {
        MeaningOf { business: self.row.id }
    }

    /// What it says they mean.
    #[graphql(flatten)]
    async fn rules(&self) -> RulesOf {
        RulesOf { views: Arc::clone(&self.views) }
    }

    /// What currencies are worth.
    #[graphql(flatten)]
    async fn rates(&self) -> RatesOf {
        RatesOf { views: Arc::clone(&self.views) }
    }

    /// What is kept beside its transactions.
    #[graphql(flatten)]
    async fn kept_beside(&self) -> BesideOf {
        BesideOf { views: Arc::clone(&self.views) }
    }

    /// What was found in it.
    #[graphql(flatten)]
    async fn found(&self) -> FoundOf {
        FoundOf { views: Arc::clone(&self.views) }
    }

    /// How far its transactions reach, and where they came from.
    #[graphql(flatten)]
    async fn extent(&self) -> Extent {
        Extent { views: Arc::clone(&self.views) }
    }

    /// Whether its accounts are complete.
    #[graphql(flatten)]
    async fn complete(&self) -> CompletenessOf {
        CompletenessOf { views: Arc::clone(&self.views) }
    }

    /// Whether its records are to end.
    #[graphql(flatten)]
    async fn keeping(&self) -> Keeping {
        Keeping { business: self.row.id }
    }

    /// Today in the business's time zone.
    async fn today(&self, ctx: &Context<'_>) -> Result<NaiveDate> {
        Ok(self.views.now(ctx).await?.today)
    }

    /// Sources that are connected to a provider, newest first; those that ended last. As they stand now.
    #[graphql(complexity = "cost::list(5, child_complexity)")]
    async fn connections(&self, ctx: &Context<'_>, min_position: Option<Position>) -> Result<Vec<Connection>> {
        authorise(principal(ctx)?, Action::Read, Some(self.row.id))?;
        shown(ctx, self.row.id, min_position).await?;
        let connections = ctx.data::<Reader>()?.connections(self.row.id).await?;
        Ok(connections.into_iter().map(|connection| Connection::of(self.row.id, connection)).collect())
    }

    /// As it stands now.
    #[graphql(complexity = "cost::read(child_complexity)")]
    async fn connection(
        &self,
        ctx: &Context<'_>,
        source: Uuid,
        min_position: Option<Position>,
    ) -> Result<Option<Connection>> {
        let all = self.connections(ctx, min_position).await?;
        Ok(all.into_iter().find(|connection| connection.source == source))
    }

    /// Null while its figures go on. As it stands now.
    async fn stands_still(&self, ctx: &Context<'_>) -> Result<Option<StandsStill>> {
        Ok(self.views.now(ctx).await?.stands_still.as_ref().map(StandsStill::from))
    }

    async fn known(&self, ctx: &Context<'_>, as_of: Option<AsOf>, min_position: Option<Position>) -> Result<Known> {
        Ok(self.view(ctx, as_of, min_position).await?.known.into())
    }

    /// Who did what and when, newest first. As it stands now; `filter.to` ends it earlier.
    #[graphql(complexity = "cost::page(first, child_complexity)")]
    async fn audit(
        &self,
        ctx: &Context<'_>,
        filter: Option<AuditFilter>,
        #[graphql(default = 50)] first: i32,
        after: Option<String>,
        min_position: Option<Position>,
    ) -> Result<AuditConnection> {
        authorise(principal(ctx)?, Action::ReadAudit, Some(self.row.id))?;
        shown_in_history(ctx, self.row.id, min_position).await?;
        AuditConnection::read(ctx, self.row.id, self.row.time_zone, filter.unwrap_or_default(), first, after).await
    }

    /// Months in which something stands or that were closed, newest first. As they stand now.
    #[graphql(complexity = "cost::list(5, child_complexity)")]
    async fn months(&self, ctx: &Context<'_>, min_position: Option<Position>) -> Result<Vec<BusinessMonth>> {
        let view = self.view(ctx, None, min_position).await?;
        let months = ctx.data::<Reader>()?.months(&view, min_position.map(|position| position.0)).await?;
        Ok(months.into_iter().map(BusinessMonth::from).collect())
    }

    /// From an event to the figures that it moved, by month and kind: the same whenever it is asked.
    #[graphql(complexity = "cost::read(child_complexity)")]
    async fn moved(
        &self,
        ctx: &Context<'_>,
        position: Position,
        min_position: Option<Position>,
    ) -> Result<Vec<AuditMovement>> {
        authorise(principal(ctx)?, Action::ReadAudit, Some(self.row.id))?;
        shown(ctx, self.row.id, min_position).await?;
        let rows = ctx.data::<Reader>()?.moved(self.row.id, position.0).await?;
        Ok(rows.into_iter().map(AuditMovement::from).collect())
    }

    /// From an event to the transactions that are otherwise since it, each as it was and as it is: the same whenever it
    /// is asked.
    #[graphql(complexity = "cost::page(first.unwrap_or(50), child_complexity)")]
    async fn revised(
        &self,
        ctx: &Context<'_>,
        position: Position,
        #[graphql(default_with = "Some(50)")] first: Option<i32>,
        min_position: Option<Position>,
    ) -> Result<AuditRevised> {
        authorise(principal(ctx)?, Action::ReadAudit, Some(self.row.id))?;
        let view = self.view(ctx, None, min_position).await?;
        AuditRevised::read(ctx, view.business.id, position.0, first.unwrap_or(50)).await
    }

    /// All figures of one period with their comparison: what the home screen shows. A running period is compared
    /// with equal days. `currency`, here and elsewhere: a code for its money alone (without one: the base currency's),
    /// BASE for all money in the base currency, each amount at the rate of its day. `account`, `category`: of these
    /// alone; an account's has no movers.
    #[graphql(complexity = "4 * cost::READ + child_complexity")]
    async fn summary(
        &self,
        ctx: &Context<'_>,
        period: PeriodInput,
        #[graphql(default_with = "Some(Comparison::SamePeriodLastYear)")] compare: Option<Comparison>,
        currency: Option<String>,
        account: Option<Uuid>,
        category: Option<String>,
        as_of: Option<AsOf>,
        min_position: Option<Position>,
    ) -> Result<Summary> {
        let view = self.view(ctx, as_of, min_position).await?;
        let comparison = compare.unwrap_or(Comparison::SamePeriodLastYear).into();
        let terms = view.terms(currency.as_deref())?;
        let (reader, scope) = (ctx.data::<Reader>()?, scope(account, category));
        Ok(reader.summary_of(&view, period.try_into()?, comparison, terms, scope).await?.into())
    }

    /// Figures by bucket, optionally split by a dimension.
    #[graphql(complexity = "cost::series(period, bucket, by, child_complexity)")]
    async fn series(
        &self,
        ctx: &Context<'_>,
        period: PeriodInput,
        bucket: Bucket,
        by: Option<Dimension>,
        currency: Option<String>,
        account: Option<Uuid>,
        category: Option<String>,
        as_of: Option<AsOf>,
        min_position: Option<Position>,
    ) -> Result<Series> {
        let view = self.view(ctx, as_of, min_position).await?;
        Series::read(ctx, &view, SeriesAsked { period, bucket, by, currency, account, category }).await
    }

    /// Running balance by day: one series per account (and the total).
    #[graphql(complexity = "cost::balances(period, child_complexity)")]
    async fn balances(
        &self,
        ctx: &Context<'_>,
        period: PeriodInput,
        currency: Option<String>,
        as_of: Option<AsOf>,
        min_position: Option<Position>,
    ) -> Result<Balances> {
        let view = self.view(ctx, as_of, min_position).await?;
        let terms = view.terms(currency.as_deref())?;
        Ok(ctx.data::<Reader>()?.balances(&view, period.try_into()?, terms).await?.into())
    }

    /// The figure's parts, which sum to it exactly; open the transactions with `transactions`.
    #[graphql(complexity = "cost::read(child_complexity)")]
    async fn explain(
        &self,
        ctx: &Context<'_>,
        metric: Metric,
        period: PeriodInput,
        currency: Option<String>,
        account: Option<Uuid>,
        category: Option<String>,
        as_of: Option<AsOf>,
        min_position: Option<Position>,
    ) -> Result<Explanation> {
        let view = self.view(ctx, as_of, min_position).await?;
        Explanation::read(ctx, view, Explain { metric, period, currency, account, category }).await
    }

    /// Keyset-paged transactions, as known at asOf; or with `changedFrom` those that changed from it to `changedTo`,
    /// as known at `changedTo`, which takes the place of asOf. Their accounts stand as they are now, and so does what a
    /// `payout` is the sum of.
    #[graphql(complexity = "cost::page(first.unwrap_or(50), child_complexity)")]
    async fn transactions(
        &self,
        ctx: &Context<'_>,
        period: Option<PeriodInput>,
        currency: Option<String>,
        account: Option<Uuid>,
        category: Option<String>,
        kinds: Option<Vec<Kind>>,
        sign: Option<Sign>,
        search: Option<String>,
        cause: Option<Cause>,
        payout: Option<Uuid>,
        changed_from: Option<AsOf>,
        changed_to: Option<AsOf>,
        #[graphql(default_with = "Some(TransactionOrder::Day)")] order: Option<TransactionOrder>,
        #[graphql(default_with = "Some(50)")] first: Option<i32>,
        after: Option<String>,
        as_of: Option<AsOf>,
        min_position: Option<Position>,
    ) -> Result<TransactionConnection> {
        if as_of.is_some() && changed_to.is_some() {
            let text = "Give asOf or changedTo: what changed until changedTo is told as known then.";
            return Err(Failure::invalid(text).into());
        }
        let changed = match changed_from {
            Some(from) => Some(self.view(ctx, Some(from), None).await?.known.position),
            None => None,
        };
        let view = self.view(ctx, changed_to.or(as_of), min_position).await?;
        let order = order.unwrap_or(TransactionOrder::Day);
        let first = first.unwrap_or(50);
        let asked = TransactionsAsked {
            period,
            currency,
            account,
            category,
            kinds,
            sign,
            search,
            cause,
            payout,
            changed,
            order,
            first,
            after,
        };
        TransactionConnection::read(ctx, view, asked).await
    }

    /// Every revision of one transaction that was known at asOf, oldest first.
    #[graphql(complexity = "cost::list(5, child_complexity)")]
    async fn transaction_history(
        &self,
        ctx: &Context<'_>,
        id: Uuid,
        as_of: Option<AsOf>,
        min_position: Option<Position>,
    ) -> Result<Vec<Revision>> {
        Revision::read(ctx, self.view(ctx, as_of, min_position).await?, id).await
    }

    /// The difference of one figure between two states of knowledge, split by cause; start + causes = end.
    #[graphql(complexity = "cost::read(child_complexity)")]
    async fn changes(
        &self,
        ctx: &Context<'_>,
        metric: Metric,
        period: PeriodInput,
        currency: Option<String>,
        from: AsOf,
        to: Option<AsOf>,
        min_position: Option<Position>,
    ) -> Result<Changes> {
        let to = self.view(ctx, to, min_position).await?;
        let from = self.view(ctx, Some(from), None).await?;
        let terms = to.terms(currency.as_deref())?;
        let reader = ctx.data::<Reader>()?;
        Ok(reader.changes(&from, &to, metric.into(), period.try_into()?, terms).await?.into())
    }
}
