//! Tokens as an attacker makes them, and rights that were taken away.

use std::time::{Duration, Instant};

use axum::http::Method;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use streams::security::SINGLY;
use tokio_util::sync::CancellationToken;

use super::app::{App, Browser, OWN, PASSWORD, identity};

fn part(token: &str, at: usize) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(at).unwrap()).unwrap()).unwrap()
}

fn written(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

async fn as_bearer(app: &App, token: &str) -> String {
    let mut browser = app.browser();
    browser.headers.push(("authorization", format!("Bearer {token}")));
    browser.who().await
}

#[tokio::test]
async fn only_our_own_tokens_of_now_are_read() {
    let app = App::start().await;
    let mut browser = app.signed_in("ada@example.com").await;
    let token = browser.cookie("workdock_session");
    let (header, claims) = (part(&token, 0), part(&token, 1));
    assert_eq!((&header["alg"], &claims["iss"], &claims["aud"]), (&json!("EdDSA"), &json!(OWN), &json!("workdock")));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 600, "ten minutes");
    assert!(as_bearer(&app, &token).await.starts_with("user:"));

    let with = |name: &str, value: Value| {
        let mut claims = claims.clone();
        claims[name] = value;
        claims
    };
    let signature = token.rsplit('.').next().unwrap();
    let mut forged = vec![
        format!("{}.{}.", written(&json!({ "alg": "none", "typ": "JWT", "kid": header["kid"] })), written(&claims)),
        format!("{}.{}.{signature}", written(&json!({ "alg": "none", "kid": header["kid"] })), written(&claims)),
        format!("{}.{}.{signature}", written(&header), written(&with("exp", json!(4_102_444_800_i64)))),
        format!("{}.{}.{}", written(&header), written(&claims), signature.chars().rev().collect::<String>()),
        token.rsplit_once('.').unwrap().0.to_owned(),
        String::new(),
    ];
    // The public key, which everybody has, as the secret of an HMAC.
    let keys = browser.send(Method::GET, "/.well-known/jwks.json", None).await.json();
    let public = URL_SAFE_NO_PAD.decode(keys["keys"][0]["x"].as_str().unwrap()).unwrap();
    let hmac = Header { kid: header["kid"].as_str().map(str::to_owned), ..Header::new(Algorithm::HS256) };
    forged.push(encode(&hmac, &claims, &EncodingKey::from_secret(&public)).unwrap());
    // A key of another.
    let other = App::start().await;
    other.signed_in("ada@example.com").await;
    let foreign = other.signed_in("eve@example.com").await.cookie("workdock_session");
    forged.push(foreign.clone());
    forged.push(format!("{}.{}", foreign.rsplit_once('.').unwrap().0, signature));
    for forged in &forged {
        assert_eq!(as_bearer(&app, forged).await, "401", "{forged}");
    }
    let told = app.told("token_refused").await;
    assert_eq!(told.len(), forged.len());
    assert!(told.iter().all(|told| told["reason"] == "forged"), "{told:?}");
}

/// A machine that brings an old token does something wrong; a page whose cookie outlives its token only asks for the next.
#[tokio::test]
async fn expired_tokens_are_recorded_where_no_page_brings_them() {
    let app = App::start().await;
    let mut browser = app.signed_in("ada@example.com").await;
    let token = browser.cookie("workdock_session");
    let mut claims = part(&token, 1);
    claims["exp"] = json!(chrono::Utc::now().timestamp() - 1);
    let expired = format!("{}.{}.{}", written(&part(&token, 0)), written(&claims), token.rsplit('.').next().unwrap());
    assert_eq!(as_bearer(&app, &expired).await, "401");
    assert_eq!(app.told("token_refused").await, [json!({ "event": "security.token_refused", "reason": "expired" })]);
    browser.cookies.insert("workdock_session".into(), ("/".into(), expired));
    assert_eq!(browser.who().await, "401");
    assert_eq!(app.told("token_refused").await.len(), 1);
}

/// Whoever tries one token after the other fills no log.
#[tokio::test]
async fn a_flood_of_forged_tokens_and_keys_is_counted() {
    let app = App::start().await;
    for at in 0..SINGLY {
        assert_eq!(as_bearer(&app, &format!("wdk_{at}")).await, "401");
        assert_eq!(as_bearer(&app, &format!("not a token {at}")).await, "401");
    }
    assert_eq!(app.journal().await.len() as u64, SINGLY);
}

#[tokio::test]
async fn keys_are_published_ahead_and_old_ones_verify_a_while() {
    let app = App::start().await;
    let mut browser = app.signed_in("ada@example.com").await;
    let kid = |browser: &Browser<'_>| part(&browser.cookie("workdock_session"), 0)["kid"].clone();
    let first = kid(&browser);
    app.execute("update access.signing_key set signs_from = now() - interval '31 days'").await;
    app.identity.rotate_keys().await.unwrap();
    app.identity.rotate_keys().await.unwrap();

    // Published, while the old one signs.
    let keys = app.another_process().browser().send(Method::GET, "/.well-known/jwks.json", None).await.json();
    assert_eq!(keys["keys"].as_array().unwrap().len(), 2, "{keys}");
    let second = keys["keys"][1]["kid"].clone();
    browser.post("refresh", json!({})).await;
    assert_eq!(kid(&browser), first);

    // Its hour has come: it signs, and the old one verifies.
    app.execute("update access.signing_key set signs_from = now() where retires_at is null").await;
    let old = browser.cookie("workdock_session");
    let another = app.another_process();
    assert!(another.identity.verify(&old).await.is_ok());
    let mut there = another.browser();
    there.cookies = browser.cookies.clone();
    there.post("refresh", json!({})).await;
    assert_eq!(kid(&there), second);

    // And is gone after it.
    app.execute("update access.signing_key set retires_at = now() - interval '1 second' where retires_at is not null")
        .await;
    assert!(app.another_process().identity.verify(&old).await.is_err());
}

#[tokio::test]
async fn a_refresh_token_is_used_once_and_a_copy_ends_the_session() {
    let app = App::start().await;
    let mut browser = app.signed_in("ada@example.com").await;
    let mut thief = browser.clone();
    let old = browser.cookie("workdock_refresh");
    assert_eq!(browser.post("refresh", json!({})).await.status, 204);
    assert_ne!(browser.cookie("workdock_refresh"), old);
    // A second tab at the same moment gets nothing, and breaks nothing.
    let answer = thief.post("refresh", json!({})).await;
    assert_eq!((answer.status, answer.headers.get("set-cookie")), (409, None));
    assert_eq!(browser.post("refresh", json!({})).await.status, 204);

    app.execute("update access.refresh_token set used_at = used_at - interval '1 minute'").await;
    app.mail().await;
    assert_eq!(thief.post("refresh", json!({})).await.status, 401);
    assert_eq!(browser.who().await, "401");
    assert_eq!(browser.post("refresh", json!({})).await.status, 401);
    assert!(app.mail().await[0].text.contains("used twice"));
    assert!(app.journal().await.contains(&"session_ended".to_owned()));
}

#[tokio::test]
async fn what_is_taken_away_is_gone_in_every_process_within_five_seconds() {
    let app = App::start().await;
    let mut browser = app.signed_in("ada@example.com").await;
    let elsewhere = identity(&app.database, &app.sink, OWN);
    let stop = CancellationToken::new();
    let (run, until) = (elsewhere.clone(), stop.clone());
    let running = tokio::spawn(async move { run.run(until).await });
    let token = browser.cookie("workdock_session");
    let session = elsewhere.verify(&token).await.unwrap();
    let (first, second) = (elsewhere.watch(&session).await, elsewhere.watch(&session).await);
    let user = session.principal.subject.to_string().replace("user:", "");

    // A role that is given ends the socket too: it opens again with what may be seen now.
    app.execute(&format!(
        "insert into access.member (business, user_id, role, since) values (gen_random_uuid(), '{user}', 'VIEWER', now())"
    ))
    .await;
    tokio::time::timeout(Duration::from_secs(5), first.ended()).await.unwrap();
    let session = elsewhere.verify(&token).await.unwrap();
    assert_eq!(session.principal.memberships().unwrap().len(), 1);
    let third = elsewhere.watch(&session).await;
    drop(second);

    let began = Instant::now();
    assert_eq!(browser.post("sign-out", json!({})).await.status, 204);
    tokio::time::timeout(Duration::from_secs(5), third.ended()).await.unwrap();
    while elsewhere.verify(&token).await.is_ok() {
        assert!(began.elapsed() < Duration::from_secs(5));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn another_sites_page_changes_nothing() {
    let app = App::start().await;
    let browser = app.signed_in("ada@example.com").await;
    for (name, value, status) in [
        ("origin", "http://evil.example", 403),
        ("origin", "null", 403),
        ("sec-fetch-site", "cross-site", 403),
        ("sec-fetch-site", "same-site", 403),
        ("origin", OWN, 200),
    ] {
        let mut page = browser.clone();
        page.headers.push((name, value.to_owned()));
        assert_eq!(page.send(Method::POST, "/who", None).await.status, status, "{name}: {value}");
        let signing_in = page.sign_in("ada@example.com", PASSWORD).await.status;
        assert_eq!(signing_in, if status == 403 { 403 } else { 200 }, "{name}: {value}");
    }
}

#[tokio::test]
async fn over_tls_cookies_are_secure_and_of_this_host() {
    let app = App::start_at("https://workdock.example").await;
    let browser = app.signed_in("ada@example.com").await;
    let names: Vec<_> = browser.cookies.keys().map(String::as_str).collect();
    assert_eq!(names, ["__Host-workdock_session", "__Secure-workdock_device", "__Secure-workdock_refresh"]);
}
