//! What transactions mean: choices and rules. Bodies are checked after the rights.

use axum::Json;
use axum::extract::State;
use domain::access::Action;
use domain::business::{BusinessCommand, RulesCommand};
use domain::meaning::{Meaning, Rule, When};
use domain::{AccountId, BusinessId, RuleId, TransactionId};
use serde::{Deserialize, Serialize};
use streams::Commands;
use utoipa::ToSchema;
use uuid::Uuid;

use super::edge::{Asker, At, Body, Refusal};
use super::{Recorded, allowed, invalid, placed, refused};
use crate::meaning::{Choice, ChooseError, choose, to_meaning};

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Named {
    account: Uuid,
    id: Uuid,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Recategorise {
    /// 1 to 500.
    #[serde(default)]
    transactions: Vec<Named>,
    /// Left out: the choice is given up, and rules, source and learning say again.
    category: Option<String>,
    /// Left out: the category's usual one.
    kind: Option<String>,
    note: Option<String>,
}

/// How many transactions mean something else now.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecategorisedBody {
    /// 0 where nothing changed.
    position: i64,
    changed: u64,
}

/// What a rule asks for: all of it must be so.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RuleWhen {
    /// Each is found in description, counterparty or reference; letters of either case are the same, `*` stands for
    /// any run of them.
    text: Vec<String>,
    account: Option<Uuid>,
    /// `in` or `out`.
    sign: Option<String>,
    /// Without sign.
    min_amount: Option<rust_decimal::Decimal>,
    max_amount: Option<rust_decimal::Decimal>,
    currency: Option<String>,
    /// The category that the source itself says.
    reported: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleBody {
    #[serde(default)]
    when: RuleWhen,
    #[serde(default)]
    category: String,
    #[serde(default)]
    kind: String,
    /// The rule that it is put before.
    before: Option<Uuid>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleOrder {
    /// Every rule once.
    #[serde(default)]
    ids: Vec<Uuid>,
}

impl RuleBody {
    fn into_command(self, id: RuleId) -> Result<RulesCommand, Refusal> {
        let RuleWhen { text, account, sign, min_amount, max_amount, currency, reported } = self.when;
        let sign = sign.map(|sign| serde_json::from_value(sign.into())).transpose().map_err(invalid)?;
        let currency = currency.map(|code| code.parse()).transpose();
        let reported = reported.map(|category| category.parse()).transpose();
        let when = When {
            text,
            account: account.map(AccountId::from_uuid),
            sign,
            min_amount,
            max_amount,
            currency: currency.map_err(|error: domain::UnknownCurrency| invalid(error))?,
            reported: reported.map_err(|error: domain::InvalidCategory| invalid(error))?,
        };
        let then = Meaning {
            kind: self.kind.parse().map_err(|error: domain::UnknownKind| invalid(error))?,
            category: self.category.parse().map_err(|error: domain::InvalidCategory| invalid(error))?,
        };
        Ok(RulesCommand::Set { rule: Rule { id, when, then }, before: self.before.map(RuleId::from_uuid) })
    }
}

/// Says what transactions mean.
#[utoipa::path(post, path = "/api/v1/businesses/{business_id}/transactions/recategorise", request_body = Recategorise,
    params(("business_id" = uuid::Uuid, Path)),
    responses(
        (status = 200, body = RecategorisedBody),
        (status = 400, description = "A body that does not fit", content_type = "application/problem+json"),
        (status = 401, description = "No session", content_type = "application/problem+json"),
        (status = 403, description = "Not your role", content_type = "application/problem+json"),
        (status = 404, description = "No such account or transaction", content_type = "application/problem+json"),
    ))]
pub async fn recategorise(
    State(commands): State<Commands>,
    asker: Asker,
    At(business): At<BusinessId>,
    Body(body): Body<Recategorise>,
) -> Result<Json<RecategorisedBody>, Refusal> {
    let meta = allowed(&asker.principal, &asker.origin, Action::Manage, business)?;
    let kind = body.kind.map(|kind| kind.parse()).transpose();
    let to = to_meaning(body.category.as_deref(), kind.map_err(|error: domain::UnknownKind| invalid(error))?)?;
    let named = body.transactions.iter();
    let transactions = named.map(|named| (AccountId::from_uuid(named.account), TransactionId::from_uuid(named.id)));
    let choice = Choice { transactions: transactions.collect(), to, note: body.note };
    let chosen = choose(&commands, choice, &meta).await.map_err(|error| match error {
        ChooseError::Refused(problem) => problem.into(),
        ChooseError::Command(error) => refused(error),
    })?;
    Ok(Json(RecategorisedBody { position: chosen.position, changed: chosen.changed }))
}

/// Adds a rule under an id of yours, or changes it.
#[utoipa::path(put, path = "/api/v1/businesses/{business_id}/rules/{rule_id}", request_body = RuleBody,
    params(("business_id" = uuid::Uuid, Path), ("rule_id" = uuid::Uuid, Path)),
    responses(
        (status = 200, body = Recorded),
        (status = 400, description = "A body that does not fit", content_type = "application/problem+json"),
        (status = 401, description = "No session", content_type = "application/problem+json"),
        (status = 403, description = "Not your role", content_type = "application/problem+json"),
        (status = 404, description = "No such business", content_type = "application/problem+json"),
        (status = 422, description = "A rule that cannot be meant", content_type = "application/problem+json"),
    ))]
pub async fn set_rule(
    State(commands): State<Commands>,
    asker: Asker,
    At((business, id)): At<(BusinessId, RuleId)>,
    Body(body): Body<RuleBody>,
) -> Result<Json<Recorded>, Refusal> {
    let meta = allowed(&asker.principal, &asker.origin, Action::Manage, business)?;
    let command = BusinessCommand::Rules(body.into_command(id)?);
    let receipt = commands.business(business, command, &meta).await.map_err(refused)?;
    Ok(Json(Recorded { id: id.as_uuid(), position: placed(&commands, &[receipt]).await? }))
}

/// Deletes a rule; what it decided is decided anew.
#[utoipa::path(delete, path = "/api/v1/businesses/{business_id}/rules/{rule_id}",
    params(("business_id" = uuid::Uuid, Path), ("rule_id" = uuid::Uuid, Path)),
    responses(
        (status = 200, body = Recorded),
        (status = 401, description = "No session", content_type = "application/problem+json"),
        (status = 403, description = "Not your role", content_type = "application/problem+json"),
        (status = 404, description = "No such rule", content_type = "application/problem+json"),
    ))]
pub async fn delete_rule(
    State(commands): State<Commands>,
    asker: Asker,
    At((business, id)): At<(BusinessId, RuleId)>,
) -> Result<Json<Recorded>, Refusal> {
    let meta = allowed(&asker.principal, &asker.origin, Action::Manage, business)?;
    let command = BusinessCommand::Rules(RulesCommand::Delete { id });
    let receipt = commands.business(business, command, &meta).await.map_err(refused)?;
    Ok(Json(Recorded { id: id.as_uuid(), position: placed(&commands, &[receipt]).await? }))
}

/// Puts the rules into another order.
#[utoipa::path(put, path = "/api/v1/businesses/{business_id}/rules", request_body = RuleOrder,
    params(("business_id" = uuid::Uuid, Path)),
    responses(
        (status = 200, body = Recorded),
        (status = 401, description = "No session", content_type = "application/problem+json"),
        (status = 403, description = "Not your role", content_type = "application/problem+json"),
        (status = 404, description = "No such business", content_type = "application/problem+json"),
        (status = 422, description = "Not every rule once", content_type = "application/problem+json"),
    ))]
pub async fn order_rules(
    State(commands): State<Commands>,
    asker: Asker,
    At(business): At<BusinessId>,
    Body(body): Body<RuleOrder>,
) -> Result<Json<Recorded>, Refusal> {
    let meta = allowed(&asker.principal, &asker.origin, Action::Manage, business)?;
    let ids = body.ids.into_iter().map(RuleId::from_uuid).collect();
    let command = BusinessCommand::Rules(RulesCommand::Order { ids });
    let receipt = commands.business(business, command, &meta).await.map_err(refused)?;
    Ok(Json(Recorded { id: business.as_uuid(), position: placed(&commands, &[receipt]).await? }))
}
