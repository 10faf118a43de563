//! From tags to parts.

use std::collections::VecDeque;

use chrono::NaiveDate;
use domain::Currency;
use rust_decimal::Decimal;

use super::draft::Draft;
use super::tokens::{Token, Tokens};
use super::values;
use crate::file::error::ReadError;
use crate::file::formats::amount::{self, Single};
use crate::file::formats::texts::tidy;
use crate::file::formats::{Balance, Begin, Part, Period, Side, Source, Statements, Warning, fault};

/// Aggregates that matter; all others are passed through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    Ofx,
    Status,
    Statement,
    Account,
    /// Of the other side, or of a card: not this statement's.
    OtherAccount,
    List,
    /// Announced transactions.
    PendingList,
    Transaction,
    Payee,
    Currency,
    OriginalCurrency,
    Ledger,
    /// A trade or another movement of securities.
    Trade,
}

pub struct Reader {
    tokens: Tokens,
    parts: VecDeque<Part>,
    stack: Vec<Within>,
    leaf: String,
    statement: Option<Statement>,
    draft: Option<Draft>,
    status: Status,
    /// The first refusal of the bank, with its line.
    refused: Option<(u64, String)>,
    seen_ofx: bool,
    statements: u64,
    contradiction_told: bool,
    ended: bool,
}

#[derive(Default)]
struct Statement {
    line: u64,
    account: Option<String>,
    currency: Option<Currency>,
    begun: bool,
    sum: Decimal,
    last_day: Option<NaiveDate>,
    list: Period,
    ledger: Option<Decimal>,
    ledger_day: Option<NaiveDate>,
    ledger_line: u64,
}

#[derive(Default)]
struct Status {
    line: u64,
    code: String,
    severity: String,
    message: String,
}

impl Reader {
    pub fn new(source: Source) -> Self {
        Self {
            tokens: Tokens::new(source),
            parts: VecDeque::new(),
            stack: Vec::new(),
            leaf: String::new(),
            statement: None,
            draft: None,
            status: Status::default(),
            refused: None,
            seen_ofx: false,
            statements: 0,
            contradiction_told: false,
            ended: false,
        }
    }

    fn within(&self) -> Option<Within> {
        self.stack.last().copied()
    }

    fn step(&mut self) -> Result<(), ReadError> {
        match self.tokens.next()? {
            Token::Open => self.open(),
            Token::Close => self.close(),
            Token::Value => self.value(),
            Token::End => self.end(),
        }
    }

    fn open(&mut self) -> Result<(), ReadError> {
        let line = self.tokens.line();
        let name = self.tokens.name();
        self.leaf.clear();
        self.leaf.push_str(name);
        let Some(within) = aggregate(name) else { return Ok(()) };
        if within == Within::Trade && self.within() != Some(Within::List) {
            return Ok(());
        }
        match within {
            Within::Ofx => self.seen_ofx = true,
            Within::Status => self.status = Status { line, ..Status::default() },
            Within::Statement => {
                self.end_statement();
                self.statement = Some(Statement { line, ..Statement::default() });
                self.statements += 1;
            }
            Within::Transaction => {
                if let Some(open) = &self.draft {
                    return Err(fault(open.line, "a transaction begins before this one is closed"));
                }
                self.begin(line)?;
                self.draft = Some(Draft::at(line));
            }
            Within::List | Within::PendingList => self.begin(line)?,
            Within::Trade => self.parts.push_back(Part::PassedOver),
            _ => {}
        }
        // A tag that is never closed opens again and again.
        if self.stack.len() > 64 {
            return Err(fault(line, "tags stand too deep within each other"));
        }
        self.stack.push(within);
        Ok(())
    }

    /// Tells of the statement before its first line.
    fn begin(&mut self, line: u64) -> Result<(), ReadError> {
        let Some(statement) = &mut self.statement else {
            return Err(fault(line, "a transaction stands outside of a statement"));
        };
        if !std::mem::replace(&mut statement.begun, true) {
            let (account, currency) = (statement.account.clone(), statement.currency);
            self.parts.push_back(Part::Begin(Begin { line: statement.line, account, currency }));
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), ReadError> {
        self.leaf.clear();
        let Some(within) = aggregate(self.tokens.name()) else { return Ok(()) };
        let Some(at) = self.stack.iter().rposition(|open| *open == within) else { return Ok(()) };
        self.stack.truncate(at);
        match within {
            Within::Transaction => self.end_transaction()?,
            Within::Statement => self.end_statement(),
            Within::Status => self.judge(),
            _ => {}
        }
        Ok(())
    }

    fn end_transaction(&mut self) -> Result<(), ReadError> {
        let Some(draft) = self.draft.take() else { return Ok(()) };
        if self.stack.contains(&Within::PendingList) {
            self.parts.push_back(Part::Pending);
            return Ok(());
        }
        if draft.contradicts_itself() && !self.contradiction_told {
            self.contradiction_told = true;
            let text = "a transaction's type says another direction than the sign of its amount; the sign is taken";
            self.parts.push_back(Part::Note(Warning { line: Some(draft.line), text: text.to_owned() }));
        }
        let line = draft.finish()?;
        if let Some(statement) = &mut self.statement {
            statement.sum = statement.sum.checked_add(line.amount).unwrap_or_default();
            statement.last_day = statement.last_day.max(Some(line.day));
        }
        self.parts.push_back(Part::Line(Box::new(line)));
        Ok(())
    }

    fn end_statement(&mut self) {
        let Some(statement) = self.statement.take() else { return };
        let Statement { line, account, currency, begun, .. } = statement;
        if !begun {
            self.parts.push_back(Part::Begin(Begin { line, account, currency }));
        }
        let day = statement.ledger_day;
        let covers = day.is_some() && day >= statement.last_day && statement.list.to.is_none_or(|end| day <= Some(end));
        if let Some(amount) = statement.ledger {
            let line = statement.ledger_line;
            let balance = |side, amount, day| Part::Balance(Balance { line, side, amount, currency, day });
            self.parts.push_back(balance(Side::Closing, amount, day));
            // OFX states only the last balance. Of the day of the list's end it says what was there before the list.
            if let Some(opening) = amount.checked_sub(statement.sum).filter(|_| covers) {
                self.parts.push_back(balance(Side::Opening, opening, None));
            }
        }
        self.parts.extend([Part::Period(statement.list), Part::End]);
    }

    fn value(&mut self) -> Result<(), ReadError> {
        if self.leaf.is_empty() {
            return Ok(());
        }
        let (line, value) = (self.tokens.line(), self.tokens.value());
        let name = self.leaf.as_str();
        match self.within() {
            Some(Within::Transaction) => {
                if let Some(draft) = &mut self.draft {
                    draft.set(name, value, line)?;
                }
            }
            Some(Within::Payee) if name == "NAME" => {
                if let Some(draft) = &mut self.draft {
                    draft.set(name, value, line)?;
                }
            }
            Some(Within::Currency) if name == "CURSYM" => {
                if let Some(draft) = &mut self.draft {
                    draft.set_currency(value, line)?;
                }
            }
            Some(Within::Status) => match name {
                "CODE" => value.clone_into(&mut self.status.code),
                "SEVERITY" => self.status.severity = value.to_ascii_uppercase(),
                "MESSAGE" => self.status.message = tidy(value).unwrap_or_default(),
                _ => {}
            },
            within => self.of_statement(within, line)?,
        }
        self.leaf.clear();
        Ok(())
    }

    fn of_statement(&mut self, within: Option<Within>, line: u64) -> Result<(), ReadError> {
        let Some(statement) = &mut self.statement else { return Ok(()) };
        let value = self.tokens.value();
        let wrong = |reason: String| fault(line, reason);
        match (within, self.leaf.as_str()) {
            (Some(Within::Account), "ACCTID") => statement.account = tidy(value),
            (_, "CURDEF") => {
                statement.currency = Some(value.parse().map_err(|error| fault(line, format!("{error}")))?);
            }
            (Some(Within::List), "DTSTART") => statement.list.from = values::day(value).ok(),
            (Some(Within::List), "DTEND") => statement.list.to = values::day(value).ok(),
            (Some(Within::Ledger), "BALAMT") => {
                statement.ledger = Some(amount::read(value, Single::Unclear).map_err(wrong)?);
                statement.ledger_line = line;
            }
            (Some(Within::Ledger), "DTASOF") => statement.ledger_day = values::day(value).ok(),
            _ => {}
        }
        Ok(())
    }

    /// What the bank's server answered.
    fn judge(&mut self) {
        let Status { line, code, severity, message } = std::mem::take(&mut self.status);
        if severity == "ERROR" || (severity.is_empty() && code.trim_start_matches('0').len() > 2) {
            let message = if message.is_empty() { "an error".to_owned() } else { format!("\"{message}\"") };
            self.refused.get_or_insert((line, format!("the bank's server answered {message} (status {code})")));
        }
    }

    fn end(&mut self) -> Result<(), ReadError> {
        if let Some(draft) = &self.draft {
            return Err(fault(draft.line, "the transaction is not closed; the file is cut off"));
        }
        if self.statement.is_some() && self.stack.contains(&Within::List) {
            return Err(fault(self.tokens.line(), "the file ends within a list of transactions; it is cut off"));
        }
        self.end_statement();
        match (self.statements, self.refused.take()) {
            (0, Some((line, reason))) => return Err(fault(line, format!("{reason}; there is no statement"))),
            (0, None) => {
                let what = if self.seen_ofx { "this OFX file has no statement" } else { "this is no OFX file" };
                return Err(ReadError::NoStatement(what.to_owned()));
            }
            (_, Some((line, reason))) => {
                let text = format!("{reason}: a statement is missing");
                self.parts.push_back(Part::Note(Warning { line: Some(line), text }));
            }
            (_, None) => {}
        }
        self.ended = true;
        Ok(())
    }
}

/// What a tag opens.
fn aggregate(name: &str) -> Option<Within> {
    Some(match name {
        "OFX" => Within::Ofx,
        "STATUS" => Within::Status,
        "STMTRS" | "CCSTMTRS" | "INVSTMTRS" | "LOANSTMTRS" => Within::Statement,
        "BANKACCTFROM" | "CCACCTFROM" | "INVACCTFROM" | "LOANACCTFROM" => Within::Account,
        "BANKACCTTO" | "CCACCTTO" => Within::OtherAccount,
        "BANKTRANLIST" | "INVTRANLIST" | "LOANTRANLIST" => Within::List,
        "BANKTRANLISTP" => Within::PendingList,
        "STMTTRN" | "STMTTRNP" => Within::Transaction,
        "PAYEE" | "EXTDPAYEE" => Within::Payee,
        "CURRENCY" => Within::Currency,
        "ORIGCURRENCY" => Within::OriginalCurrency,
        "LEDGERBAL" => Within::Ledger,
        "AVAILBAL" | "IMAGEDATA" => Within::OtherAccount,
        _ if is_trade(name) => Within::Trade,
        _ => return None,
    })
}

fn is_trade(name: &str) -> bool {
    matches!(
        name,
        "BUYDEBT"
            | "BUYMF"
            | "BUYOPT"
            | "BUYOTHER"
            | "BUYSTOCK"
            | "CLOSUREOPT"
            | "INCOME"
            | "INVEXPENSE"
            | "JRNLFUND"
            | "JRNLSEC"
            | "MARGININTEREST"
            | "REINVEST"
            | "RETOFCAP"
            | "SELLDEBT"
            | "SELLMF"
            | "SELLOPT"
            | "SELLOTHER"
            | "SELLSTOCK"
            | "SPLIT"
            | "TRANSFER"
    )
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
