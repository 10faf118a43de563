//! Whether an address has an account is told by no answer and no time; guessing is slowed down.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::app::{App, PASSWORD, token};

const KNOWN: &str = "ada@example.com";
const UNKNOWN: &str = "bob@example.com";

/// Every open route that takes an address.
fn questions(email: &str) -> [(&'static str, Value); 3] {
    [
        ("register", json!({ "email": email, "password": PASSWORD, "name": "Somebody" })),
        ("sign-in", json!({ "email": email, "password": "wrong horse battery" })),
        ("forgot-password", json!({ "email": email })),
    ]
}

/// Up to and through the lockout, and for many at once.
#[tokio::test]
async fn no_route_answers_differently_for_known_and_unknown_addresses() {
    let app = App::start().await;
    app.user(KNOWN).await;
    app.execute("delete from access.attempt").await;
    for round in 0..8 {
        for ((route, known), (_, unknown)) in questions(KNOWN).into_iter().zip(questions(UNKNOWN)) {
            let known = app.browser().post(route, known).await;
            let unknown = app.browser().post(route, unknown).await;
            assert_eq!(known.visible(), unknown.visible(), "{route}, round {round}");
        }
    }
}

/// Runs alone where nextest runs it, and is lenient where other tests run beside it: of many rounds the quickest count,
/// which load lengthens least, each goes first in every other round, and a difference must show three times to
/// be one.
#[tokio::test]
async fn no_route_takes_another_time_for_known_and_unknown_addresses() {
    let app = App::start().await;
    app.user(KNOWN).await;
    for at in 0..questions(KNOWN).len() {
        let mut found = Vec::new();
        while found.len() < 3 {
            let (known, unknown) = quickest(&app, at).await;
            let (longer, shorter) = (known.max(unknown), known.min(unknown));
            if longer < shorter * 4 / 3 || longer - shorter < Duration::from_millis(3) {
                break;
            }
            found.push((known, unknown));
        }
        assert!(found.len() < 3, "{}: known and unknown addresses take {found:?}", questions(KNOWN)[at].0);
    }
}

async fn quickest(app: &App, at: usize) -> (Duration, Duration) {
    let mut times = [Duration::MAX; 2];
    for round in 0..12 {
        for turn in 0..2 {
            let which = (round + turn) % 2;
            app.execute("delete from access.attempt").await;
            let (route, body) = questions([KNOWN, UNKNOWN][which])[at].clone();
            let began = Instant::now();
            app.browser().post(route, body).await;
            times[which] = times[which].min(began.elapsed());
        }
    }
    (times[0], times[1])
}

#[tokio::test]
async fn five_failures_make_an_account_wait_and_its_owner_has_a_way_in() {
    let app = App::start().await;
    let mut own_device = app.signed_in(KNOWN).await;
    let mut stranger = app.browser();
    stranger.address = "192.0.2.1".parse().unwrap();
    for _ in 0..5 {
        assert_eq!(stranger.sign_in(KNOWN, "wrong horse battery").await.status, 401);
    }
    let answer = stranger.sign_in(KNOWN, PASSWORD).await;
    assert_eq!(answer.status, 429);
    let wait: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=31).contains(&wait), "{wait}");
    // From everywhere else too, but not from the device that has signed in before.
    let mut elsewhere = app.browser();
    elsewhere.address = "198.51.100.1".parse().unwrap();
    assert_eq!(elsewhere.sign_in(KNOWN, PASSWORD).await.status, 429);
    assert_eq!(own_device.sign_in(KNOWN, PASSWORD).await.status, 200);

    // The owner is told once, and the link ends the wait.
    let mail = app.mail().await;
    let links: Vec<_> = mail.iter().filter_map(|mail| token(mail, "unlock")).collect();
    assert_eq!(links.len(), 1, "{mail:?}");
    assert_eq!(elsewhere.post("unlock", json!({ "token": links[0] })).await.status, 204);
    assert_eq!(elsewhere.sign_in(KNOWN, PASSWORD).await.status, 200);
    let journal = app.journal().await;
    for event in ["locked_out", "unlocked"] {
        assert!(journal.contains(&event.to_owned()), "{journal:?}");
    }
}

/// The letter says that its link ends the waiting: so it does, whatever it was that waited.
#[tokio::test]
async fn the_link_ends_the_wait_that_its_letter_tells_of() {
    let app = App::start().await;
    let mut own_device = app.signed_in(KNOWN).await;
    for _ in 0..5 {
        assert_eq!(own_device.sign_in(KNOWN, "wrong horse battery").await.status, 401);
    }
    assert_eq!(own_device.sign_in(KNOWN, PASSWORD).await.status, 429);
    let link = app.link("unlock").await;
    assert_eq!(app.browser().post("unlock", json!({ "token": link })).await.status, 204);
    assert_eq!(own_device.sign_in(KNOWN, PASSWORD).await.status, 200);

    let confirm = async |browser: &mut super::app::Browser<'_>, password: &str| {
        browser.post("confirm", json!({ "password": password })).await.status
    };
    for _ in 0..5 {
        assert_eq!(confirm(&mut own_device, "wrong horse battery").await, 422);
    }
    assert_eq!(confirm(&mut own_device, PASSWORD).await, 429);
    let link = app.link("unlock").await;
    assert_eq!(app.browser().post("unlock", json!({ "token": link })).await.status, 204);
    assert_eq!(confirm(&mut own_device, PASSWORD).await, 204);

    // So does a new password.
    for _ in 0..5 {
        assert_eq!(own_device.sign_in(KNOWN, "wrong horse battery").await.status, 401);
    }
    app.mail().await;
    own_device.post("forgot-password", json!({ "email": KNOWN })).await;
    let link = app.link("reset-password").await;
    let new = "another horse battery";
    let answer = app.browser().post("reset-password", json!({ "token": link, "password": new })).await;
    assert_eq!(answer.status, 204);
    assert_eq!(own_device.sign_in(KNOWN, new).await.status, 200);
}

/// One wrong password an hour is enough to keep an account waiting; not its owner.
#[tokio::test]
async fn nobody_is_locked_out_for_ever_who_has_signed_in_nowhere_yet() {
    let app = App::start().await;
    app.user(KNOWN).await;
    let mut stranger = app.browser();
    for _ in 0..5 {
        stranger.sign_in(KNOWN, "wrong horse battery").await;
    }
    let first = app.link("unlock").await;
    let wrong_after_the_wait = async || {
        app.execute("update access.attempt set blocked_until = now() - interval '1 second'").await;
        assert_eq!(app.browser().sign_in(KNOWN, "wrong horse battery").await.status, 401);
    };
    wrong_after_the_wait().await;
    assert_eq!(app.mail().await.len(), 0, "a link that can be opened is there");
    app.execute("update access.mail_token set expires_at = now() - interval '1 second'").await;
    wrong_after_the_wait().await;
    let second = app.link("unlock").await;

    let mut owner = app.browser();
    assert_eq!(owner.sign_in(KNOWN, PASSWORD).await.status, 429);
    assert_eq!(owner.post("unlock", json!({ "token": first })).await.status, 422);
    assert_eq!(owner.post("unlock", json!({ "token": second })).await.status, 204);
    // Whoever guesses on at once makes others wait, and not the browser that opened the link.
    for _ in 0..6 {
        stranger.sign_in(KNOWN, "wrong horse battery").await;
    }
    assert_eq!(app.browser().sign_in(KNOWN, PASSWORD).await.status, 429);
    assert_eq!(owner.sign_in(KNOWN, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn letters_of_one_kind_hold_up_no_other() {
    let app = App::start().await;
    app.user(KNOWN).await;
    let [(register, body), _, (forgot, email)] = questions(KNOWN);
    while app.browser().post(register, body.clone()).await.status == 202 {}
    assert_eq!(app.browser().post(register, body).await.status, 429);
    assert_eq!(app.browser().post(forgot, email).await.status, 202);
}

#[tokio::test]
async fn the_wait_grows_to_an_hour_and_no_further() {
    let app = App::start().await;
    let mut stranger = app.browser();
    let mut waits = Vec::new();
    for _ in 0..20 {
        while stranger.sign_in(UNKNOWN, "wrong horse battery").await.status == 401 {}
        let answer = stranger.sign_in(UNKNOWN, "wrong horse battery").await;
        waits.push(answer.headers["retry-after"].to_str().unwrap().parse::<u64>().unwrap());
        app.execute("update access.attempt set blocked_until = now() - interval '1 second'").await;
    }
    assert!(waits.is_sorted() && waits[0] <= 31 && waits[1] > 31, "{waits:?}");
    assert!(waits.iter().all(|wait| *wait <= 3601) && *waits.last().unwrap() > 3500, "{waits:?}");
}

#[tokio::test]
async fn an_address_that_tries_many_accounts_waits_too() {
    let app = App::start().await;
    let mut stranger = app.browser();
    stranger.address = "2001:db8::1".parse().unwrap();
    for at in 0..5 {
        assert_eq!(stranger.sign_in(&format!("user{at}@example.com"), "wrong horse battery").await.status, 401);
    }
    stranger.address = "2001:db8::2".parse().unwrap();
    assert_eq!(stranger.sign_in("user9@example.com", "wrong horse battery").await.status, 429);
    stranger.address = "2001:db8:1::1".parse().unwrap();
    assert_eq!(stranger.sign_in("user9@example.com", "wrong horse battery").await.status, 401);
    // Once, with the address as where it came from.
    let select = "select metadata ->> 'address' from store.events where event_type = 'security.locked_out'";
    let told: Vec<String> = sqlx::query_scalar(select).fetch_all(&app.database.pool()).await.unwrap();
    assert_eq!(told.len(), 1, "{told:?}");
}

/// As many at once are not more than as many in a row.
#[tokio::test]
async fn tries_at_once_are_counted_before_they_are_judged() {
    let app = App::start().await;
    let tries = (0..20).map(|_| async {
        let mut stranger = app.browser();
        stranger.address = "192.0.2.1".parse().unwrap();
        stranger.sign_in(UNKNOWN, "wrong horse battery").await.status
    });
    let judged = futures_util::future::join_all(tries).await.into_iter().filter(|status| *status == 401).count();
    assert_eq!(judged, 5);
}
