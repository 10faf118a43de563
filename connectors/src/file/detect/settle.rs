//! From a file and what is said about it to a complete mapping.
//!
//! size: one walk from evidence to mapping; each step reads what the step before settled.

use std::collections::BTreeSet;
use std::path::Path;

use csv::StringRecord;
use domain::Currency;
use encoding_rs::Encoding;

use super::dates::{ASSUMED_PIVOT, Dates};
use super::names::{Role, means_in};
use super::numbers::Marks;
use super::{Certainty, Layout, Origin, Question, Seen, Unclear, layout};
use crate::file::error::{ImportError, ReadError};
use crate::file::header::Header;
use crate::file::limits::Limits;
use crate::file::mapping::{AmountStyle, Column, Columns, CurrencySection, Mapping, MappingError, Texts};
use crate::file::open::Sniffed;
use crate::file::plan::Defaults;
use crate::file::records::{Records, Step};

/// Rows that are looked at; more only where these leave a question open.
const ENOUGH: u64 = 2_000;
const ASK_AGAIN: u64 = 10_000;
/// Distinct values of a direction column, and ids, that are kept.
const MOST_WORDS: usize = 20;

/// A file that can be read.
#[derive(Debug, Clone)]
pub struct Settled {
    /// Names everything.
    pub mapping: Mapping,
    pub layout: Layout,
    pub encoding: &'static Encoding,
    pub packed: bool,
    pub certainty: Vec<Certainty>,
}

impl Settled {
    /// The rows of the file, from the first one under the header.
    pub fn records(&self, path: &Path, limits: Limits) -> Result<Records, ReadError> {
        let Layout { dialect, preamble, has_header, .. } = &self.layout;
        let mut records = Records::open(path, self.encoding, *dialect, *preamble, limits)?;
        if *has_header {
            records.next(&mut StringRecord::new())?;
        }
        Ok(records)
    }
}

/// What is known while the rest is looked for.
struct Settling {
    mapping: Mapping,
    header: Header,
    origin: Origin,
    certainty: Vec<Certainty>,
    questions: Vec<Question>,
}

/// Completes `given` from the file. `base` is the currency of amounts whose file names none.
pub fn settle(
    path: &Path,
    sniffed: &Sniffed,
    given: Option<&Mapping>,
    defaults: &Defaults,
    limits: Limits,
) -> Result<Settled, ImportError> {
    let base = defaults.currency;
    let (mapping, origin) = match given {
        Some(mapping) => (mapping.clone(), Origin::Given),
        None => match layout::remembered(sniffed, &defaults.remembered)? {
            Some(mapping) => (mapping, Origin::Remembered),
            None => match layout::preset(sniffed)? {
                Some(mapping) => (mapping, Origin::Preset),
                None => (Mapping::default(), Origin::Detected),
            },
        },
    };
    let layout = Layout::find(sniffed, &mapping).map_err(refuse)?;
    let mut settling =
        Settling { mapping, header: layout.header.clone(), origin, certainty: Vec::new(), questions: Vec::new() };
    settling.file(sniffed, &layout);
    let mut settled = Settled {
        mapping: Mapping::default(),
        layout,
        encoding: sniffed.encoding,
        packed: sniffed.packed,
        certainty: vec![],
    };
    settling.columns()?;
    if settling.questions.is_empty() {
        let evidence = Evidence::gather(&settling, || settled.records(path, limits))?;
        settling.formats(&evidence, base)?;
    }
    if !settling.questions.is_empty() {
        return Err(Unclear { questions: settling.questions }.into());
    }
    settled.mapping = settling.mapping;
    settled.certainty = settling.certainty;
    Ok(settled)
}

fn refuse(seen: Seen) -> ImportError {
    match seen {
        Seen::NoRows => ReadError::Empty.into(),
        Seen::Mapping(error) => error.into(),
        Seen::Read(error) => error.into(),
        Seen::NoHeader { first } => {
            let question = |key: &str, problem: String| Question { key: key.to_owned(), problem, options: Vec::new() };
            let problem = format!("no header row with usual names was found; the first row is \"{first}\"");
            Unclear { questions: vec![question("date.column", problem), question("amount", "the same".to_owned())] }
                .into()
        }
    }
}

impl Settling {
    fn say(&mut self, key: &str, value: impl Into<String>, origin: Origin, sure: bool, why: impl Into<String>) {
        let (key, value, why) = (key.to_owned(), value.into(), why.into());
        self.certainty.push(Certainty { key, value, origin, sure, why });
    }

    fn said(&mut self, key: &str, value: impl Into<String>) {
        let why = match (&self.origin, &self.mapping.name) {
            (Origin::Preset, Some(name)) => format!("the header row is that of \"{name}\""),
            (Origin::Remembered, _) => "as it was said for an earlier file of the account".to_owned(),
            _ => "the mapping says so".to_owned(),
        };
        self.say(key, value, self.origin, true, why);
    }

    fn ask(&mut self, key: &str, problem: String) {
        self.questions.push(Question { key: key.to_owned(), problem, options: Vec::new() });
    }

    fn file(&mut self, sniffed: &Sniffed, layout: &Layout) {
        let encoding = sniffed.encoding.name();
        match self.mapping.file.encoding.is_some() {
            true => self.said("file.encoding", encoding),
            false => {
                let why = if sniffed.encoding_is_sure { "its bytes are that" } else { "its bytes look like it" };
                self.say("file.encoding", encoding, Origin::Detected, sniffed.encoding_is_sure, why);
            }
        }
        let delimiter = char::from(layout.dialect.delimiter);
        let shown = if delimiter == '\t' { "tab".to_owned() } else { delimiter.to_string() };
        match self.mapping.file.delimiter.is_some() {
            true => self.said("file.delimiter", shown.clone()),
            false => self.say("file.delimiter", shown.clone(), Origin::Detected, true, "the header row is cut by it"),
        }
        let file = &mut self.mapping.file;
        file.encoding = Some(encoding.to_ascii_lowercase());
        file.delimiter = Some(shown);
        file.preamble = Some(layout.preamble);
        file.header = Some(layout.has_header);
        if layout.preamble > 0 {
            let value = format!("{} lines before the header row", layout.preamble);
            self.say("file.preamble", value, layout.origin, true, "the first row with known names is below them");
        }
    }

    fn named(&self, role: Role) -> Option<Column> {
        role.place(&self.header).map(|place| self.header.column(place))
    }

    /// Columns of date, amount, currency and texts.
    fn columns(&mut self) -> Result<(), MappingError> {
        match (self.mapping.date.column.clone(), self.named(Role::Date)) {
            (Some(column), _) => self.said("date.column", column.to_string()),
            (None, Some(column)) => {
                self.say("date.column", column.to_string(), Origin::Detected, true, "its usual name");
                self.mapping.date.column = Some(column);
            }
            (None, None) => self.ask("date.column", "no column has a usual name of a date".to_owned()),
        }
        if self.origin == Origin::Detected && self.mapping.date.value.is_none() {
            self.mapping.date.value =
                self.named(Role::ValueDate).filter(|of| Some(of) != self.mapping.date.column.as_ref());
        }
        match self.mapping.amount.style()? {
            Some(style) => self.said("amount", describe(&style)),
            None => self.detect_amount(),
        }
        match (&self.mapping.currency, self.named(Role::Currency)) {
            (Some(CurrencySection { always: Some(currency), .. }), _) => self.said("currency.always", currency.code()),
            (Some(CurrencySection { column: Some(column), .. }), _) => self.said("currency.column", column.to_string()),
            (_, Some(column)) => {
                self.say("currency.column", column.to_string(), Origin::Detected, true, "its usual name");
                self.mapping.currency = Some(CurrencySection { always: None, column: Some(column) });
            }
            (_, None) => {}
        }
        self.texts();
        Ok(())
    }

    /// The style that the columns allow; whether an amount is signed is seen from the rows.
    fn detect_amount(&mut self) {
        let named = |role: Role| self.named(role);
        let style = if let Some(column) = named(Role::Amount) {
            match named(Role::Direction) {
                Some(direction) => AmountStyle::Directed { column, direction, inflow: vec![], outflow: vec![] },
                None => AmountStyle::Signed { column, invert: false },
            }
        } else if let (Some(debit), Some(credit)) = (named(Role::Debit), named(Role::Credit)) {
            AmountStyle::DebitCredit { debit, credit }
        } else if let (Some(quantity), Some(price)) = (named(Role::Quantity), named(Role::Price)) {
            AmountStyle::QuantityPrice { quantity, price }
        } else {
            return self.ask("amount", "no column has a usual name of an amount".to_owned());
        };
        self.mapping.amount.set_style(style);
    }

    /// A mapping that speaks of dates and amounts decides about texts as well: ids that it did not ask for would
    /// change what makes a row.
    fn texts(&mut self) {
        if let Some(texts) = &self.mapping.columns {
            if let Some(id) = texts.id.clone() {
                self.said("columns.id", id.to_string());
            }
            return;
        }
        let description: Vec<_> = self.named(Role::Description).into_iter().collect();
        let texts = Texts {
            id: self.named(Role::Id),
            description: Columns(description),
            counterparty: self.named(Role::Counterparty),
            reference: self.named(Role::Reference),
            category: self.named(Role::Category),
            balance: self.named(Role::Balance),
        };
        self.mapping.columns = Some(texts);
        if self.origin == Origin::Detected
            && self.mapping.account.column.is_none()
            && let Some(account) = self.named(Role::Account)
        {
            self.say("account.column", account.to_string(), Origin::Detected, false, "its usual name");
            self.mapping.account.column = Some(account);
        }
    }
}

fn describe(style: &AmountStyle) -> String {
    match style {
        AmountStyle::Signed { column, invert: false } => format!("{column}, plus is money in"),
        AmountStyle::Signed { column, invert: true } => format!("{column}, plus is money out"),
        AmountStyle::DebitCredit { debit, credit } => format!("out in {debit}, in in {credit}"),
        AmountStyle::Directed { column, direction, inflow, outflow } => {
            format!("{column}; in where {direction} is {}, out where {}", inflow.join(" or "), outflow.join(" or "))
        }
        AmountStyle::QuantityPrice { quantity, price } => format!("{quantity} times {price}"),
    }
}

/// What the rows show.
struct Evidence {
    dates: Dates,
    marks: Marks,
    directions: BTreeSet<String>,
    ids: BTreeSet<String>,
    unique_ids: bool,
    rows: u64,
}

/// Places of the columns that are looked at.
struct Places {
    date: usize,
    amounts: Vec<usize>,
    direction: Option<usize>,
    id: Option<usize>,
    balance: Option<usize>,
}

impl Evidence {
    fn gather(settling: &Settling, open: impl FnOnce() -> Result<Records, ReadError>) -> Result<Self, ImportError> {
        let places = Places::of(settling)?;
        let mut seen = Self {
            dates: Dates::new(settling.mapping.date.pivot),
            marks: Marks::default(),
            directions: BTreeSet::new(),
            ids: BTreeSet::new(),
            unique_ids: true,
            rows: 0,
        };
        let (ask_dates, ask_marks) =
            (settling.mapping.date.format.is_none(), settling.mapping.amount.decimal.is_none());
        let mut records = open()?;
        let mut record = StringRecord::new();
        loop {
            match records.next(&mut record)? {
                Step::End => break,
                Step::Unreadable(..) => continue,
                Step::Record(_) => seen.see(&record, &places, seen.rows < ENOUGH),
            }
            seen.rows += 1;
            let rows = seen.rows;
            let ask = rows == ENOUGH || (rows > ENOUGH && rows.is_multiple_of(ASK_AGAIN));
            if ask && !(ask_dates && seen.dates.wants_more()) && !(ask_marks && seen.marks.wants_more()) {
                break;
            }
        }
        Ok(seen)
    }

    fn see(&mut self, record: &StringRecord, places: &Places, all: bool) {
        let cell = |place: usize| record.get(place).unwrap_or_default().trim();
        self.dates.see(cell(places.date));
        places.amounts.iter().for_each(|place| self.marks.see(cell(*place)));
        if !all {
            return;
        }
        if let Some(balance) = places.balance {
            self.marks.see_balance(cell(balance));
        }
        if let Some(word) = places.direction.map(cell)
            && self.directions.len() <= MOST_WORDS
            && !self.directions.contains(word)
            && places.amounts.iter().any(|place| !cell(*place).is_empty())
        {
            self.directions.insert(word.to_owned());
        }
        if let Some(id) = places.id.map(cell)
            && !cell(places.date).is_empty()
        {
            self.unique_ids &= !id.is_empty() && self.ids.insert(id.to_owned());
        }
    }
}

impl Places {
    fn of(settling: &Settling) -> Result<Self, MappingError> {
        let header = &settling.header;
        let mapping = &settling.mapping;
        let column = mapping.date.column.as_ref().ok_or_else(|| MappingError::new("date.column", "say it"))?;
        let amount = &mapping.amount;
        let amounts =
            [&amount.column, &amount.debit, &amount.credit, &amount.quantity, &amount.price].into_iter().flatten();
        let id = mapping.columns.as_ref().and_then(|texts| texts.id.as_ref());
        let balance = mapping.columns.as_ref().and_then(|texts| texts.balance.as_ref());
        Ok(Self {
            date: header.place(column, "date.column")?,
            amounts: amounts.map(|column| header.place(column, "amount")).collect::<Result<_, _>>()?,
            direction: amount.direction.as_ref().map(|c| header.place(c, "amount.direction")).transpose()?,
            id: id.map(|column| header.place(column, "columns.id")).transpose()?,
            balance: balance.map(|column| header.place(column, "columns.balance")).transpose()?,
        })
    }
}

impl Settling {
    /// Formats and meanings, from the rows.
    fn formats(&mut self, seen: &Evidence, base: Currency) -> Result<(), MappingError> {
        self.date_format(seen);
        self.marks(seen);
        self.directions(seen);
        let detected_id = self.certainty.iter().all(|known| known.key != "columns.id");
        if let Some(texts) = &mut self.mapping.columns
            && detected_id
            && let Some(id) = texts.id.clone()
        {
            if seen.unique_ids {
                self.say("columns.id", id.to_string(), Origin::Detected, true, "its usual name, and no two are equal");
            } else {
                texts.id = None;
                texts.reference.get_or_insert(id);
            }
        }
        if self.mapping.currency.is_none() {
            self.currency(seen, base);
        }
        if let Some(style) = self.mapping.amount.style()?
            && self.certainty.iter().all(|known| known.key != "amount")
        {
            let sure = !matches!(style, AmountStyle::Signed { .. }) || seen.marks.has_negative();
            let why = if sure { "their usual names" } else { "no amount has a minus, so all are money in" };
            self.say("amount", describe(&style), Origin::Detected, sure, why);
        }
        Ok(())
    }

    /// No column names it: what the amounts and the header show, else the business's own.
    fn currency(&mut self, seen: &Evidence, base: Currency) {
        let assumed = (base, Origin::Assumed, false, "the file names none; it is the business's own".to_owned());
        let (currency, origin, sure, why) = seen.marks.currency(&self.header, base).unwrap_or(assumed);
        self.say("currency.always", currency.code(), origin, sure, why);
        self.mapping.currency = Some(CurrencySection { always: Some(currency), column: None });
    }

    fn date_format(&mut self, seen: &Evidence) {
        if let Some(format) = self.mapping.date.format.clone() {
            return self.said("date.format", format);
        }
        if seen.rows == 0 {
            self.say("date.format", "%Y-%m-%d", Origin::Assumed, false, "the file has no rows");
            self.mapping.date.format = Some("%Y-%m-%d".to_owned());
            return;
        }
        let column = self.mapping.date.column.as_ref().map(Column::to_string).unwrap_or_default();
        match seen.dates.settle(&column) {
            Ok(settled) => {
                if settled.format.contains("%y") && self.mapping.date.pivot.is_none() {
                    let years = format!("two-digit years are {ASSUMED_PIVOT} to {}", ASSUMED_PIVOT + 99);
                    self.say("date.pivot", ASSUMED_PIVOT.to_string(), Origin::Assumed, false, years);
                    self.mapping.date.pivot = Some(ASSUMED_PIVOT);
                }
                self.say("date.format", settled.format.clone(), Origin::Detected, true, settled.why);
                self.mapping.date.format = Some(settled.format);
            }
            Err(question) => self.questions.push(question),
        }
    }

    fn marks(&mut self, seen: &Evidence) {
        if let Some(decimal) = self.mapping.amount.decimal {
            return self.said("amount.decimal", decimal.as_char());
        }
        let amount = &self.mapping.amount;
        let columns = [&amount.column, &amount.debit, &amount.credit, &amount.price].into_iter().flatten();
        let column = columns.map(Column::to_string).collect::<Vec<_>>().join("\" and \"");
        match seen.marks.settle(&column) {
            Ok((numbers, why)) => {
                self.say("amount.decimal", numbers.decimal.as_char(), Origin::Detected, true, why);
                self.mapping.amount.decimal = Some(numbers.decimal);
                self.mapping.amount.thousands.get_or_insert(numbers.thousands);
            }
            Err(question) => self.questions.push(question),
        }
    }

    /// A direction column that was found by its name counts only if all its words are directions.
    fn directions(&mut self, seen: &Evidence) {
        if self.mapping.amount.direction.is_none() || !self.mapping.amount.inflow.is_empty() {
            return;
        }
        if !self.mapping.amount.outflow.is_empty() {
            return;
        }
        let amount = &mut self.mapping.amount;
        let known: Option<Vec<_>> =
            seen.directions.iter().map(|word| means_in(word).map(|into| (into, word))).collect();
        match known {
            Some(words) if !words.is_empty() && !seen.marks.has_negative() => {
                for (into, word) in words {
                    let side = if into { &mut amount.inflow } else { &mut amount.outflow };
                    side.push(word.clone());
                }
            }
            _ => amount.direction = None,
        }
    }
}
