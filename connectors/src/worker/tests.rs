use std::time::{Duration, Instant};

use super::guard::Breaker;

#[test]
fn a_provider_that_is_down_rests_and_one_request_tries_it() {
    let (mut breaker, start) = (Breaker::default(), Instant::now());
    for number in 0..9 {
        breaker.note(["one", "two", "three"][number % 3], true, start);
        assert!(breaker.lets_through(start));
    }
    breaker.note("one", true, start);
    assert!(!breaker.lets_through(start));
    let later = start + Duration::from_secs(5);
    assert!(breaker.lets_through(later));
    assert!(!breaker.lets_through(later), "one tries it, and no other");
    breaker.note("one", false, later);
    assert!(breaker.lets_through(later));
}

#[test]
fn one_sources_bank_is_not_the_provider() {
    let (mut breaker, now) = (Breaker::default(), Instant::now());
    for _ in 0..100 {
        breaker.note("one", true, now);
    }
    assert!(breaker.lets_through(now));
}
