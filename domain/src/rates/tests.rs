use chrono::{DateTime, Days, NaiveDate, Utc};
use cqrs_es::Aggregate;
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;
use crate::{BusinessId, Currency, RatesId};

fn currency(code: &str) -> Currency {
    code.parse().unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn quoted(day_of: &str, base: &str, quote: &str, rate: &str) -> Quoted {
    Quoted { day: day(day_of), base: currency(base), quote: currency(quote), rate: dec(rate) }
}

fn now() -> DateTime<Utc> {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

fn record(source: RateSource, rates: &[Quoted]) -> RatesCommand {
    let business = BusinessId::from_uuid(uuid::Uuid::from_u128(7));
    RatesCommand::Record {
        id: RatesId::of(business, 2026),
        business,
        source,
        rates: rates.to_vec(),
        note: None,
        now: now(),
    }
}

/// Decides and applies; tells how many rates were recorded.
fn tell(rates: &mut Rates, command: RatesCommand) -> Result<usize, RatesError> {
    let sink = cqrs_es::event_sink::EventSink::default();
    futures_now(rates.handle(command, &(), &sink))?;
    Ok(futures_now(sink.collect()).iter().map(|event| event.quoted().count()).sum())
}

/// Nothing here waits for anything.
fn futures_now<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(output) => output,
        std::task::Poll::Pending => panic!("it waits"),
    }
}

#[test]
fn the_same_again_records_nothing_and_a_correction_does() {
    let mut rates = Rates::default();
    let first = [quoted("2026-03-02", "EUR", "USD", "1.08"), quoted("2026-03-02", "EUR", "GBP", "0.84")];
    assert_eq!(tell(&mut rates, record(RateSource::Ecb, &first)), Ok(2));
    assert_eq!(tell(&mut rates, record(RateSource::Ecb, &first)), Ok(0));
    let corrected = record(RateSource::Ecb, &[quoted("2026-03-02", "EUR", "USD", "1.0800001")]);
    assert_eq!(rates.taken(&corrected), Taken { corrected: 1, ..Taken::default() });
    assert_eq!(tell(&mut rates, corrected), Ok(1));
}

#[test]
fn the_first_rate_of_a_provider_is_the_days_until_somebody_knows_better() {
    let mut rates = Rates::default();
    let applied = |rate| record(RateSource::Provider, &[quoted("2026-03-02", "EUR", "USD", rate)]);
    assert_eq!(tell(&mut rates, applied("1.10")), Ok(1));
    assert!(rates.knows(day("2026-03-02"), currency("EUR"), currency("USD")));
    assert!(!rates.knows(day("2026-03-03"), currency("EUR"), currency("USD")));
    assert_eq!(rates.taken(&applied("1.10")), Taken { known: 1, ..Taken::default() });
    assert_eq!(rates.taken(&applied("1.11")), Taken { kept: 1, ..Taken::default() });
    assert_eq!(tell(&mut rates, applied("1.11")), Ok(0));
    let published = record(RateSource::Ecb, &[quoted("2026-03-02", "EUR", "USD", "1.08")]);
    assert_eq!(tell(&mut rates, published), Ok(1));
    assert_eq!(tell(&mut rates, applied("1.12")), Ok(0));
}

#[test]
fn what_a_person_entered_stands_over_what_is_published() {
    let mut rates = Rates::default();
    tell(&mut rates, record(RateSource::Manual, &[quoted("2026-03-02", "EUR", "USD", "1.10")])).unwrap();
    let published = record(RateSource::Ecb, &[quoted("2026-03-02", "EUR", "USD", "1.08")]);
    assert_eq!(rates.taken(&published), Taken { kept: 1, ..Taken::default() });
    assert_eq!(tell(&mut rates, published), Ok(0));
    let again = record(RateSource::Manual, &[quoted("2026-03-02", "EUR", "USD", "1.11")]);
    assert_eq!(tell(&mut rates, again), Ok(1));
}

#[test]
fn what_nobody_can_mean_is_refused_with_its_reason() {
    let told = |rate: Quoted| tell(&mut Rates::default(), record(RateSource::Manual, &[rate])).unwrap_err().to_string();
    assert!(told(quoted("2026-03-02", "EUR", "USD", "0")).contains("more than 0"));
    assert!(told(quoted("2026-03-02", "EUR", "USD", "-1")).contains("more than 0"));
    assert!(told(quoted("2026-03-02", "EUR", "USD", "10000000000")).contains("no rate between"));
    assert!(told(quoted("2026-03-02", "EUR", "EUR", "1")).contains("both are EUR"));
    assert!(told(quoted("2026-11-26", "EUR", "USD", "1")).contains("has not come yet"));
    assert!(told(quoted("2026-03-02", "EUR", "USD", "1.0000000000001")).contains("decimals"));
    assert!(told(quoted("1899-12-31", "EUR", "USD", "1")).contains("1900"));
}

#[test]
fn a_slip_of_the_decimal_mark_is_asked_about() {
    let mut rates = Rates::default();
    tell(&mut rates, record(RateSource::Ecb, &[quoted("2026-03-02", "EUR", "USD", "1.08")])).unwrap();
    let slip = record(RateSource::Manual, &[quoted("2026-03-03", "EUR", "USD", "108")]);
    assert!(matches!(tell(&mut rates, slip), Err(RatesError::FarFromKnown { .. })));
    let later = record(RateSource::Manual, &[quoted("2026-05-03", "EUR", "USD", "108")]);
    assert_eq!(tell(&mut rates, later), Ok(1), "after a month nothing near is known");
}

#[test]
fn one_day_has_one_rate_and_one_command_one_year() {
    let twice = [quoted("2026-03-02", "EUR", "USD", "1.08"), quoted("2026-03-02", "EUR", "USD", "1.09")];
    assert_eq!(tell(&mut Rates::default(), record(RateSource::Ecb, &twice)), Err(RatesError::Twice(day("2026-03-02"))));
    let years = [quoted("2026-03-02", "EUR", "USD", "1.08"), quoted("2025-03-02", "EUR", "USD", "1.09")];
    let refused = tell(&mut Rates::default(), record(RateSource::Ecb, &years));
    assert_eq!(refused, Err(RatesError::OtherYear(day("2025-03-02"))));
    assert_eq!(tell(&mut Rates::default(), record(RateSource::Ecb, &[])), Err(RatesError::HowMany(20_000)));
}

fn book(entries: &[(&str, &str, &str, &str, RateSource, i64)]) -> RateBook {
    let mut book = RateBook::default();
    for (day_of, base, quote, rate, source, position) in entries {
        let known = KnownRate { rate: dec(rate), source: *source, position: *position };
        book.put((currency(base), currency(quote)), day(day_of), known);
    }
    book
}

#[test]
fn a_weekend_takes_fridays_rate_and_a_week_later_there_is_none() {
    let book = book(&[("2026-03-06", "EUR", "USD", "1.25", RateSource::Ecb, 3)]);
    let factor = |on: &str| book.conversion(currency("USD"), currency("EUR"), day(on)).map(|found| found.factor);
    assert_eq!(factor("2026-03-05"), None, "a later rate says nothing of an earlier day");
    assert_eq!(factor("2026-03-06"), Some(dec("0.8")));
    assert_eq!(factor("2026-03-13"), Some(dec("0.8")));
    assert_eq!(factor("2026-03-14"), None);
}

#[test]
fn two_currencies_meet_over_the_euro_and_both_rates_are_told() {
    let book = book(&[
        ("2026-03-06", "EUR", "USD", "1.25", RateSource::Ecb, 3),
        ("2026-03-05", "EUR", "GBP", "0.85", RateSource::Ecb, 2),
    ]);
    let found = book.conversion(currency("USD"), currency("GBP"), day("2026-03-06")).unwrap();
    assert_eq!(found.factor, dec("0.68"));
    assert_eq!((found.first.quote, found.second.map(|leg| leg.quote)), (currency("USD"), Some(currency("GBP"))));
    assert!(found.first.divides && found.second.is_some_and(|leg| !leg.divides));
}

#[test]
fn a_persons_rate_stands_on_its_day_in_whichever_direction_and_the_next_published_one_follows_it() {
    let book = book(&[
        ("2026-03-05", "USD", "EUR", "0.9", RateSource::Manual, 4),
        ("2026-03-05", "EUR", "USD", "1.25", RateSource::Ecb, 5),
        ("2026-03-06", "EUR", "USD", "1.25", RateSource::Ecb, 3),
    ]);
    let factor = |on: &str| book.conversion(currency("USD"), currency("EUR"), day(on)).unwrap().factor;
    assert_eq!(factor("2026-03-05"), dec("0.9"));
    assert_eq!(factor("2026-03-06"), dec("0.8"));
}

fn any_entries() -> impl Strategy<Value = Vec<(u8, u8, u64, i64)>> {
    prop::collection::vec((0_u8..4, 0_u8..4, 0_u64..30, 1_i64..100_000), 0..40)
}

fn put_all<'a>(entries: impl Iterator<Item = (usize, &'a (u8, u8, u64, i64))>) -> RateBook {
    let codes = ["EUR", "USD", "GBP", "CHF"].map(currency);
    let mut book = RateBook::default();
    for (position, (base, quote, days, rate)) in entries {
        let known = KnownRate {
            rate: Decimal::new(*rate, 4),
            source: RateSource::Ecb,
            position: i64::try_from(position).unwrap(),
        };
        let pair = (codes[usize::from(*base)], codes[usize::from(*quote)]);
        book.put(pair, day("2026-01-01") + Days::new(*days), known);
    }
    book
}

proptest! {
    #[test]
    fn the_order_in_which_rates_are_read_does_not_matter(entries in any_entries()) {
        let forwards = put_all(entries.iter().enumerate());
        let backwards = put_all(entries.iter().enumerate().collect::<Vec<_>>().into_iter().rev());
        prop_assert_eq!(forwards, backwards);
    }

    #[test]
    fn no_rate_is_older_than_a_week_or_newer_than_its_day(entries in any_entries(), on in 0_u64..40) {
        let on = day("2026-01-01") + Days::new(on);
        let book = put_all(entries.iter().enumerate());
        if let Some(found) = book.conversion(currency("USD"), currency("GBP"), on) {
            for leg in [Some(found.first), found.second].into_iter().flatten() {
                prop_assert!(leg.day <= on && on <= leg.day + Days::new(REACH));
            }
            prop_assert!(found.factor >= Decimal::ZERO);
        }
    }

    #[test]
    fn a_rate_of_one_changes_no_amount(cents in -1_000_000_000_i64..1_000_000_000) {
        let book = book(&[("2026-03-06", "EUR", "USD", "1.0000", RateSource::Ecb, 3)]);
        let factor = book.conversion(currency("USD"), currency("EUR"), day("2026-03-06")).unwrap().factor;
        let amount = Decimal::new(cents, 2);
        prop_assert_eq!(amount * factor, amount);
    }

    #[test]
    fn conversion_is_linear(amounts in prop::collection::vec(-1_000_000_000_i64..1_000_000_000, 0..40), rate in 1_i64..9_999_999) {
        let known = KnownRate { rate: Decimal::new(rate, 5), source: RateSource::Ecb, position: 1 };
        let mut book = RateBook::default();
        book.put((currency("EUR"), currency("JPY")), day("2026-03-06"), known);
        let factor = book.conversion(currency("JPY"), currency("EUR"), day("2026-03-07")).unwrap().factor;
        let amounts = || amounts.iter().map(|amount| Decimal::new(*amount, 3));
        prop_assert_eq!(amounts().map(|amount| amount * factor).sum::<Decimal>(), amounts().sum::<Decimal>() * factor);
    }
}
