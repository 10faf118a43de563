//! Passkeys (WebAuthn level 3), by the crate `webauthn_rp`: it parses and verifies, here is what is kept.
//!
//! Every passkey is discoverable and verifies its user (a fingerprint, a PIN), so that one alone is two factors. A
//! ceremony's state lies sealed in the database between its two requests, for five minutes, and is taken once.
//!
//! A passkey belongs to a name: where the page is at an address of this machine, that is `localhost`.

use chrono::{DateTime, Utc};
use domain::{Code, UserId};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;
use webauthn_rp::bin::{Decode, Encode};
use webauthn_rp::request::auth::AuthenticationVerificationOptions;
use webauthn_rp::request::register::{
    CredProtect, Nickname, PublicKeyCredentialUserEntity, RegistrationVerificationOptions, UserHandle16, Username,
};
use webauthn_rp::request::{AsciiDomain, ExtensionInfo, PublicKeyCredentialDescriptor, RpId};
use webauthn_rp::response::register::{DynamicState, StaticState};
use webauthn_rp::response::{AuthTransports, CredentialId};
use webauthn_rp::{
    AuthenticatedCredential, DiscoverableAuthentication16, DiscoverableAuthenticationServerState,
    DiscoverableCredentialRequestOptions, PublicKeyCredentialCreationOptions, Registration, RegistrationServerState,
};

use crate::identity::failure::Failure;
use crate::identity::opaque::{self, Opaque};
use crate::identity::users::Profile;
use crate::identity::{Core, Settings, own};

const MOST_PASSKEYS: usize = 20;

/// What a ceremony is for: its state opens for that alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Enrol,
    SignIn,
    Confirm,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Enrol => "enrol",
            Self::SignIn => "sign-in",
            Self::Confirm => "confirm",
        }
    }
}

/// What the browser is to do, and what it keeps until it has done it.
pub struct Started {
    pub options: Value,
    pub ceremony: Opaque,
}

/// Whose name passkeys belong to, and from where they may be used.
struct Party {
    id: RpId,
    origin: String,
}

fn party(settings: &Settings) -> Result<Party, Failure> {
    let none = || {
        let detail = "Passkeys belong to a name. Open this page as localhost, or set identity.base_url.";
        Failure::new(Code::Refused, detail)
    };
    let (scheme, rest) = settings.base_url.split_once("://").ok_or_else(none)?;
    let (host, port) = rest.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).unwrap_or((rest, ""));
    let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    let host = match address {
        Ok(address) if address.is_loopback() => "localhost",
        Ok(_) => return Err(none()),
        Err(_) => host,
    };
    let id = AsciiDomain::try_from(host.to_owned()).map_err(|_| none())?;
    let colon = if port.is_empty() { "" } else { ":" };
    Ok(Party { id: RpId::Domain(id), origin: format!("{scheme}://{host}{colon}{port}") })
}

fn refused(error: &dyn std::fmt::Display) -> Failure {
    tracing::debug!(%error, "a passkey was refused");
    Failure::new(Code::Unauthenticated, "This passkey was not accepted.")
}

fn broken(error: &dyn std::fmt::Display) -> Failure {
    Failure::internal(error, "a passkey ceremony failed")
}

fn handle(user: UserId) -> UserHandle16 {
    match UserHandle16::decode(user.as_uuid().into_bytes()) {
        Ok(handle) => handle,
        Err(never) => match never {},
    }
}

/// To make a passkey on this device.
pub async fn start_enrolment(core: &Core, profile: &Profile, name: &str) -> Result<Started, Failure> {
    let (party, user) = (party(&core.settings)?, handle(profile.id));
    let known: Vec<(Vec<u8>, i16)> =
        sqlx::query_as("select credential_id, transports from access.passkey where user_id = $1")
            .bind(profile.id.as_uuid())
            .fetch_all(&core.pool)
            .await?;
    if known.len() >= MOST_PASSKEYS {
        return Err(Failure::new(Code::Refused, format!("An account has at most {MOST_PASSKEYS} passkeys.")));
    }
    let descriptor = |(id, transports): (Vec<u8>, i16)| {
        let id = CredentialId::<Vec<u8>>::decode(id).map_err(|error| broken(&error))?;
        let transports = u8::try_from(transports).map_err(|error| broken(&error))?;
        let transports = AuthTransports::decode(transports).map_err(|error| broken(&error))?;
        Ok(PublicKeyCredentialDescriptor { id, transports })
    };
    let known = known.into_iter().map(descriptor).collect::<Result<Vec<_>, Failure>>()?;
    let entity = PublicKeyCredentialUserEntity {
        name: Username::try_from(profile.email.expose())
            .or_else(|_| Username::try_from("account"))
            .map_err(|error| broken(&error))?,
        id: &user,
        display_name: Nickname::try_from(profile.name.as_str()).ok(),
    };
    let mut options = PublicKeyCredentialCreationOptions::passkey(&party.id, entity, known);
    // Devices without this extension (the usual case in phones and laptops) would be refused where it were enforced.
    // Nothing is lost by it: that the user was verified is checked here, each time a passkey is shown.
    options.extensions.cred_protect = CredProtect::UserVerificationRequired(ExtensionInfo::AllowDontEnforceValue);
    let (server, client) = options.start_ceremony().map_err(|error| broken(&error))?;
    let state = server.encode().map_err(|error| broken(&error))?;
    let options = serde_json::to_value(&client).map_err(|error| broken(&error))?;
    let ceremony = keep(core, Purpose::Enrol, Some(profile.id), &[name.as_bytes(), &[0], &state].concat()).await?;
    Ok(Started { options, ceremony })
}

/// A passkey that was made on a device, and is yet to be kept.
pub struct NewPasskey {
    id: Uuid,
    user: UserId,
    credential: Vec<u8>,
    static_state: Vec<u8>,
    dynamic_state: Vec<u8>,
    transports: i16,
    name_sealed: Vec<u8>,
}

pub async fn finish_enrolment(
    core: &Core,
    user: UserId,
    ceremony: &str,
    answer: &Value,
) -> Result<NewPasskey, Failure> {
    let party = party(&core.settings)?;
    let kept = take(core, Purpose::Enrol, Some(user), ceremony).await?;
    let at = kept.iter().position(|byte| *byte == 0).ok_or_else(|| broken(&"a state without a name"))?;
    let name = String::from_utf8_lossy(&kept[..at]).into_owned();
    let state = RegistrationServerState::<16>::decode(&kept[at + 1..]).map_err(|error| broken(&error))?;
    let registration = Registration::from_json_relaxed(&json(answer)?).map_err(|error| refused(&error))?;
    let origins = [party.origin.as_str()];
    let options = RegistrationVerificationOptions::<&str, &str> {
        allowed_origins: &origins,
        error_on_unsolicited_extensions: false,
        ..RegistrationVerificationOptions::default()
    };
    let made = state.verify(&party.id, &registration, &options).map_err(|error| refused(&error))?;
    let id = Uuid::now_v7();
    Ok(NewPasskey {
        id,
        user,
        credential: made.id().as_ref().to_vec(),
        static_state: made.static_state().encode().map_err(|never| broken(&never))?,
        dynamic_state: made.dynamic_state().encode().map_err(|never| broken(&never))?.to_vec(),
        transports: made.transports().encode().map_err(|never| broken(&never))?.into(),
        name_sealed: own::seal(core, user, &own::passkey_name(id), &name).await?,
    })
}

impl NewPasskey {
    pub async fn add_in_tx(self, tx: &mut PgConnection) -> Result<(), Failure> {
        const ADD: &str = "
insert into access.passkey (id, user_id, credential_id, static_state, dynamic_state, transports, name_sealed)
values ($1, $2, $3, $4, $5, $6, $7) on conflict (credential_id) do nothing";
        let added = sqlx::query(ADD)
            .bind(self.id)
            .bind(self.user.as_uuid())
            .bind(self.credential)
            .bind(self.static_state)
            .bind(self.dynamic_state)
            .bind(self.transports)
            .bind(self.name_sealed)
            .execute(tx)
            .await?;
        if added.rows_affected() == 0 {
            return Err(Failure::new(Code::Conflict, "This passkey is known already."));
        }
        Ok(())
    }
}

/// To show a passkey. Which accounts there are is not asked for: the device offers its own.
pub async fn start(core: &Core, purpose: Purpose, user: Option<UserId>) -> Result<Started, Failure> {
    let party = party(&core.settings)?;
    let (server, client) =
        DiscoverableCredentialRequestOptions::passkey(&party.id).start_ceremony().map_err(|error| broken(&error))?;
    let state = server.encode().map_err(|error| broken(&error))?;
    let options = serde_json::to_value(&client).map_err(|error| broken(&error))?;
    Ok(Started { options, ceremony: keep(core, purpose, user, &state).await? })
}

/// Whose passkey was shown.
pub async fn finish(
    core: &Core,
    purpose: Purpose,
    user: Option<UserId>,
    ceremony: &str,
    answer: &Value,
) -> Result<UserId, Failure> {
    const FIND: &str = "
select id, user_id, static_state, dynamic_state from access.passkey where credential_id = $1 and user_id = $2";
    const USED: &str = "update access.passkey set used_at = now(), dynamic_state = $2 where id = $1";
    let party = party(&core.settings)?;
    let kept = take(core, purpose, user, ceremony).await?;
    let state = DiscoverableAuthenticationServerState::decode(&kept).map_err(|error| broken(&error))?;
    let shown = DiscoverableAuthentication16::from_json_relaxed(&json(answer)?).map_err(|error| refused(&error))?;
    let owner = Uuid::from_slice(shown.response().user_handle().as_ref()).map_err(|error| refused(&error))?;
    let found: Option<(Uuid, Uuid, Vec<u8>, Vec<u8>)> =
        sqlx::query_as(FIND).bind(shown.raw_id().as_ref()).bind(owner).fetch_optional(&core.pool).await?;
    let (id, owner, static_state, dynamic_state) = found.ok_or_else(|| refused(&"it is not known"))?;
    let owner = UserId::from_uuid(owner);
    let handle = handle(owner);
    let static_state = StaticState::decode(static_state.as_slice()).map_err(|error| broken(&error))?;
    let dynamic_state: [u8; 7] = dynamic_state.try_into().map_err(|_| broken(&"a state of another length"))?;
    let dynamic_state = DynamicState::decode(dynamic_state).map_err(|error| broken(&error))?;
    let mut credential = AuthenticatedCredential::new(shown.raw_id(), &handle, static_state, dynamic_state)
        .map_err(|error| broken(&error))?;
    let origins = [party.origin.as_str()];
    let options = AuthenticationVerificationOptions::<&str, &str> {
        allowed_origins: &origins,
        error_on_unsolicited_extensions: false,
        ..AuthenticationVerificationOptions::default()
    };
    state.verify(&party.id, &shown, &mut credential, &options).map_err(|error| refused(&error))?;
    let dynamic_state = credential.dynamic_state().encode().map_err(|never| broken(&never))?;
    sqlx::query(USED).bind(id).bind(dynamic_state.as_slice()).execute(&core.pool).await?;
    Ok(owner)
}

/// As the list of factors shows it.
#[derive(Debug, sqlx::FromRow)]
pub struct Listed {
    pub id: Uuid,
    pub name: String,
    pub made_at: DateTime<Utc>,
    pub used_at: Option<DateTime<Utc>>,
    name_sealed: Option<Vec<u8>>,
}

pub async fn list(core: &Core, user: UserId) -> Result<Vec<Listed>, Failure> {
    const LIST: &str = "
select id, coalesce(name, '') as name, name_sealed, made_at, used_at from access.passkey
where user_id = $1 order by made_at";
    let mut listed: Vec<Listed> = sqlx::query_as(LIST).bind(user.as_uuid()).fetch_all(&core.pool).await?;
    for passkey in &mut listed {
        if let Some(sealed) = passkey.name_sealed.take() {
            passkey.name = own::open(core, user, &own::passkey_name(passkey.id), &sealed).await?;
        }
    }
    Ok(listed)
}

/// Whether there was one.
pub async fn remove_in_tx(tx: &mut PgConnection, user: UserId, passkey: Uuid) -> Result<bool, Failure> {
    let gone = sqlx::query("delete from access.passkey where id = $1 and user_id = $2")
        .bind(passkey)
        .bind(user.as_uuid())
        .execute(tx)
        .await?;
    Ok(gone.rows_affected() == 1)
}

/// Browsers that build the answer by hand name the results of extensions otherwise, or not at all.
fn json(answer: &Value) -> Result<Vec<u8>, Failure> {
    let mut answer = answer.clone();
    if let Some(members) = answer.as_object_mut() {
        let extensions = members.remove("extensions");
        let results = members.entry("clientExtensionResults");
        results.or_insert_with(|| extensions.unwrap_or_else(|| Value::Object(serde_json::Map::new())));
    }
    serde_json::to_vec(&answer).map_err(|error| broken(&error))
}

fn context(purpose: Purpose) -> String {
    format!("ceremony:{}", purpose.as_str())
}

async fn keep(core: &Core, purpose: Purpose, user: Option<UserId>, state: &[u8]) -> Result<Opaque, Failure> {
    const KEEP: &str = "
insert into access.ceremony (token_hash, user_id, purpose, state_sealed, expires_at)
values ($1, $2, $3, $4, now() + interval '5 minutes')";
    let token = Opaque::generate();
    sqlx::query(KEEP)
        .bind(token.hash())
        .bind(user.map(UserId::as_uuid))
        .bind(purpose.as_str())
        .bind(core.sealer.seal(&context(purpose), state).await?)
        .execute(&core.pool)
        .await?;
    Ok(token)
}

async fn take(core: &Core, purpose: Purpose, user: Option<UserId>, ceremony: &str) -> Result<Vec<u8>, Failure> {
    const TAKE: &str = "
delete from access.ceremony
where token_hash = $1 and purpose = $2 and user_id is not distinct from $3 and expires_at > now()
returning state_sealed";
    let sealed: Option<Vec<u8>> = sqlx::query_scalar(TAKE)
        .bind(opaque::hash(ceremony))
        .bind(purpose.as_str())
        .bind(user.map(UserId::as_uuid))
        .fetch_optional(&core.pool)
        .await?;
    let over = || Failure::new(Code::Unauthenticated, "This took too long. Begin it again.");
    Ok(core.sealer.open(&context(purpose), &sealed.ok_or_else(over)?).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(base_url: &str) -> Option<(String, String)> {
        let party = party(&Settings { base_url: base_url.to_owned(), own_words: Vec::new() }).ok()?;
        Some((party.id.as_ref().to_owned(), party.origin))
    }

    #[test]
    fn a_passkey_belongs_to_the_name_of_the_page() {
        let both = |id: &str, origin: &str| Some((id.to_owned(), origin.to_owned()));
        assert_eq!(at("https://workdock.example"), both("workdock.example", "https://workdock.example"));
        assert_eq!(at("https://workdock.example:8443"), both("workdock.example", "https://workdock.example:8443"));
        assert_eq!(at("http://127.0.0.1:8080"), both("localhost", "http://localhost:8080"));
        assert_eq!(at("http://[::1]:8080"), both("localhost", "http://localhost:8080"));
        assert_eq!(at("http://192.0.2.1:8080"), None);
    }
}
