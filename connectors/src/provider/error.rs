//! How a provider may refuse, in situations that are the same for all.

use std::time::Duration;

use domain::source::{Health, VANISHED};

/// Codes are the provider's own, e.g. `ITEM_LOGIN_REQUIRED`; messages of providers are not kept, for they may quote.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// Its data changed while it was paged through: the loop begins anew from its first cursor.
    #[error("the data changed while they were read; read again from the loop's first cursor")]
    Restart,
    #[error("nothing is there yet; ask later")]
    NotReady,
    #[error("too many requests")]
    RateLimited { wait: Option<Duration> },
    /// No answer, a cut connection, a server error, the bank behind it.
    #[error("the provider does not answer ({code})")]
    Unavailable { code: String },
    /// The access token is over its time; a refresh may help.
    #[error("the access token has expired")]
    TokenExpired,
    #[error("the user must agree once more ({code})")]
    ConsentNeeded { code: String },
    #[error("the access was taken back ({code})")]
    Revoked { code: String },
    #[error("the account at the provider is locked ({code})")]
    Locked { code: String },
    /// The provider refuses what we asked: a fault of ours, or of its documentation.
    #[error("the provider refuses the request ({code})")]
    Refused { code: String },
    /// A list of everything lacks so much of what it had that it is not believed: nothing is taken back.
    #[error("the provider tells {gone} of {known} transactions no more")]
    Vanished { gone: usize, known: usize },
    /// The answer has not the shape that is documented.
    #[error("the answer is not understood: {what}")]
    Unintelligible { what: String },
}

impl ProviderError {
    pub fn unavailable(code: impl Into<String>) -> Self {
        Self::Unavailable { code: code.into() }
    }

    pub fn unintelligible(what: impl Into<String>) -> Self {
        Self::Unintelligible { what: what.into() }
    }

    /// Whether the same request may succeed a little later.
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::RateLimited { .. } | Self::Unavailable { .. })
    }

    /// Whether the access it is about is gone already, or opens nothing without its user.
    pub const fn is_over(&self) -> bool {
        matches!(self, Self::Revoked { .. } | Self::ConsentNeeded { .. } | Self::TokenExpired)
    }

    /// The health that a source has after it.
    pub const fn health(&self) -> Health {
        match self {
            Self::NotReady => Health::Healthy,
            Self::RateLimited { .. } | Self::Unavailable { .. } => Health::ProviderDown,
            Self::TokenExpired | Self::ConsentNeeded { .. } => Health::ConsentNeeded,
            Self::Revoked { .. } => Health::Revoked,
            Self::Locked { .. } => Health::Locked,
            Self::Restart | Self::Refused { .. } | Self::Vanished { .. } | Self::Unintelligible { .. } => {
                Health::Failing
            }
        }
    }

    /// The provider's own code, for the event.
    pub fn reason(&self) -> Option<String> {
        match self {
            Self::Unavailable { code }
            | Self::ConsentNeeded { code }
            | Self::Revoked { code }
            | Self::Locked { code }
            | Self::Refused { code } => Some(code.clone()),
            Self::Unintelligible { what } => Some(what.clone()),
            Self::RateLimited { .. } => Some("rate_limited".to_owned()),
            Self::TokenExpired => Some("token_expired".to_owned()),
            Self::Vanished { .. } => Some(VANISHED.to_owned()),
            Self::Restart | Self::NotReady => None,
        }
    }
}
