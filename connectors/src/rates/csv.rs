//! One column for each currency, one row for each day; `N/A` where there was no rate.

use chrono::NaiveDate;
use domain::Currency;
use domain::rates::Quoted;

use super::import::RatesFileError;
use super::{Line, RatesFile};

/// Days of `eurofxref-hist.csv` and of the daily `eurofxref.csv`.
const DAYS: [&str; 2] = ["%Y-%m-%d", "%d %B %Y"];
/// There are fewer than 200 currencies.
const MOST_COLUMNS: usize = 400;

pub(super) fn read(text: &[u8], euro: Currency) -> Result<RatesFile, RatesFileError> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).trim(csv::Trim::All).from_reader(text);
    let mut file = RatesFile { format: "csv", ..RatesFile::default() };
    let mut columns: Option<Vec<Option<Currency>>> = None;
    for record in reader.records() {
        let record = record.map_err(|error| RatesFileError::Unreadable(error.to_string()))?;
        let line = record.position().map_or(0, csv::Position::line);
        if record.len() > MOST_COLUMNS {
            return Err(RatesFileError::NoRates);
        }
        match &columns {
            None => columns = Some(header(&record, line, euro, &mut file)?),
            Some(columns) => row(&record, line, columns, euro, &mut file),
        }
    }
    Ok(file)
}

fn header(
    record: &csv::StringRecord,
    line: u64,
    euro: Currency,
    file: &mut RatesFile,
) -> Result<Vec<Option<Currency>>, RatesFileError> {
    let mut names = record.iter();
    if !names.next().is_some_and(|name| name.trim_start_matches('\u{feff}').eq_ignore_ascii_case("date")) {
        return Err(RatesFileError::NoRates);
    }
    let mut column = |name: &str| match name.parse() {
        Ok(currency) if currency != euro => Some(currency),
        Ok(_) => None,
        // The rows end with a comma.
        Err(_) if name.is_empty() => None,
        Err(error) => {
            file.refuse(line, format!("{error}; its column is left out"));
            None
        }
    };
    let columns: Vec<_> = names.map(&mut column).collect();
    if columns.iter().all(Option::is_none) { Err(RatesFileError::NoRates) } else { Ok(columns) }
}

fn row(record: &csv::StringRecord, line: u64, columns: &[Option<Currency>], euro: Currency, file: &mut RatesFile) {
    let mut cells = record.iter();
    let written = cells.next().unwrap_or_default();
    let Some(day) = DAYS.iter().find_map(|format| NaiveDate::parse_from_str(written, format).ok()) else {
        file.refuse(line, format!("{written:?} is no day"));
        return;
    };
    for (cell, quote) in cells.zip(columns) {
        let Some(quote) = *quote else { continue };
        if cell.is_empty() || cell == "N/A" {
            continue;
        }
        match cell.parse() {
            Ok(rate) => file.rates.push(Line { line, quoted: Quoted { day, base: euro, quote, rate } }),
            Err(_) => file.refuse(line, format!("{cell:?} is no rate of {quote}")),
        }
    }
}
