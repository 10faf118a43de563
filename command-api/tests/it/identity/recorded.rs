//! What changes an account or a key stands with its event, or not at all.

use axum::http::Method;
use command_api::identity::{Imported, issue_link};
use serde_json::json;
use streams::security::SecurityLog;

use super::app::{App, OWN, PASSWORD};
use super::factors::{Phone, code, enrolled, half_way};
use super::keys::{as_bearer, owner};

const ADA: &str = "ada@example.com";
const NEW: &str = "another horse battery";

/// What is kept of accounts and keys. Tries are counted and ceremonies begin anew whatever becomes of them.
async fn kept(app: &App) -> Vec<String> {
    let tables = "select table_name::text from information_schema.tables
        where table_schema = 'access' and table_type = 'BASE TABLE'
          and table_name not in ('attempt', 'ceremony', 'session', 'signing_key') order by 1";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&app.database.pool()).await.unwrap();
    let mut found = Vec::new();
    let sessions = "select id || ' ' || coalesce(end_reason, 'goes on') from access.session order by 1".to_owned();
    let rows = |table: &String| format!("select '{table} ' || to_jsonb(t)::text from access.{table} t order by 1");
    for query in tables.iter().map(rows).chain([sessions]) {
        found.extend(sqlx::query_scalar::<_, String>(&query).fetch_all(&app.database.pool()).await.unwrap());
    }
    found
}

/// Does it with a journal that refuses its event, and then with one that takes it.
async fn both_or_neither(app: &App, kind: &str, change: impl AsyncFn() -> u16) {
    let (before, told) = (kept(app).await, app.told(kind).await.len());
    app.refuse_events(kind).await;
    assert_eq!(change().await, 500, "{kind}");
    assert_eq!(kept(app).await, before, "{kind}");
    app.take_events().await;
    let done = change().await;
    assert!((200..300).contains(&done), "{kind}: {done}");
    assert_eq!(app.told(kind).await.len(), told + 1, "{kind}");
    assert_ne!(kept(app).await, before, "{kind}");
}

#[tokio::test]
async fn accounts_and_sessions_begin_and_end_with_their_event() {
    let app = App::start().await;
    let browser = app.browser();
    let body = json!({ "email": ADA, "password": PASSWORD, "name": "Ada" });
    assert_eq!(app.browser().post("register", body).await.status, 202);
    let token = app.link("verify-email").await;
    let verify = async || browser.clone().post("verify-email", json!({ "token": token })).await.status;
    both_or_neither(&app, "account_made", verify).await;
    both_or_neither(&app, "signed_in", async || browser.clone().sign_in(ADA, PASSWORD).await.status).await;

    let mut ada = app.browser();
    assert_eq!(ada.sign_in(ADA, PASSWORD).await.status, 200);
    both_or_neither(&app, "session_ended", async || ada.clone().post("sign-out", json!({})).await.status).await;
    assert_eq!(ada.sign_in(ADA, PASSWORD).await.status, 200);
    let mut phone = app.browser();
    assert_eq!(phone.sign_in(ADA, PASSWORD).await.status, 200);
    let all = ada.get("sessions").await.json();
    let other = all.as_array().unwrap().iter().find(|one| one["current"] == false).unwrap()["id"].clone();
    let other = format!("sessions/{}", other.as_str().unwrap());
    both_or_neither(&app, "session_ended", async || ada.clone().delete(&other).await.status).await;

    // A refresh token that comes again: its session goes on until its end can be recorded.
    let thief = ada.clone();
    assert_eq!(ada.post("refresh", json!({})).await.status, 204);
    app.execute("update access.refresh_token set used_at = used_at - interval '1 minute'").await;
    app.refuse_events("session_ended").await;
    assert_eq!(thief.clone().post("refresh", json!({})).await.status, 500);
    assert_ne!(ada.who().await, "401");
    app.take_events().await;
    assert_eq!(thief.clone().post("refresh", json!({})).await.status, 401);
    assert_eq!(ada.who().await, "401");
}

#[tokio::test]
async fn what_people_change_of_their_account_stands_with_its_event() {
    let app = App::start().await;
    let ada = app.signed_in(ADA).await;
    let rename = async || {
        let name = Some(json!({ "name": "Ada K" }));
        ada.clone().send(Method::PATCH, "/api/v1/identity/profile", name).await.status
    };
    both_or_neither(&app, "profile_changed", rename).await;
    let email = async || {
        let change = json!({ "email": "ada@new.example", "password": PASSWORD });
        ada.clone().post("email", change).await.status
    };
    app.mail().await;
    both_or_neither(&app, "address_change_requested", email).await;
    let token = app.link("confirm-email").await;
    let confirm = async || app.browser().post("email/confirm", json!({ "token": token })).await.status;
    both_or_neither(&app, "address_changed", confirm).await;
    let password = async || ada.clone().post("password", json!({ "current": PASSWORD, "new": NEW })).await.status;
    both_or_neither(&app, "factor_changed", password).await;

    let leave = async || ada.clone().post("erasure", json!({ "confirmation": "ada@new.example" })).await.status;
    both_or_neither(&app, "erasure_requested", leave).await;
    both_or_neither(&app, "erasure_withdrawn", async || ada.clone().delete("erasure").await.status).await;
    let user = Imported { email: ADA.parse().unwrap(), name: "Ada".into(), password_hash: "$2b$04$x".into() };
    let import = async || app.identity.import_user(&user).await.map_or_else(|problem| problem.status, |_| 200);
    both_or_neither(&app, "account_made", import).await;
}

#[tokio::test]
async fn links_of_mails_can_be_used_again_where_their_use_could_not_be_recorded() {
    let app = App::start().await;
    let ada = app.signed_in(ADA).await;
    assert_eq!(app.browser().post("forgot-password", json!({ "email": ADA })).await.status, 202);
    let token = app.link("reset-password").await;
    let reset = async || app.browser().post("reset-password", json!({ "token": token, "password": NEW })).await.status;
    both_or_neither(&app, "factor_changed", reset).await;
    assert_eq!(ada.clone().who().await, "401");

    for _ in 0..5 {
        assert_eq!(app.browser().sign_in(ADA, "wrong horse battery").await.status, 401);
    }
    let token = app.link("unlock").await;
    both_or_neither(&app, "unlocked", async || app.browser().post("unlock", json!({ "token": token })).await.status)
        .await;
    assert_eq!(app.browser().sign_in(ADA, NEW).await.status, 200);

    // One that could not be recorded is not made.
    let before = kept(&app).await;
    app.refuse_events("password_reset_requested").await;
    assert_eq!(app.browser().post("forgot-password", json!({ "email": ADA })).await.status, 202);
    assert!(app.mail().await.is_empty());
    assert_eq!(kept(&app).await, before);
}

#[tokio::test]
async fn a_code_is_worth_as_much_as_before_where_what_it_opens_could_not_be_recorded() {
    let app = App::start().await;
    let mut ada = app.signed_in(ADA).await;
    let phone = Phone::scan(&ada.post("factors/totp/start", json!({})).await.json());
    let shown = phone.code(-1);
    let confirm = async || ada.clone().post("factors/totp/confirm", json!({ "code": shown })).await.status;
    both_or_neither(&app, "factor_changed", confirm).await;
    let shown = phone.code(0);
    let other = half_way(&app).await;
    let sign_in = async || other.clone().post("sign-in/second-factor", code("TOTP", &shown)).await.status;
    both_or_neither(&app, "signed_in", sign_in).await;
    let shown = phone.code(1);
    let step_up = async || ada.clone().post("confirm", json!({ "code": shown })).await.status;
    both_or_neither(&app, "stepped_up", step_up).await;
    let renew = async || ada.clone().post("factors/recovery-codes", json!({})).await.status;
    both_or_neither(&app, "factor_changed", renew).await;
    both_or_neither(&app, "factor_changed", async || ada.clone().delete("factors/totp").await.status).await;
}

#[tokio::test]
async fn a_recovery_code_is_not_lost_where_the_sign_in_could_not_be_recorded() {
    let app = App::start().await;
    let (_, _, codes) = enrolled(&app).await;
    app.mail().await;
    let other = half_way(&app).await;
    let sign_in = async || other.clone().post("sign-in/second-factor", code("RECOVERY_CODE", &codes[0])).await.status;
    both_or_neither(&app, "signed_in", sign_in).await;
    let letters = app.mail().await;
    assert_eq!(letters.iter().filter(|mail| mail.text.contains("9 are left")).count(), 1, "{letters:?}");
}

#[tokio::test]
async fn the_password_confirms_nothing_that_could_not_be_recorded() {
    let app = App::start().await;
    let ada = app.signed_in(ADA).await;
    app.execute("update access.session set confirmed_at = now() - interval '11 minutes'").await;
    let another = app.another_process();
    let mut there = another.browser();
    there.cookies = ada.cookies.clone();
    app.refuse_events("stepped_up").await;
    assert_eq!(there.post("confirm", json!({ "password": PASSWORD })).await.status, 500);
    assert!(there.who().await.ends_with(" OneFactor"));
    app.take_events().await;
    assert_eq!(there.post("confirm", json!({ "password": PASSWORD })).await.status, 204);
    assert!(there.who().await.ends_with(" Confirmed"));
    assert_eq!(app.told("stepped_up").await.len(), 1);
}

#[tokio::test]
async fn keys_are_made_used_and_revoked_with_their_event() {
    let app = App::start().await;
    let (ada, business) = owner(&app).await;
    let keys = format!("/api/v1/businesses/{business}/keys");
    let body = json!({ "name": "Till", "role": "VIEWER" });
    let make = async || ada.clone().send(Method::POST, &keys, Some(body.clone())).await.status;
    both_or_neither(&app, "key_made", make).await;

    let made = ada.clone().send(Method::POST, &keys, Some(body)).await.json();
    let key = made["key"].as_str().unwrap();
    app.refuse_events("key_used").await;
    assert_eq!(as_bearer(&app, key).await, "500");
    app.take_events().await;
    assert!(as_bearer(&app, key).await.starts_with("key:"));
    assert_eq!(app.told("key_used").await.len(), 1);

    let one = format!("{keys}/{}", made["id"].as_str().unwrap());
    let revoke = async || ada.clone().send(Method::DELETE, &one, None).await.status;
    both_or_neither(&app, "key_revoked", revoke).await;
    assert_eq!(as_bearer(&app, key).await, "401");
}

#[tokio::test]
async fn the_link_of_the_local_owner_is_made_and_used_with_its_event() {
    let app = App::start().await;
    let pool = app.database.pool();
    let journal = SecurityLog::new(pool.clone(), streams::testing::keys(&pool));
    app.refuse_events("link_issued").await;
    assert!(issue_link(&pool, &journal, OWN).await.is_err());
    app.take_events().await;
    assert_eq!(kept(&app).await, Vec::<String>::new());
    let link = issue_link(&pool, &journal, OWN).await.unwrap();
    let token = json!({ "token": link.split_once("token=").unwrap().1 });
    let exchange = async || app.browser().send(Method::POST, "/api/v1/session", Some(token.clone())).await.status;
    both_or_neither(&app, "signed_in", exchange).await;
    assert_eq!(exchange().await, 401);
}
