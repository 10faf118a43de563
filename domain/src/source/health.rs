use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The reason of a source that fails because most of what it told is not told any more.
pub const VANISHED: &str = "much_vanished";

/// The reason of a source that ended, and whose provider has not taken the access back yet.
pub const GIVING_BACK: &str = "giving_back";

/// How a source stands, and so whether it is asked again.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// It answers as it should.
    #[default]
    Healthy,
    /// The user must agree once more: a sign-in changed, a consent ran out.
    ConsentNeeded,
    /// The user, or the provider, took the access back.
    Revoked,
    /// The account at the provider is frozen or locked.
    Locked,
    /// The provider, or the bank behind it, does not answer.
    ProviderDown,
    /// It answers, but not as it should; somebody must look.
    Failing,
}

impl Health {
    pub const ALL: [Self; 6] =
        [Self::Healthy, Self::ConsentNeeded, Self::Revoked, Self::Locked, Self::ProviderDown, Self::Failing];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::ConsentNeeded => "consent_needed",
            Self::Revoked => "revoked",
            Self::Locked => "locked",
            Self::ProviderDown => "provider_down",
            Self::Failing => "failing",
        }
    }

    /// Whether asking again may help without anybody doing something.
    pub const fn is_asked_again(self) -> bool {
        matches!(self, Self::Healthy | Self::ProviderDown | Self::Failing)
    }

    /// What to do where the reason says more than the health.
    pub fn advice_for(self, reason: Option<&str>) -> &'static str {
        match (self, reason) {
            (_, Some(GIVING_BACK)) => {
                "The provider could not be told yet that the access has ended. It is told again by itself; nothing is \
                 read meanwhile."
            }
            (Self::Failing, Some(VANISHED)) => {
                "The provider suddenly tells far less than before, and nothing was taken back. See whether our access \
                 was narrowed there, and connect again. If it was really deleted there, disconnect the source with its \
                 data and connect it anew."
            }
            _ => self.advice(),
        }
    }

    /// What to do, for whoever reads it.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Healthy => "Nothing to do.",
            Self::ConsentNeeded => "Sign in at the provider once more; nothing is lost meanwhile.",
            Self::Revoked => "The access was taken back. Connect again, or disconnect the source.",
            Self::Locked => {
                "The account is locked at the provider. Settle it there; the source then goes on by itself."
            }
            Self::ProviderDown => "The provider does not answer. It is tried again by itself.",
            Self::Failing => "The provider's answers are not understood. It is tried again by itself; look at the log.",
        }
    }
}
