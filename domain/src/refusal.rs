//! One transport-neutral code for each situation, mapped once to a status and a body.

use serde::{Deserialize, Serialize};

/// What kind of refusal it is. Each has one HTTP status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Code {
    /// The request cannot be understood.
    Invalid,
    /// No valid session.
    Unauthenticated,
    /// A valid session without the right.
    Forbidden,
    /// Allowed, once a second factor has been shown.
    SecondFactor,
    NotFound,
    /// The address does not take this method.
    MethodNotAllowed,
    /// The request did not arrive in time.
    Timeout,
    /// The body is of a type that is not taken here.
    UnsupportedMedia,
    /// It contradicts what is there now.
    Conflict,
    /// Understood, but a rule of the domain refuses it.
    Refused,
    TooLarge,
    TooManyRequests,
    /// Not ready yet, or a part of the system is down; try again.
    Unavailable,
    /// A fault of ours.
    Internal,
}

impl Code {
    pub const fn status(self) -> u16 {
        match self {
            Self::Invalid => 400,
            Self::Unauthenticated => 401,
            Self::Forbidden | Self::SecondFactor => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::Timeout => 408,
            Self::UnsupportedMedia => 415,
            Self::Conflict => 409,
            Self::Refused => 422,
            Self::TooLarge => 413,
            Self::TooManyRequests => 429,
            Self::Unavailable => 503,
            Self::Internal => 500,
        }
    }

    pub const fn title(self) -> &'static str {
        match self {
            Self::Invalid => "The request cannot be understood",
            Self::Unauthenticated => "Sign in first",
            Self::Forbidden => "Not allowed",
            Self::SecondFactor => "Confirm it is you",
            Self::NotFound => "Not found",
            Self::MethodNotAllowed => "Not with this method",
            Self::Timeout => "It took too long to arrive",
            Self::UnsupportedMedia => "Another type of body is taken here",
            Self::Conflict => "It changed meanwhile",
            Self::Refused => "Refused",
            Self::TooLarge => "Too large",
            Self::TooManyRequests => "Too many requests",
            Self::Unavailable => "Not available now",
            Self::Internal => "Something failed here",
        }
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invalid => "INVALID",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::SecondFactor => "SECOND_FACTOR",
            Self::NotFound => "NOT_FOUND",
            Self::MethodNotAllowed => "METHOD_NOT_ALLOWED",
            Self::Timeout => "TIMEOUT",
            Self::UnsupportedMedia => "UNSUPPORTED_MEDIA",
            Self::Conflict => "CONFLICT",
            Self::Refused => "REFUSED",
            Self::TooLarge => "TOO_LARGE",
            Self::TooManyRequests => "TOO_MANY_REQUESTS",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal => "INTERNAL",
        }
    }
}

/// The body of an error after RFC 9457 (`application/problem+json`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{detail}")]
pub struct Problem {
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    pub detail: String,
    pub code: Code,
}

impl Problem {
    /// `detail` is read by a person: what happened, and what to do.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:workdock:problem:{}", code.as_str().to_ascii_lowercase()),
            title: code.title().to_owned(),
            status: code.status(),
            detail: detail.into(),
            code,
        }
    }
}
