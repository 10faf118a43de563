//! From the parts of a statement to rows of accounts.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use domain::{Booked, Category, Currency};

use super::overview::{Overview, Sheet};
use super::settle::{Naming, Settled};
use super::texts::tidy;
use super::{Balance, Begin, Identity, Line, Part, Period, Side, Statements, fault};
use crate::file::date::Printed;
use crate::file::error::{ImportError, ReadError};
use crate::file::header::Header;
use crate::file::read::Entry;
use crate::file::row::{Facts, Key, Row};
use crate::file::rules::{Own, Rules};

/// More accounts than this in one file is no statement.
const MOST_ACCOUNTS: usize = 10_000;
/// What the rules of a mapping may name.
pub const COLUMNS: [&str; 7] = ["description", "counterparty", "reference", "id", "code", "category", "account"];

/// One pass over a file. Blocking.
pub struct Reading {
    parts: Box<dyn Statements + Send>,
    naming: Naming,
    /// Of lines whose file names no currency.
    base: Currency,
    rules: Rules,
    progress: Arc<AtomicU64>,
    current: Option<Current>,
    overview: Overview,
    scratch: Vec<u8>,
}

struct Current {
    label: Arc<str>,
    currency: Option<Currency>,
    sheet: Sheet,
}

impl Reading {
    pub fn new(
        parts: Box<dyn Statements + Send>,
        progress: Arc<AtomicU64>,
        settled: &Settled,
    ) -> Result<Self, ImportError> {
        let header = Header::named(COLUMNS);
        Ok(Self {
            parts,
            naming: settled.naming.clone(),
            base: settled.base,
            rules: Rules::new(&settled.mapping, &header)?,
            progress,
            current: None,
            overview: Overview::default(),
            scratch: Vec::new(),
        })
    }

    pub fn progress(&self) -> Arc<AtomicU64> {
        self.progress.clone()
    }

    /// What was seen of the accounts so far; whole at the end of the file.
    pub fn overview(&self) -> &Overview {
        &self.overview
    }

    /// The next entry; `None` at the end of the file.
    pub fn entry(&mut self) -> Result<Option<Entry>, ReadError> {
        loop {
            match self.parts.next()? {
                None => {
                    self.close();
                    return Ok(None);
                }
                Some(Part::Begin(begin)) => self.begin(&begin)?,
                Some(Part::Line(line)) => return self.row(*line).map(|row| Some(Entry::Row(row))),
                Some(Part::Pending) => self.overview.pending += 1,
                Some(Part::PassedOver) => {
                    self.overview.passed_over += 1;
                    return Ok(Some(Entry::Skipped));
                }
                Some(Part::Balance(balance)) => self.balance(&balance),
                Some(Part::Period(period)) => self.period(period),
                Some(Part::Note(warning)) => self.overview.warn(warning.line, warning.text),
                Some(Part::End) => self.close(),
            }
        }
    }

    fn begin(&mut self, begin: &Begin) -> Result<(), ReadError> {
        self.close();
        let label = self.naming.label(begin.account.as_deref(), begin.line)?;
        if self.overview.accounts().len() >= MOST_ACCOUNTS && !self.overview.has(&label) {
            return Err(fault(begin.line, format!("it would be account number {MOST_ACCOUNTS} and one of the file")));
        }
        let sheet = Sheet { line: begin.line, ..Sheet::default() };
        self.current = Some(Current { label, currency: begin.currency, sheet });
        Ok(())
    }

    /// The statement being read; lines before any statement belong to one without a number.
    fn current(&mut self, line: u64) -> Result<&mut Current, ReadError> {
        if self.current.is_none() {
            self.begin(&Begin { line, account: None, currency: None })?;
        }
        self.current.as_mut().ok_or_else(|| fault(line, "it stands before any statement"))
    }

    fn balance(&mut self, balance: &Balance) {
        let Some(current) = &mut self.current else { return };
        if current.currency.is_none() {
            current.currency = balance.currency;
        }
        if balance.currency.is_some() && balance.currency != current.currency {
            let own = current.currency.map_or("another currency", Currency::code);
            let other = balance.currency.map_or("another", Currency::code);
            let text = format!("a balance of {} is in {other}, its account in {own}; it is left out", current.label);
            return self.overview.warn(Some(balance.line), text);
        }
        match balance.side {
            Side::Opening => {
                current.sheet.opening = Some(balance.amount);
                current.sheet.opening_day = balance.day;
            }
            Side::Closing => {
                current.sheet.closing = Some(balance.amount);
                current.sheet.closing_day = balance.day;
            }
        }
    }

    fn period(&mut self, period: Period) {
        if let Some(current) = &mut self.current {
            current.sheet.period = period;
        }
    }

    fn close(&mut self) {
        let Some(Current { label, currency, sheet }) = self.current.take() else { return };
        sheet.close(&mut self.overview, &label, currency.unwrap_or(self.base));
    }

    fn row(&mut self, line: Line) -> Result<Row, ReadError> {
        let base = self.base;
        let current = self.current(line.line)?;
        let currency = *current.currency.get_or_insert(line.currency.unwrap_or(base));
        let account = current.label.clone();
        let own = line.currency.unwrap_or(currency);
        current.sheet.see(line.day);
        if own == currency {
            current.sheet.add(line.amount);
        } else {
            current.sheet.is_mixed = true;
        }
        self.overview.account(&account, currency).rows += 1;
        let (key, repeat) = self.key(&line, &account, own);
        let (category, kind) = self.decide(&line, &account);
        let id = match line.identity {
            Identity::Id(id) | Identity::Shared(id) => Some(id),
            Identity::Facts => None,
        };
        Ok(Row {
            line: line.line,
            account,
            key,
            repeat,
            booked: Booked::Day(line.day),
            value_date: line.value_date,
            amount: line.amount,
            currency: own,
            kind,
            provider_category: line.category.and_then(|label| category.worded(&label)),
            category,
            description: line.description,
            counterparty: line.counterparty,
            reference: line.reference.or_else(|| id.as_deref().and_then(tidy)),
            balance: None,
        })
    }

    fn key(&mut self, line: &Line, account: &str, currency: Currency) -> (Key, Option<Key>) {
        let texts = [&line.description, &line.counterparty, &line.reference].map(|text| text.as_deref());
        let printed = Printed::Day(line.day);
        let facts = |texts| Facts { account, printed, amount: line.amount, currency, texts };
        match &line.identity {
            Identity::Id(id) => {
                // Banks are known that give an id twice: what is not the same movement must not be lost.
                let repeat = Key::of_facts(&facts([Some(id), texts[0], texts[1]]), &mut self.scratch);
                (Key::of_id(account, id), Some(repeat))
            }
            Identity::Shared(shared) => {
                (Key::of_facts(&facts([Some("shared"), Some(shared), None]), &mut self.scratch), None)
            }
            Identity::Facts => (Key::of_facts(&facts(texts), &mut self.scratch), None),
        }
    }

    fn decide(&self, line: &Line, account: &str) -> (Category, domain::Kind) {
        let id = match &line.identity {
            Identity::Id(id) | Identity::Shared(id) => id.as_str(),
            Identity::Facts => "",
        };
        let text = |text: &Option<String>| -> String { text.clone().unwrap_or_default() };
        let (code, category) = (text(&line.code), text(&line.category));
        let cells = [
            line.description.as_deref().unwrap_or_default(),
            line.counterparty.as_deref().unwrap_or_default(),
            line.reference.as_deref().unwrap_or_default(),
            id,
            &code,
            &category,
            account,
        ];
        let own = || Own { category: Category::from_label(&category), kind: line.kind };
        self.rules.decide(|place| cells[place], line.amount, own)
    }
}
