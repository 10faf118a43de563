use chrono::{DateTime, Utc};
use cqrs_es::test::TestFramework;

use super::*;
use crate::{BusinessId, FiscalMonth, TimeZone};

type Given = TestFramework<Business>;

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn given(after: impl IntoIterator<Item = BusinessEvent>) -> cqrs_es::test::AggregateTestExecutor<Business> {
    let registered = BusinessEvent::Registered {
        id: BusinessId::from_uuid(uuid::Uuid::from_u128(1)),
        name: "Shop".into(),
        base_currency: "GBP".parse().unwrap(),
        time_zone: TimeZone::UTC,
        fiscal_year_first_month: FiscalMonth::JANUARY,
    };
    Given::with(()).given([registered].into_iter().chain(after).collect())
}

fn retain(months: u16) -> BusinessCommand {
    RecordsCommand::Retain { months }.into()
}

fn changed(months: u16) -> BusinessEvent {
    BusinessEvent::RetentionChanged { months: Retention::try_new(months).unwrap() }
}

fn part(first: i64, last: i64, before: &str) -> Archived {
    Archived {
        file: format!("{first}-{last}.audit.gz"),
        first_position: 10 * first,
        last_position: 10 * last,
        first_sequence: first,
        last_sequence: last,
        before: moment(before),
        sha256: "00".repeat(32),
        bytes: 7,
    }
}

fn archive(archived: Archived, now: &str) -> BusinessCommand {
    RecordsCommand::Archive { archived, now: moment(now) }.into()
}

fn archived(part: Archived) -> BusinessEvent {
    let Archived { file, first_position, last_position, first_sequence, last_sequence, before, sha256, bytes } = part;
    BusinessEvent::HistoryArchived {
        file,
        first_position,
        last_position,
        first_sequence,
        last_sequence,
        before,
        sha256,
        bytes,
    }
}

fn held() -> BusinessEvent {
    BusinessEvent::LegalHoldSet { reason: "Case 7".into(), by: "user:1".into(), since: moment("2026-03-02T09:00:00Z") }
}

#[test]
fn two_years_are_kept_unless_somebody_sets_another_time() {
    given([]).when(retain(24)).then_expect_events(vec![]);
    given([]).when(retain(84)).then_expect_events(vec![changed(84)]);
    given([changed(84)]).when(retain(84)).then_expect_events(vec![]);
    given([changed(84)]).when(retain(24)).then_expect_events(vec![changed(24)]);
    given([held()]).when(retain(6)).then_expect_events(vec![changed(6)]);
}

#[test]
fn under_three_months_nothing_is_set() {
    given([]).when(retain(3)).then_expect_events(vec![changed(3)]);
    for months in [0, 2, 241] {
        given([]).when(retain(months)).then_expect_error(RecordsError::Retention(InvalidRetention).into());
    }
    assert!(InvalidRetention.to_string().starts_with("a history is kept for 3 to 240 months"));
}

#[test]
fn what_is_past_it_ends_with_a_month() {
    let two_years = Retention::default();
    assert_eq!(two_years.ends_before(moment("2026-11-24T22:00:00Z")), moment("2024-11-01T00:00:00Z"));
    assert_eq!(two_years.ends_before(moment("2026-02-28T00:00:00Z")), moment("2024-02-01T00:00:00Z"));
    let least = Retention::LEAST;
    assert_eq!(least.ends_before(moment("2026-05-31T23:59:59Z")), moment("2026-02-01T00:00:00Z"));
}

#[test]
fn a_history_is_archived_in_order_once_and_not_before_its_time() {
    let (now, past) = ("2026-11-24T00:00:00Z", "2024-11-01T00:00:00Z");
    given([]).when(archive(part(1, 5, past), now)).then_expect_events(vec![archived(part(1, 5, past))]);
    let next = || given([archived(part(1, 5, past))]);
    next().when(archive(part(6, 9, past), now)).then_expect_events(vec![archived(part(6, 9, past))]);
    for again in [part(1, 5, past), part(5, 9, past), part(7, 9, past), part(6, 5, past)] {
        next().when(archive(again, now)).then_expect_error(RecordsError::ArchivedAlready.into());
    }
    let young = part(1, 5, "2024-11-01T00:00:01Z");
    given([]).when(archive(young.clone(), now)).then_expect_error(RecordsError::NotPast.into());
    given([changed(23)]).when(archive(young.clone(), now)).then_expect_events(vec![archived(young)]);
}

#[test]
fn nothing_is_archived_under_a_legal_hold_or_after_the_end() {
    let (now, past) = ("2026-11-24T00:00:00Z", "2024-11-01T00:00:00Z");
    given([held()]).when(archive(part(1, 5, past), now)).then_expect_error(RecordsError::Held.into());
    given([BusinessEvent::Erased]).when(archive(part(1, 5, past), now)).then_expect_error(BusinessError::Erased);
}
