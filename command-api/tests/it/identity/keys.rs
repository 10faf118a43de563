//! Keys of machines: what they open, and that they end.

use axum::http::Method;
use domain::BusinessId;
use serde_json::json;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

use super::app::{App, Browser, OWN, identity};

/// Somebody who owns a business and has shown a second factor.
pub async fn owner(app: &App) -> (Browser<'_>, BusinessId) {
    let browser = app.signed_in("ada@example.com").await;
    let user = app.identity.verify(&browser.cookie("workdock_session")).await.unwrap();
    let (user, business) = (user.principal.subject.to_string().replace("user:", ""), BusinessId::new());
    app.execute(&format!(
        "insert into access.member (business, user_id, role, since) values ('{business}', '{user}', 'OWNER', now())"
    ))
    .await;
    app.execute("update access.session set second_factor_at = now()").await;
    tokio::time::sleep(Duration::from_millis(2100)).await;
    (browser, business)
}

pub async fn as_bearer(app: &App, key: &str) -> String {
    let mut machine = app.browser();
    machine.headers.push(("authorization", format!("Bearer {key}")));
    machine.who().await
}

#[tokio::test]
async fn a_key_is_shown_once_opens_its_business_and_ends_when_it_is_revoked() {
    let app = App::start().await;
    let (mut browser, business) = owner(&app).await;
    let keys = format!("/api/v1/businesses/{business}/keys");
    let made = browser.send(Method::POST, &keys, Some(json!({ "name": "Till", "role": "VIEWER" }))).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let made = made.json();
    let key = made["key"].as_str().unwrap();
    assert!(key.starts_with("wdk_") && key.len() == 47, "{made}");
    assert_eq!(made["scopes"], json!(["READ"]));
    let who = as_bearer(&app, key).await;
    assert_eq!(who, format!("key:{} SteppedUp", made["id"].as_str().unwrap()));
    let session = app.identity.verify(key).await.unwrap();
    assert_eq!(session.principal.memberships().unwrap().keys().collect::<Vec<_>>(), [&business]);

    let listed = browser.send(Method::GET, &keys, None).await;
    assert!(!listed.text.contains(key));
    assert_eq!((&listed.json()[0]["prefix"], listed.json()[0]["lastUsedAt"].is_string()), (&json!(&key[..12]), true));
    let kept: i64 =
        sqlx::query_scalar("select count(*) from access.api_key k where row_to_json(k)::text like '%' || $1 || '%'")
            .bind(&key[12..])
            .fetch_one(&app.database.pool())
            .await
            .unwrap();
    assert_eq!(kept, 0);

    // An open socket of it ends in another process.
    let elsewhere = identity(&app.database, &app.sink, OWN);
    let (run, stop) = (elsewhere.clone(), CancellationToken::new());
    let until = stop.clone();
    let running = tokio::spawn(async move { run.run(until).await });
    let watch = elsewhere.watch(&session).await;
    let one = format!("{keys}/{}", made["id"].as_str().unwrap());
    assert_eq!(browser.send(Method::DELETE, &one, None).await.status, 204);
    tokio::time::timeout(Duration::from_secs(5), watch.ended()).await.unwrap();
    assert_eq!(as_bearer(&app, key).await, "401");
    assert_eq!(browser.send(Method::DELETE, &one, None).await.status, 404);
    assert_eq!(browser.send(Method::GET, &keys, None).await.json(), json!([]));
    stop.cancel();
    running.await.unwrap();
    let journal = app.journal().await;
    for event in ["key_made", "key_used", "key_revoked"] {
        assert_eq!(journal.iter().filter(|found| *found == event).count(), 1, "{journal:?}");
    }
    // Its business is told that somebody still has it; of one that never was, nobody knows whose it might be.
    let other = format!("wdk_{}", "x".repeat(43));
    assert_eq!(as_bearer(&app, &other).await, "401");
    let refused = "select payload ->> 'reason' || ' ' || (metadata ->> 'business') from store.events
        where event_type = 'security.key_refused' order by id";
    let refused: Vec<String> = sqlx::query_scalar(refused).fetch_all(&app.database.pool()).await.unwrap();
    assert_eq!(refused, [format!("revoked {business}"), format!("unknown {}", uuid::Uuid::nil())]);
}

#[tokio::test]
async fn keys_of_others_do_not_exist_and_a_key_makes_no_keys() {
    let app = App::start().await;
    let (mut ada, business) = owner(&app).await;
    let keys = format!("/api/v1/businesses/{business}/keys");
    let body = json!({ "name": "Till", "role": "MANAGER" });
    let made = ada.send(Method::POST, &keys, Some(body.clone())).await.json();
    let one = format!("{keys}/{}", made["id"].as_str().unwrap());

    let mut eve = app.signed_in("eve@example.com").await;
    for (method, path, sent) in
        [(Method::GET, &keys, None), (Method::POST, &keys, Some(body.clone())), (Method::DELETE, &one, None)]
    {
        let answer = eve.send(method.clone(), path, sent.clone()).await;
        assert_eq!(
            (answer.status, answer.json()["detail"].as_str()),
            (404, Some("There is no such business.")),
            "{method}"
        );
        let mut machine = app.browser();
        machine.headers.push(("authorization", format!("Bearer {}", made["key"].as_str().unwrap())));
        assert_eq!(machine.send(method, path, sent).await.status, 403);
    }
    // A key in the place of a session's cookie is none.
    let mut cookie = app.browser();
    cookie.cookies.insert("workdock_session".into(), ("/".into(), made["key"].as_str().unwrap().into()));
    assert_eq!(cookie.who().await, "401");
}

#[tokio::test]
async fn making_a_key_needs_a_fresh_second_factor_and_keys_expire() {
    let app = App::start().await;
    let (mut browser, business) = owner(&app).await;
    let keys = format!("/api/v1/businesses/{business}/keys");
    let body = json!({ "name": "Till", "role": "AUDITOR", "scopes": ["READ"] });
    let made = browser.send(Method::POST, &keys, Some(body.clone())).await.json();
    for wrong in [
        json!({ "name": "Till", "role": "OWNER" }),
        json!({ "name": "Till", "role": "VIEWER", "scopes": ["IMPORT"] }),
        json!({ "name": "Till", "role": "VIEWER", "expiresAt": "2020-01-01T00:00:00Z" }),
    ] {
        assert_eq!(browser.send(Method::POST, &keys, Some(wrong)).await.status, 422);
    }
    app.execute("update access.session set second_factor_at = now() - interval '11 minutes'").await;
    app.execute("update access.api_key set expires_at = now() - interval '1 second'").await;
    let another = app.another_process();
    let mut there = another.browser();
    there.cookies = browser.cookies.clone();
    let answer = there.send(Method::POST, &keys, Some(body)).await;
    assert_eq!((answer.status, answer.json()["code"].as_str()), (403, Some("SECOND_FACTOR")));
    assert!(another.identity.verify(made["key"].as_str().unwrap()).await.is_err());
    assert_eq!(as_bearer(&another, made["key"].as_str().unwrap()).await, "401");
    let id = made["id"].as_str().unwrap();
    let expired = json!({ "event": "security.key_refused", "key": id, "reason": "expired" });
    assert_eq!(app.told("key_refused").await, [expired]);
}
