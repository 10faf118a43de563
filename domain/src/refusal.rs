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

    /// Of a body of JSON that does not fit: where, and what is taken there. serde repeats what was sent, and that may be a
    /// secret in a wrong place, so of its words those of our own types are told.
    pub fn of_body(error: &serde_json::Error) -> Self {
        let place = match error.line() {
            0 => String::new(),
            line => format!(" at line {line} column {}", error.column()),
        };
        let text = error.to_string();
        let said = text.strip_suffix(&place).unwrap_or(&text);
        let said = if error.is_data() { of_our_types(said) } else { Some(said.to_owned()) };
        let said = said.map(|said| format!(": {said}")).unwrap_or_default();
        Self::new(Code::Invalid, format!("The body does not fit{said}{place}"))
    }
}

/// Names of fields and variants, and what a type expects; never what was there instead.
fn of_our_types(said: &str) -> Option<String> {
    if ["missing field `", "duplicate field `"].iter().any(|names| said.starts_with(names)) {
        return Some(said.to_owned());
    }
    let unknown = ["unknown field", "unknown variant"].into_iter().map(|fault| (fault, "`, expected "));
    let invalid = ["invalid type", "invalid value", "invalid length"].into_iter().map(|fault| (fault, ", expected "));
    let (fault, before) = unknown.chain(invalid).find(|(fault, _)| said.starts_with(fault))?;
    // What is expected comes last, whatever was sent.
    let expected = said.rsplit_once(before).map(|(_, expected)| format!(", expected {expected}"));
    Some(format!("{fault}{}", expected.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "it is only read into")]
    struct Body {
        code: Code,
        months: u8,
        #[serde(default)]
        since: Option<chrono::NaiveDate>,
    }

    #[test]
    fn a_body_that_does_not_fit_is_told_in_our_words_alone() {
        for (body, told) in [
            (r#"{"code": "INVALID"}"#, ": missing field `months` at line 1 column 19"),
            (r#"{"months": "hush"}"#, ": invalid type, expected u8 at line 1 column 17"),
            (r#"{"months": "hush, expected hush"}"#, ": invalid type, expected u8 at line 1 column 32"),
            (r#"{"hush": 1}"#, ": unknown field, expected one of `code`, `months`, `since` at line 1 column 7"),
            (r#"{"since": "hush"}"#, " at line 1 column 16"),
            (r#"{"months": hush"#, ": expected value at line 1 column 12"),
        ] {
            let error = serde_json::from_str::<Body>(body).unwrap_err();
            let Problem { detail, code, .. } = Problem::of_body(&error);
            assert_eq!((detail, code), (format!("The body does not fit{told}"), Code::Invalid), "{error}");
        }
        let variant = serde_json::from_str::<Body>(r#"{"code": "hush"}"#).unwrap_err();
        let told = Problem::of_body(&variant).detail;
        assert!(told.starts_with("The body does not fit: unknown variant, expected one of `INVALID`, "), "{told}");
    }
}
