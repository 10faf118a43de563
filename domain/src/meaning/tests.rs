use std::collections::HashSet;

use rust_decimal::Decimal;

use super::*;
use crate::AccountId;

fn category(text: &str) -> Category {
    text.parse().unwrap()
}

fn to(text: &str) -> Meaning {
    Meaning { kind: Kind::Expense, category: category(text) }
}

fn rule(texts: &[&str], then: &str) -> Rule {
    let text = texts.iter().map(|text| (*text).to_owned()).collect();
    Rule { id: RuleId::new(), when: When { text, ..When::default() }, then: to(then) }
}

fn facts<'a>(words: &'a str, reported: &'a Category) -> Facts<'a> {
    Facts {
        account: AccountId::new(),
        amount: Decimal::new(-1250, 2),
        currency: "GBP".parse().unwrap(),
        reported,
        words,
    }
}

fn learned(percent: u8) -> Option<Learned> {
    Some(Learned { to: to("software"), model: "m".to_owned(), percent })
}

#[test]
fn the_tree_names_each_category_once_and_each_group_first() {
    let mut seen = HashSet::new();
    for node in TREE {
        assert!(node.parent.is_none_or(|parent| seen.contains(parent)), "{}", node.key);
        assert!(seen.insert(node.key) && node.key.parse::<Category>().is_ok(), "{}", node.key);
    }
    assert_eq!(label("bank_fees"), "Bank fees");
    assert_eq!(label("green_coffee"), "Green coffee");
}

#[test]
fn a_choice_goes_before_rules_and_rules_before_what_the_source_knows() {
    let rules = Ruleset::new([rule(&["acme"], "rent"), rule(&["acme hosting"], "software")]);
    let (nothing, known) = (category("expense"), category("shipping"));
    let chosen = Decided { by: By::Choice, reported: to("expense") };
    let (words, other) = ("acme hosting 12", "somebody");
    assert_eq!(decide(&rules, &facts(words, &nothing), Some(&chosen), &to("travel"), || learned(90)), None);
    // The first of two that match.
    let Some(Some((meaning, By::Rule(_)))) = decide(&rules, &facts(words, &known), None, &to("shipping"), || None)
    else {
        panic!()
    };
    assert_eq!(meaning, to("rent"));
    // What the source knows is not asked of what was learned.
    assert_eq!(decide(&rules, &facts(other, &known), None, &to("shipping"), || panic!()), None);
    let Some(Some((meaning, _))) = decide(&rules, &facts(other, &nothing), None, &to("expense"), || learned(90)) else {
        panic!()
    };
    assert_eq!(meaning, to("software"));
}

#[test]
fn what_no_longer_decides_is_taken_back() {
    let gone = Decided { by: By::Rule(RuleId::new()), reported: to("expense") };
    let nothing = category("expense");
    let facts = facts("somebody", &nothing);
    assert_eq!(decide(&Ruleset::default(), &facts, Some(&gone), &to("rent"), || None), Some(None));
    let standing = Decided { by: By::Learned { model: "m".to_owned(), percent: 90 }, reported: to("expense") };
    assert_eq!(decide(&Ruleset::default(), &facts, Some(&standing), &to("software"), || learned(90)), None);
}

#[test]
fn every_condition_must_hold() {
    let reported = category("expense");
    let facts = facts("acme ltd rent 3", &reported);
    let with = |when: When| Ruleset::new([Rule { id: RuleId::new(), when, then: to("rent") }]).ask(&facts).is_some();
    let text = |text: &str| When { text: vec![text.to_owned()], ..When::default() };
    assert!(with(text("ACME*3")) && with(text("rent")) && !with(text("3*acme")));
    assert!(
        with(When { sign: Some(Sign::Out), ..text("acme") }) && !with(When { sign: Some(Sign::In), ..text("acme") })
    );
    let amount = |least: i64, most: i64| When {
        min_amount: Some(Decimal::from(least)),
        max_amount: Some(Decimal::from(most)),
        ..When::default()
    };
    assert!(with(amount(12, 13)) && !with(amount(13, 14)));
    assert!(!with(When { account: Some(AccountId::new()), ..When::default() }));
    assert!(with(When { reported: Some(category("expense")), ..When::default() }));
}

#[test]
fn rules_that_cannot_be_meant_are_refused() {
    let text = |text: &str| When { text: vec![text.to_owned()], ..When::default() };
    assert_eq!(When::default().check(), Err(InvalidRule::AsksNothing));
    assert_eq!(text("*a*").check(), Err(InvalidRule::Text));
    let crossed = When { min_amount: Some(Decimal::TEN), max_amount: Some(Decimal::ONE), ..When::default() };
    assert_eq!(crossed.check(), Err(InvalidRule::Amounts));
    assert_eq!(text("ab").check(), Ok(()));
}
