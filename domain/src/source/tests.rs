use cqrs_es::test::TestFramework;

use super::*;
use crate::{BusinessId, SourceId};

type Given = TestFramework<Source>;

fn connect(name: &str) -> SourceCommand {
    let id: SourceId = "018f0000-0000-7000-8000-000000000002".parse().unwrap();
    let business: BusinessId = "018f0000-0000-7000-8000-000000000001".parse().unwrap();
    SourceCommand::Connect { id, business, kind: SourceKind::File, name: name.into() }
}

fn connected(name: &str) -> SourceEvent {
    let SourceCommand::Connect { id, business, kind, name } = connect(name) else { unreachable!() };
    SourceEvent::Connected { id, business, kind, name }
}

fn disconnect() -> SourceCommand {
    SourceCommand::Disconnect { reason: "asked by owner".into() }
}

#[test]
fn a_source_is_connected_once_and_then_disconnected() {
    let gone = SourceEvent::Disconnected { reason: "asked by owner".into() };
    Given::with(()).given_no_previous_events().when(connect("Bank")).then_expect_events(vec![connected("Bank")]);
    Given::with(())
        .given(vec![connected("Bank")])
        .when(connect("Bank"))
        .then_expect_error(SourceError::AlreadyConnected);
    Given::with(()).given(vec![connected("Bank")]).when(disconnect()).then_expect_events(vec![gone.clone()]);
    Given::with(())
        .given(vec![connected("Bank"), gone])
        .when(connect("Bank"))
        .then_expect_error(SourceError::Disconnected);
}

#[test]
fn what_was_never_connected_cannot_be_disconnected() {
    Given::with(()).given_no_previous_events().when(disconnect()).then_expect_error(SourceError::NotConnected);
    Given::with(()).given_no_previous_events().when(connect(" ")).then_expect_error(SourceError::InvalidName);
}

#[test]
fn a_change_of_health_is_told_once_and_ends_with_new_credentials() {
    let report = |health| SourceCommand::ReportHealth { health, reason: Some("ITEM_LOGIN_REQUIRED".into()) };
    let changed =
        SourceEvent::HealthChanged { health: Health::ConsentNeeded, reason: Some("ITEM_LOGIN_REQUIRED".into()) };
    let authorised = SourceEvent::Authorised { external_id: Some("item".into()) };
    Given::with(())
        .given(vec![connected("Bank")])
        .when(report(Health::ConsentNeeded))
        .then_expect_events(vec![changed.clone()]);
    Given::with(())
        .given(vec![connected("Bank"), changed.clone()])
        .when(report(Health::ConsentNeeded))
        .then_expect_events(vec![]);
    Given::with(()).given(vec![connected("Bank")]).when(report(Health::Healthy)).then_expect_events(vec![]);
    Given::with(())
        .given(vec![connected("Bank"), changed, authorised])
        .when(report(Health::Healthy))
        .then_expect_events(vec![]);
    Given::with(())
        .given_no_previous_events()
        .when(report(Health::Failing))
        .then_expect_error(SourceError::NotConnected);
}

#[test]
fn a_source_that_was_disconnected_goes_on_with_new_credentials_alone() {
    let gone = SourceEvent::Disconnected { reason: "asked by owner".into() };
    let authorised = SourceEvent::Authorised { external_id: Some("item".into()) };
    let reconnect = || SourceCommand::Reconnect { external_id: Some("item".into()) };
    let authorise = SourceCommand::Authorise { external_id: Some("item".into()) };
    Given::with(())
        .given(vec![connected("Bank"), gone.clone()])
        .when(reconnect())
        .then_expect_events(vec![authorised.clone()]);
    // A repair that comes late connects nothing.
    Given::with(())
        .given(vec![connected("Bank"), gone.clone()])
        .when(authorise)
        .then_expect_error(SourceError::Disconnected);
    Given::with(())
        .given(vec![connected("Bank"), gone, authorised])
        .when(reconnect())
        .then_expect_error(SourceError::AlreadyConnected);
    Given::with(()).given_no_previous_events().when(reconnect()).then_expect_error(SourceError::NotConnected);
}
