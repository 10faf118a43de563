//! Against a simulator of the Transit engine's answers, as its API documentation has them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use uuid::Uuid;

use super::*;

#[derive(Debug, Default)]
struct Named {
    version: u32,
    deletion_allowed: bool,
    /// Plaintext and associated data by ciphertext: the simulator needs no cipher of its own.
    sealed: HashMap<String, (String, String)>,
}

type Vault = Arc<Mutex<HashMap<String, Named>>>;

fn error(status: u16, text: &str) -> Response {
    (StatusCode::from_u16(status).unwrap(), Json(json!({ "errors": [text] }))).into_response()
}

fn text(body: &Value, member: &str) -> String {
    body[member].as_str().unwrap_or_default().to_owned()
}

async fn answer(
    State(vault): State<Vault>,
    Path((operation, rest)): Path<(String, String)>,
    method: Method,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    if headers.get("x-vault-token").is_none_or(|token| token != "right") {
        return error(403, "permission denied");
    }
    let mut vault = vault.lock().unwrap();
    let (name, action) = rest.split_once('/').unwrap_or((&rest, ""));
    if operation == "keys" && action.is_empty() && method == Method::POST {
        vault.entry(name.to_owned()).or_insert(Named { version: 1, ..Named::default() });
        return Json(json!({})).into_response();
    }
    if operation == "keys" && method == Method::DELETE {
        return match vault.get(name).map(|key| key.deletion_allowed) {
            Some(true) => vault.remove(name).map(|_| Json(json!({})).into_response()).unwrap(),
            _ => error(400, "deletion is not allowed for this key"),
        };
    }
    let Some(key) = vault.get_mut(name) else { return error(404, "") };
    match (operation.as_str(), action) {
        ("keys", "rotate") => key.version += 1,
        ("keys", "config") => key.deletion_allowed = body["deletion_allowed"] == true,
        ("encrypt", "") => {
            let ciphertext = format!("vault:v{}:{}", key.version, Uuid::now_v7().simple());
            key.sealed.insert(ciphertext.clone(), (text(&body, "plaintext"), text(&body, "associated_data")));
            return Json(json!({ "data": { "ciphertext": ciphertext } })).into_response();
        }
        ("decrypt", "") => {
            return match key.sealed.get(&text(&body, "ciphertext")) {
                Some((plaintext, bound)) if *bound == text(&body, "associated_data") => {
                    Json(json!({ "data": { "plaintext": plaintext } })).into_response()
                }
                _ => error(400, "cipher: message authentication failed"),
            };
        }
        _ => return error(405, "unsupported operation"),
    }
    Json(json!({})).into_response()
}

async fn vault() -> String {
    let router = Router::new()
        .route("/v1/transit/{operation}/{*rest}", post(answer).delete(answer))
        .with_state(Vault::default());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

fn service(url: &str, token: &str) -> Transit {
    Transit::try_new(url, "transit", Secret::new(token)).unwrap()
}

#[tokio::test]
async fn data_keys_are_wrapped_rotated_and_destroyed_there() {
    let service = service(&vault().await, "right");
    let (mine, theirs) = (Scope(Uuid::now_v7()), Scope(Uuid::now_v7()));
    let key = Key::generate();
    let old = service.wrap(mine, &key).await.unwrap();
    let kept = service.wrap(theirs, &key).await.unwrap();
    assert_eq!(old.master, "http:v1");
    service.rotate(&[mine]).await.unwrap();
    assert_eq!(service.newest(mine).await.unwrap(), "http:v2");
    assert_eq!(service.newest(theirs).await.unwrap(), "http:v1");
    assert_eq!(service.unwrap(mine, &old).await.unwrap().expose(), key.expose());
    assert!(matches!(service.unwrap(theirs, &old).await, Err(KeyError::Refused(_))));

    assert_eq!(service.destroy(mine).await.unwrap(), Destroyed::Everywhere);
    assert!(matches!(service.unwrap(mine, &old).await, Err(KeyError::Missing { .. })));
    assert!(service.unwrap(theirs, &kept).await.is_ok());
}

#[tokio::test]
async fn what_goes_wrong_is_told_apart_and_names_no_secret() {
    let url = vault().await;
    let refused = service(&url, "wrong").wrap(Scope::INSTALLATION, &Key::generate()).await.unwrap_err();
    assert_eq!(refused.to_string(), "the key service refuses: 403 Forbidden permission denied");
    let away = service("http://127.0.0.1:1", "hunter2").newest(Scope::INSTALLATION).await.unwrap_err();
    assert_eq!(away.to_string(), "the key service does not answer: it cannot be reached");
    assert!(!format!("{:?}", service(&url, "hunter2")).contains("hunter2"));
    assert!(Transit::try_new("http://vault.example:8200", "transit", Secret::new("x")).is_err());
}
