//! Closing a month, and opening it again.

use std::sync::Arc;

use async_graphql::{Context, Error, Object};
use domain::access::Action;
use domain::business::{BusinessCommand, MonthCommand};
use domain::{BusinessId, Code, InvalidMonth, Month, Problem};
use streams::Commands;
use uuid::Uuid;

use super::{Position, Receipt, allowed, meta, refused};
use crate::books::{Books, closing};

#[derive(Debug, Default)]
pub struct MonthMutation;

#[Object]
impl MonthMutation {
    /// Seals the figures of a month that is over; what arrives for it later shows as a difference. `month`: e.g. 2026-03.
    /// `seen`: the position of the figures that were looked at; where they changed since, nothing is closed.
    async fn close_month(
        &self,
        ctx: &Context<'_>,
        business: Uuid,
        month: String,
        seen: Option<Position>,
    ) -> Result<Receipt, Error> {
        let on = BusinessId::from_uuid(business);
        let principal = allowed(ctx, Action::CloseMonth, Some(on))?;
        let (month, books) = (parsed(&month)?, ctx.data::<Arc<dyn Books>>()?);
        let (commands, meta) = (ctx.data::<Commands>()?, meta(ctx, on, principal));
        let close = closing(commands, &**books, month, seen.map(|seen| seen.0), &meta).await.map_err(refused)?;
        super::business(ctx, principal, on, close).await
    }

    /// The figures are those known now again. The reason has 3 to 500 characters.
    async fn reopen_month(
        &self,
        ctx: &Context<'_>,
        business: Uuid,
        month: String,
        reason: String,
    ) -> Result<Receipt, Error> {
        let on = BusinessId::from_uuid(business);
        let principal = allowed(ctx, Action::CloseMonth, Some(on))?;
        let reopen = BusinessCommand::Month(MonthCommand::Reopen { month: parsed(&month)?, reason });
        super::business(ctx, principal, on, reopen).await
    }
}

fn parsed(month: &str) -> Result<Month, Error> {
    month.parse().map_err(|error: InvalidMonth| refused(Problem::new(Code::Invalid, error.to_string())))
}
