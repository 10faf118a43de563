//! The seam to mail: what is to be sent, and whoever sends it.

use async_trait::async_trait;
use domain::Email;
use serde::{Deserialize, Serialize};

/// One letter in plain text. It may hold a token, so it is never printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    pub to: Email,
    pub subject: String,
    pub text: String,
    /// What programs read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attached: Option<Attached>,
}

/// A file of JSON that goes with a letter.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    pub name: String,
    pub json: String,
}

impl Mail {
    pub const fn new(to: Email, subject: String, text: String) -> Self {
        Self { to, subject, text, attached: None }
    }
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mail").field("subject", &self.subject).finish_non_exhaustive()
    }
}

/// The address of the page as its users type it, without a slash at the end: links in letters begin with it.
#[derive(Debug, Clone)]
pub struct PageAddress(pub String);

/// Whoever takes letters. Taken means that the sender need not send it again, not that somebody has read it.
#[async_trait]
pub trait Mailer: Send + Sync {
    async fn send(&self, mail: Mail) -> Result<(), MailError>;
}

#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The mail server will never take this letter: the address is none of its kind.
    #[error("the mail server refuses this letter")]
    Refused(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("mail cannot be sent just now")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}
