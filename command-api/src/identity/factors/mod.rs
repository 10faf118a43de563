//! Second factors: what of them an account has.

pub mod passkeys;
pub mod recovery;
pub mod totp;

use domain::UserId;
use domain::security::Factor;
use serde::Serialize;
use sqlx::{PgConnection, PgExecutor};
use utoipa::ToSchema;

use super::Core;
use super::failure::Failure;

/// A way to show a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Method {
    Totp,
    RecoveryCode,
    Passkey,
}

#[derive(Debug, sqlx::FromRow)]
pub struct Factors {
    pub totp: bool,
    pub passkeys: i64,
    pub recovery_codes: i64,
}

impl Factors {
    /// Recovery codes stand in for a factor; they are none.
    pub const fn any(&self) -> bool {
        self.totp || self.passkeys > 0
    }

    /// The ways that there are, the usual one first. Empty: the password alone signs in.
    pub fn methods(&self) -> Vec<Method> {
        let ways = [
            (self.totp, Method::Totp),
            (self.passkeys > 0, Method::Passkey),
            (self.any() && self.recovery_codes > 0, Method::RecoveryCode),
        ];
        ways.into_iter().filter_map(|(there, method)| there.then_some(method)).collect()
    }
}

pub async fn of(executor: impl PgExecutor<'_>, user: UserId) -> Result<Factors, Failure> {
    const OF: &str = "
select exists (select from access.totp where user_id = $1 and confirmed_at is not null) totp,
    (select count(*) from access.passkey where user_id = $1) passkeys,
    (select count(*) from access.recovery_code where user_id = $1 and used_at is null) recovery_codes";
    Ok(sqlx::query_as(OF).bind(user.as_uuid()).fetch_one(executor).await?)
}

/// After one was removed: without any, codes stand for nothing, and no session has shown one.
pub async fn settle_in_tx(tx: &mut PgConnection, user: UserId) -> Result<(), Failure> {
    if !of(&mut *tx, user).await?.any() {
        let id = user.as_uuid();
        sqlx::query("delete from access.recovery_code where user_id = $1").bind(id).execute(&mut *tx).await?;
        sqlx::query("update access.session set second_factor_at = null, confirmed_at = null where user_id = $1")
            .bind(id)
            .execute(tx)
            .await?;
    }
    Ok(())
}

/// A code that is right. It is taken with what it opens, or it can be shown again.
#[derive(Debug)]
pub struct RightCode {
    user: UserId,
    is: Is,
}

#[derive(Debug)]
enum Is {
    /// Of the app: of which half minute.
    Totp(i64),
    /// By its hash.
    Recovery(Vec<u8>),
}

impl RightCode {
    pub const fn factor(&self) -> Factor {
        match self.is {
            Is::Totp(_) => Factor::Totp,
            Is::Recovery(_) => Factor::RecoveryCode,
        }
    }

    /// Whether nobody else has taken it meanwhile: each works once.
    pub async fn take_in_tx(&self, tx: &mut PgConnection) -> Result<bool, Failure> {
        match &self.is {
            Is::Totp(step) => totp::take_in_tx(tx, self.user, *step, totp::Of::Confirmed).await,
            Is::Recovery(hash) => recovery::take_in_tx(tx, self.user, hash).await,
        }
    }
}

/// Whether the code is right, of the app or one of the recovery codes.
pub async fn judge(core: &Core, user: UserId, factor: Factor, code: &str) -> Result<Option<RightCode>, Failure> {
    let is = match factor {
        Factor::RecoveryCode => recovery::find(core, user, code).await?.map(Is::Recovery),
        _ => totp::judge(core, user, code, totp::Of::Confirmed).await?.map(Is::Totp),
    };
    Ok(is.map(|is| RightCode { user, is }))
}
