//! Identity over HTTP, below `/api/v1/identity/`.
//!
//! Whoever asks without a session learns nothing about accounts: an address that has one and an address that has none
//! get the same answer after the same work (a password is hashed for nobody too), and what differs, the letter, is
//! made behind the answer. Tries and letters are counted by address whether it has an account or not.

mod account;
mod cookies;
mod edge;
mod extract;
mod factors;
mod keys;
mod leaving;
mod passkeys;
mod recover;
mod register;
mod sessions;
mod sign_in;

use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, Method};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use domain::UserId;
use domain::access::Subject;
use utoipa::OpenApi;

use super::failure::Failure;
use super::principals::Session;
use super::{Identity, tokens};

pub use edge::require;

#[derive(OpenApi)]
#[openapi(
    paths(
        register::register,
        register::verify_email,
        sign_in::sign_in,
        sign_in::exchange,
        sign_in::end_session,
        sign_in::refresh,
        sign_in::sign_out,
        recover::forgot_password,
        recover::reset_password,
        recover::unlock,
        account::get_profile,
        account::change_profile,
        account::change_password,
        account::change_email,
        account::confirm_email,
        account::confirm,
        factors::show_second_factor,
        factors::list_factors,
        factors::start_totp,
        factors::confirm_totp,
        factors::remove_totp,
        factors::renew_codes,
        sessions::list_sessions,
        sessions::end_session,
        passkeys::start_passkey,
        passkeys::finish_passkey,
        passkeys::remove_passkey,
        passkeys::start_sign_in,
        passkeys::finish_sign_in,
        passkeys::start_confirmation,
        passkeys::finish_confirmation,
        leaving::export_person,
        leaving::get_erasure,
        leaving::request_erasure,
        leaving::withdraw_erasure,
        keys::list_keys,
        keys::make_key,
        keys::revoke_key,
        get_keys,
    ),
    tags((name = "identity", description = "Accounts, sessions, second factors and keys"))
)]
struct Api;

/// The OpenAPI 3.1 description of these routes.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Api::openapi()
}

/// Routes that need no session, with their methods.
pub const OPEN: &[(&str, &str)] = &[
    ("POST", "/api/v1/session"),
    ("POST", "/api/v1/identity/register"),
    ("POST", "/api/v1/identity/verify-email"),
    ("POST", "/api/v1/identity/sign-in"),
    ("POST", "/api/v1/identity/sign-in/second-factor"),
    ("POST", "/api/v1/identity/sign-in/passkey/start"),
    ("POST", "/api/v1/identity/sign-in/passkey/finish"),
    ("POST", "/api/v1/identity/refresh"),
    ("POST", "/api/v1/identity/sign-out"),
    ("POST", "/api/v1/identity/forgot-password"),
    ("POST", "/api/v1/identity/reset-password"),
    ("POST", "/api/v1/identity/unlock"),
    ("POST", "/api/v1/identity/email/confirm"),
    ("GET", "/.well-known/jwks.json"),
];

/// Routes for whoever is signed in, with their methods.
pub const GUARDED: &[(&str, &str)] = &[
    ("DELETE", "/api/v1/session"),
    ("GET", "/api/v1/identity/profile"),
    ("PATCH", "/api/v1/identity/profile"),
    ("POST", "/api/v1/identity/password"),
    ("POST", "/api/v1/identity/email"),
    ("POST", "/api/v1/identity/confirm"),
    ("POST", "/api/v1/identity/confirm/passkey/start"),
    ("POST", "/api/v1/identity/confirm/passkey/finish"),
    ("GET", "/api/v1/identity/factors"),
    ("POST", "/api/v1/identity/factors/passkeys/start"),
    ("POST", "/api/v1/identity/factors/passkeys/finish"),
    ("DELETE", "/api/v1/identity/factors/passkeys/{id}"),
    ("POST", "/api/v1/identity/factors/totp/start"),
    ("POST", "/api/v1/identity/factors/totp/confirm"),
    ("DELETE", "/api/v1/identity/factors/totp"),
    ("POST", "/api/v1/identity/factors/recovery-codes"),
    ("GET", "/api/v1/identity/sessions"),
    ("GET", "/api/v1/identity/export"),
    ("GET", "/api/v1/identity/erasure"),
    ("POST", "/api/v1/identity/erasure"),
    ("DELETE", "/api/v1/identity/erasure"),
    ("DELETE", "/api/v1/identity/sessions/{id}"),
    ("GET", "/api/v1/businesses/{business}/keys"),
    ("POST", "/api/v1/businesses/{business}/keys"),
    ("DELETE", "/api/v1/businesses/{business}/keys/{key}"),
];

/// Whether a request passes without a session.
pub fn is_open(method: &Method, path: &str) -> bool {
    OPEN.iter().any(|(open, route)| method == *open && path == *route)
}

/// Every route of identity. Those of [`GUARDED`] answer 401 unless [`require`] has been passed.
pub fn router(identity: Identity) -> Router {
    let open = Router::new()
        .route("/api/v1/identity/register", post(register::register))
        .route("/api/v1/identity/verify-email", post(register::verify_email))
        .route("/api/v1/identity/sign-in", post(sign_in::sign_in))
        .route("/api/v1/identity/sign-in/second-factor", post(factors::show_second_factor))
        .route("/api/v1/identity/sign-in/passkey/start", post(passkeys::start_sign_in))
        .route("/api/v1/identity/sign-in/passkey/finish", post(passkeys::finish_sign_in))
        .route("/api/v1/identity/refresh", post(sign_in::refresh))
        .route("/api/v1/identity/sign-out", post(sign_in::sign_out))
        .route("/api/v1/identity/forgot-password", post(recover::forgot_password))
        .route("/api/v1/identity/reset-password", post(recover::reset_password))
        .route("/api/v1/identity/unlock", post(recover::unlock))
        .route("/api/v1/identity/email/confirm", post(account::confirm_email))
        .route("/.well-known/jwks.json", get(get_keys))
        .route("/api/v1/session", post(sign_in::exchange).delete(sign_in::end_session))
        .layer(from_fn(edge::same_origin));
    let guarded = Router::new()
        .route("/api/v1/identity/profile", get(account::get_profile).patch(account::change_profile))
        .route("/api/v1/identity/password", post(account::change_password))
        .route("/api/v1/identity/email", post(account::change_email))
        .route("/api/v1/identity/confirm", post(account::confirm))
        .route("/api/v1/identity/confirm/passkey/start", post(passkeys::start_confirmation))
        .route("/api/v1/identity/confirm/passkey/finish", post(passkeys::finish_confirmation))
        .route("/api/v1/identity/factors/passkeys/start", post(passkeys::start_passkey))
        .route("/api/v1/identity/factors/passkeys/finish", post(passkeys::finish_passkey))
        .route("/api/v1/identity/factors/passkeys/{id}", delete(passkeys::remove_passkey))
        .route("/api/v1/identity/factors", get(factors::list_factors))
        .route("/api/v1/identity/factors/totp/start", post(factors::start_totp))
        .route("/api/v1/identity/factors/totp/confirm", post(factors::confirm_totp))
        .route("/api/v1/identity/factors/totp", delete(factors::remove_totp))
        .route("/api/v1/identity/factors/recovery-codes", post(factors::renew_codes))
        .route("/api/v1/identity/export", get(leaving::export_person))
        .route(
            "/api/v1/identity/erasure",
            get(leaving::get_erasure).post(leaving::request_erasure).delete(leaving::withdraw_erasure),
        )
        .route("/api/v1/identity/sessions", get(sessions::list_sessions))
        .route("/api/v1/identity/sessions/{id}", delete(sessions::end_session))
        .route("/api/v1/businesses/{business}/keys", get(keys::list_keys).post(keys::make_key))
        .route("/api/v1/businesses/{business}/keys/{key}", delete(keys::revoke_key));
    open.merge(guarded).with_state(identity)
}

#[derive(serde::Serialize, utoipa::ToSchema)]
struct KeySet {
    keys: Vec<tokens::PublishedKey>,
}

/// The public keys by which access tokens are verified (RFC 7517).
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "identity", responses((status = 200, body = KeySet)), security(()))]
async fn get_keys(State(identity): State<Identity>) -> Result<Response, Failure> {
    let core = identity.core();
    let keys = core.ring.published(core).await?;
    let mut response = Json(KeySet { keys }).into_response();
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    Ok(response)
}

/// The user behind a session; none behind the local owner's and a key.
fn user_of(session: &Session) -> Option<UserId> {
    match session.principal.subject {
        Subject::User(user) => Some(user),
        _ => None,
    }
}
