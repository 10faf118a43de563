//! How records of a business end.

use async_graphql::{Context, Error, Object};
use chrono::{TimeDelta, Utc};
use domain::BusinessId;
use domain::access::Action;
use domain::business::{GRACE, RecordsCommand};
use uuid::Uuid;

use super::{Receipt, allowed, business};

/// What lies between the request of an erasure and the erasure; 30 days where nobody says otherwise.
#[derive(Debug, Clone, Copy)]
pub struct Grace(pub TimeDelta);

#[derive(Debug, Default)]
pub struct RecordsMutation;

#[Object]
impl RecordsMutation {
    /// Everything of the business goes after thirty days; until then any owner can withdraw it. `confirmation`: its name.
    async fn request_erasure(&self, ctx: &Context<'_>, business: Uuid, confirmation: String) -> Result<Receipt, Error> {
        let grace = ctx.data_opt::<Grace>().map_or(GRACE, |Grace(grace)| *grace);
        let request = RecordsCommand::RequestErasure { confirmation, grace, now: Utc::now() };
        order(ctx, Action::Erase, business, request).await
    }

    async fn withdraw_erasure(&self, ctx: &Context<'_>, business: Uuid) -> Result<Receipt, Error> {
        order(ctx, Action::WithdrawErasure, business, RecordsCommand::WithdrawErasure).await
    }

    /// While it stands nothing is erased.
    async fn set_legal_hold(&self, ctx: &Context<'_>, business: Uuid, reason: String) -> Result<Receipt, Error> {
        let id = BusinessId::from_uuid(business);
        let by = allowed(ctx, Action::KeepRecords, Some(id))?.subject.to_string();
        order(ctx, Action::KeepRecords, business, RecordsCommand::Hold { reason, by, now: Utc::now() }).await
    }

    /// For how many months the audit history is kept where people read it; what is older is archived to a file with its
    /// proof.
    async fn set_retention(&self, ctx: &Context<'_>, business: Uuid, months: u16) -> Result<Receipt, Error> {
        order(ctx, Action::KeepRecords, business, RecordsCommand::Retain { months }).await
    }

    async fn lift_legal_hold(&self, ctx: &Context<'_>, business: Uuid, reason: String) -> Result<Receipt, Error> {
        order(ctx, Action::KeepRecords, business, RecordsCommand::LiftHold { reason }).await
    }
}

async fn order(ctx: &Context<'_>, action: Action, on: Uuid, command: RecordsCommand) -> Result<Receipt, Error> {
    let id = BusinessId::from_uuid(on);
    let principal = allowed(ctx, action, Some(id))?;
    business(ctx, principal, id, command.into()).await
}
