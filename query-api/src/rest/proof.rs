//! Checkpoints and proofs for whoever may read an audit history. They hold hashes and nothing else.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use domain::access::{Action, Principal, authorise_anywhere, may};
use domain::{BusinessId, Code, Problem};
use serde::Serialize;
use streams::log;
use streams::proof::tree::{Hash, leaf_hash};
use streams::proof::{NotaryError, Signatory, Signed, Tree, TreeError, checkpoint_over, newest};
use utoipa::ToSchema;

use super::answers::ProblemBody;
use super::extract::Ask;
use super::params::ProofParams;
use crate::Failure;
use crate::edge::Caller;
use crate::reader::Reader;

/// Proofs after RFC 6962. Hashes are hexadecimal.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Proof)]
pub struct ProofBody {
    /// The signed note.
    checkpoint: String,
    size: u64,
    root: String,
    inclusion: Option<InclusionBody>,
    consistency: Option<ConsistencyBody>,
}

/// The leaf is SHA-256 over a zero byte and the event's hash; its number is its position less one.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InclusionProof)]
pub struct InclusionBody {
    position: i64,
    hash: String,
    leaf: String,
    path: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConsistencyProof)]
pub struct ConsistencyBody {
    from: u64,
    path: Vec<String>,
}

/// The newest signed checkpoint over the log, as a signed note (c2sp.org/tlog-checkpoint).
#[utoipa::path(get, path = "/api/v1/audit/checkpoint", responses(
    (status = 200, body = String, content_type = "text/plain"),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
    (status = 403, body = ProblemBody, content_type = "application/problem+json"),
    (status = 404, body = ProblemBody, content_type = "application/problem+json"),
))]
pub async fn get_checkpoint(State(reader): State<Reader>, Caller(principal): Caller) -> Result<Response, Failure> {
    authorise_anywhere(&principal, Action::ReadAudit)?;
    Ok(note(newest(reader.pool(), 0).await?.ok_or_else(nothing_signed)?))
}

fn note(signed: Signed) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
    ];
    (headers, signed.note).into_response()
}

/// Signs a checkpoint over everything that has a position now, instead of waiting for the next minute.
#[utoipa::path(post, path = "/api/v1/audit/checkpoint", responses(
    (status = 200, body = String, content_type = "text/plain"),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
    (status = 403, body = ProblemBody, content_type = "application/problem+json"),
    (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    (status = 503, body = ProblemBody, content_type = "application/problem+json"),
))]
pub async fn sign_checkpoint(
    State(signatory): State<Signatory>,
    Caller(principal): Caller,
) -> Result<Response, Failure> {
    authorise_anywhere(&principal, Action::ReadAudit)?;
    signatory.now().await.map(note).map_err(unsigned)
}

/// Why there is no checkpoint, as whoever asked is told.
pub fn unsigned(error: NotaryError) -> Failure {
    match error {
        NotaryError::Empty => nothing_signed(),
        NotaryError::Database(error) => error.into(),
        NotaryError::Tree(error) => failed(error),
        NotaryError::Away => {
            let text = "The part of this installation that signs checkpoints does not answer. Try again in a minute.";
            Problem::new(Code::Unavailable, text).into()
        }
        error => {
            tracing::error!(%error, "no checkpoint was signed");
            let text = "Nothing is signed until whoever runs the installation has looked at its log.";
            Problem::new(Code::Unavailable, text).into()
        }
    }
}

/// That an event is in the log, and that the log begins with an earlier one.
#[utoipa::path(get, path = "/api/v1/audit/proof", params(ProofParams), responses(
    (status = 200, body = ProofBody),
    (status = 400, body = ProblemBody, content_type = "application/problem+json"),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
    (status = 403, body = ProblemBody, content_type = "application/problem+json"),
    (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    (status = 503, body = ProblemBody, content_type = "application/problem+json"),
))]
pub async fn get_proof(
    State(reader): State<Reader>,
    Caller(principal): Caller,
    Ask(params): Ask<ProofParams>,
) -> Result<Json<ProofBody>, Failure> {
    authorise_anywhere(&principal, Action::ReadAudit)?;
    let hash = match params.position {
        Some(position) => Some((position, hash_of(&reader, &principal, position).await?)),
        None => None,
    };
    let signed = match params.checkpoint {
        Some(size) => checkpoint_over(reader.pool(), size).await?,
        None => newest(reader.pool(), 0).await?,
    };
    let Signed { checkpoint, note } = signed.ok_or_else(nothing_signed)?;
    let (tree, size) = (Tree::new(reader.pool().clone()), checkpoint.size);
    let inclusion = match hash {
        Some((position, hash)) => Some(inclusion(&tree, position, &hash, size).await?),
        None => None,
    };
    let consistency = match params.from {
        Some(from) if from > size => {
            return Err(Failure::invalid(format!("The checkpoint is over {size} events, fewer than {from}.")));
        }
        Some(from) => Some(ConsistencyBody { from, path: shown(&tree.consistency(from, size).await.map_err(failed)?) }),
        None => None,
    };
    Ok(Json(ProofBody { checkpoint: note, size, root: hex::encode(checkpoint.root), inclusion, consistency }))
}

async fn inclusion(tree: &Tree, position: i64, hash: &Hash, size: u64) -> Result<InclusionBody, Failure> {
    let number = position.unsigned_abs();
    if number > size {
        let text = format!("Position {position} is not signed yet; a checkpoint is signed once a minute.");
        return Err(Problem::new(Code::Unavailable, text).into());
    }
    let path = tree.inclusion(number - 1, size).await.map_err(failed)?;
    Ok(InclusionBody { position, hash: hex::encode(hash), leaf: hex::encode(leaf_hash(hash)), path: shown(&path) })
}

/// The hash of an event that they may see. Others' positions are told as those that do not exist.
async fn hash_of(reader: &Reader, principal: &Principal, position: i64) -> Result<Hash, Failure> {
    let entry = log::entry(reader.pool(), position).await?;
    let visible = entry.filter(|entry| may_see(principal, entry.business));
    visible.map(|entry| entry.hash).ok_or_else(|| Failure::not_found("There is no such position in what you may see."))
}

fn may_see(principal: &Principal, business: BusinessId) -> bool {
    if business.as_uuid().is_nil() {
        return principal.memberships().is_none();
    }
    may(principal, Action::ReadAudit, business)
}

/// Checkpoints tell how many events the log has; whoever audits a business of it may know.
fn shown(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(hex::encode).collect()
}

fn nothing_signed() -> Failure {
    Failure::not_found("There is no such checkpoint; one is signed once a minute where there is something new.")
}

pub(super) fn failed(error: TreeError) -> Failure {
    match error {
        TreeError::Database(error) => error.into(),
        error => {
            tracing::error!(%error, "the tree of the log cannot be read");
            Problem::new(Code::Internal, "This could not be answered. It is logged; nothing is lost.").into()
        }
    }
}
