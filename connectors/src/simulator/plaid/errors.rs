//! Plaid's refusals: who reads them acts on `error_type` and `error_code`, not on the status.

use axum::response::Response;
use serde_json::{Value, json};

use super::items::Trouble;
use crate::simulator::answer::json as answer;
use crate::simulator::faults::FaultKind;

#[derive(Debug, Clone)]
pub struct Refused {
    pub status: u16,
    kind: &'static str,
    code: &'static str,
    reason: Option<&'static str>,
    message: String,
    display: Option<&'static str>,
}

impl Refused {
    fn new(status: u16, kind: &'static str, code: &'static str, message: &str) -> Self {
        Self { status, kind, code, reason: None, message: message.to_owned(), display: None }
    }

    pub fn body(&self, request_id: &str) -> Value {
        let mut body = json!({
            "error_type": self.kind,
            "error_code": self.code,
            "error_message": self.message,
            "display_message": self.display,
            "request_id": request_id,
        });
        if let Some(reason) = self.reason {
            body["error_code_reason"] = json!(reason);
        }
        body
    }
}

pub fn invalid(message: &str) -> Refused {
    Refused::new(400, "INVALID_REQUEST", "INVALID_FIELD", message)
}

pub fn invalid_keys() -> Refused {
    Refused::new(400, "INVALID_INPUT", "INVALID_API_KEYS", "invalid client_id or secret provided")
}

pub fn invalid_token() -> Refused {
    Refused::new(400, "INVALID_INPUT", "INVALID_ACCESS_TOKEN", "could not find matching access token")
}

pub fn invalid_public_token() -> Refused {
    let message =
        "provided public token is expired or was used already. Public tokens expire 30 minutes after creation";
    Refused::new(400, "INVALID_INPUT", "INVALID_PUBLIC_TOKEN", message)
}

pub fn unknown_key() -> Refused {
    Refused::new(400, "INVALID_INPUT", "INVALID_WEBHOOK_VERIFICATION_KEY_ID", "invalid key_id provided")
}

pub fn mutation() -> Refused {
    let message =
        "Underlying transaction data changed since last page was fetched. Please restart pagination from last update.";
    Refused::new(400, "TRANSACTIONS_ERROR", "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION", message)
}

pub fn product_not_ready() -> Refused {
    let message = "the requested product is not yet ready. please provide a webhook or try the request again later";
    Refused::new(400, "ITEM_ERROR", "PRODUCT_NOT_READY", message)
}

pub fn rate_limited() -> Refused {
    let message = "rate limit exceeded for attempts to access this item. please try again later";
    Refused::new(429, "RATE_LIMIT_EXCEEDED", "TRANSACTIONS_SYNC_LIMIT", message)
}

pub fn of_trouble(trouble: Trouble) -> Refused {
    let login = "the login details of this item have changed (credentials, MFA, or required user action) and a user login is required to update this information. use Link's update mode to restore the item to a good state";
    match trouble {
        Trouble::LoginRequired => Refused {
            display: Some("The user's login details have changed"),
            ..Refused::new(400, "ITEM_ERROR", "ITEM_LOGIN_REQUIRED", login)
        },
        Trouble::ConsentExpired => Refused {
            reason: Some("OAUTH_CONSENT_EXPIRED"),
            ..Refused::new(400, "ITEM_ERROR", "ITEM_LOGIN_REQUIRED", login)
        },
        Trouble::Revoked => {
            let message = "the holder of this account has revoked their permission for your application to access it";
            Refused::new(400, "ITEM_ERROR", "USER_PERMISSION_REVOKED", message)
        }
        Trouble::InstitutionDown => {
            let message = "this institution is not currently responding to this request. please try again soon";
            Refused::new(400, "INSTITUTION_ERROR", "INSTITUTION_DOWN", message)
        }
    }
}

/// What a fault of the controls is answered with.
pub fn of_fault(kind: &FaultKind) -> Option<Response> {
    let refused = match kind {
        FaultKind::RateLimited { .. } => rate_limited(),
        FaultKind::ServerError { status } => {
            let message = "an unexpected error occurred";
            Refused::new(*status, "API_ERROR", "INTERNAL_SERVER_ERROR", message)
        }
        FaultKind::ExpiredToken => of_trouble(Trouble::LoginRequired),
        FaultKind::RevokedToken => of_trouble(Trouble::Revoked),
        _ => return None,
    };
    Some(answer(refused.status, &refused.body("simulated")))
}
