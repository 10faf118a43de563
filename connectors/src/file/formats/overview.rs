//! What a file says about its accounts as a whole, and whether its balances and its lines agree.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::completeness::Span;
use domain::{Currency, Money};
use rust_decimal::Decimal;
use serde::Serialize;

use super::Period;

/// Warnings that are kept; the rest is counted.
const MOST_WARNINGS: usize = 50;
/// Spans that are kept of one account: statements that follow each other are one.
const MOST_SPANS: usize = 1_000;

/// Something that does not stop an import but that a person should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// The line of the file; `null` where it is about the whole.
    pub line: Option<u64>,
    pub text: String,
}

/// One account of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountOverview {
    /// As the business calls it.
    pub account: String,
    pub currency: Currency,
    pub rows: u64,
    /// Before the first line and after the last, where the file says so.
    pub opening: Option<Decimal>,
    pub closing: Option<Decimal>,
    /// Statements seen.
    #[serde(skip)]
    sheets: u64,
    /// The days that its statements are of.
    #[serde(skip)]
    spans: Vec<Span>,
}

/// Grows while a file is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overview {
    accounts: Vec<AccountOverview>,
    places: BTreeMap<String, usize>,
    pub warnings: Vec<Warning>,
    pub more_warnings: u64,
    /// Announced lines that are not booked, and lines that are no movement of money.
    pub pending: u64,
    pub passed_over: u64,
}

impl AccountOverview {
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    pub fn covers(&mut self, span: Span) {
        let rest = match self.spans.last_mut() {
            Some(last) => last.chain(span),
            None => Some(span),
        };
        self.spans.extend(rest.filter(|_| self.spans.len() < MOST_SPANS));
    }
}

impl Overview {
    pub fn accounts(&self) -> &[AccountOverview] {
        &self.accounts
    }

    pub fn has(&self, account: &str) -> bool {
        self.places.contains_key(account)
    }

    /// The account, new where it was not seen yet.
    pub fn account(&mut self, account: &str, currency: Currency) -> &mut AccountOverview {
        let next = self.accounts.len();
        let place = match self.places.get(account) {
            Some(place) => *place,
            None => {
                self.places.insert(account.to_owned(), next);
                let account = account.to_owned();
                self.accounts.push(AccountOverview {
                    account,
                    currency,
                    rows: 0,
                    opening: None,
                    closing: None,
                    sheets: 0,
                    spans: Vec::new(),
                });
                next
            }
        };
        &mut self.accounts[place]
    }

    pub fn warn(&mut self, line: Option<u64>, text: impl Into<String>) {
        if self.warnings.len() < MOST_WARNINGS {
            self.warnings.push(Warning { line, text: text.into() });
        } else {
            self.more_warnings += 1;
        }
    }

    /// Opening and closing of the only account.
    pub fn balances(&self) -> (Option<Decimal>, Option<Decimal>) {
        match self.accounts.as_slice() {
            [only] => (only.opening, only.closing),
            _ => (None, None),
        }
    }
}

/// One statement while it is read.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    pub line: u64,
    pub opening: Option<Decimal>,
    pub opening_day: Option<NaiveDate>,
    pub closing: Option<Decimal>,
    pub closing_day: Option<NaiveDate>,
    pub period: Period,
    /// Of its lines.
    pub days: Option<(NaiveDate, NaiveDate)>,
    pub sum: Decimal,
    /// Lines are in another currency than the balances, or their sum is no longer exact.
    pub is_mixed: bool,
}

impl Sheet {
    pub fn add(&mut self, amount: Decimal) {
        match self.sum.checked_add(amount) {
            Some(sum) => self.sum = sum,
            None => self.is_mixed = true,
        }
    }

    pub fn see(&mut self, day: NaiveDate) {
        self.days = Some(self.days.map_or((day, day), |(first, last)| (first.min(day), last.max(day))));
    }

    /// The days that it is of, with what it says of them.
    fn span(&self) -> Option<Span> {
        let (first, last) = self.days.unzip();
        let from = self.period.from.or(self.opening_day).into_iter().chain(first).min()?;
        let stated = self.closing_day.or(self.period.to);
        let to = stated.into_iter().chain(last).max()?;
        let closing = self.closing.filter(|_| !self.is_mixed).zip(self.closing_day.or(last));
        Some(Span {
            from: from.min(to),
            to,
            opening: self.opening.filter(|_| !self.is_mixed),
            balances: closing.map(|(balance, day)| (day, balance)).into_iter().collect(),
            is_stated: stated.is_some() && self.period.from.or(self.opening_day).is_some(),
        })
    }

    /// Puts it behind what the account has, with what does not fit.
    pub fn close(self, overview: &mut Overview, account: &str, currency: Currency) {
        let shown = |amount: Decimal| Money::new(amount, currency).rounded();
        if let (Some(opening), Some(closing), false) = (self.opening, self.closing, self.is_mixed)
            && let Some(computed) = opening.checked_add(self.sum)
            && computed != closing
        {
            let text = format!(
                "the statement of {account} does not add up: {} before, {} moved, so {} after, but it says {}",
                shown(opening),
                shown(self.sum),
                shown(computed),
                shown(closing)
            );
            overview.warn(Some(self.line), text);
        }
        let span = self.span();
        let kept = overview.account(account, currency);
        span.into_iter().for_each(|span| kept.covers(span));
        kept.sheets += 1;
        if kept.sheets == 1 {
            (kept.opening, kept.closing) = (self.opening, self.closing);
            return;
        }
        let (first, before) = (kept.opening, kept.closing);
        // Newest first.
        if first.is_some() && first == self.closing && before != self.opening {
            kept.opening = self.opening;
            return;
        }
        kept.closing = self.closing;
        if let (Some(before), Some(opening)) = (before, self.opening)
            && before != opening
        {
            let text = format!(
                "this statement of {account} begins with {}, the one before ends with {}; is one missing between them?",
                shown(opening),
                shown(before)
            );
            overview.warn(Some(self.line), text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(sheets: &[(&str, &str, &str)]) -> Overview {
        let number = |text: &str| text.parse::<Decimal>().ok();
        let mut overview = Overview::default();
        for (line, (opening, sum, closing)) in sheets.iter().enumerate() {
            let mut sheet = Sheet { line: line as u64, ..Sheet::default() };
            (sheet.opening, sheet.closing) = (number(opening), number(closing));
            sheet.add(number(sum).unwrap());
            sheet.close(&mut overview, "A", "EUR".parse().unwrap());
        }
        overview
    }

    fn ends(overview: &Overview) -> (String, String) {
        let shown = |amount: Option<Decimal>| amount.map_or_else(String::new, |amount| amount.to_string());
        let (opening, closing) = overview.balances();
        (shown(opening), shown(closing))
    }

    #[test]
    fn statements_chain_in_either_order() {
        let up = all(&[("0", "5", "5"), ("5", "2", "7"), ("7", "-1", "6")]);
        assert_eq!((ends(&up), up.warnings.len()), (("0".into(), "6".into()), 0));
        let down = all(&[("7", "-1", "6"), ("5", "2", "7"), ("0", "5", "5")]);
        assert_eq!((ends(&down), down.warnings.len()), (("0".into(), "6".into()), 0));
    }

    #[test]
    fn what_does_not_fit_is_said() {
        let wrong = all(&[("0", "5", "6"), ("9", "1", "10")]);
        assert_eq!(wrong.warnings.len(), 2);
        assert!(wrong.warnings[0].text.contains("0.00 before, 5.00 moved, so 5.00 after, but it says 6.00"));
        assert!(wrong.warnings[1].text.contains("is one missing"));
        assert_eq!(ends(&all(&[("", "5", "6")])), (String::new(), "6".into()));
    }
}
