//! Businesses: registered, renamed, and their settings.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use domain::access::Action;
use domain::business::{BusinessCommand, BusinessError};
use domain::{BusinessId, FiscalMonth, Problem, TimeZone, UserId};
use serde::{Deserialize, Serialize};
use streams::{CommandError, Commands, Counts, Receipt};
use utoipa::ToSchema;

use super::edge::{Asker, At, Body, Refusal};
use super::idempotency::Once;
use super::{Recorded, allowed, invalid, placed, refused};
use crate::graphql::founder;

#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBusiness {
    /// 1 to 120 characters.
    name: String,
    /// ISO 4217; it never changes.
    base_currency: String,
    /// IANA, e.g. `Europe/London`: it decides which day a transaction belongs to.
    time_zone: String,
    /// 1 to 12; 1 where not given.
    #[serde(default = "january")]
    fiscal_year_first_month: u8,
}

fn january() -> u8 {
    1
}

impl NewBusiness {
    fn into_command(self, id: BusinessId, founder: Option<UserId>) -> Result<BusinessCommand, Refusal> {
        Ok(BusinessCommand::Register {
            id,
            name: self.name,
            base_currency: self.base_currency.parse().map_err(|error: domain::UnknownCurrency| invalid(error))?,
            time_zone: zone(&self.time_zone)?,
            fiscal_year_first_month: month(self.fiscal_year_first_month)?,
            founder,
        })
    }
}

/// What is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BusinessChanges {
    name: Option<String>,
    time_zone: Option<String>,
    fiscal_year_first_month: Option<u8>,
}

impl BusinessChanges {
    /// The name first: it alone can still be refused, and then nothing was changed.
    fn into_commands(self) -> Result<Vec<BusinessCommand>, Refusal> {
        let mut commands = Vec::new();
        commands.extend(self.name.map(|name| BusinessCommand::Rename { name }));
        if let Some(text) = self.time_zone {
            commands.push(BusinessCommand::ChangeTimeZone { time_zone: zone(&text)? });
        }
        if let Some(first) = self.fiscal_year_first_month {
            commands.push(BusinessCommand::ChangeFiscalYear { first_month: month(first)? });
        }
        Ok(commands)
    }
}

fn zone(text: &str) -> Result<TimeZone, Refusal> {
    text.parse().map_err(|error: domain::UnknownTimeZone| invalid(error))
}

fn month(month: u8) -> Result<FiscalMonth, Refusal> {
    FiscalMonth::try_from(month).map_err(invalid)
}

/// Registers a business. With an Idempotency-Key the same request again answers the same business.
#[utoipa::path(post, path = "/api/v1/businesses", request_body = NewBusiness,
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 255 visible characters, of your choice")),
    responses(
        (status = 201, body = Recorded),
        (status = 400, description = "A body that does not fit", content_type = "application/problem+json"),
        (status = 401, description = "No session", content_type = "application/problem+json"),
        (status = 422, description = "A name that is refused, or a key that was used for another request",
            content_type = "application/problem+json"),
    ))]
pub async fn register_business(
    State(commands): State<Commands>,
    asker: Asker,
    headers: HeaderMap,
    Body(body): Body<NewBusiness>,
) -> Result<(StatusCode, Json<Recorded>), Refusal> {
    let once = Once::of(&headers, &asker.principal, "POST /api/v1/businesses", &body)?;
    let id = once.as_ref().map_or_else(BusinessId::new, |once| BusinessId::from_uuid(once.id));
    let mut meta = allowed(&asker.principal, &asker.origin, Action::Register, id)?;
    meta.causation = once.as_ref().map(|once| once.cause.clone());
    let founder = founder(&asker.principal);
    let receipt = match commands.business(id, body.into_command(id, founder)?, &meta).await {
        Err(CommandError::Business(BusinessError::AlreadyRegistered)) => {
            registered_before(&commands, id, founder, once).await?
        }
        receipt => receipt.map_err(refused)?,
    };
    let position = placed(&commands, &[receipt]).await?;
    Ok((StatusCode::CREATED, Json(Recorded { id: id.as_uuid(), position })))
}

/// The receipt of the same request's first time.
async fn registered_before(
    commands: &Commands,
    id: BusinessId,
    founder: Option<UserId>,
    once: Option<Once>,
) -> Result<Receipt, Refusal> {
    let receipt = Receipt {
        aggregate_type: "business",
        aggregate_id: id.as_uuid(),
        first_sequence: 1,
        // Who founded it joined it in the same append.
        last_sequence: 1 + i64::from(founder.is_some()),
        counts: Counts::default(),
    };
    let cause = commands.causation_of(&receipt).await.map_err(refused)?;
    let taken = || Problem::new(domain::Code::Conflict, BusinessError::AlreadyRegistered.to_string());
    once.ok_or_else(taken)?.check(cause.as_deref())?;
    Ok(receipt)
}

/// Changes what the body names.
#[utoipa::path(patch, path = "/api/v1/businesses/{business_id}", request_body = BusinessChanges,
    params(("business_id" = uuid::Uuid, Path)),
    responses(
        (status = 200, body = Recorded),
        (status = 400, description = "A body that does not fit", content_type = "application/problem+json"),
        (status = 401, description = "No session", content_type = "application/problem+json"),
        (status = 403, description = "Not your role", content_type = "application/problem+json"),
        (status = 404, description = "No such business of yours", content_type = "application/problem+json"),
        (status = 422, description = "A name that is refused", content_type = "application/problem+json"),
    ))]
pub async fn change_business(
    State(commands): State<Commands>,
    asker: Asker,
    At(id): At<BusinessId>,
    Body(body): Body<BusinessChanges>,
) -> Result<Json<Recorded>, Refusal> {
    let meta = allowed(&asker.principal, &asker.origin, Action::Manage, id)?;
    let mut receipts = Vec::new();
    for command in body.into_commands()? {
        receipts.push(commands.business(id, command, &meta).await.map_err(refused)?);
    }
    Ok(Json(Recorded { id: id.as_uuid(), position: placed(&commands, &receipts).await? }))
}
