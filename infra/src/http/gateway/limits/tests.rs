use std::time::Duration;

use proptest::prelude::*;
use tokio_util::sync::CancellationToken;

use super::window::{Cell, Decision, WINDOW};
use super::*;

const START: u64 = 1_000 * WINDOW;

fn limits(sign_in: u32) -> Limits {
    Limits { sign_in, ..Limits::default() }
}

fn allowed(limiter: &Limiter, key: &str, times: u32) -> u32 {
    let all = (0..times).map(|_| limiter.ask([Rule::SignIn].into_iter(), key).refusal().is_none());
    u32::try_from(all.filter(|allowed| *allowed).count()).unwrap()
}

#[test]
fn a_limit_holds_and_comes_back_as_the_minute_passes() {
    let mut cell = Cell::default();
    let mut let_through = |at: u64| (0..100).filter(|_| cell.count(10, START + at).is_allowed()).count();
    assert_eq!(let_through(0), 10);
    assert_eq!(let_through(WINDOW - 1), 0);
    assert_eq!(let_through(WINDOW), 0, "all of the minute before still counts");
    assert_eq!(let_through(WINDOW + WINDOW / 2), 5);
    assert_eq!(let_through(4 * WINDOW), 10);
}

#[test]
fn each_counts_alone_and_zero_is_no_limit() {
    let limiter = Limiter::new(limits(3));
    assert_eq!((allowed(&limiter, "a", 9), allowed(&limiter, "b", 9)), (3, 3));
    assert_eq!(allowed(&Limiter::new(limits(0)), "a", 1_000), 1_000);
}

proptest! {
    /// Never more than the limit within a minute that is counted by windows, and no wait that is longer than needed.
    #[test]
    fn who_waits_as_told_is_let_through(limit in 1..50_u32, gaps in prop::collection::vec(0..9_000_u64, 1..200)) {
        let mut cell = Cell::default();
        let mut at = START;
        let mut windows = std::collections::HashMap::<u64, u32>::new();
        for gap in gaps {
            at += gap;
            match cell.count(limit, at) {
                Decision::Allowed { remaining, resets } => {
                    prop_assert!(remaining < limit && resets <= WINDOW);
                    *windows.entry(at / WINDOW).or_default() += 1;
                }
                Decision::Refused { retry } => {
                    prop_assert!(retry <= 2 * WINDOW);
                    prop_assert!(!cell.count(limit, at).is_allowed(), "what is refused does not count");
                    at += retry;
                    prop_assert!(cell.count(limit, at).is_allowed(), "after {} ms", retry);
                    *windows.entry(at / WINDOW).or_default() += 1;
                }
            }
        }
        prop_assert!(windows.values().all(|count| *count <= limit));
    }

    #[test]
    fn what_others_tell_counts_in_whatever_order_it_comes(told in prop::collection::vec(0..8_u32, 1..20)) {
        let most = *told.iter().max().unwrap();
        let mut cell = Cell::default();
        for count in &told {
            cell.hear(7, START / WINDOW, *count);
        }
        let fits = (0..20).filter(|_| cell.count(10, START).is_allowed()).count();
        prop_assert_eq!(fits, 10 - usize::try_from(most).unwrap());
    }
}

/// Two processes, and one that starts in their midst: together they let through what one would.
#[tokio::test]
async fn a_limit_holds_over_all_processes() {
    let nats = streams::testing::Nats::connect().await;
    let stop = CancellationToken::new();
    let join = || {
        let limiter = Limiter::new(limits(40));
        tokio::spawn(limiter.clone().share(nats.client(), nats.prefix().to_owned(), stop.clone()));
        limiter
    };
    let (one, two) = (join(), join());
    assert_eq!(allowed(&one, "a", 25), 25);
    heard(&two, "a", 25).await;
    assert_eq!(allowed(&two, "a", 100), 15, "25 are gone");
    heard(&one, "a", 15).await;
    assert_eq!(allowed(&one, "a", 100), 0);
    let late = join();
    heard(&late, "a", 40).await;
    assert_eq!(allowed(&late, "a", 1), 0, "who starts later hears of those before");
    assert_eq!(allowed(&late, "b", 100), 40);
    stop.cancel();
}

/// Waits until what others told is there.
async fn heard(limiter: &Limiter, key: &str, count: u64) {
    let cell = limiter.cell(Who::of(Rule::SignIn, key));
    let all = || cell.lock().unwrap().heard_of(now());
    let until = tokio::time::timeout(Duration::from_secs(60), async {
        while all() < count {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    until.await.unwrap();
}
