use cqrs_es::test::TestFramework;

use super::*;
use crate::{BusinessId, FiscalMonth};

type Given = TestFramework<Business>;

fn id() -> BusinessId {
    "018f0000-0000-7000-8000-000000000001".parse().unwrap()
}

fn registered(name: &str) -> BusinessEvent {
    BusinessEvent::Registered {
        id: id(),
        name: name.into(),
        base_currency: "GBP".parse().unwrap(),
        time_zone: "Europe/London".parse().unwrap(),
        fiscal_year_first_month: FiscalMonth::JANUARY,
    }
}

fn register(name: &str) -> BusinessCommand {
    BusinessCommand::Register {
        id: id(),
        name: name.into(),
        base_currency: "GBP".parse().unwrap(),
        time_zone: "Europe/London".parse().unwrap(),
        fiscal_year_first_month: FiscalMonth::JANUARY,
        founder: None,
    }
}

#[test]
fn a_business_is_registered_once() {
    Given::with(()).given_no_previous_events().when(register(" Shop ")).then_expect_events(vec![registered("Shop")]);
    Given::with(())
        .given(vec![registered("Shop")])
        .when(register("Shop"))
        .then_expect_error(BusinessError::AlreadyRegistered);
}

#[test]
fn a_name_is_neither_empty_nor_endless() {
    for name in ["", "  ", &"x".repeat(121)] {
        Given::with(()).given_no_previous_events().when(register(name)).then_expect_error(BusinessError::InvalidName);
    }
}

#[test]
fn nothing_changes_before_it_is_registered() {
    Given::with(())
        .given_no_previous_events()
        .when(BusinessCommand::Rename { name: "Shop".into() })
        .then_expect_error(BusinessError::NotRegistered);
}

#[test]
fn the_same_setting_again_is_no_event() {
    let march = FiscalMonth::try_from(3).unwrap();
    Given::with(())
        .given(vec![registered("Shop"), BusinessEvent::FiscalYearChanged { first_month: march }])
        .when(BusinessCommand::ChangeFiscalYear { first_month: march })
        .then_expect_events(vec![]);
    Given::with(())
        .given(vec![registered("Shop")])
        .when(BusinessCommand::ChangeTimeZone { time_zone: "Asia/Tokyo".parse().unwrap() })
        .then_expect_events(vec![BusinessEvent::TimeZoneChanged { time_zone: "Asia/Tokyo".parse().unwrap() }]);
}
