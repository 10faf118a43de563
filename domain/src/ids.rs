//! Identifiers as types, so that no function takes two strings in a row.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            pub const fn from_uuid(id: Uuid) -> Self {
                Self(id)
            }

            pub const fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::from_str(text).map(Self)
            }
        }
    };
}

macro_rules! generated_id {
    ($($name:ident),*) => {$(
        #[allow(clippy::new_without_default)]
        impl $name {
            /// A fresh identifier (UUID version 7: ordered by creation).
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }
    )*};
}

id!(/// A business whose numbers are kept.
    BusinessId);
id!(/// A connection to where transactions come from.
    SourceId);
id!(/// A financial account at a source.
    AccountId);
id!(/// One run that delivers transactions: a file import, a sync.
    BatchId);
id!(/// A person who can sign in.
    UserId);
id!(/// An invitation into a business.
    InvitationId);
id!(/// An address that was written to from a business, as long as it names anybody.
    AddresseeId);
id!(/// A machine's key.
    KeyId);
id!(/// A rule that says what transactions mean.
    RuleId);
id!(/// The exchange rates of a business whose days lie in one calendar year.
    RatesId);
id!(/// Transactions that are the same money.
    MatchId);
id!(/// Payments that come again and again, the same as long as they do.
    SeriesId);
id!(/// A file beside a transaction.
    AttachmentId);
id!(/// An invoice, a bill or a credit of the books, the same however it is edited.
    DocumentId);
id!(/// One transaction, the same through all its revisions.
    TransactionId);
generated_id!(BusinessId, SourceId, AccountId, BatchId, UserId, InvitationId, AddresseeId, KeyId, RuleId, AttachmentId);

impl RatesId {
    /// A function of both, so that whoever records a rate finds the others of its year.
    pub fn of(business: BusinessId, year: i32) -> Self {
        Self(derived([business.0.as_bytes().as_slice(), b"rates", &year.to_be_bytes()]))
    }
}

impl TransactionId {
    /// Derives the identity from what makes it unique, e.g. (source, entity type, provider id), or (fingerprint of
    /// a row's facts, its n-th occurrence) for files that name no ids.
    ///
    /// The first 122 bits of SHA-256 over the length-prefixed parts, as a version 8 UUID (RFC 9562).
    pub fn derive<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        Self(derived(parts))
    }
}

impl DocumentId {
    /// From (source, entity type, provider id), as [`TransactionId::derive`] does.
    pub fn derive<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        Self(derived(parts))
    }
}

fn derived<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Uuid {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let digest: [u8; 32] = hash.finalize().into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_not_confused_by_where_they_are_cut() {
        let ab_c = TransactionId::derive([b"ab".as_slice(), b"c"]);
        let a_bc = TransactionId::derive([b"a".as_slice(), b"bc"]);
        assert_ne!(ab_c, a_bc);
        assert_eq!(ab_c, TransactionId::derive([b"ab".as_slice(), b"c"]));
        assert_eq!(ab_c.as_uuid().get_version_num(), 8);
    }
}
