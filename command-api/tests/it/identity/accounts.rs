//! What a person does with their account.

use axum::http::Method;
use command_api::identity::Imported;
use serde_json::json;

use super::app::{App, PASSWORD, token};

#[tokio::test]
async fn an_account_begins_with_the_link_in_the_mail() {
    let app = App::start().await;
    let mut browser = app.browser();
    let body = json!({ "email": "ada@example.com", "password": PASSWORD, "name": "Ada Lovelace" });
    assert_eq!(browser.post("register", body).await.status, 202);
    assert_eq!(browser.sign_in("ada@example.com", PASSWORD).await.status, 401);
    let token = app.link("verify-email").await;
    assert_eq!(browser.post("verify-email", json!({ "token": token })).await.status, 204);
    assert_eq!(browser.post("verify-email", json!({ "token": token })).await.status, 422);

    let answer = browser.sign_in("Ada@Example.com", PASSWORD).await;
    assert_eq!((answer.status, answer.json()), (200, json!({ "next": "DONE" })));
    for cookie in answer.headers.get_all("set-cookie") {
        let cookie = cookie.to_str().unwrap();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    }
    assert!(browser.who().await.ends_with(" Confirmed"));
    let profile = browser.get("profile").await.json();
    assert_eq!((&profile["name"], &profile["email"]), (&json!("Ada Lovelace"), &json!("ada@example.com")));
    assert_eq!(
        browser.send(Method::PATCH, "/api/v1/identity/profile", Some(json!({ "name": "Ada K" }))).await.status,
        204
    );
    assert_eq!(browser.get("profile").await.json()["name"], "Ada K");
    let signed_out = browser.post("sign-out", json!({})).await;
    assert_eq!(
        (signed_out.status, &signed_out.headers["clear-site-data"]),
        (204, &"\"cache\", \"storage\"".parse().unwrap())
    );
    assert_eq!(browser.who().await, "401");
    let told = ["sign_in_failed", "account_made", "signed_in", "profile_changed", "session_ended"];
    assert_eq!(app.journal().await, told);
}

#[tokio::test]
async fn names_addresses_and_tokens_lie_sealed_or_hashed() {
    let app = App::start().await;
    let browser = app.signed_in("canary-ada@example.com").await;
    let refresh = browser.cookie("workdock_refresh");
    let tables: Vec<String> = sqlx::query_scalar(
        "select quote_ident(table_schema) || '.' || quote_ident(table_name) from information_schema.tables
         where table_schema in ('access', 'store') and table_type = 'BASE TABLE'",
    )
    .fetch_all(&app.database.pool())
    .await
    .unwrap();
    for table in tables {
        let rows: Vec<String> = sqlx::query_scalar(&format!("select row_to_json(t)::text from {table} t"))
            .fetch_all(&app.database.pool())
            .await
            .unwrap();
        for row in rows {
            let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
            for secret in ["canary-ada", PASSWORD, &refresh] {
                assert!(!row.contains(secret) && !row.contains(&hex(secret)), "{table}: {row}");
            }
        }
    }
}

#[tokio::test]
async fn passwords_that_are_short_common_or_own_are_refused() {
    let app = App::start().await;
    for password in ["short", "qwerty123456", "ada@example.com1", &"x".repeat(129)] {
        let body = json!({ "email": "ada@example.com", "password": password, "name": "Ada" });
        let answer = app.browser().post("register", body).await;
        assert_eq!(answer.status, 422, "{password}");
        assert!(!answer.text.contains(password));
    }
    assert!(app.mail().await.is_empty());
}

#[tokio::test]
async fn a_forgotten_password_is_set_anew_and_every_session_ends() {
    let app = App::start().await;
    let mut browser = app.signed_in("ada@example.com").await;
    let mut other = app.browser();
    assert_eq!(other.post("forgot-password", json!({ "email": "ada@example.com" })).await.status, 202);
    let token = app.link("reset-password").await;
    // Of an address that nobody has, it is told in the same way and followed by nothing.
    other.post("forgot-password", json!({ "email": "nobody@example.com" })).await;
    assert!(app.mail().await.is_empty());
    let requested = app.told("password_reset_requested").await;
    assert_eq!(requested.len(), 2);
    assert_eq!((requested[0]["user"].is_string(), requested[1]["user"].is_null()), (true, true), "{requested:?}");
    let reset = |password: &str| json!({ "token": token, "password": password });
    assert_eq!(other.post("reset-password", reset("short")).await.status, 422);
    assert_eq!(other.post("reset-password", reset("another horse battery")).await.status, 204);
    assert_eq!(other.post("reset-password", reset("yet another battery")).await.status, 422);
    assert_eq!(browser.who().await, "401");
    assert_eq!(browser.post("refresh", json!({})).await.status, 401);
    assert_eq!(other.sign_in("ada@example.com", PASSWORD).await.status, 401);
    assert_eq!(other.sign_in("ada@example.com", "another horse battery").await.status, 200);
    let mail = app.mail().await;
    assert!(mail.iter().any(|mail| mail.text.contains("Your password was changed")), "{mail:?}");
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions() {
    let app = App::start().await;
    let mut browser = app.signed_in("ada@example.com").await;
    let mut other = app.browser();
    other.sign_in("ada@example.com", PASSWORD).await;
    let change = |current: &str| json!({ "current": current, "new": "another horse battery" });
    assert_eq!(browser.post("password", change("wrong horse battery")).await.status, 422);
    // The session that began long ago needs no more than the password that it is given.
    app.execute("update access.session set confirmed_at = now() - interval '1 hour'").await;
    assert_eq!(browser.post("password", change(PASSWORD)).await.status, 204);
    assert_eq!(other.who().await, "401");
    assert_ne!(browser.who().await, "401");
}

#[tokio::test]
async fn a_new_address_is_confirmed_and_both_are_told() {
    let app = App::start().await;
    let mut browser = app.signed_in("ada@example.com").await;
    app.user("taken@example.com").await;
    let change = |email: &str| json!({ "email": email, "password": PASSWORD });
    assert_eq!(browser.post("email", change("ada@new.example")).await.status, 202);
    assert_eq!(app.told("address_change_requested").await.len(), 1);
    let mut mail = app.mail().await;
    while mail.len() < 2 {
        mail.extend(app.mail().await);
    }
    let to: Vec<_> = mail.iter().map(|mail| mail.to.as_str()).collect();
    assert_eq!(to, ["ada@example.com", "ada@new.example"]);
    let confirm = json!({ "token": token(&mail[1], "confirm-email").unwrap() });
    assert_eq!(app.browser().post("email/confirm", confirm.clone()).await.status, 204);
    assert_eq!(app.told("address_changed").await.len(), 1);
    assert_eq!(app.browser().post("email/confirm", confirm).await.status, 422);
    let mail = app.mail().await;
    assert_eq!((mail.len(), mail[0].to.as_str()), (1, "ada@example.com"));
    assert_eq!(app.browser().sign_in("ada@example.com", PASSWORD).await.status, 401);
    assert_eq!(app.browser().sign_in("ada@new.example", PASSWORD).await.status, 200);

    // An address with an account: the same answer, and no link.
    assert_eq!(browser.post("email", change("taken@example.com")).await.status, 202);
    let mut mail = app.mail().await;
    while mail.len() < 2 {
        mail.extend(app.mail().await);
    }
    assert!(mail.iter().all(|mail| token(mail, "confirm-email").is_none()), "{mail:?}");
    assert!(mail.iter().any(|mail| mail.to == "taken@example.com" && mail.text.contains("has an account")));
}

#[tokio::test]
async fn sessions_are_listed_and_ended_but_not_those_of_others() {
    let app = App::start().await;
    let mut browser = app.signed_in("ada@example.com").await;
    let mut phone = app.browser();
    phone.address = "192.0.2.7".parse().unwrap();
    phone.headers.push(("user-agent", "Phone".into()));
    phone.sign_in("ada@example.com", PASSWORD).await;
    let mut bob = app.signed_in("bob@example.com").await;

    let sessions = browser.get("sessions").await.json();
    let sessions = sessions.as_array().unwrap();
    assert_eq!(sessions.len(), 2);
    let of = |current: bool| sessions.iter().find(|session| session["current"] == current).unwrap();
    assert_eq!(of(false)["address"], "192.0.2.7");
    assert_eq!(of(true)["agent"], "Test");
    let phones = format!("sessions/{}", of(false)["id"].as_str().unwrap());
    assert_eq!(bob.delete(&phones).await.status, 404);
    assert_ne!(phone.who().await, "401");
    assert_eq!(browser.delete(&phones).await.status, 204);
    assert_eq!(phone.who().await, "401");
    assert_eq!(phone.post("refresh", json!({})).await.status, 401);
    assert_ne!(browser.who().await, "401");
}

#[tokio::test]
async fn weak_hashes_sign_in_once_and_are_replaced() {
    let app = App::start().await;
    let mut browser = app.browser();
    let bcrypt = bcrypt::hash(PASSWORD, 4).unwrap();
    let mut user = Imported { email: "ada@example.com".parse().unwrap(), name: "Ada".into(), password_hash: bcrypt };
    assert!(app.identity.import_user(&user).await.unwrap().is_some());
    assert!(app.identity.import_user(&user).await.unwrap().is_none());
    user.password_hash = PASSWORD.into();
    assert!(app.identity.import_user(&user).await.is_err());
    assert_eq!(browser.sign_in("ada@example.com", "wrong horse battery").await.status, 401);
    assert_eq!(browser.sign_in("ada@example.com", PASSWORD).await.status, 200);
    let kept: String = sqlx::query_scalar("select password_hash from access.user_account")
        .fetch_one(&app.database.pool())
        .await
        .unwrap();
    assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
    assert_eq!(browser.sign_in("ada@example.com", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_letter_that_is_refused_is_dropped_and_others_go() {
    let app = App::start().await;
    for email in ["refused@example.com", "ada@example.com"] {
        let body = json!({ "email": email, "password": PASSWORD, "name": "Ada" });
        assert_eq!(app.browser().post("register", body).await.status, 202);
    }
    let mail = app.mail().await;
    assert_eq!(mail.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), ["ada@example.com"]);
    let left: i64 =
        sqlx::query_scalar("select count(*) from access.letter").fetch_one(&app.database.pool()).await.unwrap();
    assert_eq!(left, 0);
}
