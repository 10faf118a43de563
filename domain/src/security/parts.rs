//! The words that security events are made of.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$inner:meta])* $variant:ident),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$inner])* $variant),* }
    )*};
}

words! {
    /// What somebody showed to sign in or to confirm.
    Factor {
        Password,
        /// The one-time link that the program prints for the local owner.
        OneTimeLink,
        Totp,
        RecoveryCode,
        Passkey,
    }

    /// Why a sign-in failed; what the caller is told is the same for all.
    SignInFailure {
        /// An address that nobody has.
        UnknownAccount,
        WrongPassword,
        WrongCode,
        /// A code or link that was used or had run out.
        Expired,
        /// The account or the address was locked.
        Locked,
        /// The address was never confirmed.
        Unverified,
        /// An API key that is unknown, revoked or expired.
        InvalidKey,
    }

    /// Why an API key opens nothing.
    KeyFault {
        Unknown,
        Revoked,
        Expired,
    }

    /// Why an access token opens nothing.
    TokenFault {
        /// Not signed by us, for us, or at all.
        Forged,
        Expired,
    }

    SessionEnd {
        SignedOut,
        /// Ended from the list of sessions.
        Ended,
        /// A refresh token was shown twice: the family is taken for stolen.
        Reuse,
        /// The password, the membership or the account changed.
        Revoked,
    }

    CredentialChange {
        Added,
        Removed,
        Changed,
        /// Set anew through a mail.
        Reset,
    }

    WhatIsExported {
        /// A business's log with its proofs.
        AuditLog,
        /// The audit history as a table.
        AuditTable,
        /// Everything about a business.
        Business,
        /// Everything about a person.
        Person,
    }

    SealedField {
        Description,
        Counterparty,
        Name,
        Address,
        Credential,
    }
}
