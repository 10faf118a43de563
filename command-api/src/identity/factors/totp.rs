//! Codes of an authenticator app (RFC 6238): six digits, half a minute, one step before and after.
//!
//! SHA-1, since the apps ignore what else they are told; RFC 6238 allows it, and its collisions do not matter here.

use chrono::Utc;
use domain::{Code, UserId};
use qrcode::QrCode;
use qrcode::render::svg;
use rand::RngCore;
use sqlx::PgConnection;
use totp_rs::{Algorithm, Builder, Secret, Totp};
use zeroize::Zeroizing;

use crate::identity::Core;
use crate::identity::failure::Failure;
use crate::identity::users::Profile;

const ISSUER: &str = "Workdock";
const DIGITS: u8 = 6;
const STEP_SECONDS: u64 = 30;
/// Steps before and after the one of now.
const SKEW: u16 = 1;
const SECRET_BYTES: usize = 20;

/// What an app needs.
pub struct Enrolment {
    pub secret: String,
    pub uri: String,
    pub qr_svg: String,
}

/// A new secret, which counts once a code of it was shown.
pub async fn start(core: &Core, profile: &Profile) -> Result<Enrolment, Failure> {
    const START: &str = "
insert into access.totp as t (user_id, secret_sealed) values ($1, $2)
on conflict (user_id) do update set secret_sealed = excluded.secret_sealed, last_step = 0
where t.confirmed_at is null";
    let mut secret = Zeroizing::new([0; SECRET_BYTES]);
    rand::thread_rng().fill_bytes(secret.as_mut());
    let enrolment = describe(&totp(secret.as_ref(), profile.email.expose())?)?;
    let sealed = core.sealer.seal(&context(profile.id), secret.as_ref()).await?;
    let made = sqlx::query(START).bind(profile.id.as_uuid()).bind(sealed).execute(&core.pool).await?;
    if made.rows_affected() == 0 {
        return Err(Failure::new(Code::Conflict, "An authenticator app is set up already. Remove it first."));
    }
    Ok(enrolment)
}

fn describe(totp: &Totp) -> Result<Enrolment, Failure> {
    let broken = |error: &dyn std::fmt::Display| Failure::internal(error, "a QR code cannot be drawn");
    let uri = totp.to_url().map_err(|error| broken(&error))?;
    let code = QrCode::new(&uri).map_err(|error| broken(&error))?;
    let qr_svg = code.render::<svg::Color<'_>>().min_dimensions(240, 240).build();
    // The page puts it into itself; the declaration belongs to a file.
    let qr_svg = qr_svg.find("<svg").map_or(qr_svg.as_str(), |start| &qr_svg[start..]).to_owned();
    Ok(Enrolment { secret: totp.secret().to_base32(), uri, qr_svg })
}

fn totp(secret: &[u8], account: &str) -> Result<Totp, Failure> {
    // A colon parts the issuer from the account.
    let account = account.replace(':', "");
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(DIGITS)
        .with_skew(SKEW)
        .with_step_duration(STEP_SECONDS)
        .with_secret(Secret::from(secret.to_vec()))
        .with_issuer(Some(ISSUER))
        .with_account_name(account)
        .build()
        .map_err(|error| Failure::internal(&error, "a TOTP secret cannot be used"))
}

fn context(user: UserId) -> String {
    format!("totp:{user}")
}

/// Which secret a code is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// The one that waits for its first code; that code confirms it.
    Enrolment,
    /// The one that counts.
    Confirmed,
}

/// The half minute that the code is of, if it is right and newer than the last that was taken.
pub async fn judge(core: &Core, user: UserId, code: &str, of: Of) -> Result<Option<i64>, Failure> {
    const FIND: &str = "
select secret_sealed, last_step from access.totp where user_id = $1 and (confirmed_at is not null) = $2";
    let found: Option<(Vec<u8>, i64)> =
        sqlx::query_as(FIND).bind(user.as_uuid()).bind(of == Of::Confirmed).fetch_optional(&core.pool).await?;
    let Some((sealed, last_step)) = found else { return Ok(None) };
    let secret = Zeroizing::new(core.sealer.open(&context(user), &sealed).await?);
    let now = u64::try_from(Utc::now().timestamp()).unwrap_or_default();
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let step = totp(&secret, "code")?.check(&code, now);
    let step = step.map(|step| i64::try_from(step).unwrap_or(i64::MAX));
    Ok(step.filter(|step| *step > last_step))
}

/// Whether it is still newer than the last that was taken: each works once.
pub async fn take_in_tx(tx: &mut PgConnection, user: UserId, step: i64, of: Of) -> Result<bool, Failure> {
    const TAKE: &str = "
update access.totp set last_step = $2, confirmed_at = coalesce(confirmed_at, now())
where user_id = $1 and last_step < $2 and (confirmed_at is not null) = $3";
    let taken = sqlx::query(TAKE).bind(user.as_uuid()).bind(step).bind(of == Of::Confirmed).execute(tx).await?;
    Ok(taken.rows_affected() == 1)
}

/// Whether there was one.
pub async fn remove_in_tx(tx: &mut PgConnection, user: UserId) -> Result<bool, Failure> {
    let gone = sqlx::query("delete from access.totp where user_id = $1").bind(user.as_uuid()).execute(tx).await?;
    Ok(gone.rows_affected() == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, the last six of its eight digits.
    #[test]
    fn codes_are_those_of_the_rfc() {
        let totp = totp(b"12345678901234567890", "ada@example.com").unwrap();
        for (time, code) in [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")] {
            assert_eq!(totp.check(code, time), Some(time / STEP_SECONDS));
        }
        assert!(totp.check("287082", 59 + 30).is_some());
        assert!(totp.check("287082", 59 + 60).is_none());
    }

    #[test]
    fn an_app_is_told_by_picture_and_by_text() {
        let enrolment = describe(&totp(&[7; 20], "ada@example.com").unwrap()).unwrap();
        assert!(enrolment.uri.starts_with("otpauth://totp/Workdock:ada"), "{}", enrolment.uri);
        assert!(enrolment.uri.contains(&enrolment.secret));
        assert!(enrolment.qr_svg.starts_with("<svg") && enrolment.qr_svg.ends_with("</svg>"));
    }
}
