use chrono::NaiveDate;
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn paid(series: &[(&str, i64)]) -> Vec<Paid> {
    series.iter().map(|(on, amount)| Paid { day: day(on), amount: Decimal::new(*amount, 2) }).collect()
}

fn found(series: &[(&str, i64)]) -> Vec<(Period, Anchor)> {
    detect(&paid(series)).into_iter().map(|found| (found.rhythm.period, found.rhythm.anchor)).collect()
}

#[test]
fn each_rhythm_is_found_from_few_payments() {
    let rent = [("2026-01-01", -90_000), ("2026-02-02", -90_000), ("2026-03-02", -90_000), ("2026-04-01", -90_000)];
    let [found_rent] = &detect(&paid(&rent))[..] else { panic!() };
    assert_eq!(found_rent.rhythm.period, Period::Monthly);
    let next = found_rent.rhythm.next_after(found_rent.last).unwrap();
    assert!((day("2026-05-01")..=day("2026-05-02")).contains(&next), "{next}");

    let wages =
        [("2026-01-30", -250_000), ("2026-02-27", -251_000), ("2026-03-31", -249_000), ("2026-04-30", -250_500)];
    assert_eq!(found(&wages), [(Period::Monthly, Anchor::LastWorkingDay)]);
    let cleaning = [("2026-01-06", -5_000), ("2026-01-13", -5_000), ("2026-01-20", -5_000), ("2026-01-27", -5_000)];
    assert_eq!(found(&cleaning), [(Period::Weekly, Anchor::Weekday(1))]);
    let staff = [("2026-01-09", -80_000), ("2026-01-23", -81_000), ("2026-02-06", -80_500), ("2026-02-20", -80_000)];
    assert_eq!(found(&staff), [(Period::Fortnightly, Anchor::Weekday(4))]);
    let water = [("2025-02-14", -14_200), ("2025-05-14", -14_200), ("2025-08-14", -14_200)];
    assert_eq!(found(&water), [(Period::Quarterly, Anchor::Day(14))]);
    let domain = [("2024-03-05", -1_200), ("2025-03-05", -1_200), ("2026-03-05", -1_300)];
    assert_eq!(found(&domain), [(Period::Yearly, Anchor::Day(5))]);
}

#[test]
fn a_missing_month_a_new_price_and_bills_of_changing_size_do_not_hide_it() {
    let power = [
        ("2025-09-24", -84_000),
        ("2025-10-24", -87_000),
        ("2025-11-24", -99_000),
        ("2026-01-26", -101_000),
        ("2026-02-24", -98_000),
        ("2026-03-24", -86_000),
    ];
    assert_eq!(found(&power), [(Period::Monthly, Anchor::Day(24))]);
    let music = [
        ("2025-10-31", -999),
        ("2025-11-30", -999),
        ("2025-12-31", -999),
        ("2026-01-31", -1_199),
        ("2026-02-28", -1_199),
    ];
    let [found] = &detect(&paid(&music))[..] else { panic!() };
    assert_eq!((found.rhythm.anchor, found.typical), (Anchor::Day(31), Decimal::new(-999, 2)));
    assert_eq!(found.range, (Decimal::new(-999, 2), Decimal::new(-1_199, 2)));
}

#[test]
fn two_things_of_one_payee_are_two() {
    let mut both = vec![];
    for month in 1..=8 {
        both.push(Paid { day: NaiveDate::from_ymd_opt(2026, month, 1).unwrap(), amount: Decimal::from(-2_650) });
        if month > 2 {
            both.push(Paid { day: NaiveDate::from_ymd_opt(2026, month, 1).unwrap(), amount: Decimal::from(-1_480) });
        }
    }
    let found = detect(&both);
    assert_eq!(found.iter().map(|found| found.members.len()).collect::<Vec<_>>(), [6, 8]);
    assert!(found.iter().all(|found| found.rhythm.period == Period::Monthly));
}

#[test]
fn two_taxes_of_one_office_are_told_apart_by_what_they_are_for() {
    let mut paid = vec![];
    let mut names = vec![];
    for month in 1..=9 {
        let on = |day| NaiveDate::from_ymd_opt(2026, month, day).unwrap();
        paid.push(Paid { day: on(22), amount: Decimal::from(-3_000 - i64::from(month * month % 5) * 400) });
        names.push("wages");
        if month % 3 == 2 {
            paid.push(Paid { day: on(7), amount: Decimal::from(-3_300 - i64::from(month) * 100) });
            names.push("sales");
        }
    }
    let found = detect_named(&paid, &names);
    let mut periods: Vec<_> = found.iter().map(|found| found.rhythm.period).collect();
    periods.sort();
    assert_eq!(periods, [Period::Monthly, Period::Quarterly]);
    assert!(found.iter().all(|one| one.members.iter().all(|nth| names[*nth] == names[one.members[0]])));
}

#[test]
fn what_comes_now_and_then_is_no_rhythm() {
    let groceries = [
        ("2026-01-03", -4_312),
        ("2026-01-05", -1_190),
        ("2026-01-11", -6_640),
        ("2026-01-12", -2_310),
        ("2026-01-20", -9_915),
        ("2026-02-01", -3_050),
        ("2026-02-03", -4_400),
        ("2026-02-17", -1_275),
    ];
    assert_eq!(found(&groceries), []);
    assert_eq!(found(&[("2026-01-03", -4_312), ("2026-02-11", -1_190), ("2026-03-29", -6_640)]), []);
    assert_eq!(found(&[("2026-01-01", -90_000), ("2026-02-01", -90_000)]), [], "twice is no rhythm");
    let daily: Vec<Paid> = (1..=28)
        .map(|d| Paid { day: NaiveDate::from_ymd_opt(2026, 2, d).unwrap(), amount: Decimal::from(100 + d) })
        .collect();
    assert_eq!(detect(&daily), []);
    let gone = [("2024-01-01", -100), ("2024-02-01", -100), ("2026-03-01", -100)];
    assert_eq!(found(&gone), [], "most of it is missing");
}

#[test]
fn what_did_not_come_is_missed_after_some_days() {
    let rhythm = Rhythm { period: Period::Monthly, anchor: Anchor::Day(31), phase: 0 };
    let last = day("2026-01-31");
    assert_eq!(rhythm.next_after(last), Some(day("2026-02-28")));
    assert_eq!(rhythm.next_after(day("2026-02-02")), Some(day("2026-02-28")), "late, and still of January");
    assert_eq!(rhythm.missed(last, day("2026-03-05")), None);
    assert_eq!(rhythm.missed(last, day("2026-03-06")), Some(Missed { since: day("2026-02-28"), count: 1 }));
    assert_eq!(rhythm.missed(last, day("2026-05-09")).unwrap().count, 3);
}

#[test]
fn payees_are_compared_by_their_words() {
    let same = |one: &str, other: &str| assert_eq!(payee(None, Some(one)), payee(None, Some(other)));
    same("Rent March 2026, Unit 2", "RENT APRIL 2026  Unit 2");
    same("SEPA 8812-11 Acme Ltd", "SEPA 9910-04 ACME LTD.");
    assert_eq!(payee(Some("Northern Light Energy"), Some("Invoice 7")).as_deref(), Some("northern light energy"));
    assert_eq!(payee(Some(" "), Some("Invoice 7")).as_deref(), Some("invoice"));
    assert_eq!(payee(None, Some("12/2026")), None);
}

#[test]
fn days_are_written_as_they_are_read() {
    for anchor in [Anchor::Weekday(6), Anchor::Day(31), Anchor::LastWorkingDay] {
        assert_eq!(anchor.to_string().parse(), Ok(anchor));
    }
    for bad in ["weekday:7", "day:0", "day:32", "day", "", "last"] {
        assert!(bad.parse::<Anchor>().is_err(), "{bad}");
    }
}

fn rhythms() -> impl Strategy<Value = Rhythm> {
    let weekly = (0_u8..7, 0_u8..2).prop_map(|(day, phase)| Rhythm {
        period: if phase == 0 { Period::Weekly } else { Period::Fortnightly },
        anchor: Anchor::Weekday(day),
        phase,
    });
    let anchor = prop_oneof![(1_u8..=31).prop_map(Anchor::Day), Just(Anchor::LastWorkingDay)];
    let monthly = (anchor, 0_u8..3, 0_u8..12).prop_map(|(anchor, length, phase)| match length {
        0 => Rhythm { period: Period::Monthly, anchor, phase: 0 },
        1 => Rhythm { period: Period::Quarterly, anchor, phase: phase % 3 },
        _ => Rhythm { period: Period::Yearly, anchor, phase },
    });
    prop_oneof![
        weekly.prop_filter("weekly has one phase", |r| r.period == Period::Fortnightly || r.phase == 0),
        monthly
    ]
}

proptest! {
    #[test]
    fn a_day_of_a_rhythm_is_its_own_slot(rhythm in rhythms(), slot in 100_i64..900) {
        let weeks = rhythm.period.weeks().is_some();
        let slot = if weeks { slot } else { 2000 * 12 / i64::from(rhythm.period.months()) + slot % 50 };
        let day = rhythm.day(slot).unwrap();
        prop_assert_eq!(rhythm.slot(day), Some((slot, 0)));
        prop_assert!(rhythm.next_after(day).unwrap() > day);
    }

    /// Whatever the rhythm, six exact payments of one amount are found, and say when the seventh comes.
    #[test]
    fn exact_payments_are_found(rhythm in rhythms(), from in 0_i64..40) {
        let from = match rhythm.period.weeks() { Some(_) => 2_700 + from, None => 2000 * 12 / i64::from(rhythm.period.months()) + from };
        let paid: Vec<_> = (from..from + 6).map(|slot| Paid { day: rhythm.day(slot).unwrap(), amount: Decimal::from(-50) }).collect();
        let found = detect(&paid);
        prop_assert_eq!(found.len(), 1);
        prop_assert_eq!(found[0].rhythm.period, rhythm.period);
        let (next, truly) = (found[0].rhythm.next_after(found[0].last).unwrap(), rhythm.day(from + 6).unwrap());
        prop_assert!((next - truly).num_days().abs() <= 3, "{} {}", next, truly);
    }
}

proptest! {
    // Each case looks at many payments.
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn the_order_of_payments_makes_no_difference(days in prop::collection::vec((0_u64..400, 1_i64..9_000), 0..30)) {
        let start = day("2025-01-01");
        let paid = |days: &[(u64, i64)]| -> Vec<Paid> {
            days.iter().map(|(d, amount)| Paid { day: start + chrono::Days::new(*d), amount: Decimal::from(*amount) }).collect()
        };
        let (forward, backward) = (detect(&paid(&days)), detect(&paid(&days.iter().rev().copied().collect::<Vec<_>>())));
        let rhythms = |found: &[Found]| found.iter().map(|found| (found.rhythm, found.last, found.typical)).collect::<Vec<_>>();
        prop_assert_eq!(rhythms(&forward), rhythms(&backward));
    }

    /// Days without any rhythm: less than one group in twenty is taken for one.
    #[test]
    fn random_days_are_seldom_a_rhythm(seeds in prop::collection::vec(prop::collection::vec((0_u64..700, 100_i64..90_000), 3..14), 60)) {
        let start = day("2024-06-01");
        let wrong = seeds.iter().filter(|days| {
            let paid: Vec<_> = days.iter().map(|(d, amount)| Paid { day: start + chrono::Days::new(*d), amount: Decimal::from(*amount) }).collect();
            !detect(&paid).is_empty()
        });
        prop_assert!(wrong.count() <= 3);
    }
}
