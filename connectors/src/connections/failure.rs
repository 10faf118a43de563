//! Errors as whoever connects a source sees them.

use domain::{Code, Problem};

use crate::provider::sync::SyncError;
use crate::provider::{ProviderError, VaultError};

// For map_err.
#[allow(clippy::needless_pass_by_value)]
pub(super) fn of_provider(error: ProviderError) -> Problem {
    match &error {
        ProviderError::RateLimited { .. } | ProviderError::Unavailable { .. } | ProviderError::NotReady => {
            Problem::new(Code::Unavailable, "The provider does not answer just now. Nothing is lost; try again.")
        }
        ProviderError::Refused { code } => Problem::new(Code::Conflict, format!("The provider refuses it: {code}")),
        ProviderError::ConsentNeeded { .. }
        | ProviderError::Revoked { .. }
        | ProviderError::Locked { .. }
        | ProviderError::TokenExpired => {
            Problem::new(Code::Conflict, format!("The provider does not let us in: {error}. Connect it once more."))
        }
        ProviderError::Restart | ProviderError::Vanished { .. } | ProviderError::Unintelligible { .. } => {
            tracing::error!(%error, "a provider's answer is not understood");
            Problem::new(Code::Unavailable, "The provider's answer is not understood. It is logged; try again later.")
        }
    }
}

pub(super) fn of_sync(error: SyncError) -> Problem {
    match error {
        SyncError::Provider(error) => of_provider(error),
        SyncError::Command(error) => error.problem(),
        SyncError::Vault(VaultError::Missing) => {
            Problem::new(Code::Conflict, "It was not connected to its end. Connect it once more.")
        }
        SyncError::Vault(error) => of_sealing(&error),
        SyncError::Aliases(error) => of_database(error),
    }
}

// For map_err.
#[allow(clippy::needless_pass_by_value)]
pub(super) fn of_database(error: sqlx::Error) -> Problem {
    of_sealing(&error)
}

/// A part of ours that is down.
pub(super) fn of_sealing(error: &dyn std::error::Error) -> Problem {
    tracing::error!(%error, "a connection cannot be read or kept");
    Problem::new(Code::Unavailable, "This cannot be done just now. It is logged, and nothing is lost; try again.")
}
