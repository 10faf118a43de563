use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::{AddresseeId, Email, UserId};

/// Who a user is, as they say it themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub id: UserId,
    pub name: String,
    pub email: Email,
    /// They have read a mail that was sent there.
    pub email_is_verified: bool,
    /// When a session of theirs was used last.
    pub last_seen: Option<DateTime<Utc>>,
}

/// The accounts of this installation, for those who know users by their ids.
#[async_trait]
pub trait People: Send + Sync {
    /// Those of `ids` that exist, in any order.
    async fn people(&self, ids: &[UserId]) -> Result<Vec<Person>, PeopleError>;

    /// What an address is known by that is written to, with an account or without, until whoever has it is erased.
    async fn addressee(&self, email: &Email) -> Result<AddresseeId, PeopleError>;
}

#[derive(Debug, thiserror::Error)]
#[error("who the users are cannot be read now")]
pub struct PeopleError(#[source] pub Box<dyn std::error::Error + Send + Sync>);
