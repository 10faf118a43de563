//! Whether accounts are complete. The same bodies over REST.

use std::sync::Arc;

use async_graphql::{Context, Object, Result, SimpleObject};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::connections::{as_number, statement_days};
use super::cost;
use super::input::Position;
use super::viewed::Views;
use crate::figures::{Period, exact_amount};
use crate::reader::{self, Reader};

pub struct CompletenessOf {
    pub views: Arc<Views>,
}

#[Object]
impl CompletenessOf {
    /// How each open account stands, by name: what is said beside figures. As it stands now.
    #[graphql(complexity = "cost::list(5, child_complexity)")]
    async fn standings(&self, ctx: &Context<'_>, min_position: Option<Position>) -> Result<Vec<AccountStanding>> {
        let view = self.views.view(ctx, None, min_position).await?;
        let standings = ctx.data::<Reader>()?.standings(&view).await?;
        Ok(standings.into_iter().map(AccountStanding::from).collect())
    }

    /// Whether an account is complete, wherever its transactions come from; the last 30 days where no others are asked
    /// for. As it stands now.
    #[graphql(complexity = "cost::statement(from, to, child_complexity)")]
    async fn completeness(
        &self,
        ctx: &Context<'_>,
        account: Uuid,
        from: Option<NaiveDate>,
        to: Option<NaiveDate>,
        min_position: Option<Position>,
    ) -> Result<Completeness> {
        let view = self.views.view(ctx, None, min_position).await?;
        let days = statement_days(&view, from, to)?;
        Ok(ctx.data::<Reader>()?.completeness_of(&view, account, days).await?.into())
    }
}

/// Whether an account is complete, without its days.
#[derive(Debug, Clone, SimpleObject, Serialize, ToSchema)]
pub struct AccountStanding {
    account: Uuid,
    source: Option<Uuid>,
    /// Nothing is missing up to this day, or what is missing is told by the other members. Null where nobody says to
    /// which day its transactions reach.
    complete_to: Option<NaiveDate>,
    is_complete: bool,
    /// How many there are between days that were told.
    gaps: i32,
    /// Lines of files that were refused and that no later file brought.
    #[schema(value_type = i64)]
    refused: i64,
    /// The day from which on its balances are recorded to differ from what is counted.
    differs_from: Option<NaiveDate>,
    /// Its history is still being read.
    is_coming: bool,
}

impl From<reader::Standing> for AccountStanding {
    fn from(from: reader::Standing) -> Self {
        Self {
            is_complete: from.is_complete(),
            account: from.account.as_uuid(),
            source: from.source,
            complete_to: from.complete_to,
            gaps: i32::try_from(from.gaps).unwrap_or(i32::MAX),
            refused: from.refused,
            differs_from: from.differs_from,
            is_coming: from.is_coming,
        }
    }
}

/// Whether everything of an account is here.
#[derive(Debug, Clone, SimpleObject, Serialize, ToSchema)]
pub struct Completeness {
    account: Uuid,
    currency: String,
    covered_from: Option<NaiveDate>,
    covered_to: Option<NaiveDate>,
    gaps: Vec<CompletenessGap>,
    /// Transactions that the provider told and has not booked.
    pending: i64,
    #[schema(value_type = String)]
    pending_amount: Decimal,
    /// Lines of files that were refused and that no later file brought; of a connection the syncs since the last good
    /// one whose answers were refused or not understood.
    refused: i64,
    /// Null where nobody tells a balance.
    agrees: Option<bool>,
    /// The day from which on the balances differ until now.
    first_difference: Option<NaiveDate>,
    /// The last that the account's history says of its balances.
    recorded: Option<CompletenessRecord>,
    days: Vec<CompletenessDay>,
}

/// That balances were found to differ, or to agree again.
#[derive(Debug, Clone, SimpleObject, Serialize, ToSchema)]
pub struct CompletenessRecord {
    /// Null: they agree again.
    differs_from: Option<NaiveDate>,
    /// Of the event.
    #[schema(value_type = i64)]
    #[serde(serialize_with = "as_number")]
    position: Position,
}

#[derive(Debug, Clone, SimpleObject, Serialize, ToSchema)]
pub struct CompletenessGap {
    from: NaiveDate,
    to: NaiveDate,
    why: String,
}

/// Opening, movements and closing as known now, pending ones included; and what the provider said on that day, beside
/// what was known then.
#[derive(Debug, Clone, SimpleObject, Serialize, ToSchema)]
pub struct CompletenessDay {
    day: NaiveDate,
    #[schema(value_type = String)]
    opening: Decimal,
    #[schema(value_type = String)]
    movements: Decimal,
    #[schema(value_type = String)]
    closing: Decimal,
    #[schema(value_type = Option<String>)]
    told: Option<Decimal>,
    #[schema(value_type = Option<String>)]
    difference: Option<Decimal>,
}

impl From<reader::Completeness> for Completeness {
    fn from(from: reader::Completeness) -> Self {
        let exact = |amount: Decimal| exact_amount(amount, from.currency);
        let days = from.days.iter().map(|day| CompletenessDay {
            day: day.day,
            opening: exact(day.opening),
            movements: exact(day.movements),
            closing: exact(day.closing),
            told: day.told.map(exact),
            difference: day.difference.map(exact),
        });
        let gaps = from.gaps.iter().map(|gap| CompletenessGap {
            from: gap.days.from(),
            to: gap.days.to(),
            why: gap.why.to_owned(),
        });
        Self {
            account: from.account.as_uuid(),
            currency: from.currency.to_string(),
            covered_from: from.covered.map(Period::from),
            covered_to: from.covered.map(Period::to),
            gaps: gaps.collect(),
            pending: from.pending,
            pending_amount: exact(from.pending_amount),
            refused: from.refused,
            agrees: from.agrees,
            first_difference: from.first_difference,
            recorded: from.recorded.map(|recorded| CompletenessRecord {
                differs_from: recorded.differs_from,
                position: Position(recorded.position),
            }),
            days: days.collect(),
        }
    }
}
