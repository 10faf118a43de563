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
