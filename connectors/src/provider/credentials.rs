//! Credentials, which no log and no error ever shows.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// A token or key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What opens a source at its provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    pub access: Secret,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh: Option<Secret>,
    /// `None`: it lives until it is revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<DateTime<Utc>>,
    /// The provider's name of what was connected: an Item, an account, a company, a shop.
    pub external_id: String,
}

impl Credentials {
    /// Whether they should be renewed before they are used.
    pub fn is_due(&self, now: DateTime<Utc>) -> bool {
        const EARLY: TimeDelta = TimeDelta::minutes(5);
        self.refresh.is_some() && self.expires_at.is_some_and(|at| at - EARLY <= now)
    }
}
