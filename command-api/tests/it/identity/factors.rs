//! Second factors: codes that work once, and what they open.

use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

use super::app::{App, Browser, PASSWORD};

const ADA: &str = "ada@example.com";

/// The app on the phone.
pub struct Phone(totp_rs::Totp);

impl Phone {
    pub fn scan(start: &Value) -> Self {
        let secret = Secret::try_from_base32(start["secret"].as_str().unwrap()).unwrap();
        Self(Builder::new().with_secret(secret).with_account_name("ada").with_issuer(Some("Workdock")).build().unwrap())
    }

    /// Of now, and of so many steps before or after.
    pub fn code(&self, steps: i64) -> String {
        let now = chrono::Utc::now().timestamp() + steps * 30;
        self.0.generate(u64::try_from(now).unwrap()).to_string()
    }
}

/// Somebody with an app, and their recovery codes.
pub async fn enrolled(app: &App) -> (Browser<'_>, Phone, Vec<String>) {
    let mut browser = app.signed_in(ADA).await;
    let start = browser.post("factors/totp/start", json!({})).await;
    assert_eq!(start.status, 200, "{}", start.text);
    let phone = Phone::scan(&start.json());
    let confirmed = browser.post("factors/totp/confirm", json!({ "code": phone.code(-1) })).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.text);
    let codes = confirmed.json()["recoveryCodes"].as_array().unwrap().clone();
    let codes = codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect();
    (browser, phone, codes)
}

/// As far as the second factor.
pub async fn half_way(app: &App) -> Browser<'_> {
    let mut browser = app.browser();
    let answer = browser.sign_in(ADA, PASSWORD).await;
    assert_eq!((answer.status, answer.json()["next"].as_str()), (200, Some("SECOND_FACTOR")));
    assert_eq!(browser.who().await, "401");
    browser
}

pub fn code(method: &str, code: &str) -> Value {
    json!({ "method": method, "code": code })
}

#[tokio::test]
async fn an_app_counts_once_it_has_shown_a_code_and_then_sign_in_asks_for_one() {
    let app = App::start().await;
    let (mut browser, phone, codes) = enrolled(&app).await;
    assert_eq!((codes.len(), browser.who().await.ends_with(" SteppedUp")), (10, true));
    assert_eq!(browser.get("factors").await.json(), json!({ "totp": true, "recoveryCodesLeft": 10, "passkeys": [] }));
    assert_eq!(browser.post("factors/totp/start", json!({})).await.status, 409);

    let mut other = half_way(&app).await;
    assert_eq!(other.post("sign-in/second-factor", code("TOTP", "000000")).await.status, 401);
    let shown = phone.code(0);
    assert_eq!(other.post("sign-in/second-factor", code("TOTP", &shown)).await.status, 200);
    assert!(other.who().await.ends_with(" SteppedUp"));
    // What has been seen over a shoulder is worth nothing.
    assert_eq!(half_way(&app).await.post("sign-in/second-factor", code("TOTP", &shown)).await.status, 401);
    assert_eq!(half_way(&app).await.post("sign-in/second-factor", code("TOTP", &phone.code(-1))).await.status, 401);
    assert_eq!(half_way(&app).await.post("sign-in/second-factor", code("TOTP", &phone.code(1))).await.status, 200);
}

#[tokio::test]
async fn an_app_that_was_never_confirmed_does_not_count() {
    let app = App::start().await;
    let mut browser = app.signed_in(ADA).await;
    browser.post("factors/totp/start", json!({})).await;
    assert_eq!(browser.post("factors/totp/confirm", json!({ "code": "000000" })).await.status, 422);
    let mut other = app.browser();
    assert_eq!(other.sign_in(ADA, PASSWORD).await.json(), json!({ "next": "DONE" }));
}

#[tokio::test]
async fn a_recovery_code_works_once_however_it_is_written() {
    let app = App::start().await;
    let (mut browser, _, codes) = enrolled(&app).await;
    app.mail().await;
    let written = codes[0].to_uppercase().replace('-', " ");
    assert_eq!(half_way(&app).await.post("sign-in/second-factor", code("RECOVERY_CODE", &written)).await.status, 200);
    assert_eq!(half_way(&app).await.post("sign-in/second-factor", code("RECOVERY_CODE", &codes[0])).await.status, 401);
    assert!(app.mail().await.iter().any(|mail| mail.text.contains("9 are left")));
    let renewed = browser.post("factors/recovery-codes", json!({})).await.json();
    assert_eq!(renewed["recoveryCodes"].as_array().unwrap().len(), 10);
    assert_eq!(half_way(&app).await.post("sign-in/second-factor", code("RECOVERY_CODE", &codes[1])).await.status, 401);
}

#[tokio::test]
async fn what_an_intruder_would_change_needs_a_fresh_confirmation() {
    let app = App::start().await;
    let mut browser = app.signed_in(ADA).await;
    let old = "update access.session set confirmed_at = now() - interval '11 minutes', second_factor_at = \
               case when second_factor_at is not null then now() - interval '11 minutes' end";
    app.execute(old).await;
    // As long as a process remembers.
    tokio::time::sleep(std::time::Duration::from_millis(2100)).await;
    let refused = browser.post("factors/totp/start", json!({})).await;
    assert_eq!((refused.status, refused.json()["code"].as_str()), (403, Some("SECOND_FACTOR")));
    assert_eq!(browser.post("confirm", json!({ "password": "wrong horse battery" })).await.status, 422);
    assert_eq!(browser.post("confirm", json!({ "password": PASSWORD })).await.status, 204);
    let start = browser.post("factors/totp/start", json!({})).await;
    let phone = Phone::scan(&start.json());
    assert_eq!(browser.post("factors/totp/confirm", json!({ "code": phone.code(-1) })).await.status, 200);

    // With a factor the password alone confirms nothing.
    app.execute(old).await;
    tokio::time::sleep(std::time::Duration::from_millis(2100)).await;
    assert!(browser.who().await.ends_with(" TwoFactors"));
    assert_eq!(browser.post("confirm", json!({ "password": PASSWORD })).await.status, 204);
    assert_eq!(browser.delete("factors/totp").await.status, 403);
    let change = json!({ "current": PASSWORD, "new": "another horse battery" });
    assert_eq!(browser.post("password", change).await.status, 403);
    assert_eq!(browser.post("confirm", json!({ "code": phone.code(0) })).await.status, 204);
    assert_eq!(browser.delete("factors/totp").await.status, 204);
    assert!(browser.who().await.ends_with(" OneFactor"));
    let journal = app.journal().await;
    for event in ["access_refused", "stepped_up", "factor_changed"] {
        assert!(journal.contains(&event.to_owned()), "{journal:?}");
    }
}

#[tokio::test]
async fn codes_cannot_be_guessed() {
    let app = App::start().await;
    let (_, phone, _) = enrolled(&app).await;
    let mut stranger = half_way(&app).await;
    for _ in 0..5 {
        assert_eq!(stranger.post("sign-in/second-factor", code("TOTP", "000000")).await.status, 401);
    }
    assert_eq!(stranger.post("sign-in/second-factor", code("TOTP", &phone.code(0))).await.status, 429);
    assert_eq!(stranger.post("sign-in/second-factor", code("RECOVERY_CODE", "aaaaa-aaaaa")).await.status, 429);
    // Nor does another process judge more.
    let another = app.another_process();
    let mut there = another.browser();
    there.cookies = stranger.cookies.clone();
    assert_eq!(there.post("sign-in/second-factor", code("TOTP", &phone.code(0))).await.status, 429);
}

/// Whoever knows the password can guess, and wait; the owner goes on with the device that signed in before.
#[tokio::test]
async fn who_guesses_codes_locks_out_no_device_that_is_known() {
    let app = App::start().await;
    let (mut own_device, phone, _) = enrolled(&app).await;
    let enter = async |browser: &mut Browser<'_>, shown: &str| {
        browser.post("sign-in/second-factor", code("TOTP", shown)).await.status
    };
    let mut stranger = half_way(&app).await;
    for _ in 0..5 {
        assert_eq!(enter(&mut stranger, "000000").await, 401);
    }
    assert_eq!(enter(&mut stranger, "000000").await, 429);
    app.link("unlock").await;
    assert_eq!(own_device.sign_in(ADA, PASSWORD).await.status, 200);
    assert_eq!(enter(&mut own_device, &phone.code(0)).await, 200);
    assert_eq!(enter(&mut stranger, "000000").await, 429);

    // It is counted for itself, also where it is signed in, and the link of the letter ends that wait too.
    for _ in 0..5 {
        assert_eq!(own_device.post("confirm", json!({ "code": "000000" })).await.status, 422);
    }
    assert_eq!(own_device.post("confirm", json!({ "code": phone.code(1) })).await.status, 429);
    let link = app.link("unlock").await;
    assert_eq!(app.browser().post("unlock", json!({ "token": link })).await.status, 204);
    assert_eq!(own_device.post("confirm", json!({ "code": phone.code(1) })).await.status, 204);
}

#[tokio::test]
async fn a_sign_in_waits_five_minutes_for_its_second_factor_and_works_once() {
    let app = App::start().await;
    let (_, phone, codes) = enrolled(&app).await;
    let mut late = half_way(&app).await;
    app.execute("update access.pending_sign_in set expires_at = now() - interval '1 second'").await;
    assert_eq!(late.post("sign-in/second-factor", code("TOTP", &phone.code(0))).await.status, 401);
    let mut browser = half_way(&app).await;
    let mut copy = browser.clone();
    assert_eq!(browser.post("sign-in/second-factor", code("TOTP", &phone.code(0))).await.status, 200);
    assert_eq!(copy.post("sign-in/second-factor", code("RECOVERY_CODE", &codes[0])).await.status, 401);
}
