//! Setting up second factors, and showing them.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use chrono::{DateTime, Utc};
use domain::access::{Action, Origin};
use domain::security::{CredentialChange, Factor, SecurityEvent, SignInFailure};
use domain::{Code, UserId};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

use super::cookies::{self, Kind};
use super::extract::{Asked, Body, Caller};
use super::sign_in::{Step, done, locked};
use crate::identity::change::Change;
use crate::identity::factors::{self, RightCode, passkeys, recovery, totp};
use crate::identity::failure::Failure;
use crate::identity::lockout::{self, Counted};
use crate::identity::mail::{self, Letter, Sealed};
use crate::identity::sessions::{self, Shown};
use crate::identity::users::{self, Profile};
use crate::identity::{Core, Identity, opaque};

/// What whoever sets up a factor has just shown.
pub const SECOND_FACTOR: Shown = Shown { password: false, second_factor: true };

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FactorsAnswer {
    totp: bool,
    recovery_codes_left: i64,
    passkeys: Vec<PasskeyAnswer>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PasskeyAnswer {
    id: Uuid,
    name: String,
    created_at: DateTime<Utc>,
    last_used_at: Option<DateTime<Utc>>,
}

#[utoipa::path(get, path = "/api/v1/identity/factors", tag = "identity",
    responses((status = 200, body = FactorsAnswer), (status = 401)))]
pub async fn list_factors(State(identity): State<Identity>, caller: Caller) -> Result<Json<FactorsAnswer>, Failure> {
    let core = identity.core();
    caller.may(core, Action::UseOwnAccount, None).await?;
    let Some(user) = caller.person()? else {
        return Ok(Json(FactorsAnswer { totp: false, recovery_codes_left: 0, passkeys: Vec::new() }));
    };
    let factors = factors::of(&core.pool, user).await?;
    let passkeys = passkeys::list(core, user).await?;
    let answer = |one: passkeys::Listed| PasskeyAnswer {
        id: one.id,
        name: one.name,
        created_at: one.made_at,
        last_used_at: one.used_at,
    };
    let passkeys = passkeys.into_iter().map(answer).collect();
    Ok(Json(FactorsAnswer { totp: factors.totp, recovery_codes_left: factors.recovery_codes, passkeys }))
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TotpStart {
    /// Base 32, to be typed where there is no camera.
    secret: String,
    uri: String,
    qr_svg: String,
}

/// A secret for an authenticator app. It counts once `confirm` was sent a code of it.
#[utoipa::path(post, path = "/api/v1/identity/factors/totp/start", tag = "identity",
    responses((status = 200, body = TotpStart), (status = 401), (status = 403), (status = 409)))]
pub async fn start_totp(State(identity): State<Identity>, caller: Caller) -> Result<Json<TotpStart>, Failure> {
    let core = identity.core();
    let profile = own_security(core, &caller).await?;
    let totp::Enrolment { secret, uri, qr_svg } = totp::start(core, &profile).await?;
    Ok(Json(TotpStart { secret, uri, qr_svg }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TotpCode {
    code: String,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecoveryCodes {
    /// Shown once: they are kept as hashes.
    recovery_codes: Vec<String>,
}

/// From now on sign-in asks for a code; this session has shown one.
#[utoipa::path(post, path = "/api/v1/identity/factors/totp/confirm", tag = "identity", request_body = TotpCode,
    responses((status = 200, body = RecoveryCodes), (status = 401), (status = 403), (status = 422), (status = 429)))]
pub async fn confirm_totp(
    State(identity): State<Identity>,
    caller: Caller,
    headers: HeaderMap,
    Body(body): Body<TotpCode>,
) -> Result<Json<RecoveryCodes>, Failure> {
    let core = identity.core();
    let profile = own_security(core, &caller).await?;
    let attempt = lockout::begin(core, counted(core, &profile, &headers)).await?;
    let wrong = || wrong_code(Code::Refused);
    let step = totp::judge(core, profile.id, &body.code, totp::Of::Enrolment).await?.ok_or_else(wrong)?;
    lockout::succeed(core, &attempt).await?;
    let added = (Factor::Totp, CredentialChange::Added);
    let mut changing = changing(core, &profile, added, Letter::FactorAdded("An authenticator app"), &caller).await?;
    if !totp::take_in_tx(&mut changing, profile.id, step, totp::Of::Enrolment).await? {
        return Err(wrong());
    }
    let recovery_codes = recovery::renew_in_tx(core, &mut changing, profile.id).await?;
    sessions::confirm_in_tx(&mut changing, caller.session(), SECOND_FACTOR).await?;
    changing.commit().await?;
    core.forget();
    Ok(Json(RecoveryCodes { recovery_codes }))
}

#[utoipa::path(delete, path = "/api/v1/identity/factors/totp", tag = "identity",
    responses((status = 204), (status = 401), (status = 403), (status = 404)))]
pub async fn remove_totp(State(identity): State<Identity>, caller: Caller) -> Result<StatusCode, Failure> {
    let core = identity.core();
    let profile = own_security(core, &caller).await?;
    let removed = (Factor::Totp, CredentialChange::Removed);
    let letter = Letter::FactorRemoved("The authenticator app");
    let mut changing = changing(core, &profile, removed, letter, &caller).await?;
    if !totp::remove_in_tx(&mut changing, profile.id).await? {
        return Err(Failure::new(Code::NotFound, "There is no authenticator app to remove."));
    }
    factors::settle_in_tx(&mut changing, profile.id).await?;
    changing.commit().await?;
    core.forget();
    Ok(StatusCode::NO_CONTENT)
}

/// Ten new ones; those before are worth nothing any more.
#[utoipa::path(post, path = "/api/v1/identity/factors/recovery-codes", tag = "identity",
    responses((status = 200, body = RecoveryCodes), (status = 401), (status = 403), (status = 422)))]
pub async fn renew_codes(State(identity): State<Identity>, caller: Caller) -> Result<Json<RecoveryCodes>, Failure> {
    let core = identity.core();
    let profile = own_security(core, &caller).await?;
    if !factors::of(&core.pool, profile.id).await?.any() {
        return Err(Failure::new(Code::Refused, "Recovery codes stand in for a second factor. Set one up first."));
    }
    let renewed = (Factor::RecoveryCode, CredentialChange::Changed);
    let letter = Letter::FactorAdded("A new set of recovery codes");
    let mut changing = changing(core, &profile, renewed, letter, &caller).await?;
    let recovery_codes = recovery::renew_in_tx(core, &mut changing, profile.id).await?;
    changing.commit().await?;
    Ok(Json(RecoveryCodes { recovery_codes }))
}

pub async fn own_security(core: &Core, caller: &Caller) -> Result<Profile, Failure> {
    let user = caller.user()?;
    caller.may(core, Action::ChangeOwnSecurity, None).await?;
    users::profile(core, user).await?.ok_or_else(Failure::unauthenticated)
}

/// A change of one's factors, with what is recorded and written to its owner of it; what it does is still to come.
pub async fn changing<'a>(
    core: &'a Core,
    profile: &Profile,
    (factor, change): (Factor, CredentialChange),
    letter: Letter<'_>,
    caller: &Caller,
) -> Result<Change<'a>, Failure> {
    let user = profile.id;
    let letter = mail::write(core, &profile.email, letter).await?;
    let mut changing = core.change(Some(user), &caller.origin).await?;
    changing.record(SecurityEvent::FactorChanged { user, factor, change }).await?;
    changing.send(letter).await?;
    Ok(changing)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CodeMethod {
    Totp,
    RecoveryCode,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SecondFactor {
    method: CodeMethod,
    code: String,
}

/// What `sign-in` asked for; within five minutes.
#[utoipa::path(post, path = "/api/v1/identity/sign-in/second-factor", tag = "identity", request_body = SecondFactor,
    responses((status = 200, body = Step), (status = 401), (status = 429)), security(()))]
pub async fn show_second_factor(
    State(identity): State<Identity>,
    Asked(origin): Asked,
    headers: HeaderMap,
    Body(body): Body<SecondFactor>,
) -> Result<Response, Failure> {
    let core = identity.core();
    let pending = cookies::read(&core.settings, &headers, Kind::Pending).ok_or_else(over)?;
    let user = pending_user(core, &pending).await?.ok_or_else(over)?;
    let wrong = || wrong_code(Code::Unauthenticated);
    let profile = users::profile(core, user).await?.ok_or_else(over)?;
    let counted = counted(core, &profile, &headers);
    let code = (Some(body.method), body.code.as_str());
    let right = judge_code(&identity, &profile, counted, code, &origin).await?.ok_or_else(wrong)?;
    let shown = Shown { password: true, second_factor: true };
    let beginning = sessions::prepare(core, Some(user), shown, &origin).await?;
    let factor = right.factor();
    let mut change = core.change(Some(user), &origin).await?;
    if !right.take(&mut change).await? {
        return Err(wrong());
    }
    if !end_pending_in_tx(&mut change, &pending).await? {
        return Err(over());
    }
    let issued = beginning.begin(&mut change, vec![Factor::Password, factor]).await?;
    change.commit().await?;
    Ok(done(core, &issued, Some(&profile.email)))
}

/// A right code, and what its owner is told once it is taken.
pub struct Taking {
    code: RightCode,
    letter: Option<Sealed>,
}

impl Taking {
    pub const fn factor(&self) -> Factor {
        self.code.factor()
    }

    /// Whether nobody was faster with the same code.
    pub async fn take(self, change: &mut Change<'_>) -> Result<bool, Failure> {
        if !self.code.take_in_tx(change).await? {
            return Ok(false);
        }
        if let Some(letter) = self.letter {
            change.send(letter).await?;
        }
        Ok(true)
    }
}

/// Whose wrong codes are counted.
pub fn counted(core: &Core, profile: &Profile, headers: &HeaderMap) -> Counted {
    let device = cookies::read(&core.settings, headers, Kind::Device);
    lockout::second_factor(&*core.sealer, profile.id, &profile.email, device.as_deref())
}

/// The code, if it is right. Tries are counted.
pub async fn judge_code(
    identity: &Identity,
    profile: &Profile,
    counted: Counted,
    (method, code): (Option<CodeMethod>, &str),
    origin: &Origin,
) -> Result<Option<Taking>, Failure> {
    let (core, user) = (identity.core(), profile.id);
    // Six digits are of the app; where it is not said, what is longer is a recovery code.
    let digits = code.chars().filter(|c| !c.is_whitespace()).count() <= 6;
    let by_app = method.map_or(digits, |method| method == CodeMethod::Totp);
    let factor = if by_app { Factor::Totp } else { Factor::RecoveryCode };
    let attempt = lockout::begin(core, counted).await?;
    let Some(code) = factors::judge(core, user, factor, code).await? else {
        let event = SecurityEvent::SignInFailed { user: Some(user), factor, reason: SignInFailure::WrongCode };
        core.note(event, Some(user), origin).await;
        locked(identity, &attempt, Some(user), origin).await;
        return Ok(None);
    };
    lockout::succeed(core, &attempt).await?;
    let letter = if by_app { None } else { Some(letter_of_use(core, profile).await?) };
    Ok(Some(Taking { code, letter }))
}

async fn letter_of_use(core: &Core, profile: &Profile) -> Result<Sealed, Failure> {
    let left = factors::of(&core.pool, profile.id).await?.recovery_codes - 1;
    mail::write(core, &profile.email, Letter::RecoveryCodeUsed(left)).await
}

pub fn wrong_code(code: Code) -> Failure {
    Failure::new(code, "The code is not right, or was used before. Wait for the next one.")
}

pub fn over() -> Failure {
    Failure::new(Code::Unauthenticated, "The sign-in took too long. Begin it again.")
}

/// The password was right: what the browser keeps until the second factor follows.
pub async fn begin_pending(core: &Core, user: UserId) -> Result<opaque::Opaque, Failure> {
    const BEGIN: &str = "
insert into access.pending_sign_in (token_hash, user_id, expires_at) values ($1, $2, now() + interval '5 minutes')";
    let token = opaque::Opaque::generate();
    sqlx::query(BEGIN).bind(token.hash()).bind(user.as_uuid()).execute(&core.pool).await?;
    Ok(token)
}

pub async fn pending_user(core: &Core, token: &str) -> Result<Option<UserId>, Failure> {
    let find = "select user_id from access.pending_sign_in where token_hash = $1 and expires_at > now()";
    let user: Option<Uuid> = sqlx::query_scalar(find).bind(opaque::hash(token)).fetch_optional(&core.pool).await?;
    Ok(user.map(UserId::from_uuid))
}

/// Whether it was still there: it signs in once.
pub async fn end_pending_in_tx(tx: &mut PgConnection, token: &str) -> Result<bool, Failure> {
    let end = sqlx::query("delete from access.pending_sign_in where token_hash = $1").bind(opaque::hash(token));
    Ok(end.execute(tx).await?.rows_affected() == 1)
}
