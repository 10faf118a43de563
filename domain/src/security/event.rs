use chrono::{DateTime, Utc};
use cqrs_es::DomainEvent;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{CredentialChange, Factor, KeyFault, SealedField, SessionEnd, SignInFailure, TokenFault, WhatIsExported};
use crate::access::{Action, Role};
use crate::{Code, KeyId, UserId};

/// `user`: whose account it concerns; none for the local owner and for an account that nobody has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event")]
pub enum SecurityEvent {
    #[serde(rename = "security.signed_in")]
    SignedIn { user: Option<UserId>, session: Uuid, factors: Vec<Factor> },
    #[serde(rename = "security.sign_in_failed")]
    SignInFailed { user: Option<UserId>, factor: Factor, reason: SignInFailure },
    /// After too many failures, of an account or (without `user`) of an address.
    #[serde(rename = "security.locked_out")]
    LockedOut { user: Option<UserId>, until: DateTime<Utc> },
    #[serde(rename = "security.unlocked")]
    Unlocked { user: UserId },
    #[serde(rename = "security.session_ended")]
    SessionEnded { user: Option<UserId>, session: Uuid, reason: SessionEnd },
    /// The second factor was shown again, for what asks for it.
    #[serde(rename = "security.stepped_up")]
    SteppedUp { user: UserId, session: Uuid, factor: Factor },
    #[serde(rename = "security.factor_changed")]
    FactorChanged { user: UserId, factor: Factor, change: CredentialChange },
    /// The name that others see.
    #[serde(rename = "security.profile_changed")]
    ProfileChanged { user: UserId },
    /// A link went to the new address; until it is opened the old one counts.
    #[serde(rename = "security.address_change_requested")]
    AddressChangeRequested { user: UserId },
    #[serde(rename = "security.address_changed")]
    AddressChanged { user: UserId },
    /// By whoever knows the address. Of one that nobody has, nothing but this follows.
    #[serde(rename = "security.password_reset_requested")]
    PasswordResetRequested { user: Option<UserId> },
    /// An access token that is none of ours, or not of now.
    #[serde(rename = "security.token_refused")]
    TokenRefused { reason: TokenFault },
    /// A one-time link for the local owner was printed.
    #[serde(rename = "security.link_issued")]
    LinkIssued { expires_at: DateTime<Utc> },
    #[serde(rename = "security.account_made")]
    AccountMade { user: UserId },
    /// The account ends at `due_at`, unless that is taken back.
    #[serde(rename = "security.erasure_requested")]
    ErasureRequested { user: UserId, due_at: DateTime<Utc> },
    #[serde(rename = "security.erasure_withdrawn")]
    ErasureWithdrawn { user: UserId },
    /// The id names nobody from here on.
    #[serde(rename = "security.account_erased")]
    AccountErased { user: UserId },
    #[serde(rename = "security.key_made")]
    KeyMade {
        key: KeyId,
        #[schemars(with = "String")]
        role: Role,
        #[schemars(with = "Vec<String>")]
        scopes: Vec<Action>,
        expires_at: Option<DateTime<Utc>>,
    },
    /// The first use of a key in an hour.
    #[serde(rename = "security.key_used")]
    KeyUsed { key: KeyId },
    #[serde(rename = "security.key_revoked")]
    KeyRevoked { key: KeyId },
    /// `key`: where it is one that was.
    #[serde(rename = "security.key_refused")]
    KeyRefused { key: Option<KeyId>, reason: KeyFault },
    /// There are new master keys; the older ones go on opening what they wrapped.
    #[serde(rename = "security.master_key_rotated")]
    MasterKeyRotated { scopes: u64 },
    /// Data keys that older master keys wrapped are wrapped by the newest.
    #[serde(rename = "security.data_keys_rewrapped")]
    DataKeysRewrapped {
        rewrapped: u64,
        /// Under the newest already.
        current: u64,
    },
    /// What is recorded of the business, or of the installation, is sealed with a new key from here on.
    #[serde(rename = "security.data_key_renewed")]
    DataKeyRenewed { version: u32 },
    /// The rights of whoever asked did not suffice.
    #[serde(rename = "security.access_refused")]
    AccessRefused {
        #[schemars(with = "String")]
        action: Action,
        #[schemars(with = "String")]
        code: Code,
    },
    /// A rule of the domain refused a command; nothing of it was recorded.
    #[serde(rename = "security.command_refused")]
    CommandRefused {
        /// `business`, `source`, `account`, `match`, or `user`: of a person's own account.
        aggregate: String,
        id: Uuid,
        /// The command's name, e.g. `Rename`.
        command: String,
        #[schemars(with = "String")]
        code: Code,
    },
    /// Refusals beyond the number that is recorded singly.
    #[serde(rename = "security.refusals_counted")]
    RefusalsCounted { count: u64, since: DateTime<Utc>, until: DateTime<Utc> },
    #[serde(rename = "security.exported")]
    Exported { what: WhatIsExported, rows: u64 },
    /// Somebody opened what is sealed.
    #[serde(rename = "security.sealed_field_viewed")]
    SealedFieldViewed { field: SealedField, subject: Uuid },
    /// Somebody who runs the installation looked into a business for its owner.
    #[serde(rename = "security.support_access")]
    SupportAccess { reason: String },
    /// A part of the installation's own history stands in a file with its proof, and left the history with this event.
    #[serde(rename = "security.history_archived")]
    HistoryArchived {
        file: String,
        first_position: i64,
        last_position: i64,
        /// Numbers among the events that concern no business.
        first_sequence: i64,
        last_sequence: i64,
        /// All of it was known before.
        before: DateTime<Utc>,
        /// Of the file, in hexadecimal digits.
        sha256: String,
        bytes: i64,
    },
}

impl SecurityEvent {
    /// The type of the event with which an account ends.
    pub const ACCOUNT_ERASED: &str = "security.account_erased";
    /// The type of the event with which a part of the installation's history leaves it.
    pub const HISTORY_ARCHIVED: &str = "security.history_archived";

    /// Events that anybody can cause at will: they are recorded singly up to a bound only.
    pub const fn is_at_will(&self) -> bool {
        matches!(
            self,
            Self::SignInFailed { .. }
                | Self::PasswordResetRequested { .. }
                | Self::TokenRefused { .. }
                | Self::KeyRefused { .. }
                | Self::AccessRefused { .. }
                | Self::CommandRefused { .. }
        )
    }
}

impl DomainEvent for SecurityEvent {
    fn event_type(&self) -> String {
        match self {
            Self::SignedIn { .. } => "security.signed_in",
            Self::SignInFailed { .. } => "security.sign_in_failed",
            Self::LockedOut { .. } => "security.locked_out",
            Self::Unlocked { .. } => "security.unlocked",
            Self::SessionEnded { .. } => "security.session_ended",
            Self::SteppedUp { .. } => "security.stepped_up",
            Self::FactorChanged { .. } => "security.factor_changed",
            Self::ProfileChanged { .. } => "security.profile_changed",
            Self::AddressChangeRequested { .. } => "security.address_change_requested",
            Self::AddressChanged { .. } => "security.address_changed",
            Self::PasswordResetRequested { .. } => "security.password_reset_requested",
            Self::TokenRefused { .. } => "security.token_refused",
            Self::LinkIssued { .. } => "security.link_issued",
            Self::AccountMade { .. } => "security.account_made",
            Self::ErasureRequested { .. } => "security.erasure_requested",
            Self::ErasureWithdrawn { .. } => "security.erasure_withdrawn",
            Self::AccountErased { .. } => Self::ACCOUNT_ERASED,
            Self::KeyMade { .. } => "security.key_made",
            Self::KeyUsed { .. } => "security.key_used",
            Self::KeyRevoked { .. } => "security.key_revoked",
            Self::KeyRefused { .. } => "security.key_refused",
            Self::MasterKeyRotated { .. } => "security.master_key_rotated",
            Self::DataKeysRewrapped { .. } => "security.data_keys_rewrapped",
            Self::DataKeyRenewed { .. } => "security.data_key_renewed",
            Self::AccessRefused { .. } => "security.access_refused",
            Self::CommandRefused { .. } => "security.command_refused",
            Self::RefusalsCounted { .. } => "security.refusals_counted",
            Self::Exported { .. } => "security.exported",
            Self::SealedFieldViewed { .. } => "security.sealed_field_viewed",
            Self::SupportAccess { .. } => "security.support_access",
            Self::HistoryArchived { .. } => Self::HISTORY_ARCHIVED,
        }
        .to_owned()
    }

    fn event_version(&self) -> String {
        "1".to_owned()
    }
}
