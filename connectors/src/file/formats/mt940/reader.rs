//! From fields to parts.

use std::collections::VecDeque;

use domain::Currency;

use super::{details, values};
use crate::file::error::ReadError;
use crate::file::formats::texts::{joined, tidy};
use crate::file::formats::{Balance, Begin, Identity, Line, Part, Side, Source, Statements, Warning, fault};

const MOST_LINE: usize = 64 * 1024;
/// Bytes of one field: six lines of 65 by the standard, a hundred in use.
const MOST_FIELD: usize = 64 * 1024;

pub struct Reader {
    source: Source,
    parts: VecDeque<Part>,
    line: String,
    field: Field,
    statement: Option<Sheet>,
    entry: Option<(u64, values::Entry, String)>,
    statements: u64,
    ended: bool,
}

#[derive(Default)]
struct Field {
    line: u64,
    tag: String,
    text: String,
}

#[derive(Default)]
struct Sheet {
    line: u64,
    account: Option<String>,
    currency: Option<Currency>,
    begun: bool,
    opened: bool,
    closed: bool,
}

impl Reader {
    pub fn new(source: Source) -> Self {
        Self {
            source,
            parts: VecDeque::new(),
            line: String::new(),
            field: Field::default(),
            statement: None,
            entry: None,
            statements: 0,
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
        // The application header and the first field may share a line: `{4::20:…`.
        let line = line.rfind("{4:").map_or(line, |block| &line[block + 3..]);
        let text = line.trim_start();
        if let Some((tag, rest)) = tag_of(text) {
            self.end_field()?;
            let mut kept = std::mem::take(&mut self.field);
            kept.line = at;
            tag.clone_into(&mut kept.tag);
            rest.clone_into(&mut kept.text);
            self.field = kept;
            return Ok(());
        }
        if is_end(line) {
            self.end_field()?;
            return self.end_entry();
        }
        if self.field.tag.is_empty() || line.trim().is_empty() {
            return Ok(());
        }
        if self.field.text.len() + line.len() > MOST_FIELD {
            return Err(fault(self.field.line, format!("the field :{}: does not end", self.field.tag)));
        }
        self.field.text.push('\n');
        self.field.text.push_str(line);
        Ok(())
    }

    /// Reads what was gathered.
    fn end_field(&mut self) -> Result<(), ReadError> {
        let Field { line, tag, text } = std::mem::take(&mut self.field);
        if tag.is_empty() {
            return Ok(());
        }
        let wrong = |reason: String| fault(line, reason);
        if tag == "86" {
            // Behind a closing balance it speaks of the whole statement.
            if let Some((_, _, details)) = &mut self.entry {
                if !details.is_empty() {
                    details.push('\n');
                }
                details.push_str(&text);
            }
            return Ok(());
        }
        self.end_entry()?;
        match tag.as_str() {
            "20" => self.begin_statement(line),
            "25" | "25P" => self.sheet(line).account = text.lines().next().and_then(tidy),
            "60F" | "60M" => {
                let (amount, currency, day) = values::balance(&text).map_err(wrong)?;
                let sheet = self.sheet(line);
                sheet.currency = Some(currency);
                sheet.opened = true;
                self.begin();
                self.balance(Balance { line, side: Side::Opening, amount, currency: Some(currency), day });
            }
            "62F" | "62M" => {
                let (amount, currency, day) = values::balance(&text).map_err(wrong)?;
                let sheet = self.sheet(line);
                sheet.currency.get_or_insert(currency);
                sheet.closed = true;
                self.begin();
                self.balance(Balance { line, side: Side::Closing, amount, currency: Some(currency), day });
            }
            "34F" => {
                let currency = values::floor_currency(&text);
                let sheet = self.sheet(line);
                sheet.currency = sheet.currency.or(currency);
            }
            "61" => {
                let entry = values::entry(&text).map_err(wrong)?;
                self.sheet(line);
                self.begin();
                if let Some(bent) = &entry.bent {
                    self.parts.push_back(Part::Note(Warning { line: Some(line), text: bent.clone() }));
                }
                self.entry = Some((line, entry, String::new()));
            }
            _ => {}
        }
        Ok(())
    }

    fn begin_statement(&mut self, line: u64) {
        self.end_statement();
        self.statements += 1;
        self.statement = Some(Sheet { line, ..Sheet::default() });
    }

    fn sheet(&mut self, line: u64) -> &mut Sheet {
        if self.statement.is_none() {
            self.statements += 1;
        }
        self.statement.get_or_insert_with(|| Sheet { line, ..Sheet::default() })
    }

    fn begin(&mut self) {
        if let Some(sheet) = &mut self.statement
            && !std::mem::replace(&mut sheet.begun, true)
        {
            let (account, currency) = (sheet.account.clone(), sheet.currency);
            self.parts.push_back(Part::Begin(Begin { line: sheet.line, account, currency }));
        }
    }

    fn balance(&mut self, balance: Balance) {
        self.parts.push_back(Part::Balance(balance));
    }

    fn end_entry(&mut self) -> Result<(), ReadError> {
        let Some((line, entry, text)) = self.entry.take() else { return Ok(()) };
        if entry.is_expected {
            self.parts.push_back(Part::Pending);
            return Ok(());
        }
        let details = details::read(&text);
        let supplement = entry.supplement.as_deref();
        self.parts.push_back(Part::Line(Box::new(Line {
            line,
            day: entry.day,
            value_date: entry.bent.is_none().then_some(entry.day),
            amount: entry.amount,
            currency: None,
            identity: Identity::Facts,
            description: joined([details.description.as_deref()]).or_else(|| joined([supplement])),
            counterparty: details.counterparty,
            reference: entry.reference.or(details.reference),
            category: None,
            code: entry.code,
            kind: None,
        })));
        Ok(())
    }

    fn end_statement(&mut self) {
        let Some(sheet) = self.statement.take() else { return };
        let Sheet { line, account, currency, begun, opened, closed } = sheet;
        if !begun {
            self.parts.push_back(Part::Begin(Begin { line, account, currency }));
        }
        if opened && !closed {
            let text = "the statement has no closing balance; is the file cut off?".to_owned();
            self.parts.push_back(Part::Note(Warning { line: Some(line), text }));
        }
        self.parts.push_back(Part::End);
    }

    fn end(&mut self) -> Result<(), ReadError> {
        self.end_field()?;
        self.end_entry()?;
        self.end_statement();
        if self.statements == 0 {
            return Err(ReadError::NoStatement("this MT940 file has no statement".to_owned()));
        }
        self.ended = true;
        Ok(())
    }
}

/// `:61:` and what stands behind it.
fn tag_of(line: &str) -> Option<(&str, &str)> {
    let (tag, rest) = line.strip_prefix(':')?.split_once(':')?;
    let digits = tag.bytes().take_while(u8::is_ascii_digit).count();
    let is_tag = digits == 2 && tag.len() <= 3 && tag.bytes().skip(2).all(|byte| byte.is_ascii_uppercase());
    // Of Dutch and Nordic banks: a header, and structured additions.
    (is_tag || matches!(tag, "940" | "942" | "NS")).then_some((tag, rest))
}

/// The end of a message: `-`, `-}`, and `-XXX` of a Dutch bank.
fn is_end(line: &str) -> bool {
    let line = line.trim_end();
    line == "-" || line.starts_with("-}") || line == "-XXX"
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
