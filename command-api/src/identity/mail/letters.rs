//! What the letters say. Plain text: what happened, what to do, and what if it was not you.

use chrono::{DateTime, Utc};
use domain::Email;

use crate::identity::opaque::Opaque;
use crate::mail::{Attached, Mail};

/// What the erasure of a person is certified by: as people read it, and signed.
pub struct Certificate {
    pub text: String,
    pub json: String,
}

pub enum Letter<'a> {
    /// To an address that nobody has yet.
    Verify(&'a Opaque),
    /// Somebody registered with an address that has an account.
    AlreadyHere,
    Reset(&'a Opaque),
    PasswordChanged,
    /// To the new address.
    ConfirmEmail(&'a Opaque),
    /// To the old address, once asked for and once done.
    EmailAskedFor,
    EmailChanged,
    Locked(&'a Opaque),
    /// A refresh token was used twice.
    SessionStolen,
    FactorAdded(&'a str),
    FactorRemoved(&'a str),
    RecoveryCodeUsed(i64),
    /// When the account ends.
    ErasureAskedFor(DateTime<Utc>),
    /// With the certificate: whoever gets it has no account to load it from.
    AccountErased(&'a Certificate),
}

const NOT_YOU: &str = "If this was not you, set a new password now; it ends every session.";

impl Letter<'_> {
    /// `base`: the address of the page.
    pub fn to(&self, to: &Email, base: &str) -> Mail {
        let link = |page: &str, token: &Opaque| format!("{base}/{page}?token={}", token.expose());
        let (subject, body) = match self {
            Self::Verify(token) => (
                "Confirm your address",
                format!(
                    "Open this link to finish your registration; it works once, for 24 hours:\n\n{}\n\n\
                     If you did not register, do nothing: there is no account without this link.",
                    link("verify-email", token)
                ),
            ),
            Self::AlreadyHere => (
                "You have an account already",
                format!(
                    "Somebody registered with this address, which has an account. Nothing was changed.\n\n\
                     Sign in: {base}/sign-in\nForgot the password: {base}/forgot-password"
                ),
            ),
            Self::Reset(token) => (
                "Set a new password",
                format!(
                    "Open this link to set a new password; it works once, for an hour:\n\n{}\n\n\
                     If you did not ask for it, do nothing: your password stays.",
                    link("reset-password", token)
                ),
            ),
            Self::PasswordChanged => (
                "Your password was changed",
                format!(
                    "Your password was changed, and your other sessions have ended.\n\n{NOT_YOU}\n{base}/forgot-password"
                ),
            ),
            Self::ConfirmEmail(token) => (
                "Confirm your new address",
                format!(
                    "Open this link to use this address for your account; it works once, for 24 hours:\n\n{}",
                    link("confirm-email", token)
                ),
            ),
            Self::EmailAskedFor => (
                "Your address is about to be changed",
                format!(
                    "Somebody who is signed in as you asked to change the address of your account. It changes when \
                         the new address is confirmed.\n\n{NOT_YOU}\n{base}/forgot-password"
                ),
            ),
            Self::EmailChanged => (
                "Your address was changed",
                "The address of your account was changed; this one signs in no longer.\n\n\
                 If this was not you, ask the owners of your business to remove the account from it at once."
                    .to_owned(),
            ),
            Self::Locked(token) => (
                "Too many failed sign-ins",
                format!(
                    "Somebody failed several times to sign in as you; further tries have to wait. Devices that you \
                     have used before are not concerned.\n\nIf it was you, this link ends the waiting:\n\n{}\n\n\
                     If it was not, nothing is to be done: the password was not found.",
                    link("unlock", token)
                ),
            ),
            Self::SessionStolen => (
                "A session of yours was ended",
                format!(
                    "A key of one of your sessions was used twice, as it happens when it was copied. The session \
                         has ended; sign in again.\n\nIf it happens again, set a new password: {base}/forgot-password"
                ),
            ),
            Self::FactorAdded(factor) => (
                "A second factor was added",
                format!("{factor} was added to your account.\n\n{NOT_YOU}\n{base}/forgot-password"),
            ),
            Self::FactorRemoved(factor) => (
                "A second factor was removed",
                format!("{factor} was removed from your account.\n\n{NOT_YOU}\n{base}/forgot-password"),
            ),
            Self::ErasureAskedFor(due_at) => (
                "Your account is to be erased",
                format!(
                    "You asked for your account to be erased. It goes for good on {}. Until then you can sign in, export \
                     what is yours, and take it back, under Your account:\n\n{base}/account#leaving\n\n{NOT_YOU}\n{base}/forgot-password",
                    due_at.format("%-d %B %Y, %H:%M UTC")
                ),
            ),
            Self::AccountErased(certificate) => ("Your account was erased", farewell(certificate)),
            Self::RecoveryCodeUsed(left) => (
                "A recovery code was used",
                format!(
                    "Somebody signed in as you with a recovery code; {left} are left.\n\n{NOT_YOU}\n{base}/forgot-password"
                ),
            ),
        };
        let attached = match self {
            Self::AccountErased(Certificate { json, .. }) => {
                Some(Attached { name: "certificate.json".to_owned(), json: json.clone() })
            }
            _ => None,
        };
        let mail = Mail::new(to.clone(), format!("Workdock: {subject}"), format!("{body}\n"));
        Mail { attached, ..mail }
    }
}

fn farewell(certificate: &Certificate) -> String {
    format!(
        "Your account was erased, with your name, your addresses, your sessions and how you signed in. Histories keep its \
         id, which names nobody any more. This is the last letter to this address.\n\n{}\n\
         The file with this letter is this certificate, signed, with the proof that the log says so. Anybody who has the \
         program checks it without us:\n\nworkdock audit verify certificate.json",
        certificate.text
    )
}
