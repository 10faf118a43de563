//! Rules, and what others would change.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use chrono::NaiveDate;
use domain::access::{Action, authorise};
use domain::meaning::{self, MOST_RULES, When};
use domain::security::SealedField;
use domain::{BusinessId, Problem, RuleId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::answers::ProblemBody;
use super::extract::{Ask, At};
use super::meaning::{DecisionBody, MeaningBody};
use super::params::ReadParams;
use crate::Failure;
use crate::edge::Caller;
use crate::figures::exact_amount;
use crate::reader::{Decision, Previewed, PreviewedFigure, Reader, RulePreview};

/// What a rule asks for: all of it must be so.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = RuleConditions)]
pub struct WhenBody {
    /// Each is found in description, counterparty or reference; letters of either case are the same, `*` stands for
    /// any run of them.
    text: Vec<String>,
    account: Option<Uuid>,
    /// `in` or `out`.
    sign: Option<String>,
    /// Without sign.
    min_amount: Option<Decimal>,
    max_amount: Option<Decimal>,
    currency: Option<String>,
    /// The category that the source itself says.
    reported: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Rule)]
pub struct RuleBody {
    id: Uuid,
    when: WhenBody,
    then: MeaningBody,
}

/// In the order in which they are asked.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Rules)]
pub struct RulesBody {
    rules: Vec<RuleBody>,
    /// Whether they were applied to everything.
    settled: bool,
}

/// Without id: a new one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProposedRule)]
pub struct ProposedBody {
    id: Option<Uuid>,
    when: WhenBody,
    category: String,
    kind: String,
}

/// The whole list in its order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProposedRules)]
pub struct ProposedRulesBody {
    rules: Vec<ProposedBody>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RulePreview)]
pub struct PreviewBody {
    /// False where only the newest transactions were looked at.
    complete: bool,
    looked_at: usize,
    /// The oldest day that was looked at.
    from: Option<NaiveDate>,
    changed: usize,
    /// The newest 50 that would change.
    transactions: Vec<PreviewedBody>,
    figures: Vec<FigureBody>,
    /// As known at this position.
    position: i64,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PreviewedTransaction)]
pub struct PreviewedBody {
    id: Uuid,
    account: Uuid,
    day: NaiveDate,
    amount: Decimal,
    currency: String,
    was: MeaningBody,
    to: MeaningBody,
    now: DecisionBody,
}

/// What the transactions of one month, kind and category would sum to more or less.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PreviewedFigure)]
pub struct FigureBody {
    month: NaiveDate,
    currency: String,
    kind: String,
    category: String,
    amount: Decimal,
    count: i64,
}

impl From<&meaning::Rule> for RuleBody {
    fn from(rule: &meaning::Rule) -> Self {
        let When { text, account, sign, min_amount, max_amount, currency, reported } = rule.when.clone();
        let sign = sign.map(|sign| if sign == meaning::Sign::In { "in" } else { "out" }.to_owned());
        let when = WhenBody {
            text,
            account: account.map(domain::AccountId::as_uuid),
            sign,
            min_amount,
            max_amount,
            currency: currency.map(|currency| currency.to_string()),
            reported: reported.map(|category| category.to_string()),
        };
        Self { id: rule.id.as_uuid(), when, then: rule.then.clone().into() }
    }
}

impl TryFrom<ProposedBody> for meaning::Rule {
    type Error = String;

    fn try_from(body: ProposedBody) -> Result<Self, String> {
        fn read<T: std::str::FromStr<Err: ToString>>(text: Option<String>) -> Result<Option<T>, String> {
            text.map(|text| text.parse().map_err(|error: T::Err| error.to_string())).transpose()
        }
        let WhenBody { text, account, sign, min_amount, max_amount, currency, reported } = body.when;
        let sign = match sign.as_deref() {
            None => None,
            Some("in") => Some(meaning::Sign::In),
            Some("out") => Some(meaning::Sign::Out),
            Some(_) => return Err("A sign is in or out.".to_owned()),
        };
        let account = account.map(domain::AccountId::from_uuid);
        let (currency, reported) = (read(currency)?, read(reported)?);
        let when = When { text, account, sign, min_amount, max_amount, currency, reported };
        when.check().map_err(|error| error.to_string())?;
        let kind = body.kind.parse().map_err(|error: domain::UnknownKind| error.to_string())?;
        let category = body.category.parse().map_err(|error: domain::InvalidCategory| error.to_string())?;
        let id = body.id.map_or_else(RuleId::new, RuleId::from_uuid);
        Ok(Self { id, when, then: meaning::Meaning { kind, category } })
    }
}

impl From<RulePreview> for PreviewBody {
    fn from(preview: RulePreview) -> Self {
        let shown = |Previewed { was, now }: Previewed| PreviewedBody {
            id: was.id.as_uuid(),
            account: was.account.as_uuid(),
            day: was.day,
            amount: exact_amount(was.amount, was.currency),
            currency: was.currency.to_string(),
            now: Decision::of(&now).into(),
            to: MeaningBody { kind: now.kind.to_string(), category: now.category },
            was: MeaningBody { kind: was.kind.to_string(), category: was.category },
        };
        let figure = |figure: PreviewedFigure| FigureBody {
            month: figure.month,
            currency: figure.currency.to_string(),
            kind: figure.kind.to_string(),
            category: figure.category,
            amount: exact_amount(figure.amount, figure.currency),
            count: figure.count,
        };
        Self {
            complete: preview.complete,
            looked_at: preview.looked_at,
            from: preview.from,
            changed: preview.changed,
            transactions: preview.transactions.into_iter().map(shown).collect(),
            figures: preview.figures.into_iter().map(figure).collect(),
            position: preview.known.position,
        }
    }
}

/// What the business says its transactions mean: the first rule that matches decides.
#[utoipa::path(get, path = "/api/v1/businesses/{business_id}/rules",
    params(("business_id" = Uuid, Path), ReadParams),
    responses(
        (status = 200, body = RulesBody),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub async fn list_rules(
    State(reader): State<Reader>,
    Caller(principal): Caller,
    At(business): At<BusinessId>,
    Ask(params): Ask<ReadParams>,
) -> Result<Json<RulesBody>, Failure> {
    authorise(&principal, Action::Read, Some(business))?;
    reader.shown(business, params.min_position).await?;
    let rules = reader.rules(business).await?.list().iter().map(Into::into).collect();
    Ok(Json(RulesBody { rules, settled: reader.is_settled(business).await? }))
}

/// What would change if these were the rules; nothing is changed.
#[utoipa::path(post, path = "/api/v1/businesses/{business_id}/rules/preview", request_body = ProposedRulesBody,
    params(("business_id" = Uuid, Path), ReadParams),
    responses(
        (status = 200, body = PreviewBody),
        (status = 400, body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub async fn preview_rules(
    State(reader): State<Reader>,
    Caller(principal): Caller,
    At(business): At<BusinessId>,
    Ask(params): Ask<ReadParams>,
    body: Bytes,
) -> Result<Json<PreviewBody>, Failure> {
    authorise(&principal, Action::Read, Some(business))?;
    let proposed: ProposedRulesBody = serde_json::from_slice(&body).map_err(|error| Problem::of_body(&error))?;
    if proposed.rules.len() > MOST_RULES {
        return Err(Failure::invalid(format!("There are at most {MOST_RULES} rules.")));
    }
    let rules = proposed.rules.into_iter().map(TryInto::try_into).collect::<Result<_, String>>();
    let view = reader.view(business, None, params.min_position).await?;
    principal.viewed(SealedField::Description, business);
    let preview = reader.preview_rules(&view, rules.map_err(Failure::invalid)?).await?;
    Ok(Json(preview.into()))
}
