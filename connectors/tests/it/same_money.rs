//! The matcher against what the simulated company knows: four providers, read through their connectors, and traps.
#![allow(clippy::float_arithmetic)]

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use connectors::demo::{Ledger, Seed};
use connectors::provider::{Connector, Credentials, Place, Reported, Then};
use connectors::simulator::Options;
use connectors::simulator::company::{Facts, MovementKind, ident};
use domain::matching::{Earlier, Leg, Match, Role, Slot, Words, find};
use domain::meaning::Meaning;
use domain::{AccountId, Booked, Kind, TransactionId};
use rust_decimal::Decimal;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::providers::world::{agreed, key, plaid, public_token, quickbooks, shopify, stripe};
use crate::simulator::Simulated;

/// Days that are looked at: the whole of what the providers tell is ten times as much.
const DAYS: i64 = 120;

async fn everything(connector: &dyn Connector, credentials: &Credentials) -> Vec<(String, Reported)> {
    let mut all = Vec::new();
    for account in connector.accounts(credentials).await.unwrap() {
        let mut page: Option<String> = None;
        for _ in 0..2_000 {
            let read = connector.pull(credentials, &account, Place { cursor: None, page: page.as_deref() }).await;
            let read = match read {
                Ok(read) => read,
                // A bulk operation that still runs.
                Err(_) => {
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                    continue;
                }
            };
            all.extend(read.reported.into_iter().map(|one| (account.id.clone(), one)));
            match read.then {
                Then::More(next) => page = Some(next),
                Then::Done(_) | Then::Early(_) | Then::Whole { .. } => break,
            }
        }
    }
    all
}

/// What each object of a provider is, in the company's own words.
struct Truth {
    of: HashMap<String, String>,
    days: BTreeMap<NaiveDate, BTreeSet<String>>,
}

fn books_id(seed: Seed, key: &str) -> String {
    let hash = Sha256::new().chain_update(seed.0.to_be_bytes()).chain_update(b"books").chain_update(key).finalize();
    (hash.iter().take(6).fold(0_u64, |number, byte| number << 8 | u64::from(*byte)) + 1000).to_string()
}

impl Truth {
    fn of(seed: Seed, at: DateTime<Utc>) -> Self {
        let mut facts = Facts::founded(seed, at);
        facts.live_until(at);
        let (mut of, mut days) = (HashMap::new(), BTreeMap::<NaiveDate, BTreeSet<String>>::new());
        for change in &facts.bank {
            let key = format!("{:?}:{}", change.ledger, change.key);
            // The two sides of a movement between ledgers have one key.
            let same = match change.ledger {
                Ledger::Current | Ledger::Savings | Ledger::Card if is_both_sides(&change.key) => change.key.clone(),
                _ => key.clone(),
            };
            of.insert(format!("entry:{}", books_id(seed, &key)), same.clone());
            of.insert(ident(seed, "", &key), same.clone());
            of.insert(ident(seed, "", &format!("{key}:pending")), same);
        }
        let mut refunds: HashMap<String, usize> = HashMap::new();
        for movement in &facts.movements {
            of.insert(ident(seed, "txn_", &movement.key), movement.key.clone());
            of.insert(format!("entry:{}", books_id(seed, &movement.key)), movement.key.clone());
            let day = connectors::demo::settings().time_zone.day_of(movement.at);
            days.entry(day).or_default().insert(movement.key.clone());
            let Some(order) = movement.order() else { continue };
            let n = match movement.kind {
                MovementKind::Charge => 0,
                MovementKind::Refund => {
                    let n = refunds.entry(order.to_owned()).or_default();
                    *n += 1;
                    *n
                }
                MovementKind::Dispute | MovementKind::DisputeReversal => continue,
            };
            of.insert(format!("gid://shopify/OrderTransaction/{order}{n}"), movement.key.clone());
        }
        for payout in &facts.payouts {
            let key = format!("payout:{}", payout.day);
            of.insert(ident(seed, "txn_", &key), key);
        }
        for day in days.keys() {
            for what in ["sales", "fees"] {
                of.insert(format!("entry:{}", books_id(seed, &format!("{what}:{day}"))), format!("{what}:{day}"));
            }
        }
        Self { of, days }
    }
}

fn is_both_sides(key: &str) -> bool {
    ["payout:", "card:", "from-savings:", "to-savings:"].iter().any(|start| key.starts_with(start))
}

struct Seen {
    legs: Vec<Leg>,
    /// Provider's object of each leg.
    name: HashMap<TransactionId, String>,
}

impl Seen {
    fn take(&mut self, role: Role, account: &str, one: &Reported, since: NaiveDate) {
        let zone = connectors::demo::settings().time_zone;
        let day = one.booked.day(zone);
        if day < since {
            return;
        }
        let id = TransactionId::derive([one.entity.as_bytes(), account.as_bytes(), one.id.as_bytes()]);
        let account = AccountId::from_uuid(TransactionId::derive([account.as_bytes()]).as_uuid());
        let at = match one.booked {
            Booked::Instant(at) => Some(at),
            Booked::Day(_) => None,
        };
        let name = if role == Role::Books { format!("entry:{}", one.id) } else { one.id.clone() };
        self.name.insert(id, name);
        self.legs.push(Leg {
            account,
            id,
            role,
            day,
            at,
            amount: one.amount,
            currency: one.currency,
            reported: Meaning { kind: one.kind, category: one.category.clone() },
            chosen: false,
            words: Words::of([one.description.as_deref(), one.counterparty.as_deref(), Some(&one.id)]),
        });
    }

    /// Lines of another account with the same amounts on near days, of which nothing is known: none is the same money.
    fn trap(&mut self, seed: u64) {
        let account = AccountId::from_uuid(TransactionId::derive([b"another bank".as_slice()]).as_uuid());
        let mut traps = Vec::new();
        for leg in self.legs.iter().filter(|leg| leg.role != Role::Shop) {
            let dice = TransactionId::derive([&seed.to_be_bytes()[..], leg.id.as_uuid().as_bytes()]).as_uuid();
            let [one, two, ..] = *dice.as_bytes();
            if one > 12 {
                continue;
            }
            let amount = if two % 2 == 0 { leg.amount } else { -leg.amount };
            let (kind, category) =
                if amount > Decimal::ZERO { (Kind::Revenue, "income") } else { (Kind::Expense, "expense") };
            let words = ["Riverside Garage", "Card 4411 Bristol", "Refund", "Payment received"][usize::from(two / 64)];
            traps.push(Leg {
                account,
                id: TransactionId::derive([b"trap".as_slice(), leg.id.as_uuid().as_bytes()]),
                role: if two % 3 == 0 { Role::File } else { Role::Bank },
                day: leg.day + TimeDelta::days(i64::from(two % 7) - 3),
                at: None,
                amount,
                reported: Meaning { kind, category: category.parse().unwrap() },
                words: Words::of([Some(words)]),
                ..leg.clone()
            });
        }
        println!("{} traps", traps.len());
        self.legs.extend(traps);
    }

    fn same(&self, truth: &Truth, found: &Match) -> bool {
        let of = |id: &TransactionId| self.name.get(id).and_then(|name| truth.of.get(name));
        let keys: Vec<_> = found.legs.iter().map(|leg| of(&leg.id)).collect();
        match (&found.parts, keys.as_slice()) {
            // A day's sales or fees, where the amount of the whole day is in them.
            (Some(parts), [Some(key)]) => key.split_once(':').is_some_and(|(_, day)| day == parts.from.to_string()),
            (_, keys) => keys.iter().all(|key| key.is_some() && *key == keys[0]),
        }
    }
}

#[derive(Debug, Default)]
struct Score {
    right: u32,
    wrong: u32,
    proposed: u32,
    proposed_right: u32,
    there: u32,
}

impl Score {
    fn print(&self, what: &str) {
        let percent = |part: u32, of: u32| f64::from(part) * 100.0 / f64::from(of.max(1));
        println!(
            "{what}: {} pairs, applied {} with precision {:.2} % and recall {:.2} %, {} for review ({} right)",
            self.there,
            self.right + self.wrong,
            percent(self.right, self.right + self.wrong),
            percent(self.right, self.there),
            self.proposed,
            self.proposed_right,
        );
    }
}

/// Pairs that there are: by slot, legs of one key in different roles or accounts.
fn there(seen: &Seen, truth: &Truth) -> BTreeMap<Slot, u32> {
    let mut by_key: HashMap<&String, Vec<&Leg>> = HashMap::new();
    let mut pairs: BTreeMap<Slot, u32> = BTreeMap::new();
    for leg in &seen.legs {
        let Some(key) = seen.name.get(&leg.id).and_then(|name| truth.of.get(name)) else { continue };
        if leg.role == Role::Books && (key.starts_with("sales:") || key.starts_with("fees:")) {
            let day: NaiveDate = key.split_once(':').unwrap().1.parse().unwrap();
            *pairs.entry(Slot::Entry).or_default() += u32::from(truth.days.contains_key(&day));
        } else if leg.reported.category.as_str() != "payment_fees" {
            by_key.entry(key).or_default().push(leg);
        }
    }
    for legs in by_key.values() {
        let has = |role: Role| legs.iter().filter(|leg| leg.role == role).count();
        let (bank, processor, shop, books) = (has(Role::Bank), has(Role::Processor), has(Role::Shop), has(Role::Books));
        *pairs.entry(Slot::Flow).or_default() += u32::from(bank == 2 || (bank == 1 && processor == 1));
        *pairs.entry(Slot::Sale).or_default() += u32::from(shop == 1 && processor == 1);
        *pairs.entry(Slot::Entry).or_default() += u32::from(books == 1 && bank + processor == 1);
    }
    pairs
}

async fn read(seed: u64, at: DateTime<Utc>) -> Seen {
    let mut options = Options::new(seed, at);
    options.speed = 0;
    let simulated = Simulated::with(options).await;
    simulated.control("/limits", &json!({"enabled": false})).await;
    let since = (at - TimeDelta::days(DAYS)).date_naive();
    let (plaid, stripe, shopify, books) =
        (plaid(&simulated), stripe(&simulated, 100), shopify(&simulated), quickbooks(&simulated));
    let mut seen = Seen { legs: Vec::new(), name: HashMap::new() };
    let bank = plaid.complete(&public_token(&simulated, None).await).await.unwrap();
    // The Item's history is there after a minute.
    simulated.control("/clock", &json!({"advance_seconds": 120})).await;
    let processor = stripe.complete(&key()).await.unwrap();
    let shop = shopify.complete(&agreed(&simulated, &shopify).await).await.unwrap();
    let company = books.complete(&agreed(&simulated, &books).await).await.unwrap();
    let all: [(Role, &dyn Connector, &Credentials); 4] = [
        (Role::Bank, &plaid, &bank),
        (Role::Processor, &stripe, &processor),
        (Role::Shop, &shopify, &shop),
        (Role::Books, &books, &company),
    ];
    for (role, connector, credentials) in all {
        let mut gone = BTreeSet::new();
        let everything = everything(connector, credentials).await;
        for (account, one) in everything.iter().rev() {
            if gone.insert((one.entity, account, &one.id)) {
                seen.take(role, account, one, since);
            }
            gone.extend(one.replaces.as_ref().map(|id| (one.entity, account, id)));
        }
    }
    seen
}

#[tokio::test]
async fn what_is_applied_by_itself_is_the_same_money() {
    let mut total: BTreeMap<Slot, Score> = BTreeMap::new();
    for (seed, at) in [(1, "2026-03-10T12:00:00Z"), (7, "2026-05-20T12:00:00Z"), (42, "2025-12-31T12:00:00Z")] {
        let at: DateTime<Utc> = at.parse().unwrap();
        let mut seen = read(seed, at).await;
        let truth = Truth::of(Seed(seed), at);
        seen.trap(seed);
        println!("seed {seed}: {} legs", seen.legs.len());
        for (slot, pairs) in there(&seen, &truth) {
            total.entry(slot).or_default().there += pairs;
        }
        let began = std::time::Instant::now();
        let all = find(&seen.legs, &Earlier::default());
        println!("{:?} for all of them", began.elapsed());
        for found in all {
            let score = total.entry(found.relation.slot()).or_default();
            let same = seen.same(&truth, &found);
            match (found.is_applied(), same) {
                (true, true) => score.right += 1,
                (true, false) => {
                    score.wrong += 1;
                    let names: Vec<_> =
                        found.legs.iter().map(|leg| seen.legs.iter().find(|one| one.id == leg.id)).collect();
                    println!("wrong: {found:?} of {names:?}");
                }
                (false, same) => {
                    score.proposed += 1;
                    score.proposed_right += u32::from(same);
                }
            }
        }
    }
    let mut all = Score::default();
    for (slot, score) in &total {
        score.print(&format!("{slot:?}"));
        all.right += score.right;
        all.wrong += score.wrong;
        all.proposed += score.proposed;
        all.proposed_right += score.proposed_right;
        all.there += score.there;
    }
    all.print("All");
    assert!(f64::from(all.right) >= 0.99 * f64::from(all.right + all.wrong), "{all:?}");
    assert!(f64::from(all.right) >= 0.9 * f64::from(all.there), "{all:?}");
}
