//! What an import did.

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;
use domain::{Currency, Money, TimeZone};
use rust_decimal::Decimal;
use serde::Serialize;

use super::formats::{AccountOverview, Overview, Warning};
use super::row::Row;

/// What became of one file. JSON has these names; amounts are decimal strings.
///
/// `rows` is `added + amended + known + refused_count`. `sums`, `first` and `last` are of all rows that were read and
/// accepted, whether they were new or known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Its name, without folders.
    pub file: String,
    /// `csv`, `ofx`, `qif`, `camt.052`, `camt.053`, `camt.054`, `mt940` or `mt942`.
    pub format: String,
    pub rows: u64,
    pub added: u64,
    /// Known ones that are now different: other text, or another category or kind.
    pub amended: u64,
    pub known: u64,
    /// Rows that the mapping says to skip, lines of totals, trades of securities, and repetitions of an id.
    pub skipped: u64,
    /// Announced but not booked: not imported.
    pub pending: u64,
    /// The first of them; `refused_count` counts all.
    pub refused: Vec<Refused>,
    pub refused_count: u64,
    pub sums: BTreeMap<Currency, Total>,
    /// The earliest and the latest day.
    pub first: Option<NaiveDate>,
    pub last: Option<NaiveDate>,
    /// Balances before and after, where the file states them and has one account.
    pub opening: Option<Decimal>,
    pub closing: Option<Decimal>,
    /// Every account of the file; the first hundred of them.
    pub accounts: Vec<AccountOverview>,
    /// What does not stop an import, but a person should know.
    pub warnings: Vec<Warning>,
    /// Where the events stand in the log; `null` where nothing had to be written.
    pub positions: Option<Positions>,
    /// Nothing was written: `added`, `amended` and `known` say what an import would do.
    pub dry_run: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// The line of the file on which the row begins, counted from 1.
    pub line: u64,
    pub reason: String,
}

/// Amounts of one currency: both `in` and `out` are positive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Total {
    #[serde(rename = "in")]
    pub inflow: Decimal,
    #[serde(rename = "out")]
    pub outflow: Decimal,
    pub net: Decimal,
}

/// Positions of the first and the last event; those of others may stand between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Positions {
    pub first: i64,
    pub last: i64,
}

impl Total {
    /// `None` where the exact sum no longer fits.
    fn plus(self, amount: Decimal) -> Option<Self> {
        let add = |sum: Decimal, amount: Decimal| {
            let total = sum.checked_add(amount)?;
            (total.scale() == sum.scale().max(amount.scale())).then_some(total)
        };
        let Self { inflow, outflow, net } = self;
        let (inflow, outflow) = match amount < Decimal::ZERO {
            true => (inflow, add(outflow, -amount)?),
            false => (add(inflow, amount)?, outflow),
        };
        Some(Self { inflow, outflow, net: add(net, amount)? })
    }
}

/// Accounts that a report lists.
const MOST_ACCOUNTS: usize = 100;
/// Warnings that a report lists.
const MOST_WARNINGS: usize = 100;

/// Counts rows while they are read.
#[derive(Debug)]
pub struct Tally {
    report: Report,
    zone: TimeZone,
    reasons: usize,
}

impl Tally {
    /// Keeps at most `reasons` refused rows, counts all. Days are those of `zone`.
    pub fn new(file: &str, zone: TimeZone, reasons: usize) -> Self {
        let report = Report { file: file.to_owned(), ..Report::default() };
        Self { report, zone, reasons }
    }

    pub fn begin(&mut self, format: &str) {
        format.clone_into(&mut self.report.format);
    }

    pub fn warn(&mut self, line: Option<u64>, text: String) {
        if self.report.warnings.len() < MOST_WARNINGS {
            self.report.warnings.push(Warning { line, text });
        }
    }

    pub fn skip_with(&mut self, line: u64, why: String) {
        self.skip();
        self.warn(Some(line), why);
    }

    /// Takes what the file says as a whole.
    pub fn finish(&mut self, overview: Overview) {
        let report = &mut self.report;
        (report.opening, report.closing) = overview.balances();
        report.pending = overview.pending;
        report.accounts = overview.accounts().iter().take(MOST_ACCOUNTS).cloned().collect();
        let left_out = overview.accounts().len().saturating_sub(MOST_ACCOUNTS);
        let more = overview.more_warnings;
        for Warning { line, text } in overview.warnings {
            self.warn(line, text);
        }
        if more > 0 {
            self.warn(None, format!("and {more} more warnings"));
        }
        if left_out > 0 {
            self.warn(None, format!("{left_out} more accounts of the file are not listed"));
        }
    }

    /// Counts a row; refuses one whose amount the sums cannot take exactly.
    pub fn accept(&mut self, row: &Row) -> Result<(), String> {
        let total = self.report.sums.entry(row.currency).or_default();
        *total = total.plus(row.amount).ok_or("the sum of the file would no longer be exact")?;
        self.report.rows += 1;
        let day = row.booked.day(self.zone);
        self.report.first = Some(self.report.first.map_or(day, |first| first.min(day)));
        self.report.last = Some(self.report.last.map_or(day, |last| last.max(day)));
        Ok(())
    }

    pub fn refuse(&mut self, line: u64, reason: String) {
        self.report.rows += 1;
        self.report.refused_count += 1;
        if self.report.refused.len() < self.reasons {
            self.report.refused.push(Refused { line, reason });
        }
    }

    pub fn skip(&mut self) {
        self.report.skipped += 1;
    }

    pub fn report(&self) -> &Report {
        &self.report
    }

    pub fn into_report(self) -> Report {
        self.report
    }
}

/// For a person; machines take the JSON.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let would = if self.dry_run { "would be added" } else { "added" };
        write!(f, "{}: {} rows, {} {would}, {} already known", self.file, self.rows, self.added, self.known)?;
        let counts = [
            (self.amended, "changed"),
            (self.refused_count, "refused"),
            (self.skipped, "skipped"),
            (self.pending, "only announced"),
        ];
        for (count, what) in counts {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        for Refused { line, reason } in self.refused.iter().take(20) {
            write!(f, "\n  line {line}: {reason}")?;
        }
        let shown = self.refused.len().min(20) as u64;
        if self.refused_count > shown {
            write!(f, "\n  and {} more refused rows", self.refused_count - shown)?;
        }
        for (currency, total) in &self.sums {
            let show = |amount| Money::new(amount, *currency).rounded();
            let (inflow, outflow, net) = (show(total.inflow), show(total.outflow), show(total.net));
            write!(f, "\n  {currency}: {inflow} in, {outflow} out, {net} net")?;
        }
        for AccountOverview { account, currency, opening, closing, .. } in &self.accounts {
            let show = |amount: &Decimal| Money::new(*amount, *currency).rounded();
            if let Some(opening) = opening {
                write!(f, "\n  {account}: {} {currency} before", show(opening))?;
            }
            if let Some(closing) = closing {
                write!(f, "\n  {account}: {} {currency} after", show(closing))?;
            }
        }
        for Warning { line, text } in self.warnings.iter().take(20) {
            match line {
                Some(line) => write!(f, "\n  mind line {line}: {text}")?,
                None => write!(f, "\n  mind: {text}")?,
            }
        }
        if let (Some(first), Some(last)) = (self.first, self.last) {
            write!(f, "\n  from {first} to {last}")?;
        }
        match self.positions {
            Some(Positions { first, last }) if first == last => write!(f, "\n  at position {first} of the log"),
            Some(Positions { first, last }) => write!(f, "\n  at positions {first} to {last} of the log"),
            None => Ok(()),
        }
    }
}
