//! A complete mapping made ready for a file's header: rows go in, transactions or reasons come out.

use std::collections::HashSet;
use std::sync::Arc;

use csv::StringRecord;
use domain::{Category, Currency, TimeZone};
use rust_decimal::Decimal;

use super::amounts::Amounts;
use super::date::{Clock, DateFormat, Printed};
use super::header::Header;
use super::mapping::{DecimalMark, Mapping, MappingError, Texts, Thousands};
use super::number::{Numbers, sign_fits};
use super::row::{Facts, Key, Row};
use super::rules::{Matcher, Own, Rules};

/// The longest texts of a row: a page of 500 rows must stay a message.
const MOST_TEXT: usize = 16 * 1024;
/// More accounts than this in one file is a wrong column.
const MOST_ACCOUNTS: usize = 10_000;
/// How lines of totals and balances call themselves.
const FOOTERS: [&str; 20] = [
    "summe",
    "gesamt",
    "gesamtsumme",
    "total",
    "totals",
    "totaal",
    "totale",
    "saldo",
    "solde",
    "endsaldo",
    "anfangssaldo",
    "kontostand",
    "opening balance",
    "closing balance",
    "beginning balance",
    "ending balance",
    "balance brought forward",
    "balance carried forward",
    "合計",
    "合计",
];
/// Called so where neither mapping nor request names an account.
pub const MAIN_ACCOUNT: &str = "Main account";

/// What the business adds to a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defaults {
    pub currency: Currency,
    pub zone: TimeZone,
    /// Wins over the mapping's `account.name`.
    pub account: Option<String>,
    /// What was said of files of this account before, newest first.
    pub remembered: Vec<Remembered>,
}

/// A mapping that was given for a file of a format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    pub format: String,
    pub mapping: Mapping,
}

/// Reads the rows of one file.
#[derive(Debug)]
pub struct Plan {
    width: usize,
    date: usize,
    dates: Dates,
    value_date: Option<(usize, Dates)>,
    clock: Clock,
    amounts: Amounts,
    currency: CurrencyFrom,
    account: AccountFrom,
    id: Option<usize>,
    description: Vec<usize>,
    counterparty: Option<usize>,
    reference: Option<usize>,
    category: Option<usize>,
    balance: Option<usize>,
    numbers: Numbers,
    skip: Vec<Matcher>,
    rules: Rules,
    scratch: Vec<u8>,
}

/// Reads dates. Rows of a day, an invoice or an order follow each other with the same text.
#[derive(Debug)]
struct Dates {
    format: DateFormat,
    last: Option<(String, Printed)>,
}

#[derive(Debug)]
enum CurrencyFrom {
    Always(Currency),
    Column { place: usize, last: Option<(String, Currency)> },
}

#[derive(Debug)]
struct AccountFrom {
    name: Option<String>,
    place: Option<usize>,
    last: Option<(String, Arc<str>)>,
    seen: HashSet<Arc<str>>,
}

/// What a record turned out to be.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly all of them are rows")]
pub enum Outcome {
    Row(Row),
    /// `skip` of the mapping names it.
    Skipped,
    /// With the reason.
    Refused(String),
}

impl Plan {
    /// `mapping` names everything: see [`super::detect`].
    pub fn new(mapping: &Mapping, header: &Header, defaults: &Defaults) -> Result<Self, MappingError> {
        let missing = |key: &str| MappingError::new(key, "say it; it cannot be seen from the file");
        let date = mapping.date.column.as_ref().ok_or_else(|| missing("date.column"))?;
        let format = mapping.date.format.as_deref().ok_or_else(|| missing("date.format"))?;
        let style = mapping.amount.style()?.ok_or_else(|| missing("amount"))?;
        let zone = match mapping.date.zone.as_deref() {
            None | Some("business") => defaults.zone,
            Some(zone) => zone.parse().map_err(|error| MappingError::new("date.zone", format!("{error}")))?,
        };
        let numbers = Numbers {
            decimal: mapping.amount.decimal.unwrap_or(DecimalMark::Point),
            thousands: mapping.amount.thousands.unwrap_or(Thousands::None),
        };
        let no_texts = Texts::default();
        let texts = mapping.columns.as_ref().unwrap_or(&no_texts);
        let place = |column: &Option<_>, key: &str| column.as_ref().map(|column| header.place(column, key)).transpose();
        let description = texts.description.0.iter().map(|column| header.place(column, "columns.description"));
        let skip = mapping.skip.iter().enumerate();
        let dates = || DateFormat::new(format, mapping.date.pivot).map(|format| Dates { format, last: None });
        Ok(Self {
            width: header.width(),
            date: header.place(date, "date.column")?,
            dates: dates()?,
            value_date: place(&mapping.date.value, "date.value")?.map(|place| Ok((place, dates()?))).transpose()?,
            clock: Clock::new(zone),
            amounts: Amounts::new(&style, numbers, header)?,
            currency: CurrencyFrom::new(mapping, header, defaults)?,
            account: AccountFrom {
                name: defaults.account.clone().or_else(|| mapping.account.name.clone()),
                place: place(&mapping.account.column, "account.column")?,
                last: None,
                seen: HashSet::new(),
            },
            id: place(&texts.id, "columns.id")?,
            description: description.collect::<Result<_, _>>()?,
            counterparty: place(&texts.counterparty, "columns.counterparty")?,
            reference: place(&texts.reference, "columns.reference")?,
            category: place(&texts.category, "columns.category")?,
            balance: place(&texts.balance, "columns.balance")?,
            numbers,
            skip: skip.map(|(n, when)| Matcher::new(when, header, &format!("skip[{n}]"))).collect::<Result<_, _>>()?,
            rules: Rules::new(mapping, header)?,
            scratch: Vec::new(),
        })
    }

    /// Reads one record that begins on `line`.
    pub fn read(&mut self, record: &StringRecord, line: u64) -> Outcome {
        let cell = |place: usize| record.get(place).unwrap_or_default().trim();
        if self.skip.iter().any(|matcher| matcher.matches(cell)) {
            return Outcome::Skipped;
        }
        match self.row(record, line) {
            Ok(row) => Outcome::Row(row),
            Err(_) if self.is_footer(record) => Outcome::Skipped,
            Err(reason) => Outcome::Refused(reason),
        }
    }

    /// A line of totals or of a balance: it has no date, and says what it is.
    fn is_footer(&self, record: &StringRecord) -> bool {
        let cell = |place: usize| record.get(place).unwrap_or_default().trim();
        let says = |text: &str| {
            let text = text.trim().trim_end_matches(':').to_lowercase();
            FOOTERS
                .iter()
                .any(|word| text.strip_prefix(word).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric)))
        };
        cell(self.date).is_empty() && record.iter().any(says)
    }

    fn row(&mut self, record: &StringRecord, line: u64) -> Result<Row, String> {
        self.check_shape(record)?;
        let cell = |place: usize| record.get(place).unwrap_or_default().trim();
        let printed = self.dates.read(cell(self.date)).ok_or_else(|| match cell(self.date) {
            "" => "it has no date".to_owned(),
            text => format!("{} is not a date as the mapping prints it", shown(text)),
        })?;
        let Some(booked) = self.clock.booked(printed) else {
            return Err(format!("{} is a time that the clocks skipped; is date.zone right?", shown(cell(self.date))));
        };
        let (amount, sign) = self.amounts.read(cell)?;
        let currency = self.currency.read(cell)?;
        if let Some(sign) = sign.filter(|sign| !sign_fits(*sign, currency.code())) {
            return Err(format!("the amount is printed with {sign}, but its currency would be {currency}"));
        }
        let account = self.account.read(cell)?;
        let description = join(self.description.iter().map(|place| cell(*place)));
        let counterparty = self.counterparty.and_then(|place| text(cell(place)));
        let reference = self.reference.and_then(|place| text(cell(place)));
        let key = match self.id.map(cell) {
            Some("") => return Err("it has no id in the id column".to_owned()),
            Some(id) => Key::of_id(&account, id),
            None => {
                let texts = [description.as_deref(), counterparty.as_deref(), reference.as_deref()];
                Key::of_facts(&Facts { account: &account, printed, amount, currency, texts }, &mut self.scratch)
            }
        };
        let own = || Own { category: self.category.and_then(|place| Category::from_label(cell(place))), kind: None };
        let balance = self.balance.and_then(|place| self.numbers.read(cell(place)).ok()).map(|number| number.value);
        let (category, kind) = self.rules.decide(cell, amount, own);
        let provider_category = self.category.and_then(|place| category.worded(cell(place)));
        // No figure counts by it: what is no date there is none.
        let value_date = self.value_date.as_mut().and_then(|(place, dates)| dates.read(cell(*place))).map(Printed::day);
        let reference = reference.or_else(|| self.id.and_then(|place| text(cell(place))));
        Ok(Row {
            line,
            account,
            key,
            repeat: None,
            booked,
            value_date,
            amount,
            currency,
            kind,
            category,
            provider_category,
            description,
            counterparty,
            reference,
            balance,
        })
    }

    /// More cells than columns are a delimiter inside an unquoted text, unless the rest is empty.
    fn check_shape(&self, record: &StringRecord) -> Result<(), String> {
        let cells = record.len();
        if cells > self.width && record.iter().skip(self.width).any(|cell| !cell.trim().is_empty()) {
            let width = self.width;
            return Err(format!("it has {cells} cells, the file has {width} columns; is a text not quoted?"));
        }
        let bytes = record.as_slice();
        if bytes.len() > MOST_TEXT {
            return Err(format!("it is longer than {} KiB; is a quote not closed?", MOST_TEXT / 1024));
        }
        if memchr::memchr(0, bytes.as_bytes()).is_some() {
            return Err("it has a NUL byte, which no text has".to_owned());
        }
        Ok(())
    }
}

impl Dates {
    fn read(&mut self, text: &str) -> Option<Printed> {
        match &mut self.last {
            Some((last, printed)) if last == text => Some(*printed),
            last => {
                let printed = self.format.read(text)?;
                *last = Some((text.to_owned(), printed));
                Some(printed)
            }
        }
    }
}

impl CurrencyFrom {
    fn new(mapping: &Mapping, header: &Header, defaults: &Defaults) -> Result<Self, MappingError> {
        let section = mapping.currency.clone().unwrap_or_default();
        Ok(match section.column {
            Some(column) => Self::Column { place: header.place(&column, "currency.column")?, last: None },
            None => Self::Always(section.always.unwrap_or(defaults.currency)),
        })
    }

    fn read<'a>(&mut self, cell: impl Fn(usize) -> &'a str) -> Result<Currency, String> {
        match self {
            Self::Always(currency) => Ok(*currency),
            Self::Column { place, last } => {
                let text = cell(*place);
                if let Some((_, currency)) = last.as_ref().filter(|(last, _)| last == text) {
                    return Ok(*currency);
                }
                let currency = text.parse::<Currency>().map_err(|_| match text {
                    "" => "it has no currency".to_owned(),
                    _ => format!("{} is not a currency code", shown(text)),
                })?;
                *last = Some((text.to_owned(), currency));
                Ok(currency)
            }
        }
    }
}

impl AccountFrom {
    fn read<'a>(&mut self, cell: impl Fn(usize) -> &'a str) -> Result<Arc<str>, String> {
        let own = self.place.map(cell).unwrap_or_default();
        if let Some((_, label)) = self.last.as_ref().filter(|(last, _)| last == own) {
            return Ok(label.clone());
        }
        let label: Arc<str> = match (&self.name, self.place.is_some()) {
            (_, true) if own.is_empty() => return Err("it has no account in the account column".to_owned()),
            (Some(name), true) => format!("{name} {own}").into(),
            (None, true) => own.into(),
            (Some(name), false) => name.trim().into(),
            (None, false) => MAIN_ACCOUNT.into(),
        };
        if label.chars().count() > 120 {
            return Err(format!("the account {} is longer than 120 characters", shown(&label)));
        }
        if self.seen.len() >= MOST_ACCOUNTS && !self.seen.contains(&label) {
            return Err(format!("it would be account number {MOST_ACCOUNTS} and one; is account.column right?"));
        }
        self.seen.insert(label.clone());
        self.last = Some((own.to_owned(), label.clone()));
        Ok(label)
    }
}

fn text(cell: &str) -> Option<String> {
    (!cell.is_empty()).then(|| if cell.contains(char::is_control) { on_one_line(cell) } else { cell.to_owned() })
}

/// Line ends within a cell are the file's, not the text's.
fn on_one_line(cell: &str) -> String {
    cell.split(char::is_control).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn join<'a>(cells: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut joined: Option<String> = None;
    for cell in cells.filter_map(text) {
        match &mut joined {
            None => joined = Some(cell),
            Some(joined) => {
                joined.push(' ');
                joined.push_str(&cell);
            }
        }
    }
    joined
}

/// A cell in a message: quoted and cut.
pub(crate) fn shown(text: &str) -> String {
    let mut cut: String = text.chars().take(40).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(40).is_some() {
        cut.push('…');
    }
    format!("\"{cut}\"")
}

/// Zero has no sign: `-0.00` and `0` are one amount.
pub(crate) fn unsigned_zero(amount: Decimal) -> Decimal {
    if amount.is_zero() { amount.abs() } else { amount }
}
