use chrono::{DateTime, TimeDelta, Utc};
use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use cqrs_es::test::TestFramework;
use proptest::prelude::*;

use super::*;
use crate::access::Role;
use crate::{AddresseeId, BusinessId, Email, FiscalMonth, InvitationId, UserId};

type Given = TestFramework<Business>;

fn user(n: u128) -> UserId {
    UserId::from_uuid(uuid::Uuid::from_u128(n))
}

fn invitation(n: u128) -> InvitationId {
    InvitationId::from_uuid(uuid::Uuid::from_u128(n))
}

fn addressee() -> AddresseeId {
    AddresseeId::from_uuid(uuid::Uuid::from_u128(9))
}

fn email(text: &str) -> Email {
    text.parse().unwrap()
}

fn hash(token: &str) -> TokenHash {
    TokenHash::of(token.as_bytes())
}

fn monday() -> DateTime<Utc> {
    "2026-03-02T09:00:00Z".parse().unwrap()
}

fn register(founder: Option<UserId>) -> BusinessCommand {
    BusinessCommand::Register {
        id: BusinessId::from_uuid(uuid::Uuid::from_u128(1)),
        name: "Shop".into(),
        base_currency: "GBP".parse().unwrap(),
        time_zone: "Europe/London".parse().unwrap(),
        fiscal_year_first_month: FiscalMonth::JANUARY,
        founder,
    }
}

fn registered() -> BusinessEvent {
    BusinessEvent::Registered {
        id: BusinessId::from_uuid(uuid::Uuid::from_u128(1)),
        name: "Shop".into(),
        base_currency: "GBP".parse().unwrap(),
        time_zone: "Europe/London".parse().unwrap(),
        fiscal_year_first_month: FiscalMonth::JANUARY,
    }
}

fn joined(n: u128, role: Role) -> BusinessEvent {
    BusinessEvent::MemberJoined { user: user(n), role, invitation: None }
}

fn invited(n: u128) -> BusinessEvent {
    BusinessEvent::MemberInvited {
        invitation: invitation(n),
        email: email("grace@example.com"),
        addressee: Some(addressee()),
        role: Role::Viewer,
        token: hash("first"),
        expires_at: monday() + LASTS,
    }
}

/// A shop that user 1 owns, and what happened since.
fn shop(since: Vec<BusinessEvent>) -> cqrs_es::test::AggregateTestExecutor<Business> {
    Given::with(()).given([vec![registered(), joined(1, Role::Owner)], since].concat())
}

fn team(command: TeamCommand) -> BusinessCommand {
    BusinessCommand::Team(command)
}

fn invite(n: u128, address: &str, now: DateTime<Utc>) -> BusinessCommand {
    let (invitation, email) = (invitation(n), email(address));
    let (role, token) = (Role::Viewer, hash("first"));
    team(TeamCommand::Invite { invitation, email, addressee: addressee(), role, token, now })
}

fn accept(token: &str, address: &str, now: DateTime<Utc>) -> BusinessCommand {
    let (token, email) = (hash(token), email(address));
    team(TeamCommand::Accept { invitation: invitation(1), token, user: user(2), email, now })
}

#[test]
fn whoever_registers_is_the_owner_and_the_local_owner_is_nobody() {
    let events = vec![registered(), joined(1, Role::Owner)];
    Given::with(()).given_no_previous_events().when(register(Some(user(1)))).then_expect_events(events);
    Given::with(()).given_no_previous_events().when(register(None)).then_expect_events(vec![registered()]);
}

#[test]
fn an_invitation_lasts_seven_days() {
    shop(vec![]).when(invite(1, "grace@example.com", monday())).then_expect_events(vec![invited(1)]);
    let member = BusinessEvent::MemberJoined { user: user(2), role: Role::Viewer, invitation: Some(invitation(1)) };
    let last = monday() + LASTS - TimeDelta::seconds(1);
    shop(vec![invited(1)]).when(accept("first", "Grace@Example.com", last)).then_expect_events(vec![member]);
    shop(vec![invited(1)])
        .when(accept("first", "grace@example.com", monday() + LASTS))
        .then_expect_error(TeamError::InvitationNotValid.into());
}

#[test]
fn it_is_accepted_once_with_its_token_at_its_address() {
    let not_valid = || BusinessError::from(TeamError::InvitationNotValid);
    shop(vec![invited(1)]).when(accept("guess", "grace@example.com", monday())).then_expect_error(not_valid());
    shop(vec![invited(1)]).when(accept("first", "eve@example.com", monday())).then_expect_error(not_valid());
    let used = BusinessEvent::MemberJoined { user: user(3), role: Role::Viewer, invitation: Some(invitation(1)) };
    shop(vec![invited(1), used]).when(accept("first", "grace@example.com", monday())).then_expect_error(not_valid());
    shop(vec![]).when(accept("first", "grace@example.com", monday())).then_expect_error(not_valid());
    Given::with(())
        .given_no_previous_events()
        .when(accept("first", "grace@example.com", monday()))
        .then_expect_error(not_valid());
}

#[test]
fn who_was_invited_and_is_erased_is_shown_no_more_and_can_come_again() {
    let erase = || team(TeamCommand::EraseInvitee { emails: vec![email("GRACE@example.com"), email("g@example.com")] });
    let other = BusinessEvent::MemberInvited {
        invitation: invitation(2),
        email: email("eve@example.com"),
        addressee: None,
        role: Role::Viewer,
        token: hash("second"),
        expires_at: monday() + LASTS,
    };
    let erased = BusinessEvent::InviteeErased { invitations: vec![invitation(1)] };
    shop(vec![invited(1), other.clone()]).when(erase()).then_expect_events(vec![erased.clone()]);
    let since = vec![invited(1), other, erased];
    shop(since.clone()).when(erase()).then_expect_events(vec![]);
    shop(since.clone())
        .when(accept("first", "grace@example.com", monday()))
        .then_expect_error(TeamError::InvitationNotValid.into());
    let resend = TeamCommand::Resend { invitation: invitation(1), token: hash("third"), now: monday() };
    shop(since.clone()).when(team(resend)).then_expect_error(TeamError::InvitationOver.into());
    shop(since.clone()).when(invite(1, "grace@example.com", monday())).then_expect_events(vec![invited(1)]);
    let mut business = Business::default();
    [vec![registered()], since].concat().into_iter().for_each(|event| business.apply(event));
    let shown: Vec<_> = business.team().invitations.iter().map(|(_, one)| one.email.expose()).collect();
    assert_eq!(shown, ["(erased person)", "eve@example.com"]);
}

#[test]
fn a_member_is_not_made_one_again() {
    shop(vec![invited(1), joined(2, Role::Manager)])
        .when(accept("first", "grace@example.com", monday()))
        .then_expect_error(TeamError::AlreadyAMember.into());
}

#[test]
fn sent_again_it_has_a_new_token_and_a_new_week() {
    let later = monday() + TimeDelta::days(30);
    let resend = team(TeamCommand::Resend { invitation: invitation(1), token: hash("second"), now: later });
    let resent =
        BusinessEvent::InvitationResent { invitation: invitation(1), token: hash("second"), expires_at: later + LASTS };
    shop(vec![invited(1)]).when(resend).then_expect_events(vec![resent.clone()]);
    shop(vec![invited(1), resent])
        .when(accept("first", "grace@example.com", later))
        .then_expect_error(TeamError::InvitationNotValid.into());
}

#[test]
fn withdrawn_it_is_worth_nothing() {
    let withdraw = || team(TeamCommand::Withdraw { invitation: invitation(1) });
    let withdrawn = BusinessEvent::InvitationWithdrawn { invitation: invitation(1) };
    shop(vec![invited(1)]).when(withdraw()).then_expect_events(vec![withdrawn.clone()]);
    shop(vec![invited(1), withdrawn.clone()]).when(withdraw()).then_expect_events(vec![]);
    shop(vec![invited(1), withdrawn.clone()])
        .when(accept("first", "grace@example.com", monday()))
        .then_expect_error(TeamError::InvitationNotValid.into());
    let resend = team(TeamCommand::Resend { invitation: invitation(1), token: hash("second"), now: monday() });
    shop(vec![invited(1), withdrawn]).when(resend).then_expect_error(TeamError::InvitationOver.into());
    shop(vec![]).when(withdraw()).then_expect_error(TeamError::NoSuchInvitation.into());
}

#[test]
fn an_address_has_one_open_invitation_and_a_business_not_too_many() {
    shop(vec![invited(1)])
        .when(invite(2, "GRACE@example.com", monday()))
        .then_expect_error(TeamError::AlreadyInvited.into());
    let week_later = monday() + LASTS;
    let again = BusinessEvent::MemberInvited {
        invitation: invitation(2),
        email: email("grace@example.com"),
        addressee: Some(addressee()),
        role: Role::Viewer,
        token: hash("first"),
        expires_at: week_later + LASTS,
    };
    shop(vec![invited(1)]).when(invite(2, "grace@example.com", week_later)).then_expect_events(vec![again]);
    let full = (0..MOST_OPEN as u128).map(|n| BusinessEvent::MemberInvited {
        invitation: invitation(n),
        email: email(&format!("guest{n}@example.com")),
        addressee: Some(addressee()),
        role: Role::Viewer,
        token: hash("first"),
        expires_at: week_later,
    });
    shop(full.collect())
        .when(invite(1000, "grace@example.com", monday()))
        .then_expect_error(TeamError::TooManyInvitations(MOST_OPEN).into());
}

#[test]
fn the_last_owner_stays() {
    let last = || BusinessError::from(TeamError::LastOwner);
    let demote = |n| team(TeamCommand::ChangeRole { user: user(n), role: Role::Auditor });
    for command in [demote(1), team(TeamCommand::Remove { user: user(1) }), team(TeamCommand::Leave { user: user(1) })]
    {
        shop(vec![joined(2, Role::Manager)]).when(command).then_expect_error(last());
    }
    let changed = BusinessEvent::RoleChanged { user: user(1), was: Role::Owner, role: Role::Auditor };
    shop(vec![joined(2, Role::Owner)]).when(demote(1)).then_expect_events(vec![changed.clone()]);
    shop(vec![joined(2, Role::Owner), changed]).when(demote(2)).then_expect_error(last());
    shop(vec![joined(2, Role::Owner)])
        .when(team(TeamCommand::Leave { user: user(1) }))
        .then_expect_events(vec![BusinessEvent::MemberLeft { user: user(1) }]);
}

#[test]
fn only_members_are_changed_and_the_same_role_is_no_event() {
    let change = |n, role| team(TeamCommand::ChangeRole { user: user(n), role });
    shop(vec![]).when(change(2, Role::Owner)).then_expect_error(TeamError::NotAMember.into());
    shop(vec![]).when(team(TeamCommand::Remove { user: user(2) })).then_expect_error(TeamError::NotAMember.into());
    shop(vec![]).when(change(1, Role::Owner)).then_expect_events(vec![]);
    let required = |required| team(TeamCommand::RequireSecondFactor { required });
    shop(vec![]).when(required(false)).then_expect_events(vec![]);
    shop(vec![])
        .when(required(true))
        .then_expect_events(vec![BusinessEvent::SecondFactorPolicyChanged { required: true }]);
}

fn any_command() -> impl Strategy<Value = TeamCommand> {
    let role = prop::sample::select(Role::ALL.to_vec());
    let address = |n: u128| email(&format!("guest{n}@example.com"));
    let changes = (0_u128..4, role.clone()).prop_map(|(n, role)| TeamCommand::ChangeRole { user: user(n), role });
    prop_oneof![
        4 => changes,
        2 => (0_u128..4).prop_map(|n| TeamCommand::Remove { user: user(n) }),
        2 => (0_u128..4).prop_map(|n| TeamCommand::Leave { user: user(n) }),
        2 => (0_u128..4, role).prop_map(move |(n, role)| TeamCommand::Invite {
            invitation: invitation(n), email: address(n), addressee: addressee(), role, token: hash("first"), now: monday(),
        }),
        4 => (0_u128..4).prop_map(move |n| TeamCommand::Accept {
            invitation: invitation(n), token: hash("first"), user: user(n), email: address(n), now: monday(),
        }),
        1 => (0_u128..4).prop_map(|n| TeamCommand::Withdraw { invitation: invitation(n) }),
    ]
}

proptest! {
    #[test]
    fn once_there_was_an_owner_there_always_is_one(
        founded in any::<bool>(),
        commands in prop::collection::vec(any_command(), 0..60),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut shop = Business::default();
        let mut had_owner = false;
        let first = register(founded.then(|| user(0)));
        for command in [first].into_iter().chain(commands.into_iter().map(BusinessCommand::Team)) {
            // A refused command changes nothing; an allowed one applies what it wrote.
            let sink = EventSink::default();
            let _ = runtime.block_on(shop.handle(command, &(), &sink));
            let has_owner = shop.team().members.iter().any(|(_, role)| role == Role::Owner);
            prop_assert!(has_owner || !had_owner);
            had_owner |= has_owner;
        }
    }
}
