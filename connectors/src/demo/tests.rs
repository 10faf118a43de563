use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate};
use domain::account::Synced;
use domain::transaction::{cause_of_addition, progress_day};
use domain::{Amended, BatchId, Cause, Kind, Sums, Transaction, TransactionId};
use rust_decimal::Decimal;
use sha2::{Digest, Sha256};

use super::calendar::{first_day, is_last_of_month, midnight, month_of, payday};
use super::company::{PRICE_RISE_MONTH, raised};
use super::*;

const RUNS: [(u64, &str); 3] = [(1, "2026-11-24"), (2, "2026-03-15"), (3, "2027-08-02")];

struct Run {
    seed: Seed,
    today: NaiveDate,
    pages: Vec<Page>,
    told: Told,
}

/// Told once for all tests.
fn runs() -> &'static [Run] {
    static ALL: LazyLock<Vec<Run>> = LazyLock::new(|| {
        let run = |(seed, today): (u64, &str)| {
            let (seed, today) = (Seed(seed), today.parse().unwrap());
            let pages: Vec<_> = history(seed, today).collect();
            Run { seed, today, told: tell(pages.clone()), pages }
        };
        RUNS.map(run).into()
    });
    &ALL
}

/// What is known at the end, and how it came to be, as an account would tell it.
#[derive(Default)]
struct Told {
    known: HashMap<TransactionId, (Ledger, Transaction)>,
    causes: BTreeMap<Cause, usize>,
}

fn tell(pages: impl IntoIterator<Item = Page>) -> Told {
    let mut told = Told::default();
    let mut newest: HashMap<Ledger, NaiveDate> = HashMap::new();
    let mut running: HashMap<Ledger, (BatchId, Option<NaiveDate>)> = HashMap::new();
    for page in pages {
        let before = newest.get(&page.ledger).copied();
        let (_, known_until) = *match running.get(&page.ledger) {
            Some((batch, _)) if *batch == page.batch => &running[&page.ledger],
            _ => running.entry(page.ledger).insert_entry((page.batch, before)).into_mut(),
        };
        for now in page.reported {
            let day = progress_day(now.booked);
            let entry = newest.entry(page.ledger).or_insert(day);
            *entry = day.max(*entry);
            let was = told.known.insert(now.id, (page.ledger, now.clone()));
            let cause = match was {
                None => cause_of_addition(day, known_until),
                Some((_, was)) => Amended::new(was, now).cause(),
            };
            *told.causes.entry(cause).or_default() += 1;
        }
        for id in page.removed {
            if told.known.remove(&id).is_some() {
                *told.causes.entry(Cause::Removed).or_default() += 1;
            }
        }
    }
    told
}

fn day_of(transaction: &Transaction) -> NaiveDate {
    transaction.booked.day(settings().time_zone)
}

fn digest(pages: &[Page]) -> String {
    let mut hash = Sha256::new();
    for page in pages {
        hash.update(format!("{:?} {} {}", page.ledger, page.batch, page.cursor));
        hash.update(serde_json::to_vec(&(&page.reported, &page.removed)).unwrap());
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_another_company() {
    let Run { seed, today, pages, .. } = &runs()[0];
    let again: Vec<_> = history(*seed, *today).collect();
    assert_eq!(digest(pages), digest(&again));
    assert_ne!(digest(pages), digest(&runs()[1].pages));
}

#[test]
fn it_does_not_matter_in_which_steps_the_source_is_asked() {
    let Run { seed, today, told, .. } = &runs()[0];
    let at_once = tell(Feed::from(*seed, first_day(*today)).until(midnight(*today)));
    assert_eq!(told.known, at_once.known);
}

#[test]
fn a_later_day_only_adds_to_what_an_earlier_one_told() {
    let later = &runs()[0];
    let before = later.today - chrono::Days::new(4);
    let early: Vec<_> = history(later.seed, before).collect();
    assert_eq!(early, later.pages[..early.len()]);
    assert!(later.pages[early.len()..].iter().all(|page| page.cursor.through > midnight(before)));
}

#[test]
fn pages_are_such_as_an_account_takes() {
    for Run { today, pages, .. } in runs() {
        let today = *today;
        for page in pages {
            let ids = page.reported.iter().map(|transaction| transaction.id).chain(page.removed.iter().copied());
            assert_eq!(ids.collect::<HashSet<_>>().len(), page.len(), "no transaction is named twice");
            assert!((1..=Synced::MOST).contains(&page.len()));
            assert!(page.cursor.through <= midnight(today));
            assert!(page.reported.iter().all(|transaction| day_of(transaction) < today));
        }
    }
}

#[test]
fn lines_come_late_and_are_corrected_removed_and_recategorised() {
    for Run { told, .. } in runs() {
        let count = |cause| told.causes.get(&cause).copied().unwrap_or_default();
        assert!((15_000..=26_000).contains(&told.known.len()), "{}", told.known.len());
        assert!((20..=1_000).contains(&count(Cause::Late)), "{:?}", told.causes);
        assert!((20..=500).contains(&count(Cause::Corrected)), "{:?}", told.causes);
        assert!((5..=100).contains(&count(Cause::Removed)), "{:?}", told.causes);
        assert!((10..=100).contains(&count(Cause::Recategorised)), "{:?}", told.causes);
    }
}

/// Sums of one kind over some days.
fn sums(told: &Told, kinds: &[Kind], days: std::ops::Range<NaiveDate>) -> Sums {
    let transactions = told.known.values().map(|(_, transaction)| transaction);
    let wanted = transactions.filter(|one| kinds.contains(&one.kind) && days.contains(&day_of(one)));
    wanted.map(|transaction| Sums::of(transaction.amount)).sum()
}

#[test]
fn the_company_grows_and_earns_a_plausible_margin() {
    for Run { seed, today, told, .. } in runs() {
        let start = first_day(*today);
        let middle = start.with_year(start.year() + 1).unwrap();
        let end = start.with_year(start.year() + 2).unwrap();
        let revenue = [start..middle, middle..end].map(|year| sums(told, &[Kind::Revenue, Kind::Refund], year).net());
        let expenses = [start..middle, middle..end].map(|year| -sums(told, &[Kind::Expense, Kind::Tax], year).net());
        assert!(revenue[0] * Decimal::new(11, 1) < revenue[1] && revenue[1] < revenue[0] * Decimal::new(15, 1));
        for (revenue, expenses) in revenue.into_iter().zip(expenses) {
            let margin = (revenue - expenses) / revenue;
            assert!(Decimal::new(5, 2) < margin && margin < Decimal::new(15, 2), "{seed:?} {today}: {margin}");
        }
    }
}

#[test]
fn kinds_have_their_signs_and_what_only_moves_sums_to_nothing() {
    for Run { told, .. } in runs() {
        let kind = |kind| sums(told, &[kind], NaiveDate::MIN..NaiveDate::MAX);
        assert_eq!(kind(Kind::Settlement).net(), Decimal::ZERO);
        assert_eq!(kind(Kind::InternalTransfer).net(), Decimal::ZERO);
        assert_eq!(kind(Kind::Revenue).outflow, Decimal::ZERO);
        for out in [Kind::Refund, Kind::Expense, Kind::Tax] {
            assert_eq!(kind(out).inflow, Decimal::ZERO, "{out}");
            assert!(kind(out).outflow > Decimal::ZERO, "{out}");
        }
        assert!(kind(Kind::Refund).outflow * Decimal::from(50) < kind(Kind::Revenue).inflow);
        assert!(kind(Kind::Financing).count > 10);
    }
}

#[test]
fn no_account_is_overdrawn_on_any_day() {
    for Run { seed, told, .. } in runs() {
        let mut movements: BTreeMap<(Ledger, NaiveDate), Decimal> = BTreeMap::new();
        for (ledger, transaction) in told.known.values() {
            *movements.entry((*ledger, day_of(transaction))).or_default() += transaction.amount;
        }
        let mut balances: HashMap<Ledger, Decimal> = HashMap::new();
        for ((ledger, day), movement) in movements {
            let balance = balances.entry(ledger).or_default();
            *balance += movement;
            let least = if ledger == Ledger::Card { Decimal::from(-12_000) } else { Decimal::ZERO };
            assert!(*balance >= least, "{seed:?}: {ledger:?} stands at {balance} on {day}");
        }
        let cash: Decimal = balances.values().sum();
        assert!(cash > Decimal::from(60_000) && cash < Decimal::from(400_000), "{cash}");
    }
}

fn of_category<'a>(told: &'a Told, category: &'a str) -> impl Iterator<Item = &'a Transaction> {
    told.known.values().map(|(_, transaction)| transaction).filter(move |one| one.category.as_str() == category)
}

#[test]
fn seasons_are_seen_in_what_people_order() {
    for Run { today, told, .. } in runs() {
        let mut orders: BTreeMap<(i32, u32), u32> = BTreeMap::new();
        for day in of_category(told, "online_orders").map(day_of) {
            // Before the presents are bought.
            if day.day() <= 20 {
                *orders.entry((day.year(), day.month())).or_default() += 1;
            }
        }
        let start = first_day(*today);
        let ratio = |high: (i32, u32), low: (i32, u32)| Decimal::from(orders[&high]) / Decimal::from(orders[&low]);
        for year in [start.year(), start.year() + 1] {
            let whole = |month| month_of(start, NaiveDate::from_ymd_opt(year, month, 1).unwrap()) >= 0;
            if whole(12) {
                let christmas = ratio((year, 12), (year + 1, 1));
                assert!(christmas > Decimal::new(135, 2), "December {year} against the January after it: {christmas}");
            }
            if whole(8) {
                let summer = ratio((year, 10), (year, 8));
                assert!(summer > Decimal::new(105, 2), "October {year} against August: {summer}");
            }
        }
    }
}

#[test]
fn wages_are_paid_on_the_working_day_at_or_before_the_28th_of_every_month() {
    for Run { today, told, .. } in runs() {
        let mut paid: BTreeMap<NaiveDate, usize> = BTreeMap::new();
        of_category(told, "wages").for_each(|wage| *paid.entry(day_of(wage)).or_default() += 1);
        let days = first_day(*today).iter_days().take_while(|day| day < today);
        let months: Vec<NaiveDate> = days.filter(|day| is_last_of_month(*day)).collect();
        assert_eq!(months.len(), 24);
        let paydays: Vec<NaiveDate> = months.into_iter().map(|month| payday(month, 28)).collect();
        let seen: Vec<NaiveDate> = paid.keys().copied().filter(|day| *day <= paydays[23]).collect();
        assert_eq!(seen, paydays);
        assert!(paid.values().all(|staff| *staff >= 3), "{paid:?}");
        let most = paid.values().max();
        assert!(most > paid.values().min(), "somebody was hired: {paid:?}");
    }
}

/// A subscription costs the same every month, until its price rises by 8 %, in steps of five pence.
#[test]
fn prices_rise_once_in_the_fourteenth_month() {
    let pence = |amount: Decimal| i64::try_from(amount * Decimal::ONE_HUNDRED).unwrap();
    for Run { today, told, .. } in runs() {
        let start = first_day(*today);
        let mut prices: BTreeMap<&str, [HashSet<i64>; 2]> = BTreeMap::new();
        for renewal in of_category(told, "subscriptions") {
            let dear = usize::from(month_of(start, day_of(renewal)) >= PRICE_RISE_MONTH);
            let plan = renewal.description.as_deref().unwrap();
            prices.entry(plan).or_default()[dear].insert(pence(renewal.amount));
        }
        assert_eq!(prices.len(), 4, "{prices:?}");
        for (plan, [before, after]) in prices {
            assert_eq!((before.len(), after.len()), (1, 1), "{plan}: {before:?}, then {after:?}");
            let (before, after) = (before.into_iter().next().unwrap(), after.into_iter().next().unwrap());
            assert_eq!(after, raised(before), "{plan}");
            assert!((1070..=1090).contains(&(after * 1000 / before)), "{plan}: {before}, then {after}");
        }
    }
}
