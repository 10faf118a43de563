use chrono::{DateTime, TimeDelta, Utc};
use cqrs_es::test::TestFramework;

use super::*;
use crate::{BusinessId, FiscalMonth, TimeZone};

type Given = TestFramework<Business>;

fn monday() -> DateTime<Utc> {
    "2026-03-02T09:00:00Z".parse().unwrap()
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

fn request(confirmation: &str, days: i64) -> BusinessCommand {
    let (confirmation, grace) = (confirmation.to_owned(), TimeDelta::days(days));
    RecordsCommand::RequestErasure { confirmation, grace, now: monday() }.into()
}

fn erase(days: i64) -> BusinessCommand {
    RecordsCommand::Erase { now: monday() + TimeDelta::days(days) }.into()
}

fn requested() -> BusinessEvent {
    BusinessEvent::ErasureRequested { due_at: monday() + TimeDelta::days(30) }
}

fn held() -> BusinessEvent {
    BusinessEvent::LegalHoldSet { reason: "Case 7".into(), by: "user:1".into(), since: monday() }
}

fn hold() -> BusinessCommand {
    RecordsCommand::Hold { reason: " Case 7 ".into(), by: "user:1".into(), now: monday() }.into()
}

fn refused(error: RecordsError) -> BusinessError {
    error.into()
}

#[test]
fn an_erasure_is_requested_by_the_name_and_waits_thirty_days_at_most() {
    given([]).when(request("Shop ", 90)).then_expect_events(vec![requested()]);
    given([]).when(request("shop", 30)).then_expect_error(refused(RecordsError::NotConfirmed));
    given([requested()]).when(request("Shop", 30)).then_expect_error(refused(RecordsError::ErasureRequested));
}

#[test]
fn it_can_be_withdrawn_until_it_is_done() {
    let withdraw = || BusinessCommand::from(RecordsCommand::WithdrawErasure);
    given([]).when(withdraw()).then_expect_error(refused(RecordsError::NoErasure));
    given([requested()]).when(withdraw()).then_expect_events(vec![BusinessEvent::ErasureWithdrawn]);
    given([requested(), BusinessEvent::ErasureWithdrawn])
        .when(erase(31))
        .then_expect_error(refused(RecordsError::NotDue));
    given([requested(), BusinessEvent::Erased]).when(withdraw()).then_expect_error(BusinessError::Erased);
}

#[test]
fn it_is_done_when_it_is_due_and_nothing_follows() {
    given([requested()]).when(erase(29)).then_expect_error(refused(RecordsError::NotDue));
    given([requested()]).when(erase(30)).then_expect_events(vec![BusinessEvent::Erased]);
    let rename = || BusinessCommand::Rename { name: "Other".into() };
    given([requested(), BusinessEvent::Erased]).when(rename()).then_expect_error(BusinessError::Erased);
    given([requested()]).when(rename()).then_expect_events(vec![BusinessEvent::Renamed { name: "Other".into() }]);
}

#[test]
fn nothing_is_erased_under_a_legal_hold() {
    given([]).when(hold()).then_expect_events(vec![held()]);
    given([held()]).when(hold()).then_expect_error(refused(RecordsError::Held));
    given([held()]).when(request("Shop", 30)).then_expect_error(refused(RecordsError::Held));
    given([requested(), held()]).when(erase(40)).then_expect_error(refused(RecordsError::Held));
    let lift = || BusinessCommand::from(RecordsCommand::LiftHold { reason: "Settled".into() });
    let lifted = BusinessEvent::LegalHoldLifted { reason: "Settled".into() };
    given([]).when(lift()).then_expect_error(refused(RecordsError::NotHeld));
    given([held()]).when(lift()).then_expect_events(vec![lifted.clone()]);
    given([requested(), held(), lifted]).when(erase(40)).then_expect_events(vec![BusinessEvent::Erased]);
}
