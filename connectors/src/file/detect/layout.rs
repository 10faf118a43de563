//! Where the header row stands and what separates its cells.

use csv::{ReaderBuilder, StringRecord, Terminator};

use super::names;
use super::{Origin, Seen};
use crate::file::formats::Format;
use crate::file::header::Header;
use crate::file::mapping::{Column, Mapping, MappingError, check};
use crate::file::open::Sniffed;
use crate::file::plan::Remembered;
use crate::file::presets;
use crate::file::records::Dialect;

const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Rows in which a header is looked for.
const FIRST: usize = 60;

/// How the text becomes rows under a header.
#[derive(Debug, Clone)]
pub struct Layout {
    pub dialect: Dialect,
    /// Lines before the header row, or before the first row where there is none.
    pub preamble: u32,
    pub has_header: bool,
    pub header: Header,
    pub origin: Origin,
}

/// The first rows under one delimiter, each with the lines before it.
struct First {
    delimiter: u8,
    rows: Vec<(u32, StringRecord)>,
}

/// The preset whose header row the file has.
pub fn preset(sniffed: &Sniffed) -> Result<Option<Mapping>, MappingError> {
    for (_, mapping) in presets::all()? {
        if fits(sniffed, &mapping)? {
            return Ok(Some(mapping));
        }
    }
    Ok(None)
}

/// What was said of an earlier file with the same header row.
pub fn remembered(sniffed: &Sniffed, known: &[Remembered]) -> Result<Option<Mapping>, MappingError> {
    for Remembered { format, mapping } in known {
        if format == Format::Csv.as_str() && fits(sniffed, mapping)? {
            return Ok(Some(mapping.clone()));
        }
    }
    Ok(None)
}

/// Whether the mapping's header row stands in the file. Some banks put the account and its balance above it.
fn fits(sniffed: &Sniffed, mapping: &Mapping) -> Result<bool, MappingError> {
    let delimiter = check::delimiter(mapping.file.delimiter.as_deref())?.unwrap_or(b',');
    let first = First::read(&sniffed.sample, delimiter, Some(b'"'), 0);
    let wanted = mapping.file.columns.as_deref().unwrap_or_default();
    let is_header = |row: &StringRecord| row.iter().map(str::trim).eq(wanted.iter().map(String::as_str));
    Ok(!wanted.is_empty() && first.rows.iter().any(|(_, row)| is_header(row)))
}

impl Layout {
    pub fn find(sniffed: &Sniffed, mapping: &Mapping) -> Result<Self, Seen> {
        let file = &mapping.file;
        let quote = check::quote(file.quote.as_deref())?;
        let given = check::delimiter(file.delimiter.as_deref())?;
        let preamble = file.preamble.unwrap_or_default();
        let delimiters = given.map_or_else(|| DELIMITERS.to_vec(), |delimiter| vec![delimiter]);
        let all: Vec<_> = delimiters.into_iter().map(|d| First::read(&sniffed.sample, d, quote, preamble)).collect();
        let origin = if given.is_some() { Origin::Given } else { Origin::Detected };
        let layout = |first: &First, at: usize, has_header: bool| {
            let (before, row) = first.rows.get(at)?;
            let width = first.rows.iter().skip(at).map(|(_, row)| row.len()).max().unwrap_or_default();
            Some(Self {
                dialect: Dialect { delimiter: first.delimiter, quote },
                preamble: file.preamble.unwrap_or(*before),
                has_header,
                header: if has_header { Header::named(row) } else { Header::unnamed(width) },
                origin,
            })
        };
        if file.header == Some(false) {
            return layout(most_even(&all), 0, false).ok_or(Seen::NoRows);
        }
        let (first, at) = match wanted(mapping) {
            Some(wanted) => find_row(&all, preamble_fixed(mapping), |header| {
                wanted.iter().all(|column| header.place(column, "").is_ok())
            })
            .unwrap_or((most_even(&all), 0)),
            None if file.header == Some(true) => (most_even(&all), 0),
            None => match find_row(&all, preamble_fixed(mapping), names::is_enough) {
                Some(found) => found,
                None => return Err(Seen::NoHeader { first: shown_rows(most_even(&all)) }),
            },
        };
        let layout = layout(first, at, true).ok_or(Seen::NoRows)?;
        layout.check_columns(mapping)?;
        Ok(layout)
    }

    fn check_columns(&self, mapping: &Mapping) -> Result<(), MappingError> {
        match &mapping.file.columns {
            Some(columns)
                if !self.header.names().iter().map(|name| name.trim()).eq(columns.iter().map(|c| c.trim())) =>
            {
                let problem = format!(
                    "the mapping is for the header row \"{}\", the file has \"{}\"; use another mapping",
                    columns.join("\", \""),
                    self.header.names().join("\", \"")
                );
                Err(MappingError::new("file.columns", problem))
            }
            _ => Ok(()),
        }
    }
}

/// The named columns without which the mapping's header row is not found; none where it names none.
fn wanted(mapping: &Mapping) -> Option<Vec<Column>> {
    let amount = &mapping.amount;
    let columns =
        [&mapping.date.column, &amount.column, &amount.debit, &amount.credit, &amount.quantity, &amount.price];
    if let Some(names) = &mapping.file.columns {
        return Some(names.iter().map(Column::named).collect());
    }
    let named: Vec<_> = columns.into_iter().flatten().cloned().collect();
    (!named.is_empty()).then_some(named)
}

/// With a stated preamble the header is the very next row.
fn preamble_fixed(mapping: &Mapping) -> usize {
    if mapping.file.preamble.is_some() { 1 } else { FIRST }
}

fn find_row(all: &[First], rows: usize, is: impl Fn(&Header) -> bool) -> Option<(&First, usize)> {
    all.iter().find_map(|first| {
        let headers = first.rows.iter().take(rows).map(|(_, row)| Header::named(row));
        headers.enumerate().find(|(_, header)| header.width() > 1 && is(header)).map(|(at, _)| (first, at))
    })
}

/// The delimiter that gives the most rows of the same width, wide ones first.
fn most_even(all: &[First]) -> &First {
    let evenness = |first: &&First| {
        let widths: Vec<_> = first.rows.iter().map(|(_, row)| row.len()).collect();
        let modes = widths.iter().map(|width| (widths.iter().filter(|other| *other == width).count(), *width));
        let (count, width) = modes.max().unwrap_or_default();
        (width > 1, count * width)
    };
    // `all` is never empty: it has an entry for each delimiter tried.
    all.iter().max_by_key(evenness).unwrap_or(&all[0])
}

fn shown_rows(first: &First) -> String {
    first.rows.first().map(|(_, row)| row.iter().take(12).collect::<Vec<_>>().join("\", \"")).unwrap_or_default()
}

impl First {
    fn read(sample: &str, delimiter: u8, quote: Option<u8>, preamble: u32) -> Self {
        let after = sample.split_inclusive('\n').take(preamble as usize).map(str::len).sum::<usize>();
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .quoting(quote.is_some())
            .quote(quote.unwrap_or(b'"'))
            .terminator(Terminator::Any(b'\n'))
            .from_reader(&sample.as_bytes()[after..]);
        let mut rows = Vec::new();
        let mut record = StringRecord::new();
        while rows.len() < FIRST && reader.read_record(&mut record).unwrap_or(false) {
            let within = record.as_slice().matches('\n').count() as u64;
            // The line after the record, less those of the record itself: the lines before it.
            let ended = reader.position().line() - 1;
            let before = u64::from(preamble) + ended.saturating_sub(within + 1);
            rows.push((u32::try_from(before).unwrap_or(u32::MAX), record.clone()));
        }
        Self { delimiter, rows }
    }
}
