//! Pairs labelled by hand: what is applied by itself must be right.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::float_arithmetic)]

use domain::matching::{Earlier, Leg, Role, Words, find};
use domain::meaning::Meaning;
use domain::{AccountId, TransactionId};
use uuid::Uuid;

const PAIRS: &str = include_str!("data/same_money.txt");

fn leg(n: u128, text: &str) -> Leg {
    let (facts, texts) = text.split_once('"').unwrap();
    let mut parts = facts.split_whitespace();
    let mut next = || parts.next().unwrap();
    let role = match next() {
        "bank" | "bank2" => Role::Bank,
        "file" => Role::File,
        "processor" => Role::Processor,
        "shop" => Role::Shop,
        "books" => Role::Books,
        other => panic!("{other}"),
    };
    Leg {
        account: AccountId::from_uuid(Uuid::from_u128(n)),
        id: TransactionId::from_uuid(Uuid::from_u128(n)),
        role,
        day: next().parse().unwrap(),
        at: Some(next()).filter(|moment| *moment != "-").map(|moment| moment.parse().unwrap()),
        amount: next().parse().unwrap(),
        currency: "GBP".parse().unwrap(),
        reported: Meaning { kind: next().parse().unwrap(), category: next().parse().unwrap() },
        chosen: false,
        words: Words::of([Some(texts.trim_end().trim_end_matches('"'))]),
    }
}

#[test]
fn what_is_applied_by_itself_is_right() {
    let (mut right, mut wrong, mut likely, mut likely_wrong, mut same) = (0_u32, 0_u32, 0_u32, 0_u32, 0_u32);
    let pairs: Vec<_> = PAIRS.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(pairs.len() >= 40);
    for pair in &pairs {
        let parts: Vec<_> = pair.split(" | ").collect();
        let [label, one, other] = parts[..] else { panic!("{pair}") };
        let found = find(&[leg(1, one), leg(2, other)], &Earlier::default());
        let is_same = label == "same";
        same += u32::from(is_same);
        match (found.first().map(|found| (found.is_applied(), found.percent)), is_same) {
            (Some((true, _)), true) => right += 1,
            (Some((true, percent)), false) => {
                wrong += 1;
                println!("applied at {percent}, and wrong: {pair}");
            }
            (Some((false, _)), true) => likely += 1,
            (Some((false, percent)), false) => {
                likely_wrong += 1;
                println!("proposed at {percent}, and wrong: {pair}");
            }
            (None, true) => println!("missed: {pair}"),
            (None, false) => {}
        }
    }
    let percent = |part: u32, of: u32| f64::from(part) * 100.0 / f64::from(of.max(1));
    println!(
        "{} pairs, {same} the same money: precision {:.1} %, recall {:.1} %; with the review list recall {:.1} %, \
         {likely_wrong} wrong proposals",
        pairs.len(),
        percent(right, right + wrong),
        percent(right, same),
        percent(right + likely, same),
    );
    assert!(percent(right, right + wrong) >= 99.0);
    assert!(percent(right, same) >= 70.0 && percent(right + likely, same) >= 90.0);
}
