//! The local owner's one-time links.

use axum::http::Method;
use command_api::identity::issue_link;
use serde_json::json;
use streams::security::SecurityLog;

use super::app::{App, OWN};

async fn link(app: &App) -> String {
    let journal = SecurityLog::new(app.database.pool(), streams::testing::keys(&app.database.pool()));
    let link = issue_link(&app.database.pool(), &journal, OWN).await.unwrap();
    link.split_once("token=").unwrap().1.to_owned()
}

#[tokio::test]
async fn a_link_signs_in_once_and_the_session_ends_everywhere() {
    let app = App::start().await;
    let token = link(&app).await;
    let mut browser = app.browser();
    let exchange = json!({ "token": token });
    assert_eq!(browser.send(Method::POST, "/api/v1/session", Some(exchange.clone())).await.status, 204);
    assert_eq!(browser.who().await, "owner SteppedUp");
    assert_eq!(browser.get("profile").await.json()["email"], json!(null));
    assert_eq!(browser.get("sessions").await.json().as_array().unwrap().len(), 1);
    assert_eq!(browser.post("refresh", json!({})).await.status, 204);
    assert_eq!(app.browser().send(Method::POST, "/api/v1/session", Some(exchange)).await.status, 401);
    let mut copy = browser.clone();
    assert_eq!(browser.send(Method::DELETE, "/api/v1/session", None).await.status, 204);
    assert_eq!(copy.who().await, "401");
    assert_eq!(copy.post("refresh", json!({})).await.status, 401);
    assert_eq!(app.journal().await, ["link_issued", "signed_in", "sign_in_failed", "session_ended"]);
}

#[tokio::test]
async fn wrong_used_and_expired_links_are_refused_alike() {
    let app = App::start().await;
    let used = link(&app).await;
    let exchange = async |token: &str| {
        app.browser().send(Method::POST, "/api/v1/session", Some(json!({ "token": token }))).await.visible()
    };
    assert_eq!(exchange(&used).await.0, 204);
    let expired = link(&app).await;
    app.execute("update access.sign_in_link set expires_at = now() - interval '1 second' where used_at is null").await;
    let first = exchange(&used).await;
    assert_eq!(first.0, 401);
    for token in [expired.as_str(), "wrong", ""] {
        assert_eq!(exchange(token).await, first);
    }
}
