//! What transactions mean.

use axum::Json;
use axum::extract::State;
use domain::BusinessId;
use domain::access::{Action, authorise};
use domain::meaning::Meaning;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::answers::ProblemBody;
use super::extract::{Ask, At};
use super::params::ReadParams;
use crate::Failure;
use crate::edge::Caller;
use crate::reader::{Decision, Reader};

/// Why a transaction means what it means.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Decision)]
pub struct DecisionBody {
    /// `choice`, `match`, `rule`, `provider`, `learned` or `default`, strongest first.
    pub basis: &'static str,
    /// In percent.
    pub certainty: u8,
    pub reason: String,
    pub rule: Option<Uuid>,
    pub model: Option<String>,
    /// What the source itself says, where something else stands over it.
    pub reported: Option<MeaningBody>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Meaning)]
pub struct MeaningBody {
    pub kind: String,
    pub category: String,
}

impl From<Meaning> for MeaningBody {
    fn from(meaning: Meaning) -> Self {
        Self { kind: meaning.kind.to_string(), category: meaning.category.to_string() }
    }
}

impl From<Decision> for DecisionBody {
    fn from(decision: Decision) -> Self {
        Self {
            basis: decision.basis.as_str(),
            certainty: decision.percent,
            reason: decision.reason,
            rule: decision.rule.map(domain::RuleId::as_uuid),
            model: decision.model,
            reported: decision.reported.map(Into::into),
        }
    }
}

/// A category; without parent it is a group, in which transactions may stand too.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Category)]
pub struct CategoryBody {
    pub key: String,
    pub label: String,
    pub parent: Option<&'static str>,
    pub kind: String,
    /// Of the usual tree; else it is in use here only.
    pub usual: bool,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Categories)]
pub struct CategoriesBody {
    pub categories: Vec<CategoryBody>,
}

/// The usual categories, each group before what is in it, and then those that are in use here besides.
#[utoipa::path(get, path = "/api/v1/businesses/{business_id}/categories",
    params(("business_id" = Uuid, Path), ReadParams),
    responses(
        (status = 200, body = CategoriesBody),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub async fn list_categories(
    State(reader): State<Reader>,
    Caller(principal): Caller,
    At(business): At<BusinessId>,
    Ask(params): Ask<ReadParams>,
) -> Result<Json<CategoriesBody>, Failure> {
    authorise(&principal, Action::Read, Some(business))?;
    reader.shown(business, params.min_position).await?;
    let nodes = reader.categories(business).await?.into_iter().map(|node| CategoryBody {
        key: node.key,
        label: node.label,
        parent: node.parent,
        kind: node.kind.to_string(),
        usual: node.usual,
    });
    Ok(Json(CategoriesBody { categories: nodes.collect() }))
}
