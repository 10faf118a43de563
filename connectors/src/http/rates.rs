//! Upload of a file of exchange rates.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Extension, Multipart, Path, State};
use chrono::Utc;
use domain::access::{Action, Origin, Principal, authorise};
use domain::{BusinessId, Code, Problem};
use streams::Meta;
use utoipa::ToSchema;
use uuid::Uuid;

use super::upload::Upload;
use super::{Imports, Refusal};
use crate::rates::{MOST_BYTES, RatesFileError, RatesReport, import};

#[derive(ToSchema)]
#[expect(dead_code, reason = "it only describes what a form holds")]
struct RatesForm {
    /// `eurofxref-hist.csv`, `eurofxref-hist.xml` or a daily one of the European Central Bank.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

impl From<RatesFileError> for Refusal {
    fn from(error: RatesFileError) -> Self {
        let problem = error.problem();
        if problem.code == Code::Internal {
            tracing::error!(%error, "rates could not be recorded");
        }
        problem.into()
    }
}

/// Records the rates of a file that are not known. Sent again it records nothing.
#[utoipa::path(post, path = "/api/v1/businesses/{business_id}/rates/imports",
    params(("business_id" = uuid::Uuid, Path)),
    request_body(content = RatesForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "What became of it, as `workdock rates import --json` prints it", body = serde_json::Value),
        (status = 400, description = "No file of rates", content_type = "application/problem+json"),
        (status = 401, description = "No session", content_type = "application/problem+json"),
        (status = 404, description = "No such business of yours", content_type = "application/problem+json"),
        (status = 413, description = "Too large", content_type = "application/problem+json"),
    ))]
pub(super) async fn import_rates(
    State(imports): State<Arc<Imports>>,
    Path(id): Path<Uuid>,
    principal: Option<Extension<Principal>>,
    origin: Option<Extension<Origin>>,
    form: Multipart,
) -> Result<Json<RatesReport>, Refusal> {
    let Some(Extension(principal)) = principal else {
        return Err(Problem::new(Code::Unauthenticated, "Sign in first.").into());
    };
    let business = BusinessId::from_uuid(id);
    authorise(&principal, Action::Import, Some(business))?;
    let origin = origin.map(|Extension(origin)| origin).unwrap_or_default();
    let meta = Meta::by(business, &principal, &origin);
    let upload = Upload::receive(form, imports.most_bytes.min(MOST_BYTES)).await?;
    let report = import(&imports.commands, business, upload.path(), &upload.name, (Utc::now(), &meta)).await?;
    Ok(Json(report))
}
