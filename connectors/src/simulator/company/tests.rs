use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::*;
use crate::demo;

fn noon() -> DateTime<Utc> {
    "2026-03-10T12:00:00Z".parse().unwrap()
}

fn lived() -> Facts {
    let mut facts = Facts::founded(Seed(1), noon());
    facts.live_until(noon());
    facts
}

#[test]
fn fees_of_the_charges_are_the_days_fees() {
    let facts = lived();
    let mut by_day: BTreeMap<NaiveDate, i64> = BTreeMap::new();
    for movement in &facts.movements {
        *by_day.entry(day_of(movement.at)).or_default() += movement.fee;
    }
    let today = day_of(noon());
    let mut written: BTreeMap<NaiveDate, i64> = BTreeMap::new();
    for page in demo::history(Seed(1), today) {
        for transaction in page.reported.iter().filter(|transaction| transaction.category.as_str() == "payment_fees") {
            *written.entry(transaction.booked.day(demo::settings().time_zone)).or_default() -= pence(transaction);
        }
    }
    by_day.retain(|day, fee| *day < today && *fee != 0);
    assert!(by_day.len() > 700);
    assert_eq!(by_day, written);
}

#[test]
fn a_payout_is_the_sum_of_its_parts_and_a_line_of_the_bank() {
    let facts = lived();
    assert!(facts.payouts.len() > 400);
    let lines = truth::standing(&facts, noon() + chrono::TimeDelta::days(1));
    for payout in &facts.payouts {
        let parts = facts.movements.iter().filter(|movement| movement.payout == Some(payout.day));
        assert_eq!(parts.map(Movement::net).sum::<i64>(), payout.pence, "{}", payout.day);
        let line = lines[&(Ledger::Current, format!("payout:{}", payout.day).as_str())];
        assert_eq!(line.pence, payout.pence);
    }
}

#[test]
fn the_truth_counts_nothing_twice() {
    let facts = lived();
    let truth = truth::truth(&facts, noon(), NaiveDate::MIN, NaiveDate::MAX);
    assert_eq!(truth.total.by_kind["settlement"], 0, "payouts and card settlements come to nothing");
    assert_eq!(truth.total.by_kind["internal_transfer"], 0);
    assert_eq!(truth.total.by_kind["revenue"] + truth.total.by_kind["refund"], truth.total.net_revenue);
    assert_eq!(truth.total.by_kind.values().sum::<i64>(), truth.balances.values().sum::<i64>());
    let paid: i64 = truth.same_money.iter().map(|chain| chain.pence).sum();
    assert_eq!(paid, truth.total.payouts);
}

#[test]
fn the_same_seed_is_the_same_company() {
    let (one, other) = (lived(), lived());
    let keys = |facts: &Facts| facts.movements.iter().map(|one| (one.key.clone(), one.pence)).collect::<Vec<_>>();
    assert_eq!(keys(&one), keys(&other));
    assert_ne!(ident(Seed(1), "ch_", "a"), ident(Seed(2), "ch_", "a"));
}

#[test]
fn amounts_are_written_with_their_pence() {
    let texts = [(5, "0.05"), (-5, "-0.05"), (123_456, "1234.56"), (-100, "-1.00")];
    for (pence, text) in texts {
        assert_eq!(decimal_text(pence), text);
    }
}

#[test]
fn what_is_sold_beyond_the_plan_is_paid_out_and_booked_too() {
    let begun = noon() - chrono::TimeDelta::days(9);
    let start = first_day(day_of(noon()));
    let busy = || {
        let mut facts = Facts::starting(Seed(1), start, Some(Bustle::since(begun, 600)));
        facts.live_until(noon());
        facts
    };
    let facts = busy();
    let beyond: Vec<_> = facts.movements.iter().filter(|movement| !movement.planned && movement.at <= noon()).collect();
    assert_eq!(beyond.len(), 9 * 24 * 6, "one in ten minutes");
    assert!(beyond.iter().all(|movement| movement.order().is_some() && movement.at > begun));
    assert_eq!(lived().movements.len(), facts.movements.iter().filter(|movement| movement.planned).count());
    let lines = truth::standing(&facts, noon() + chrono::TimeDelta::days(1));
    for payout in &facts.payouts {
        let parts = facts.movements.iter().filter(|movement| movement.payout == Some(payout.day));
        assert_eq!(parts.map(Movement::net).sum::<i64>(), payout.pence, "{}", payout.day);
        assert_eq!(lines[&(Ledger::Current, format!("payout:{}", payout.day).as_str())].pence, payout.pence);
    }
    let truth = truth::truth(&facts, noon(), NaiveDate::MIN, NaiveDate::MAX);
    assert_eq!(truth.total.by_kind["settlement"], 0);
    let keys = |facts: &Facts| facts.movements.iter().map(|one| (one.key.clone(), one.at)).collect::<Vec<_>>();
    assert_eq!(keys(&facts), keys(&busy()), "the same sales whenever they are looked at");
}

#[test]
fn what_a_dispute_takes_and_brings_back_is_paid_out_and_counted_once() {
    let mut facts = lived();
    let newest = |kind: Deed| Happening::Charge(OfCharge { kind, charge: "newest".to_owned() });
    for deed in [Deed::Dispute, Deed::Dispute, Deed::DisputeWon, Deed::DisputeLost, Deed::Refund] {
        facts.happen(&newest(deed), noon()).unwrap();
    }
    assert_eq!(facts.happen(&newest(Deed::DisputeWon), noon()), Err(Impossible::Unknown), "none is open");
    let before = truth::truth(&lived(), noon(), NaiveDate::MIN, NaiveDate::MAX).total;
    let after = truth::truth(&facts, noon(), NaiveDate::MIN, NaiveDate::MAX).total;
    assert_eq!((after.sales, after.fees), (before.sales, before.fees - 2 * 2_000));
    let of = |kind: MovementKind| {
        let of_kind = facts.movements.iter().filter(move |one| one.kind == kind && !one.planned);
        of_kind.map(|one| one.pence).sum::<i64>()
    };
    let moved = [MovementKind::Dispute, MovementKind::DisputeReversal, MovementKind::Refund].map(of);
    assert!(moved[0] + moved[1] < 0 && moved[1] > 0 && moved[2] < 0, "{moved:?}");
    assert_eq!(after.refunds, before.refunds + moved.iter().sum::<i64>());

    let later = noon() + chrono::TimeDelta::days(8);
    facts.live_until(later);
    assert!(facts.movements.is_sorted_by_key(|movement| movement.at));
    assert!(facts.movements.iter().all(|one| one.planned || one.payout.is_some()));
    for payout in &facts.payouts {
        let parts = facts.movements.iter().filter(|movement| movement.payout == Some(payout.day));
        assert_eq!(parts.map(Movement::net).sum::<i64>(), payout.pence, "{}", payout.day);
    }
    let truth = truth::truth(&facts, later, NaiveDate::MIN, NaiveDate::MAX);
    assert_eq!(truth.total.by_kind["settlement"], 0);
    assert_eq!(truth.total.by_kind.values().sum::<i64>(), truth.balances.values().sum::<i64>());
}

#[test]
fn a_happening_without_a_kind_is_a_card_payment_as_ever() {
    let read = |text: &str| serde_json::from_str::<Happening>(text);
    assert!(matches!(read(r#"{"key": "a", "pence": -500}"#), Ok(Happening::Card(_))));
    let dispute = OfCharge { kind: Deed::Dispute, charge: "newest".to_owned() };
    assert_eq!(read(r#"{"kind": "dispute"}"#).unwrap(), Happening::Charge(dispute.clone()));
    assert_eq!(
        read(&serde_json::to_string(&Happening::Charge(dispute.clone())).unwrap()).unwrap(),
        Happening::Charge(dispute)
    );
    assert!(read(r#"{"kind": "dispute", "pence": 1}"#).is_err());
}
