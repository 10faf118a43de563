//! Why a figure is what it is.

use async_graphql::{Context, Object, Result, SimpleObject};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::cost;
use super::input::{PeriodInput, Position};
use super::metrics::{Figure, Lacking, Period, scope};
use super::names::{Cause, Kind, Metric};
use super::rates::{ConvertedDay, Original};
use super::standing::Known;
use crate::reader::{self, Reader, View};

/// The arguments of an explanation.
pub struct Explain {
    pub metric: Metric,
    pub period: PeriodInput,
    pub currency: Option<String>,
    pub account: Option<Uuid>,
    pub category: Option<String>,
}

pub struct Explanation {
    view: View,
    answer: reader::Explanation,
}

impl Explanation {
    pub async fn read(ctx: &Context<'_>, view: View, asked: Explain) -> Result<Self> {
        let terms = view.terms(asked.currency.as_deref())?;
        let scope = scope(asked.account, asked.category);
        let reader = ctx.data::<Reader>()?;
        let answer = reader.explain(&view, asked.metric.into(), asked.period.try_into()?, terms, scope).await?;
        Ok(Self { view, answer })
    }
}

#[Object]
impl Explanation {
    async fn figure(&self) -> Figure {
        self.answer.figure.into()
    }

    async fn known(&self) -> Known {
        self.answer.known.into()
    }

    /// As asked, cut where it was still running then: its transactions are those of these days.
    async fn period(&self) -> Period {
        self.answer.period.into()
    }

    /// How the figure is made, in words.
    async fn formula(&self) -> &str {
        self.answer.figure.metric.formula()
    }

    async fn parts(&self) -> Vec<Part> {
        self.answer.parts.iter().map(|part| Part::of(part, &self.answer)).collect()
    }

    /// Where all money is told in the base currency: the figure by the currency that its amounts were in. They sum to
    /// it exactly. None where the figure is no sum: its parts are figures that can be explained.
    async fn originals(&self) -> Vec<Original> {
        self.answer.originals.iter().map(|original| Original::of(original, &self.answer)).collect()
    }

    /// The days of one of these currencies with the rates that they were converted with, newest first, at most 400:
    /// go on with `before`. All of them sum to that currency's value exactly.
    #[graphql(complexity = "cost::conversions(child_complexity)")]
    async fn conversions(
        &self,
        ctx: &Context<'_>,
        currency: String,
        before: Option<NaiveDate>,
    ) -> Result<Vec<ConvertedDay>> {
        let currency = self.view.currency(Some(&currency))?;
        let days = ctx.data::<Reader>()?.conversions(&self.view, &self.answer, currency, before).await?;
        Ok(days.into_iter().map(|day| ConvertedDay::of(day, &self.answer)).collect())
    }

    /// What has no exchange rate; it is in no part.
    async fn lacking(&self) -> Vec<Lacking> {
        self.answer.lacking.iter().copied().map(Into::into).collect()
    }

    async fn transaction_count(&self) -> Position {
        Position(self.answer.transactions)
    }

    /// The figure as it was known earlier: one entry per batch that changed it, newest first, at most 10.
    #[graphql(complexity = "cost::list(10, child_complexity)")]
    async fn history(&self, ctx: &Context<'_>) -> Result<Vec<KnownValue>> {
        let values = ctx.data::<Reader>()?.known_values(&self.view, &self.answer).await?;
        let shown = |known: reader::KnownValue| KnownValue {
            known: known.known.into(),
            value: known.value.map(|value| self.answer.figure.shown(value)),
            cause: known.cause.map(Into::into),
        };
        Ok(values.into_iter().map(shown).collect())
    }
}

#[derive(Debug, SimpleObject)]
pub struct Part {
    key: String,
    label: String,
    kind: Option<Kind>,
    category: Option<String>,
    account: Option<Uuid>,
    value: Decimal,
    count: Position,
}

impl Part {
    fn of(part: &reader::Part, explanation: &reader::Explanation) -> Self {
        Self {
            key: part.key.clone(),
            label: part.label.clone(),
            kind: part.kind.map(Into::into),
            category: part.category.clone(),
            account: part.account.map(domain::AccountId::as_uuid),
            value: explanation.shown(part),
            count: Position(part.count),
        }
    }
}

#[derive(Debug, SimpleObject)]
pub struct KnownValue {
    known: Known,
    value: Option<Decimal>,
    cause: Option<Cause>,
}
