//! What kind of request it is, by method and path alone: limits differ by that.

use axum::http::Method;

use crate::config::MOST_FILE;
use crate::http::MOST_UPLOAD;

/// Of a body that is no file.
const MOST_BYTES: u64 = 2 << 20;
/// A form around the file.
const FORM: u64 = 2 << 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Asked by machines that watch over us, often.
    Health,
    /// Whoever guesses passwords and tokens does it here.
    SignIn,
    /// A file comes with it.
    Import,
    /// A receipt beside a transaction.
    Attachment,
    /// Another change over REST. One over GraphQL is found in the body, by whoever reads that.
    Change,
    Other,
}

/// Paths below /api/v1/identity/ that are used without a session, or ask for a secret again.
const GUESSED: [&str; 10] = [
    "register",
    "verify-email",
    "sign-in",
    "refresh",
    "forgot-password",
    "reset-password",
    "confirm",
    "email",
    "password",
    "unlock",
];

impl Class {
    pub fn of(method: &Method, path: &str) -> Self {
        if path.starts_with("/health/") {
            return Self::Health;
        }
        if method.is_safe() || !path.starts_with("/api/") {
            return Self::Other;
        }
        if path == "/api/v1/session" && method == Method::POST {
            return Self::SignIn;
        }
        if let Some(rest) = path.strip_prefix("/api/v1/identity/")
            && GUESSED.contains(&rest.split('/').next().unwrap_or_default())
        {
            return Self::SignIn;
        }
        if path.ends_with("/imports") || path.ends_with("/imports/preview") {
            return Self::Import;
        }
        if method == Method::POST && path.ends_with("/attachments") {
            return Self::Attachment;
        }
        Self::Change
    }

    pub const fn most_bytes(self) -> u64 {
        match self {
            Self::Import => MOST_UPLOAD + FORM,
            // What is configured is less, and told by whoever keeps the file.
            Self::Attachment => MOST_FILE,
            _ => MOST_BYTES,
        }
    }
}

/// A method as a label of few values, whatever clients invent.
pub fn label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_request_has_one_class() {
        for (method, path, class) in [
            (Method::GET, "/health/ready", Class::Health),
            (Method::POST, "/api/v1/session", Class::SignIn),
            (Method::DELETE, "/api/v1/session", Class::Change),
            (Method::POST, "/api/v1/identity/sign-in/second-factor", Class::SignIn),
            (Method::PATCH, "/api/v1/identity/profile", Class::Change),
            (Method::POST, "/api/v1/businesses/x/imports", Class::Import),
            (Method::GET, "/api/v1/businesses/x/imports", Class::Other),
            (Method::POST, "/api/v1/businesses/x/imports/preview", Class::Import),
            (Method::POST, "/api/v1/businesses/x/accounts/y/transactions/z/attachments", Class::Attachment),
            (Method::DELETE, "/api/v1/businesses/x/accounts/y/transactions/z/attachments/a", Class::Change),
            (Method::PATCH, "/api/v1/businesses/x", Class::Change),
            (Method::POST, "/graphql", Class::Other),
        ] {
            assert_eq!(Class::of(&method, path), class, "{method} {path}");
        }
    }
}
