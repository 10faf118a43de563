//! Exchange rates, and what was converted with them.

use std::sync::Arc;

use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use chrono::{DateTime, NaiveDate, Utc};
use domain::Currency;
use domain::rates::{Conversion, Leg};
use rust_decimal::Decimal;

use super::cost;
use super::input::{AsOf, Position};
use super::metrics::Lacking;
use super::viewed::Views;
use crate::figures::exact_amount;
use crate::reader::{self, Reader};
use crate::views::RateRow;

/// Whose word a rate is.
#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "domain::rates::RateSource")]
pub enum RateSource {
    /// What a payment provider or the books converted with.
    Provider,
    /// The euro reference rates of the European Central Bank.
    Ecb,
    /// A person.
    Manual,
}

pub struct RatesOf {
    pub views: Arc<Views>,
}

#[Object]
impl RatesOf {
    /// Recorded exchange rates of at most `days` days (400 are the most), the newest before `before`.
    #[graphql(complexity = "cost::rates(days, child_complexity)")]
    async fn exchange_rates(
        &self,
        ctx: &Context<'_>,
        currency: Option<String>,
        before: Option<NaiveDate>,
        #[graphql(default = 30)] days: i32,
        as_of: Option<AsOf>,
        min_position: Option<Position>,
    ) -> Result<Vec<ExchangeRate>> {
        let view = self.views.view(ctx, as_of, min_position).await?;
        let currency = currency.as_deref().map(|code| view.currency(Some(code))).transpose()?;
        let days = usize::try_from(days).unwrap_or_default();
        let rates = ctx.data::<Reader>()?.rates(&view, currency, before, days).await?;
        Ok(rates.into_iter().map(Into::into).collect())
    }

    /// Days on which money of another currency than the base currency moved and that lack a rate, oldest first.
    #[graphql(complexity = "cost::list(5, child_complexity)")]
    async fn days_without_rate(
        &self,
        ctx: &Context<'_>,
        as_of: Option<AsOf>,
        min_position: Option<Position>,
    ) -> Result<Vec<DayWithoutRate>> {
        let view = self.views.view(ctx, as_of, min_position).await?;
        let days = ctx.data::<Reader>()?.days_without_rate(&view).await?;
        let day = |lack: crate::views::ForeignDay| DayWithoutRate {
            currency: lack.currency.to_string(),
            day: lack.day,
            transaction_count: Position(lack.count),
        };
        Ok(days.into_iter().map(day).collect())
    }
}

/// One unit of `base` was worth `rate` units of `quote` on `day`.
#[derive(Debug, SimpleObject)]
pub struct ExchangeRate {
    day: NaiveDate,
    base: String,
    quote: String,
    rate: Decimal,
    source: RateSource,
    /// The event that recorded it.
    position: Position,
    known_at: DateTime<Utc>,
    /// The rate that was known before it.
    replaced: Option<Decimal>,
    note: Option<String>,
}

impl From<RateRow> for ExchangeRate {
    fn from(row: RateRow) -> Self {
        Self {
            day: row.day,
            base: row.base.to_string(),
            quote: row.quote.to_string(),
            rate: row.rate.normalize(),
            source: row.source.into(),
            position: Position(row.position),
            known_at: row.known_at,
            replaced: row.replaced.map(|rate| rate.normalize()),
            note: row.note,
        }
    }
}

#[derive(Debug, SimpleObject)]
pub struct DayWithoutRate {
    currency: String,
    day: NaiveDate,
    transaction_count: Position,
}

/// The money of one currency in a converted figure.
#[derive(Debug, SimpleObject)]
pub struct Original {
    currency: String,
    /// In its own currency; a number of transactions where the figure is one.
    amount: Decimal,
    /// In the figure's currency; null where a day has no rate.
    value: Option<Decimal>,
    lacking: Option<Lacking>,
    count: Position,
}

impl Original {
    pub fn of(original: &reader::Original, explanation: &reader::Explanation) -> Self {
        Self {
            currency: original.currency.to_string(),
            amount: explanation.shown_in(original.amount, original.currency),
            value: original.value.map(|value| explanation.shown_in(value, explanation.terms.currency)),
            lacking: original.lack.map(Into::into),
            count: Position(original.count),
        }
    }
}

/// What moved on one day in one currency, and how it was converted.
#[derive(Debug, SimpleObject)]
pub struct ConvertedDay {
    day: NaiveDate,
    currency: String,
    amount: Decimal,
    count: Position,
    /// In the figure's currency; null where the day has no rate.
    value: Option<Decimal>,
    /// What the amount was multiplied with, rounded to twelve decimals; null for the figure's own currency.
    factor: Option<Decimal>,
    /// The recorded rates that it was made of: one, or two over the euro.
    rates: Vec<UsedRate>,
}

impl ConvertedDay {
    pub fn of(day: reader::ConvertedDay, explanation: &reader::Explanation) -> Self {
        let legs = |found: Conversion| [Some(found.first), found.second].into_iter().flatten().map(UsedRate::from);
        Self {
            day: day.day,
            currency: day.currency.to_string(),
            amount: explanation.shown_in(day.amount, day.currency),
            count: Position(day.count),
            value: day.value.map(|value| explanation.shown_in(value, explanation.terms.currency)),
            factor: day.conversion.map(|found| found.factor.normalize()),
            rates: day.conversion.map(|found| legs(found).collect()).unwrap_or_default(),
        }
    }
}

/// A recorded rate: one unit of `base` is `rate` of `quote`.
#[derive(Debug, SimpleObject)]
pub struct UsedRate {
    base: String,
    quote: String,
    rate: Decimal,
    /// The day that it is of, which may be before the day that it was used for.
    day: NaiveDate,
    source: RateSource,
    /// The event that recorded it.
    position: Position,
    /// Amounts were divided by it.
    divides: bool,
}

impl From<Leg> for UsedRate {
    fn from(leg: Leg) -> Self {
        Self {
            base: leg.base.to_string(),
            quote: leg.quote.to_string(),
            rate: leg.known.rate.normalize(),
            day: leg.day,
            source: leg.known.source.into(),
            position: Position(leg.known.position),
            divides: leg.divides,
        }
    }
}

impl reader::Explanation {
    /// An amount of this currency as it is written; a number where the figure is one.
    pub fn shown_in(&self, value: Decimal, currency: Currency) -> Decimal {
        if self.figure.metric == crate::figures::Metric::Count {
            return value.normalize();
        }
        exact_amount(value, currency)
    }
}
