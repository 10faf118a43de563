use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::security::SealedField;
use crate::{KeyId, UserId};

fn member(role: Role, assurance: Assurance, needs_second_factor: bool) -> (Principal, BusinessId) {
    let business = BusinessId::new();
    let memberships = BTreeMap::from([(business, Membership { role, needs_second_factor })]);
    (Principal::user(UserId::new(), assurance, memberships), business)
}

fn refusal(principal: &Principal, action: Action, business: Option<BusinessId>) -> Option<Code> {
    authorise(principal, action, business).err().map(|problem| problem.code)
}

/// The table once more, as an owner would say it: a change of it is a change here.
#[test]
fn each_role_may_what_the_table_says() {
    let allowed = |role| {
        let (principal, business) = member(role, Assurance::SteppedUp, false);
        let on_it = |action: &&Action| refusal(&principal, **action, Some(business)).is_none();
        Action::ALL.iter().filter(on_it).copied().collect::<Vec<_>>()
    };
    use Action::*;
    assert_eq!(allowed(Role::Viewer), [Read, Leave]);
    assert_eq!(allowed(Role::Auditor), [Read, Leave, ReadAudit, ReadInvitations]);
    assert_eq!(allowed(Role::Manager), [Read, Leave, Import, Manage]);
    assert_eq!(
        allowed(Role::Owner),
        [
            Read,
            Leave,
            ReadAudit,
            Import,
            Manage,
            CloseMonth,
            ReadInvitations,
            ManageMembers,
            ManageKeys,
            Export,
            Erase,
            WithdrawErasure,
            KeepRecords
        ]
    );
}

#[test]
fn a_business_of_others_does_not_exist() {
    let (principal, _) = member(Role::Owner, Assurance::SteppedUp, false);
    for action in Action::ALL.into_iter().filter(|action| !action.rule().roles.is_empty()) {
        assert_eq!(refusal(&principal, action, Some(BusinessId::new())), Some(Code::NotFound), "{action:?}");
    }
}

#[test]
fn what_an_intruder_wants_needs_a_fresh_second_factor() {
    let (principal, business) = member(Role::Owner, Assurance::TwoFactors, false);
    for action in [Action::ManageMembers, Action::ManageKeys, Action::Export, Action::Erase, Action::KeepRecords] {
        assert_eq!(refusal(&principal, action, Some(business)), Some(Code::SecondFactor), "{action:?}");
    }
    assert_eq!(refusal(&principal, Action::ChangeOwnSecurity, None), Some(Code::SecondFactor));
    assert_eq!(refusal(&principal, Action::Manage, Some(business)), None);
}

/// Otherwise a user without a second factor could never set one up.
#[test]
fn a_password_shown_again_counts_where_there_is_nothing_stronger() {
    let (principal, business) = member(Role::Owner, Assurance::Confirmed, false);
    assert_eq!(refusal(&principal, Action::ChangeOwnSecurity, None), None);
    assert_eq!(refusal(&principal, Action::ManageKeys, Some(business)), Some(Code::SecondFactor));
    let (principal, _) = member(Role::Owner, Assurance::OneFactor, false);
    assert_eq!(refusal(&principal, Action::ChangeOwnSecurity, None), Some(Code::SecondFactor));
    let (principal, business) = member(Role::Viewer, Assurance::Confirmed, true);
    assert_eq!(refusal(&principal, Action::Read, Some(business)), Some(Code::SecondFactor));
}

#[test]
fn a_business_that_asks_for_a_second_factor_shows_nothing_without() {
    let (principal, business) = member(Role::Viewer, Assurance::OneFactor, true);
    assert_eq!(refusal(&principal, Action::Read, Some(business)), Some(Code::SecondFactor));
    let (principal, business) = member(Role::Viewer, Assurance::TwoFactors, true);
    assert_eq!(refusal(&principal, Action::Read, Some(business)), None);
}

#[test]
fn a_key_does_what_it_was_made_for() {
    let business = BusinessId::new();
    let key = Principal::key(KeyId::new(), business, Role::Manager, BTreeSet::from([Action::Read]));
    assert_eq!(refusal(&key, Action::Read, Some(business)), None);
    assert_eq!(refusal(&key, Action::Import, Some(business)), Some(Code::Forbidden));
    assert_eq!(refusal(&key, Action::Register, None), Some(Code::Forbidden));
    assert_eq!(refusal(&key, Action::Read, Some(BusinessId::new())), Some(Code::NotFound));
}

#[test]
fn what_is_of_no_business_alone_asks_for_the_right_in_one_or_for_who_runs_it_all() {
    let code = |refused: Result<(), Problem>| refused.err().map(|problem| problem.code);
    let (auditor, _) = member(Role::Auditor, Assurance::OneFactor, false);
    let (manager, _) = member(Role::Manager, Assurance::SteppedUp, false);
    assert_eq!(code(authorise_anywhere(&auditor, Action::ReadAudit)), None);
    assert_eq!(code(authorise_anywhere(&manager, Action::ReadAudit)), Some(Code::Forbidden));
    assert_eq!(code(authorise_anywhere(&Principal::local_owner(), Action::ReadAudit)), None);
    assert_eq!(code(authorise_installation(&auditor)), Some(Code::Forbidden));
    assert_eq!(code(authorise_installation(&Principal::local_owner())), None);
}

#[test]
fn a_subject_is_read_as_it_was_written() {
    for subject in [Subject::LocalOwner, Subject::User(UserId::new()), Subject::Key(KeyId::new())] {
        assert_eq!(subject.to_string().parse(), Ok(subject));
    }
    assert!("system:demo".parse::<Subject>().is_err());
}

#[test]
fn who_records_is_told_of_refusals_and_of_nothing_else() {
    let told = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let (ours, theirs) = (BusinessId::new(), BusinessId::new());
    let membership = Membership { role: Role::Viewer, needs_second_factor: false };
    let viewer = Principal::user(UserId::new(), Assurance::OneFactor, [(ours, membership)].into());
    let list = told.clone();
    let recorded = viewer.clone().recorded_by(Recorder::new(move |told| list.lock().unwrap().push(told)));
    assert_eq!(recorded, viewer);
    assert!(authorise(&recorded, Action::Read, Some(ours)).is_ok());
    assert!(!may(&recorded, Action::Manage, ours), "a question is no attempt");
    assert!(authorise(&recorded, Action::Manage, Some(ours)).is_err());
    assert!(authorise(&recorded, Action::Read, Some(theirs)).is_err());
    assert!(authorise_anywhere(&recorded, Action::ReadAudit).is_err());
    recorded.viewed(SealedField::Description, ours);
    let refused = |action, business, code| Told::Refused(Refused { action, business, code });
    let expected = [
        refused(Action::Manage, Some(ours), Code::Forbidden),
        refused(Action::Read, None, Code::NotFound),
        refused(Action::ReadAudit, None, Code::Forbidden),
        Told::Viewed(Viewed { business: ours, field: SealedField::Description }),
    ];
    assert_eq!(*told.lock().unwrap(), expected);
}
