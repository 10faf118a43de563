use domain::attachment::NotThatType;
use domain::{Code, Problem};

use crate::sealing::SealError;

/// Why a file is not kept, or not shown. Nothing of it stays.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("the file is too large: {} at most", size(*.most))]
    TooLarge { most: u64 },
    #[error(transparent)]
    NotThatType(#[from] NotThatType),
    #[error("the file broke off before its end; send it again")]
    BrokenOff,
    #[error("what is kept of this file is not what was sent")]
    Damaged,
    #[error("the business was erased")]
    Erased,
    #[error("the keys that files are sealed with cannot be used now")]
    Keys(#[source] SealError),
    #[error("files cannot be read or written just now")]
    Database(#[source] sqlx::Error),
}

impl FileError {
    pub const fn code(&self) -> Code {
        match self {
            Self::TooLarge { .. } => Code::TooLarge,
            Self::NotThatType(_) => Code::UnsupportedMedia,
            Self::BrokenOff => Code::Invalid,
            Self::Erased => Code::NotFound,
            Self::Damaged => Code::Internal,
            Self::Keys(_) | Self::Database(_) => Code::Unavailable,
        }
    }

    /// For whoever asked. Faults of ours are logged here.
    pub fn problem(&self) -> Problem {
        if matches!(self.code(), Code::Internal | Code::Unavailable) {
            tracing::error!(error = ?self, "a file failed");
        }
        let mut text = self.to_string();
        if let Some(first) = text.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        Problem::new(self.code(), format!("{text}."))
    }
}

fn size(bytes: u64) -> String {
    if bytes.is_multiple_of(1 << 20) { format!("{} MB", bytes >> 20) } else { format!("{bytes} bytes") }
}

impl From<sqlx::Error> for FileError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl From<SealError> for FileError {
    fn from(error: SealError) -> Self {
        match error {
            SealError::Erased(_) => Self::Erased,
            SealError::Database(error) => Self::Database(error),
            SealError::Forged | SealError::Malformed => Self::Damaged,
            error @ SealError::Key(_) => Self::Keys(error),
        }
    }
}
