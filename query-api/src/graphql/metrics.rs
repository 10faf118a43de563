//! Summary, series and balances.

use async_graphql::{ComplexObject, Context, Object, Result, SimpleObject};
use chrono::NaiveDate;
use domain::AccountId;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::entities::Account;
use super::input::{PeriodInput, Position};
use super::names::{Bucket, Comparison, Dimension, Direction, Kind, Metric, Unit};
use super::standing::Known;
use crate::failure::Failure;
use crate::figures::{self, STABLE_BELOW_PERCENT, exact_amount};
use crate::reader::{self, Reader, SeriesQuery, View};
use crate::views::Scope;

#[derive(Debug, Clone, Copy, SimpleObject)]
pub struct Period {
    from: NaiveDate,
    to: NaiveDate,
}

impl From<figures::Period> for Period {
    fn from(period: figures::Period) -> Self {
        Self { from: period.from(), to: period.to() }
    }
}

/// One figure. `value` is null where it is undefined, and `reason` says why.
#[derive(Debug, SimpleObject)]
pub struct Figure {
    metric: Metric,
    unit: Unit,
    currency: Option<String>,
    value: Option<Decimal>,
    reason: Option<String>,
}

impl From<reader::Figure> for Figure {
    fn from(figure: reader::Figure) -> Self {
        Self {
            metric: figure.metric.into(),
            unit: figure.metric.unit().into(),
            currency: figure.money_currency().map(|currency| currency.to_string()),
            value: figure.value.ok().map(|value| figure.shown(value)),
            reason: figure.value.err().map(|reason| reason.to_string()),
        }
    }
}

#[derive(Debug, SimpleObject)]
pub struct ComparedFigure {
    metric: Metric,
    unit: Unit,
    currency: Option<String>,
    value: Option<Decimal>,
    reason: Option<String>,
    /// Value of the compared period, and the difference.
    before: Option<Decimal>,
    difference: Option<Decimal>,
    /// Change in percent of |before|, null where before is 0 or undefined.
    percent: Option<Decimal>,
    direction: Option<Direction>,
    /// Whether more of this figure is good (null: neutral).
    more_is_better: Option<bool>,
}

impl From<reader::ComparedFigure> for ComparedFigure {
    fn from(compared: reader::ComparedFigure) -> Self {
        let figure = compared.figure;
        let Figure { metric, unit, currency, value, reason } = figure.into();
        Self {
            metric,
            unit,
            currency,
            value,
            reason,
            before: compared.before.map(|before| figure.shown(before)),
            difference: compared.change.difference.map(|difference| figure.shown(difference)),
            percent: compared.change.percent.map(|percent| percent.normalize()),
            direction: compared.change.direction.map(Into::into),
            more_is_better: figure.metric.more_is_better(),
        }
    }
}

#[derive(Debug, SimpleObject)]
pub struct Summary {
    period: Period,
    compared: Period,
    known: Known,
    currency: String,
    /// |percent| below this is STABLE.
    stable_below_percent: Decimal,
    figures: Vec<ComparedFigure>,
    /// Largest movers among the categories of expenses and revenue, by absolute difference.
    movers: Vec<CategoryChange>,
    /// Figures in other currencies exist, which are not in these.
    other_currencies: Vec<String>,
    /// Where all money is told in the base currency: what has no exchange rate.
    lacking: Vec<Lacking>,
}

/// The first day of a currency that has neither an exchange rate nor one of the seven days before it.
#[derive(Debug, Clone, SimpleObject)]
pub struct Lacking {
    currency: String,
    day: NaiveDate,
}

impl From<figures::Lack> for Lacking {
    fn from(lack: figures::Lack) -> Self {
        Self { currency: lack.currency.to_string(), day: lack.day }
    }
}

impl From<reader::Summary> for Summary {
    fn from(summary: reader::Summary) -> Self {
        let mover = |mover: reader::CategoryChange| CategoryChange {
            category: mover.category,
            kind: mover.kind.into(),
            value: exact_amount(mover.value, summary.currency),
            before: exact_amount(mover.before, summary.currency),
            difference: exact_amount(mover.difference, summary.currency),
            percent: mover.percent.map(|percent| percent.normalize()),
        };
        Self {
            period: summary.period.into(),
            compared: summary.compared.into(),
            known: summary.known.into(),
            currency: summary.currency.to_string(),
            stable_below_percent: STABLE_BELOW_PERCENT,
            movers: summary.movers.into_iter().map(mover).collect(),
            figures: summary.figures.into_iter().map(Into::into).collect(),
            other_currencies: summary.other_currencies.iter().map(ToString::to_string).collect(),
            lacking: summary.lacking.into_iter().map(Into::into).collect(),
        }
    }
}

#[derive(Debug, SimpleObject)]
pub struct CategoryChange {
    category: String,
    kind: Kind,
    value: Decimal,
    before: Decimal,
    difference: Decimal,
    percent: Option<Decimal>,
}

/// The arguments of a series.
pub struct SeriesAsked {
    pub period: PeriodInput,
    pub bucket: Bucket,
    pub by: Option<Dimension>,
    pub currency: Option<String>,
    pub account: Option<Uuid>,
    pub category: Option<String>,
}

#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Series {
    known: Known,
    currency: String,
    bucket: Bucket,
    points: Vec<SeriesPoint>,
    lacking: Vec<Lacking>,
    #[graphql(skip)]
    view: View,
    #[graphql(skip)]
    query: SeriesQuery,
}

#[ComplexObject]
impl Series {
    /// The figures of each bucket's last day, of all together where the series is split; of the asked account or
    /// category alone. One that was running as of the view ends on its day.
    // One for each bucket: the series weighs it that often.
    #[graphql(complexity = "1 + child_complexity")]
    async fn closings(&self, ctx: &Context<'_>) -> Result<Vec<ClosingFigures>> {
        let closings = ctx.data::<Reader>()?.closings(&self.view, &self.query).await?;
        Ok(closings.into_iter().map(Into::into).collect())
    }

    /// Each bucket beside the one before it, or that of a year before. One that was running as of the view ends on its
    /// day, and is compared with equal days. Where the series is split, each key that one of the two has.
    #[graphql(complexity = "1 + child_complexity")]
    async fn compared(&self, ctx: &Context<'_>, comparison: Comparison) -> Result<Vec<ComparedPoint>> {
        let points = ctx.data::<Reader>()?.compared_series(&self.view, &self.query, comparison.into()).await?;
        Ok(points.into_iter().map(ComparedPoint).collect())
    }
}

/// What a bucket ends with.
#[derive(Debug, SimpleObject)]
pub struct ClosingFigures {
    from: NaiveDate,
    to: NaiveDate,
    /// The day that the figures are of.
    day: NaiveDate,
    balance: Figure,
    burn_rate: Figure,
    runway: Figure,
}

impl From<reader::ClosingFigures> for ClosingFigures {
    fn from(closing: reader::ClosingFigures) -> Self {
        Self {
            from: closing.period.from(),
            to: closing.period.to(),
            day: closing.day,
            balance: closing.balance.into(),
            burn_rate: closing.burn_rate.into(),
            runway: closing.runway.into(),
        }
    }
}

impl Series {
    pub async fn read(ctx: &Context<'_>, view: &View, asked: SeriesAsked) -> Result<Self> {
        let terms = view.terms(asked.currency.as_deref())?;
        let query = SeriesQuery {
            period: asked.period.try_into()?,
            bucket: asked.bucket.into(),
            by: asked.by.map(Into::into),
            scope: scope(asked.account, asked.category),
            currency: Some(terms),
        };
        let series = ctx.data::<Reader>()?.series(view, &query).await?;
        Ok(Self {
            known: series.known.into(),
            currency: terms.currency.to_string(),
            bucket: asked.bucket,
            points: series.points.into_iter().map(SeriesPoint).collect(),
            lacking: series.lacking.into_iter().map(Into::into).collect(),
            view: view.clone(),
            query,
        })
    }
}

pub fn scope(account: Option<Uuid>, category: Option<String>) -> Scope {
    Scope { account: account.map(AccountId::from_uuid), category }
}

pub struct SeriesPoint(reader::Point);

#[Object]
impl SeriesPoint {
    async fn from(&self) -> NaiveDate {
        self.0.period.from()
    }

    async fn to(&self) -> NaiveDate {
        self.0.period.to()
    }

    /// Category, account id or kind; null without a split.
    async fn key(&self) -> Option<&str> {
        self.0.key.as_deref()
    }

    /// The period is not over yet, or cut by the asked range. Figures are null where they lack an exchange rate.
    async fn partial(&self) -> bool {
        self.0.partial
    }

    async fn revenue(&self) -> Option<Decimal> {
        self.0.amount(figures::Metric::Revenue)
    }

    async fn expenses(&self) -> Option<Decimal> {
        self.0.amount(figures::Metric::Expenses)
    }

    async fn profit(&self) -> Option<Decimal> {
        self.0.amount(figures::Metric::Profit)
    }

    async fn profit_margin(&self) -> Option<Decimal> {
        self.0.value(figures::Metric::ProfitMargin).map(|margin| margin.normalize())
    }

    async fn money_in(&self) -> Option<Decimal> {
        self.0.amount(figures::Metric::MoneyIn)
    }

    async fn money_out(&self) -> Option<Decimal> {
        self.0.amount(figures::Metric::MoneyOut)
    }

    async fn net(&self) -> Option<Decimal> {
        self.0.amount(figures::Metric::Net)
    }

    async fn cash_in(&self) -> Option<Decimal> {
        self.0.amount(figures::Metric::CashIn)
    }

    async fn cash_out(&self) -> Option<Decimal> {
        self.0.amount(figures::Metric::CashOut)
    }

    async fn cash_net(&self) -> Option<Decimal> {
        self.0.amount(figures::Metric::CashNet)
    }

    async fn average_sale(&self) -> Option<Decimal> {
        self.0.value(figures::Metric::AverageSale).map(|average| exact_amount(average, self.0.currency))
    }

    async fn count(&self) -> Position {
        Position(self.0.total().count)
    }
}

pub struct ComparedPoint(reader::ComparedPoint);

#[Object]
impl ComparedPoint {
    async fn period(&self) -> Period {
        self.0.period.into()
    }

    async fn compared(&self) -> Period {
        self.0.compared.into()
    }

    /// Category, account id or kind; null without a split.
    async fn key(&self) -> Option<&str> {
        self.0.key.as_deref()
    }

    /// The asked ones, in that order; those of a day rather than a bucket (balance, burn rate, runway) are refused.
    #[graphql(complexity = "metrics.len() * child_complexity")]
    async fn figures(&self, metrics: Vec<Metric>) -> Result<Vec<ComparedFigure>> {
        let figure = |metric: Metric| {
            let figure = self.0.figure(metric.into()).map(Into::into);
            figure.ok_or_else(|| {
                Failure::invalid("A balance, burn rate or runway is of a day: ask for `closings`.").into()
            })
        };
        metrics.into_iter().map(figure).collect()
    }
}

#[derive(Debug, SimpleObject)]
pub struct Balances {
    known: Known,
    currency: String,
    total: Vec<BalancePoint>,
    accounts: Vec<AccountBalance>,
}

#[derive(Debug, SimpleObject)]
pub struct AccountBalance {
    account: Account,
    closing: Option<Decimal>,
    points: Vec<BalancePoint>,
}

#[derive(Debug, SimpleObject)]
pub struct BalancePoint {
    day: NaiveDate,
    /// Null from the first day on that lacks an exchange rate.
    balance: Option<Decimal>,
}

impl From<reader::Balances> for Balances {
    fn from(balances: reader::Balances) -> Self {
        let currency = balances.currency;
        let points = |points: Vec<reader::BalancePoint>| {
            let shown = |point: reader::BalancePoint| BalancePoint {
                day: point.day,
                balance: point.balance.map(|balance| exact_amount(balance, currency)),
            };
            points.into_iter().map(shown).collect::<Vec<_>>()
        };
        let account = |balance: reader::AccountBalance| AccountBalance {
            account: (&balance.account).into(),
            closing: balance.closing.map(|closing| exact_amount(closing, currency)),
            points: points(balance.points),
        };
        Self {
            known: balances.known.into(),
            currency: currency.to_string(),
            total: points(balances.total),
            accounts: balances.accounts.into_iter().map(account).collect(),
        }
    }
}
