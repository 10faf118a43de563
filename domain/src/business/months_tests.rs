use cqrs_es::test::TestFramework;

use super::*;
use crate::{BusinessId, FiscalMonth, Kind, Month};

type Given = TestFramework<Business>;

fn month() -> Month {
    "2026-02".parse().unwrap()
}

fn registered() -> BusinessEvent {
    BusinessEvent::Registered {
        id: BusinessId::from_uuid(uuid::Uuid::from_u128(1)),
        name: "Shop".into(),
        base_currency: "GBP".parse().unwrap(),
        time_zone: "UTC".parse().unwrap(),
        fiscal_year_first_month: FiscalMonth::JANUARY,
    }
}

fn seal() -> Seal {
    let figure = SealedFigure {
        currency: "GBP".parse().unwrap(),
        kind: Kind::Revenue,
        inflow: "120.5".parse().unwrap(),
        outflow: "0".parse().unwrap(),
        count: 3,
    };
    Seal { figures: vec![figure], position: 7, salt: Salt::from_bytes([7; 16]), checkpoint: None }
}

fn closed() -> BusinessEvent {
    let Seal { figures, position, salt, checkpoint } = seal();
    BusinessEvent::MonthClosed { month: month(), figures, position, salt, checkpoint }
}

fn close(today: &str) -> BusinessCommand {
    BusinessCommand::Month(MonthCommand::Close { month: month(), seal: seal(), today: today.parse().unwrap() })
}

fn reopen(reason: &str) -> BusinessCommand {
    BusinessCommand::Month(MonthCommand::Reopen { month: month(), reason: reason.into() })
}

fn reopened() -> BusinessEvent {
    BusinessEvent::MonthReopened { month: month(), reason: "A late invoice".into() }
}

#[test]
fn a_month_is_closed_once_it_is_over() {
    Given::with(()).given(vec![registered()]).when(close("2026-03-01")).then_expect_events(vec![closed()]);
    let early = MonthError::NotOver(month()).into();
    Given::with(()).given(vec![registered()]).when(close("2026-02-28")).then_expect_error(early);
    let again = MonthError::AlreadyClosed(month()).into();
    Given::with(()).given(vec![registered(), closed()]).when(close("2026-03-01")).then_expect_error(again);
}

#[test]
fn it_is_opened_again_for_a_reason_and_closed_anew() {
    let given = || Given::with(()).given(vec![registered(), closed()]);
    given().when(reopen(" A late invoice ")).then_expect_events(vec![reopened()]);
    given().when(reopen(" ")).then_expect_error(MonthError::NoReason.into());
    let given = Given::with(()).given(vec![registered(), closed(), reopened()]);
    given.when(close("2026-03-02")).then_expect_events(vec![closed()]);
    let open = MonthError::NotClosed(month()).into();
    Given::with(()).given(vec![registered()]).when(reopen("A late invoice")).then_expect_error(open);
}
