//! From records to parts.

use std::collections::VecDeque;

use domain::Kind;
use rust_decimal::Decimal;

use super::survey::{MOST_LINE, Section, section};
use super::values::Print;
use crate::file::error::ReadError;
use crate::file::formats::texts::{joined, tidy};
use crate::file::formats::{Begin, Identity, Line, Part, Source, Statements, Warning, fault};

/// Lines of one record: Quicken has some hundred splits at most.
const MOST_LINES: usize = 2_000;

pub struct Reader {
    source: Source,
    print: Print,
    within: Section,
    parts: VecDeque<Part>,
    line: String,
    record: Record,
    /// The account that the last account record named.
    account: Option<String>,
    begun: bool,
    seen: bool,
    ended: bool,
}

#[derive(Default)]
struct Record {
    first: u64,
    lines: usize,
    date: Option<String>,
    amount: Option<String>,
    /// The same as [`Self::amount`], which older programs leave out.
    other_amount: Option<String>,
    number: Option<String>,
    payee: Option<String>,
    memo: Option<String>,
    category: Option<String>,
    splits: Vec<String>,
    split_category: Option<String>,
}

impl Reader {
    pub fn new(source: Source, print: Print) -> Self {
        Self {
            source,
            print,
            within: Section::Other,
            parts: VecDeque::new(),
            line: String::new(),
            record: Record::default(),
            account: None,
            begun: false,
            seen: false,
            ended: false,
        }
    }

    fn step(&mut self) -> Result<(), ReadError> {
        let at = self.source.line();
        let mut line = std::mem::take(&mut self.line);
        let more = self.source.take_line(&mut line, MOST_LINE)?;
        let outcome = if more { self.take(&line, at) } else { self.end() };
        self.line = line;
        outcome
    }

    fn take(&mut self, line: &str, at: u64) -> Result<(), ReadError> {
        let Some(letter) = line.chars().next().filter(|_| !line.trim().is_empty()) else { return Ok(()) };
        if letter == '!' {
            // Some programs leave out the last `^` of a section.
            self.end_record()?;
            return self.header(line, at);
        }
        if letter == '^' {
            return self.end_record();
        }
        if self.within == Section::Other {
            return Ok(());
        }
        if self.record.lines == 0 {
            self.record.first = at;
        }
        self.record.lines += 1;
        if self.record.lines > MOST_LINES {
            return Err(fault(self.record.first, "the record does not end; is a ^ missing?"));
        }
        let value = line[letter.len_utf8()..].trim();
        self.record.set(letter, value, self.within);
        Ok(())
    }

    fn header(&mut self, line: &str, at: u64) -> Result<(), ReadError> {
        let Some(section) = section(line) else { return Ok(()) };
        self.within = section;
        if section != Section::Transactions {
            return Ok(());
        }
        self.seen = true;
        if std::mem::replace(&mut self.begun, true) {
            self.parts.push_back(Part::End);
        }
        self.parts.push_back(Part::Begin(Begin { line: at, account: self.account.clone(), currency: None }));
        Ok(())
    }

    fn end_record(&mut self) -> Result<(), ReadError> {
        let record = std::mem::take(&mut self.record);
        if record.lines == 0 {
            return Ok(());
        }
        match self.within {
            Section::Accounts => self.account = record.number,
            Section::Investments => self.parts.push_back(Part::PassedOver),
            Section::Transactions => {
                let (line, note) = record.finish(&self.print)?;
                self.parts.extend(note.map(Part::Note));
                self.parts.push_back(Part::Line(Box::new(line)));
            }
            Section::Other => {}
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), ReadError> {
        self.end_record()?;
        if !self.seen {
            return Err(ReadError::NoStatement(
                "this QIF file has no transactions of a bank, a card or cash".to_owned(),
            ));
        }
        self.parts.push_back(Part::End);
        self.ended = true;
        Ok(())
    }
}

impl Record {
    fn set(&mut self, letter: char, value: &str, within: Section) {
        // A split may have a date of its own, which is not the record's.
        let splits = self.split_category.is_some();
        match letter {
            'D' if !splits && within == Section::Transactions => self.date = Some(value.to_owned()),
            'T' => self.amount = Some(value.to_owned()),
            'U' => self.other_amount = Some(value.to_owned()),
            'N' => self.number = tidy(value),
            'P' => self.payee = tidy(value),
            'M' => self.memo = tidy(value),
            'L' => self.category = Some(value.to_owned()).filter(|value| !value.is_empty()),
            'S' => self.split_category = Some(value.to_owned()),
            '$' => self.splits.push(value.to_owned()),
            _ => {}
        }
    }

    fn finish(self, print: &Print) -> Result<(Line, Option<Warning>), ReadError> {
        let first = self.first;
        let wrong = |reason: String| fault(first, reason);
        let date = self.date.ok_or_else(|| fault(first, "the record has no date (D)"))?;
        let amount = self.amount.or(self.other_amount).ok_or_else(|| fault(first, "the record has no amount (T)"))?;
        let day = print.day(&date).map_err(wrong)?;
        let amount = print.amount(&amount).map_err(wrong)?;
        let note = splits_differ(&self.splits, amount, print, first)?;
        let category = self.category.or(self.split_category);
        let is_transfer = category.as_deref().is_some_and(|category| is_transfer(category, print));
        let line = Line {
            line: first,
            day,
            value_date: None,
            amount,
            currency: None,
            identity: Identity::Facts,
            description: joined([self.payee.as_deref(), self.memo.as_deref()]),
            counterparty: self.payee,
            reference: self.number,
            category: if is_transfer { Some("transfer".to_owned()) } else { category },
            code: None,
            kind: is_transfer.then_some(Kind::InternalTransfer),
        };
        Ok((line, note))
    }
}

/// Of a transfer the category is the other account: in brackets, or the name of an account of the file.
fn is_transfer(category: &str, print: &Print) -> bool {
    let bare = category.split(['/', '|']).next().unwrap_or(category).trim();
    bare.starts_with('[') && bare.ends_with(']') || print.accounts.contains(bare)
}

fn splits_differ(splits: &[String], amount: Decimal, print: &Print, line: u64) -> Result<Option<Warning>, ReadError> {
    let mut sum = Decimal::ZERO;
    for split in splits {
        let part = print.amount(split).map_err(|reason| fault(line, format!("of a split, {reason}")))?;
        sum = sum.checked_add(part).unwrap_or(sum);
    }
    let differs = !splits.is_empty() && sum != amount;
    let text = || format!("the splits come to {sum}, the transaction to {amount}; the transaction is taken");
    Ok(differs.then(|| Warning { line: Some(line), text: text() }))
}

impl Statements for Reader {
    fn next(&mut self) -> Result<Option<Part>, ReadError> {
        loop {
            if let Some(part) = self.parts.pop_front() {
                return Ok(Some(part));
            }
            if self.ended {
                return Ok(None);
            }
            self.step()?;
        }
    }
}
