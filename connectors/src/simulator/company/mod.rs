//! One company behind all providers: the demo business, seen through its shop, its card processor, its bank and its
//! books.
//!
//! [`crate::demo`] writes what happens; here it is told apart by who would know of it. A sale of the shop is an order,
//! a charge and, some days later, a part of a payout and of a bank line: the same objects everywhere, so that what the
//! providers say of the same money can be compared.

mod abroad;
mod bank;
mod bustle;
mod dispute;
mod happening;
mod processor;
#[cfg(test)]
mod tests;
pub mod truth;

use chrono::{DateTime, NaiveDate, Utc};
use domain::Transaction;

pub use abroad::Presented;
pub use bank::{BankChange, BankLine, Held};
pub use bustle::Bustle;
pub use dispute::{Dispute, Verdict};
pub use happening::{Deed, Happening, Impossible, OfCharge};
pub use processor::{Movement, MovementKind, Payout};

use crate::demo::{self, Company, Ledger, Seed, first_day};

/// How many days after today are foreseen.
const FORESEEN: u32 = 15;

/// Everything that has happened, and what today still brings.
#[derive(Debug)]
pub struct Facts {
    pub seed: Seed,
    company: Company,
    bustle: Option<Bustle>,
    /// Charges and what goes back of them, oldest first.
    pub movements: Vec<Movement>,
    /// Oldest first.
    pub disputes: Vec<Dispute>,
    pub payouts: Vec<Payout>,
    /// In the order in which the bank shows them.
    pub bank: Vec<BankChange>,
    /// The same of the days after today that are foreseen: what is owed by then.
    pub upcoming: Vec<BankChange>,
}

impl Facts {
    /// The company of a seed whose history ends at a moment: 24 full months before it.
    pub fn founded(seed: Seed, at: DateTime<Utc>) -> Self {
        Self::starting(seed, first_day(day_of(at)), None)
    }

    /// The company whose history begins on a day, and what is sold beyond its plan.
    pub fn starting(seed: Seed, start: NaiveDate, bustle: Option<Bustle>) -> Self {
        let company = Company::founded(seed, start);
        Self {
            seed,
            company,
            bustle,
            movements: Vec::new(),
            disputes: Vec::new(),
            payouts: Vec::new(),
            bank: Vec::new(),
            upcoming: Vec::new(),
        }
    }

    /// Lives on until the day of a moment is over. What of it is known yet, each view decides by its own clock.
    pub fn live_until(&mut self, now: DateTime<Utc>) {
        let today = day_of(now);
        if self.company.next_day() > today {
            return;
        }
        while self.company.next_day() <= today {
            self.live_a_day();
        }
        // Stable: what is known at the same moment stays in the order of the days.
        self.bank.sort_by_key(|change| change.known_at);
        self.foresee();
    }

    /// The company lives on as it will, and nobody is told of it yet.
    fn foresee(&mut self) {
        let mut company = self.company.clone();
        let reports = (0..FORESEEN).flat_map(|_| company.live_a_day());
        let of_bank = reports.filter(|report| report.ledger != Ledger::Processor);
        self.upcoming = of_bank.map(|report| BankChange::of(report, None)).collect();
        self.upcoming.sort_by_key(|change| change.known_at);
    }

    fn live_a_day(&mut self) {
        let day = self.company.next_day();
        let reports = self.company.live_a_day();
        let (processor, bank): (Vec<_>, Vec<_>) =
            reports.into_iter().partition(|report| report.ledger == Ledger::Processor);
        let beyond = self.bustle.into_iter().flat_map(|bustle| bustle.of_day(self.seed, day));
        let (movements, planned) = processor::of_day(processor, beyond, &self.movements);
        self.movements.extend(movements);
        let paid = planned.map(|planned| processor::pay_out(day, planned, &mut self.movements));
        self.payouts.extend(paid.clone());
        for report in bank {
            let paid = paid.as_ref().filter(|_| report.key == format!("payout:{day}"));
            self.bank.push(BankChange::of(report, paid.map(|paid| paid.pence)));
        }
    }

    /// An identifier that follows from the seed: `prefix` and 24 letters and digits.
    pub fn ident(&self, prefix: &str, key: &str) -> String {
        ident(self.seed, prefix, key)
    }

    /// Whether it is the one of a key, without writing that out: many are looked through for one.
    pub fn is_ident(&self, id: &str, prefix: &str, key: &str) -> bool {
        id.strip_prefix(prefix).is_some_and(|rest| rest.chars().eq(letters(self.seed, prefix, key)))
    }
}

/// The company's day of a moment.
pub fn day_of(moment: DateTime<Utc>) -> NaiveDate {
    demo::settings().time_zone.day_of(moment)
}

/// The same as a number, for providers that count their objects.
pub fn number(seed: Seed, prefix: &str, key: &str) -> u64 {
    // Six bytes: exact as a JSON number.
    digest(seed, prefix, key).iter().take(6).fold(1, |number, byte| number << 8 | u64::from(*byte))
}

fn digest(seed: Seed, prefix: &str, key: &str) -> [u8; 32] {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    hash.update(seed.0.to_be_bytes());
    hash.update(prefix);
    hash.update([0]);
    hash.update(key);
    hash.finalize().into()
}

pub fn ident(seed: Seed, prefix: &str, key: &str) -> String {
    prefix.chars().chain(letters(seed, prefix, key)).collect()
}

fn letters(seed: Seed, prefix: &str, key: &str) -> impl Iterator<Item = char> {
    const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let digest = digest(seed, prefix, key);
    digest.into_iter().take(24).map(|byte| char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]))
}

/// Minor units of the company's currency.
pub fn pence(transaction: &Transaction) -> i64 {
    let mut amount = transaction.amount;
    amount.rescale(2);
    i64::try_from(amount.mantissa()).unwrap_or_default()
}

/// `12.34` of 1234, as a decimal's text.
pub fn decimal_text(pence: i64) -> String {
    let sign = if pence < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", pence.abs() / 100, pence.abs() % 100)
}

/// The same as a JSON number, which is what some providers send; no arithmetic is done on it.
pub fn decimal_number(pence: i64) -> serde_json::Value {
    decimal_text(pence).parse::<f64>().map_or(serde_json::Value::Null, serde_json::Value::from)
}
