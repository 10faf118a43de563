//! From elements to parts.
//!
//! size: one walk over the message; each element is told by the two around it.

use std::collections::VecDeque;

use chrono::NaiveDate;
use domain::Currency;
use quick_xml::events::{BytesStart, Event};

use super::entry::{Entry, Held};
use super::tags::Tag;
use super::values;
use crate::file::error::ReadError;
use crate::file::formats::texts::{entity, tidy};
use crate::file::formats::{Begin, Part, Period, Source, Statements, fault};

/// Statements need some fifteen levels, envelopes a few more.
const MOST_DEPTH: usize = 64;
const MOST_TEXT: usize = 64 * 1024;

pub struct Reader {
    xml: quick_xml::Reader<Source>,
    buffer: Vec<u8>,
    stack: Vec<Tag>,
    text: String,
    /// `Ccy` of the last `Amt`.
    attribute: Option<String>,
    parts: VecDeque<Part>,
    statement: Option<Sheet>,
    entry: Option<Entry>,
    held: Option<Held>,
    in_details: bool,
    statements: u64,
    ended: bool,
}

#[derive(Default)]
struct Sheet {
    line: u64,
    account: Option<String>,
    /// A number that is no IBAN.
    other: Option<String>,
    currency: Option<Currency>,
    /// On which it was made.
    day: Option<NaiveDate>,
    period: Period,
    begun: bool,
    /// An `OPBD` was there: a `PRCD` says no more.
    opened: bool,
}

impl Reader {
    pub fn new(source: Source) -> Self {
        let mut xml = quick_xml::Reader::from_reader(source);
        xml.config_mut().expand_empty_elements = true;
        Self {
            xml,
            buffer: Vec::new(),
            stack: Vec::new(),
            text: String::new(),
            attribute: None,
            parts: VecDeque::new(),
            statement: None,
            entry: None,
            held: None,
            in_details: false,
            statements: 0,
            ended: false,
        }
    }

    fn line(&self) -> u64 {
        self.xml.get_ref().line()
    }

    fn step(&mut self) -> Result<(), ReadError> {
        self.buffer.clear();
        self.xml.get_ref().allow_a_record();
        let line = self.line();
        let mut buffer = std::mem::take(&mut self.buffer);
        let outcome = match self.xml.read_event_into(&mut buffer) {
            Ok(event) => {
                let depth = self.stack.len();
                self.take(&event, line, depth)
            }
            Err(error) => Err(self.broken(&error)),
        };
        self.buffer = buffer;
        outcome
    }

    fn take(&mut self, event: &Event<'_>, line: u64, depth: usize) -> Result<(), ReadError> {
        match event {
            Event::Start(_) if depth >= MOST_DEPTH => {
                Err(fault(self.line(), format!("elements stand more than {MOST_DEPTH} deep within each other")))
            }
            Event::Start(start) => self.start(start),
            Event::End(_) => self.end_element(),
            Event::Text(text) => self.add(&text.clone().into_inner(), line),
            Event::CData(text) => self.add(&text.clone().into_inner(), line),
            Event::GeneralRef(reference) => {
                let name = self.xml.get_ref().text(reference, line)?;
                let name =
                    if let Some(number) = name.strip_prefix('#') { format!("#{number}") } else { name.to_owned() };
                let known = matches!(name.as_str(), "amp" | "lt" | "gt" | "quot" | "apos") || name.starts_with('#');
                match entity(&name).filter(|_| known) {
                    Some(c) => {
                        self.text.push(c);
                        Ok(())
                    }
                    None => Err(fault(line, "it has an entity, which no statement has and which can be abused")),
                }
            }
            Event::DocType(_) => {
                Err(fault(line, "it has a document type, which no statement has and which can be abused"))
            }
            Event::Eof => self.end(),
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => Ok(()),
        }
    }

    fn broken(&self, error: &quick_xml::Error) -> ReadError {
        match error {
            quick_xml::Error::Io(error) => self.xml.get_ref().failed(error),
            other => fault(self.line(), format!("it is not well-formed XML ({other}); is the file cut off?")),
        }
    }

    fn add(&mut self, bytes: &[u8], line: u64) -> Result<(), ReadError> {
        let text = self.xml.get_ref().text(bytes, line)?;
        if self.text.len() + text.len() > MOST_TEXT {
            return Err(fault(line, "a text is longer than 64 KiB"));
        }
        self.text.push_str(text);
        Ok(())
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), ReadError> {
        let line = self.line();
        let tag = Tag::of(start.local_name().as_ref());
        self.stack.push(tag);
        self.text.clear();
        match tag {
            Tag::Stmt | Tag::Rpt | Tag::Ntfctn if self.statement.is_none() => {
                self.statements += 1;
                self.statement = Some(Sheet { line, ..Sheet::default() });
            }
            Tag::Ntry if self.statement.is_some() && self.entry.is_none() => {
                self.begin();
                self.entry = Some(Entry::at(line));
            }
            Tag::Bal if self.statement.is_some() && self.entry.is_none() => {
                self.held = Some(Held { line, ..Held::default() });
            }
            Tag::TxDtls => self.in_details = true,
            Tag::Amt => {
                let wrong = |_| fault(line, "an attribute is not well-formed");
                let attribute = start.try_get_attribute("Ccy").map_err(wrong)?;
                let text =
                    attribute.map(|attribute| self.xml.get_ref().text(&attribute.value, line).map(str::to_owned));
                self.attribute = text.transpose()?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Tells of the statement before its first entry.
    fn begin(&mut self) {
        if let Some(sheet) = &mut self.statement
            && !std::mem::replace(&mut sheet.begun, true)
        {
            let account = sheet.account.clone().or_else(|| sheet.other.clone());
            self.parts.push_back(Part::Begin(Begin { line: sheet.line, account, currency: sheet.currency }));
        }
    }

    fn end_element(&mut self) -> Result<(), ReadError> {
        let line = self.line();
        let text = std::mem::take(&mut self.text);
        let outcome = self.leaf(text.trim(), line);
        self.text = text;
        self.text.clear();
        outcome?;
        match self.stack.pop() {
            Some(Tag::TxDtls) => {
                self.in_details = false;
                if let Some(entry) = &mut self.entry {
                    entry.end_part();
                }
            }
            // One within another element of the same name is not closed here.
            Some(Tag::Ntry) if !self.stack.contains(&Tag::Ntry) => {
                let (currency, day) = self.statement.as_ref().map_or((None, None), |sheet| (sheet.currency, sheet.day));
                if let Some(entry) = self.entry.take() {
                    self.parts.extend(entry.finish(currency, day)?);
                }
            }
            Some(Tag::Bal) => self.end_balance()?,
            Some(tag @ (Tag::Stmt | Tag::Rpt | Tag::Ntfctn)) if !self.stack.contains(&tag) => self.end_statement(),
            _ => {}
        }
        Ok(())
    }

    fn end_balance(&mut self) -> Result<(), ReadError> {
        let Some(held) = self.held.take() else { return Ok(()) };
        let previous = held.code == "PRCD";
        let opening = held.code == "OPBD";
        if let Some(balance) = held.finish()?
            && let Some(sheet) = &mut self.statement
            && !(previous && sheet.opened)
        {
            sheet.opened |= opening;
            self.begin();
            self.parts.push_back(Part::Balance(balance));
        }
        Ok(())
    }

    fn end_statement(&mut self) {
        self.begin();
        if let Some(sheet) = self.statement.take() {
            self.parts.extend([Part::Period(sheet.period), Part::End]);
        }
    }

    /// The text of an element that ends, by where it stands.
    fn leaf(&mut self, text: &str, line: u64) -> Result<(), ReadError> {
        if text.is_empty() {
            return Ok(());
        }
        let at = |back: usize| self.stack.len().checked_sub(back).map_or(Tag::Other, |place| self.stack[place]);
        let path = [at(4), at(3), at(2), at(1)];
        let wrong = |reason: String| fault(line, reason);
        if let Some(held) = &mut self.held {
            return of_balance(held, path, text, self.attribute.as_deref()).map_err(wrong);
        }
        match (&mut self.entry, self.in_details) {
            (Some(entry), true) => of_details(entry, path, text, self.attribute.as_deref()).map_err(wrong),
            (Some(entry), false) => of_entry(entry, path, text, self.attribute.as_deref()).map_err(wrong),
            (None, _) => self.of_account(path, text).map_err(wrong),
        }
    }

    fn of_account(&mut self, path: [Tag; 4], text: &str) -> Result<(), String> {
        let Some(sheet) = &mut self.statement else { return Ok(()) };
        match path {
            [_, Tag::Acct, Tag::Id, Tag::Iban] => sheet.account = tidy(&text.replace(' ', "")),
            [_, Tag::Acct, Tag::Id, Tag::Bban] | [Tag::Acct, Tag::Id, Tag::Othr | Tag::PrtryAcct, Tag::Id] => {
                sheet.other = tidy(text);
            }
            [_, _, Tag::Stmt | Tag::Rpt | Tag::Ntfctn, Tag::CreDtTm | Tag::CreDt] => sheet.day = values::day(text).ok(),
            [_, _, Tag::FrToDt, Tag::FrDtTm | Tag::FrDt] => sheet.period.from = values::day(text).ok(),
            [_, _, Tag::FrToDt, Tag::ToDtTm | Tag::ToDt] => sheet.period.to = values::day(text).ok(),
            [_, Tag::Stmt | Tag::Rpt | Tag::Ntfctn, Tag::Acct, Tag::Ccy] => {
                sheet.currency = Some(values::currency(text)?);
            }
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), ReadError> {
        if !self.stack.is_empty() {
            return Err(fault(self.line(), "the file ends within the message; it is cut off"));
        }
        if self.statements == 0 {
            return Err(ReadError::NoStatement("this CAMT file has no statement, report or notification".to_owned()));
        }
        self.ended = true;
        Ok(())
    }
}

fn of_balance(held: &mut Held, path: [Tag; 4], text: &str, attribute: Option<&str>) -> Result<(), String> {
    match path {
        [_, Tag::Tp, Tag::CdOrPrtry, Tag::Cd] | [_, Tag::Bal, Tag::Tp, Tag::Cd] => text.clone_into(&mut held.code),
        [_, _, Tag::Bal, Tag::Amt] => {
            held.amount = Some(text.to_owned());
            held.currency = attribute.map(values::currency).transpose()?;
        }
        [_, Tag::Bal, Tag::Dt, Tag::Dt | Tag::DtTm] => held.day = values::day(text).ok(),
        [_, _, Tag::Bal, Tag::CdtDbtInd] => held.is_credit = Some(values::is_credit(text)?),
        _ => {}
    }
    Ok(())
}

fn of_entry(entry: &mut Entry, path: [Tag; 4], text: &str, attribute: Option<&str>) -> Result<(), String> {
    match path {
        [_, _, Tag::Ntry, Tag::Amt] => {
            entry.amount = Some(text.to_owned());
            entry.currency = attribute.map(values::currency).transpose()?;
        }
        [_, _, Tag::Ntry, Tag::CdtDbtInd] => entry.is_credit = Some(values::is_credit(text)?),
        // Text in the old versions, a code in the new ones.
        [_, _, Tag::Ntry, Tag::Sts] | [_, Tag::Ntry, Tag::Sts, Tag::Cd] => entry.status = Some(text.to_owned()),
        [_, Tag::Ntry, Tag::BookgDt, Tag::Dt | Tag::DtTm] => entry.booked = Some(values::day(text)?),
        [_, Tag::Ntry, Tag::ValDt, Tag::Dt | Tag::DtTm] => entry.value = Some(values::day(text)?),
        [_, _, Tag::Ntry, Tag::AcctSvcrRef] => entry.bank_reference = tidy(text),
        [_, _, Tag::Ntry, Tag::AddtlNtryInf] => entry.info = tidy(text),
        [_, Tag::Domn, Tag::Fmly, Tag::SubFmlyCd] => entry.code = tidy(text),
        [_, Tag::BkTxCd, Tag::Prtry, Tag::Cd] if entry.code.is_none() => entry.code = tidy(text),
        _ => {}
    }
    Ok(())
}

fn of_details(entry: &mut Entry, path: [Tag; 4], text: &str, attribute: Option<&str>) -> Result<(), String> {
    let part = &mut entry.part;
    match path {
        [_, _, Tag::TxDtls, Tag::Amt] => {
            part.amount = Some(text.to_owned());
            part.currency = attribute.map(values::currency).transpose()?;
        }
        [_, _, Tag::TxDtls, Tag::CdtDbtInd] => part.is_credit = Some(values::is_credit(text)?),
        [_, _, Tag::Refs, Tag::EndToEndId] => part.end_to_end = tidy(text),
        [_, _, Tag::Refs, Tag::AcctSvcrRef] => part.bank_reference = tidy(text),
        [_, Tag::RltdPties, Tag::Dbtr, Tag::Nm] | [Tag::RltdPties, Tag::Dbtr, Tag::Pty, Tag::Nm] => {
            part.debtor = tidy(text);
        }
        [_, Tag::RltdPties, Tag::Cdtr, Tag::Nm] | [Tag::RltdPties, Tag::Cdtr, Tag::Pty, Tag::Nm] => {
            part.creditor = tidy(text);
        }
        [_, Tag::RltdPties, Tag::UltmtDbtr, Tag::Nm] | [Tag::RltdPties, Tag::UltmtDbtr, Tag::Pty, Tag::Nm] => {
            part.debtor = part.debtor.take().or_else(|| tidy(text));
        }
        [_, Tag::RltdPties, Tag::UltmtCdtr, Tag::Nm] | [Tag::RltdPties, Tag::UltmtCdtr, Tag::Pty, Tag::Nm] => {
            part.creditor = part.creditor.take().or_else(|| tidy(text));
        }
        [_, _, Tag::RmtInf, Tag::Ustrd] => part.add_text(text),
        [_, _, Tag::Strd, Tag::AddtlRmtInf] => part.add_text(text),
        [_, Tag::Strd, Tag::CdtrRefInf, Tag::Ref] => part.creditor_reference = tidy(text),
        [_, _, Tag::TxDtls, Tag::AddtlTxInf] => part.info = tidy(text),
        _ => {}
    }
    Ok(())
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
