//! Exchange rates that a person enters.

use async_graphql::{Context, Error, InputObject, Object};
use chrono::NaiveDate;
use domain::BusinessId;
use domain::access::Action;
use rust_decimal::Decimal;
use streams::Commands;
use uuid::Uuid;

use super::{Position, Receipt, allowed, failed, meta, refused};
use crate::rates::{Entered, record};

#[derive(Debug, Default)]
pub struct RatesMutation;

/// One unit of `base` was worth `rate` units of `quote` on `day`.
#[derive(Debug, Clone, InputObject)]
pub struct RateInput {
    day: NaiveDate,
    base: String,
    quote: String,
    rate: Decimal,
    /// Why, at most 500 characters.
    note: Option<String>,
}

#[Object]
impl RatesMutation {
    /// Stands over what is published for the day, and over what was entered before; what was known before stays known.
    async fn record_rate(&self, ctx: &Context<'_>, business: Uuid, rate: RateInput) -> Result<Receipt, Error> {
        let on = BusinessId::from_uuid(business);
        let principal = allowed(ctx, Action::Manage, Some(on))?;
        let RateInput { day, base, quote, rate, note } = rate;
        let entered = Entered { day, base, quote, rate, note };
        let quoted = entered.quoted().map_err(refused)?;
        let (commands, meta) = (ctx.data::<Commands>()?, meta(ctx, on, principal));
        let position = record(commands, on, quoted, entered.note.as_deref(), &meta).await;
        Ok(Receipt { id: business, position: Position(position.map_err(|error| failed(&error))?) })
    }
}
