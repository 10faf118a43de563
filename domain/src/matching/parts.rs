//! Amounts that are the sum of many transactions: a payout of its charges less their fees, a day's entry in the books.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::{Contents, Earlier, Evidence, Leg, Match, MatchLeg, Parts, Relation, Role, Slot};
use crate::{AccountId, Currency, Kind, TransactionId};

/// Days of sales that one payout may hold, and how long before it they end.
const MOST_DAYS: i64 = 10;
const HELD_DAYS: i64 = 8;
const SUM: u8 = 96;
/// What the sum of its sales makes likelier.
const EXPLAINED: u8 = 20;

/// What a processor's account moved on a day, payouts left out.
#[derive(Debug, Default, Clone, Copy)]
struct Day {
    count: u32,
    gross: Decimal,
    fees: Decimal,
}

/// Says of payouts which sales they are: those that the provider names, else the days of them that come to exactly the
/// amount.
pub(super) fn explain(legs: &[&Leg], contents: &HashMap<TransactionId, Contents>, matches: &mut [Match]) {
    let mut of_account: HashMap<AccountId, BTreeMap<NaiveDate, Day>> = HashMap::new();
    for leg in legs.iter().filter(|leg| is_processor(leg) && leg.reported.kind != Kind::InternalTransfer) {
        let day = of_account.entry(leg.account).or_default().entry(leg.day).or_default();
        if leg.reported.kind == Kind::Expense {
            day.fees += leg.amount;
        } else {
            day.count += 1;
            day.gross += leg.amount;
        }
    }
    let by_id: HashMap<TransactionId, &&Leg> = legs.iter().map(|leg| (leg.id, leg)).collect();
    for found in matches.iter_mut().filter(|found| found.relation == Relation::Payout) {
        let payout = found.legs.iter().filter_map(|leg| by_id.get(&leg.id)).find(|leg| is_processor(leg));
        let Some(payout) = payout else { continue };
        if let Some(contents) = contents.get(&payout.id) {
            *found = told(found, payout, contents);
            continue;
        }
        let days = of_account.get(&payout.account);
        if let Some(parts) = days.and_then(|days| block(days, payout)) {
            if !found.evidence.contains(&Evidence::Rivals) {
                found.percent = found.percent.saturating_add(EXPLAINED).min(99);
            }
            found.evidence.push(Evidence::SumOf(parts.count));
            found.parts = Some(parts);
        }
    }
}

/// The match of a payout with what its provider says that it is the sum of, in place of what was guessed: the same
/// whether that was known when the match was found or came later.
#[must_use]
pub fn told(found: &Match, payout: &Leg, contents: &Contents) -> Match {
    let explains = |evidence: &Evidence| matches!(evidence, Evidence::SumOf(_) | Evidence::ProviderSays(_));
    let mut now = found.clone();
    if !found.evidence.iter().any(explains) && !found.evidence.contains(&Evidence::Rivals) {
        now.percent = found.percent.saturating_add(EXPLAINED).min(99);
    }
    now.evidence.retain(|evidence| !explains(evidence));
    now.evidence.push(Evidence::ProviderSays(contents.told));
    let sum = contents.parts.as_ref().map(|parts| parts.gross + parts.fees);
    if contents.known == contents.told && sum == Some(-payout.amount) {
        now.evidence.push(Evidence::SumOf(contents.told));
    }
    now.parts.clone_from(&contents.parts);
    now
}

fn is_processor(leg: &Leg) -> bool {
    matches!(leg.role, Role::Processor | Role::Shop)
}

/// The only run of days that comes to what was paid out.
fn block(days: &BTreeMap<NaiveDate, Day>, payout: &Leg) -> Option<Parts> {
    let wanted = -payout.amount;
    let mut found = None;
    let ends = (0..=HELD_DAYS).filter_map(|back| payout.day.checked_sub_signed(chrono::TimeDelta::days(back)));
    for to in ends.filter(|to| days.contains_key(to)) {
        let mut sum = Day::default();
        for back in 0..MOST_DAYS {
            let from = to - chrono::TimeDelta::days(back);
            let Some(day) = days.get(&from) else { continue };
            sum = Day { count: sum.count + day.count, gross: sum.gross + day.gross, fees: sum.fees + day.fees };
            if sum.gross + sum.fees == wanted {
                if found.is_some() {
                    return None;
                }
                let Day { count, gross, fees } = sum;
                found = Some(Parts { account: payout.account, from, to, count, gross, fees });
            }
        }
    }
    found
}

/// Entries of the books that are all sales, or all fees, of a day.
pub(super) fn sums(legs: &[&Leg], earlier: &Earlier, matches: &[Match]) -> Vec<Match> {
    let matched: HashSet<TransactionId> =
        matches.iter().filter(|found| found.relation.slot() == Slot::Entry).flat_map(ids).collect();
    let mut of_day: HashMap<(NaiveDate, Kind, Currency, Role), BTreeMap<AccountId, Day>> = HashMap::new();
    for leg in legs.iter().filter(|leg| is_processor(leg)) {
        let key = (leg.day, leg.reported.kind, leg.currency, leg.role);
        let day = of_day.entry(key).or_default().entry(leg.account).or_default();
        day.count += 1;
        day.gross += leg.amount;
    }
    let entries = legs.iter().filter(|leg| leg.role == Role::Books && !leg.chosen && !matched.contains(&leg.id));
    let mut found = Vec::new();
    for entry in entries.filter(|leg| earlier.is_free(leg, Slot::Entry)) {
        // What the processor took says more than what the shop sold through it.
        for role in [Role::Processor, Role::Shop] {
            let accounts = of_day.get(&(entry.day, entry.reported.kind, entry.currency, role));
            let mut equal =
                accounts.into_iter().flatten().filter(|(_, day)| day.count > 1 && day.gross == entry.amount);
            if let (Some((account, day)), None) = (equal.next(), equal.next()) {
                found.push(entered(entry, *account, *day));
                break;
            }
        }
    }
    // Two entries of one sum: which of them is it?
    let mut seen: HashMap<(AccountId, NaiveDate, Decimal), usize> = HashMap::new();
    let key = |found: &Match| found.parts.as_ref().map(|parts| (parts.account, parts.from, parts.gross));
    found.iter().filter_map(key).for_each(|key| *seen.entry(key).or_default() += 1);
    found.retain(|found| key(found).is_some_and(|key| seen.get(&key) == Some(&1)));
    found
}

fn entered(entry: &Leg, account: AccountId, Day { count, gross, fees }: Day) -> Match {
    let leg = MatchLeg { account: entry.account, id: entry.id, to: Relation::BookEntry.meaning() };
    let evidence = vec![Evidence::SumOf(count), Evidence::DaysApart(0), Evidence::BothSay];
    let mut found = Match::new(Relation::BookEntry, SUM, evidence, vec![leg]);
    found.parts = Some(Parts { account, from: entry.day, to: entry.day, count, gross, fees });
    found
}

fn ids(found: &Match) -> impl Iterator<Item = TransactionId> {
    found.legs.iter().map(|leg| leg.id)
}
