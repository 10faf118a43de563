use uuid::Uuid;

/// Why a key service did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Tried again later, it may work.
    #[error("the key service does not answer: {0}")]
    Unavailable(String),
    #[error("the key service has no key {id}: {hint}")]
    Missing { id: String, hint: String },
    /// The key of this scope was destroyed, for good.
    #[error("the key was destroyed")]
    Destroyed,
    #[error("the key service refuses: {0}")]
    Refused(String),
    /// A wrapped key was changed, or wrapped by another service.
    #[error("a wrapped key does not open with key {0}")]
    Altered(String),
}

/// Why something could not be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    #[error(transparent)]
    Key(#[from] KeyError),
    /// What it had is unreadable for ever, and nothing new is taken.
    #[error("business {0} was erased")]
    Erased(Uuid),
    /// Not in the form that sealed text has.
    #[error("it is not sealed text of this program")]
    Malformed,
    /// Altered, or moved from elsewhere.
    #[error("sealed text is not what was sealed here")]
    Forged,
    #[error("the table of keys cannot be read: {0}")]
    Database(#[from] sqlx::Error),
}
