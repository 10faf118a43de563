//! A business, and the questions that can be asked about it.

use async_graphql::{Context, Object, Result};
use chrono::NaiveDate;
use domain::BusinessId;
use domain::access::{Action, authorise};
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::audit::{AuditConnection, AuditFilter, AuditMovement};
use super::batches::BatchConnection;
use super::beside::BesideOf;
use super::changes::Changes;
use super::connections::Connection;
use super::cost;
use super::entities::{Account, Source};
use super::explain::{Explain, Explanation};
use super::found::FoundOf;
use super::input::{AsOf, PeriodInput, Position};
use super::loaders::PartyData;
use super::meaning::MeaningOf;
use super::metrics::{Balances, Series, SeriesAsked, Summary};
use super::months::BusinessMonth;
use super::names::{Bucket, Cause, Comparison, Dimension, Kind, Metric, Sign, TransactionOrder};
use super::principal;
use super::rates::RatesOf;
use super::records::Keeping;
use super::rules::RulesOf;
use super::standing::{Known, StandsStill};
use super::team::Team;
use super::transactions::{Revision, TransactionConnection, TransactionsAsked};
use crate::Failure;
use crate::reader::{Reader, View};
use crate::views::{BusinessRow, Span};

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
            Ok(view) => Ok(Some(Business { row: view.business.clone(), now: OnceCell::new_with(Some(view)) })),
            Err(Failure::Refused(problem)) if problem.code == domain::Code::NotFound => Ok(None),
            Err(failure) => Err(failure.into()),
        }
    }
}

pub struct Business {
    row: BusinessRow,
    /// The present view, the same for all fields of one request.
    now: OnceCell<View>,
}

impl Business {
    pub fn new(row: BusinessRow) -> Self {
        Self { row, now: OnceCell::new() }
    }

    async fn now(&self, ctx: &Context<'_>) -> Result<&View> {
        authorise(principal(ctx)?, Action::Read, Some(self.row.id))?;
        let reader = ctx.data::<Reader>()?;
        Ok(self.now.get_or_try_init(|| reader.view(self.row.id, None, None)).await?)
    }

    /// The asked view. Every figure passes here, and so the authorisation.
    async fn view(&self, ctx: &Context<'_>, as_of: Option<AsOf>, min_position: Option<Position>) -> Result<View> {
        authorise(principal(ctx)?, Action::Read, Some(self.row.id))?;
        let waits = min_position.map(|position| position.0);
        if as_of.is_none() {
            let now = self.now(ctx).await?;
            if waits.is_none_or(|position| now.known.position >= position) {
                return Ok(now.clone());
            }
        }
        let reader = ctx.data::<Reader>()?;
        Ok(reader.view(self.row.id, as_of.map(Into::into), waits).await?)
    }

    async fn span(&self, ctx: &Context<'_>) -> Result<Vec<Span>> {
        Ok(ctx.data::<Reader>()?.span(self.now(ctx).await?).await?)
    }
}

#[Object]
#[allow(clippy::too_many_arguments, reason = "the arguments are the contract's")]
impl Business {
    async fn id(&self) -> Uuid {
        self.row.id.as_uuid()
    }

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
        RulesOf { business: self.row.id }
    }

    /// What currencies are worth.
    #[graphql(flatten)]
    async fn rates(&self) -> RatesOf {
        RatesOf { business: self.row.id }
    }

    /// What is kept beside its transactions.
    #[graphql(flatten)]
    async fn kept_beside(&self) -> BesideOf {
        BesideOf { business: self.row.id }
    }

    /// What was found in it.
    #[graphql(flatten)]
    async fn found(&self) -> FoundOf {
        FoundOf { business: self.row.id }
    }

    /// Whether its records are to end.
    #[graphql(flatten)]
    async fn keeping(&self) -> Keeping {
        Keeping { business: self.row.id }
    }

    /// Today in the business's time zone.
    async fn today(&self, ctx: &Context<'_>) -> Result<NaiveDate> {
        Ok(self.now(ctx).await?.today)
    }

    /// First and last booked day over all accounts (null without transactions).
    async fn first_day(&self, ctx: &Context<'_>) -> Result<Option<NaiveDate>> {
        Ok(self.span(ctx).await?.iter().map(|span| span.first).min())
    }

    async fn last_day(&self, ctx: &Context<'_>) -> Result<Option<NaiveDate>> {
        Ok(self.span(ctx).await?.iter().map(|span| span.last).max())
    }

    async fn currencies(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        Ok(self.span(ctx).await?.iter().map(|span| span.currency.to_string()).collect())
    }

    async fn accounts(&self, ctx: &Context<'_>) -> Result<Vec<Account>> {
        authorise(principal(ctx)?, Action::Read, Some(self.row.id))?;
        let parties = ctx.data::<PartyData>()?.load_one(self.row.id).await?;
        Ok(parties.map(|parties| parties.accounts.iter().map(Account::from).collect()).unwrap_or_default())
    }

    async fn sources(&self, ctx: &Context<'_>) -> Result<Vec<Source>> {
        authorise(principal(ctx)?, Action::Read, Some(self.row.id))?;
        let parties = ctx.data::<PartyData>()?.load_one(self.row.id).await?;
        Ok(parties.map(|parties| parties.sources.iter().map(Source::from).collect()).unwrap_or_default())
    }

    /// Sources that are connected to a provider, newest first; those that ended last.
    #[graphql(complexity = "cost::list(5, child_complexity)")]
    async fn connections(&self, ctx: &Context<'_>) -> Result<Vec<Connection>> {
        authorise(principal(ctx)?, Action::Read, Some(self.row.id))?;
        let connections = ctx.data::<Reader>()?.connections(self.row.id).await?;
        Ok(connections.into_iter().map(|connection| Connection::of(self.row.id, connection)).collect())
    }

    #[graphql(complexity = "cost::read(child_complexity)")]
    async fn connection(&self, ctx: &Context<'_>, source: Uuid) -> Result<Option<Connection>> {
        let all = self.connections(ctx).await?;
        Ok(all.into_iter().find(|connection| connection.source == source))
    }

    /// Null while its figures go on.
    async fn stands_still(&self, ctx: &Context<'_>) -> Result<Option<StandsStill>> {
        Ok(self.now(ctx).await?.stands_still.as_ref().map(StandsStill::from))
    }

    async fn known(&self, ctx: &Context<'_>, as_of: Option<AsOf>, min_position: Option<Position>) -> Result<Known> {
        Ok(self.view(ctx, as_of, min_position).await?.known.into())
    }

    /// Who did what and when, newest first.
    #[graphql(complexity = "cost::page(first, child_complexity)")]
    async fn audit(
        &self,
        ctx: &Context<'_>,
        filter: Option<AuditFilter>,
        #[graphql(default = 50)] first: i32,
        after: Option<String>,
    ) -> Result<AuditConnection> {
        authorise(principal(ctx)?, Action::ReadAudit, Some(self.row.id))?;
        AuditConnection::read(ctx, self.row.id, self.row.time_zone, filter.unwrap_or_default(), first, after).await
    }

    /// Months in which something stands or that were closed, newest first.
    #[graphql(complexity = "cost::list(5, child_complexity)")]
    async fn months(&self, ctx: &Context<'_>, min_position: Option<Position>) -> Result<Vec<BusinessMonth>> {
        let view = self.view(ctx, None, min_position).await?;
        let months = ctx.data::<Reader>()?.months(&view, min_position.map(|position| position.0)).await?;
        Ok(months.into_iter().map(BusinessMonth::from).collect())
    }

    /// From an event to the figures that it moved, by month and kind.
    #[graphql(complexity = "cost::read(child_complexity)")]
    async fn moved(&self, ctx: &Context<'_>, position: Position) -> Result<Vec<AuditMovement>> {
        authorise(principal(ctx)?, Action::ReadAudit, Some(self.row.id))?;
        let rows = ctx.data::<Reader>()?.moved(self.row.id, position.0).await?;
        Ok(rows.into_iter().map(AuditMovement::from).collect())
    }

    /// All figures of one period with their comparison: what the home screen shows. A running period is compared
    /// with equal days. `currency`, here and elsewhere: a code for its money alone (without one: the base currency's),
    /// BASE for all money in the base currency, each amount at the rate of its day.
    #[graphql(complexity = "4 * cost::READ + child_complexity")]
    async fn summary(
        &self,
        ctx: &Context<'_>,
        period: PeriodInput,
        #[graphql(default_with = "Some(Comparison::SamePeriodLastYear)")] compare: Option<Comparison>,
        currency: Option<String>,
        as_of: Option<AsOf>,
        min_position: Option<Position>,
    ) -> Result<Summary> {
        let view = self.view(ctx, as_of, min_position).await?;
        let comparison = compare.unwrap_or(Comparison::SamePeriodLastYear).into();
        let terms = view.terms(currency.as_deref())?;
        let summary = ctx.data::<Reader>()?.summary(&view, period.try_into()?, comparison, terms).await?;
        Ok(summary.into())
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

    /// Keyset-paged transactions, as known at asOf.
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
        changed_from: Option<AsOf>,
        changed_to: Option<AsOf>,
        #[graphql(default_with = "Some(TransactionOrder::Day)")] order: Option<TransactionOrder>,
        #[graphql(default_with = "Some(50)")] first: Option<i32>,
        after: Option<String>,
        as_of: Option<AsOf>,
    ) -> Result<TransactionConnection> {
        let changed = match changed_from {
            Some(from) => Some(self.view(ctx, Some(from), None).await?.known.position),
            None => None,
        };
        let view = self.view(ctx, changed_to.or(as_of), None).await?;
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
            changed,
            order,
            first,
            after,
        };
        TransactionConnection::read(ctx, view, asked).await
    }

    /// Every revision of one transaction, oldest first.
    #[graphql(complexity = "cost::list(5, child_complexity)")]
    async fn transaction_history(&self, ctx: &Context<'_>, id: Uuid) -> Result<Vec<Revision>> {
        Revision::read(ctx, self.view(ctx, None, None).await?, id).await
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
    ) -> Result<Changes> {
        let to = self.view(ctx, to, None).await?;
        let from = self.view(ctx, Some(from), None).await?;
        let terms = to.terms(currency.as_deref())?;
        let reader = ctx.data::<Reader>()?;
        Ok(reader.changes(&from, &to, metric.into(), period.try_into()?, terms).await?.into())
    }

    /// Batches (imports, demo days) newest first: what came when, to choose a past view by.
    #[graphql(complexity = "cost::page(first.unwrap_or(20), child_complexity)")]
    async fn batches(
        &self,
        ctx: &Context<'_>,
        #[graphql(default_with = "Some(20)")] first: Option<i32>,
        after: Option<String>,
    ) -> Result<BatchConnection> {
        BatchConnection::read(ctx, self.now(ctx).await?.clone(), first.unwrap_or(20), after).await
    }
}
