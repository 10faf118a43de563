//! Records of a CSV file with the lines on which they begin, in bounded memory.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use csv::{ReaderBuilder, StringRecord, Terminator};
use encoding_rs::Encoding;

use super::error::ReadError;
use super::limits::Limits;
use super::open::{is_too_much, open};
use super::text::{Allowance, Lines};

/// How text becomes records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    pub delimiter: u8,
    /// `None`: cells are never quoted.
    pub quote: Option<u8>,
}

/// Reads records one after the other.
pub struct Records {
    reader: csv::Reader<BufReader<Lines<Box<dyn Read + Send>>>>,
    allowance: Allowance,
    limits: Limits,
    most: u64,
    /// Lines skipped before the first record.
    before: u64,
    /// Bytes skipped before the first record.
    offset: u64,
    progress: Arc<AtomicU64>,
    decoded: bool,
}

/// One step of reading.
#[derive(Debug)]
pub enum Step {
    /// The record given to [`Records::next`] was filled; it begins on this line.
    Record(u64),
    /// A record that is no text, with its line and the reason.
    Unreadable(u64, &'static str),
    End,
}

const BUFFER: usize = 64 * 1024;

impl Records {
    pub fn open(
        path: &Path,
        encoding: &'static Encoding,
        dialect: Dialect,
        preamble: u32,
        limits: Limits,
    ) -> Result<Self, ReadError> {
        let opened = open(path, encoding, limits)?;
        let allowance = opened.text.allowance();
        let mut text = BufReader::with_capacity(BUFFER, opened.text);
        let skipped = skip_lines(&mut text, preamble, limits.record_bytes)?;
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(dialect.delimiter)
            .quoting(dialect.quote.is_some())
            .quote(dialect.quote.unwrap_or(b'"'))
            .terminator(Terminator::Any(b'\n'))
            .buffer_capacity(BUFFER)
            .from_reader(text);
        let decoded = encoding != encoding_rs::UTF_8;
        Ok(Self {
            reader,
            allowance,
            limits,
            most: opened.most,
            before: skipped.lines,
            offset: skipped.offset,
            progress: opened.progress,
            decoded,
        })
    }

    /// Bytes read from the disk so far.
    pub fn progress(&self) -> Arc<AtomicU64> {
        self.progress.clone()
    }

    /// Fills `record` with the next one.
    pub fn next(&mut self, record: &mut StringRecord) -> Result<Step, ReadError> {
        let began = self.offset + self.reader.position().byte();
        let first_line = self.before + self.reader.position().line();
        self.allowance.store(began + self.limits.record_bytes + 2 * BUFFER as u64, Ordering::Relaxed);
        let outcome = self.reader.read_record(record);
        let line = self.before + self.reader.position().line() - 1;
        match outcome {
            Ok(false) => Ok(Step::End),
            Ok(true) => {
                let within = memchr::memchr_iter(b'\n', record.as_slice().as_bytes()).count() as u64;
                let line = line - within;
                self.check(record, within, line)?;
                if self.decoded && record.as_slice().contains('\u{fffd}') {
                    return Ok(Step::Unreadable(line, "it has bytes that its encoding does not know"));
                }
                Ok(Step::Record(line))
            }
            Err(error) => self.failed(error, first_line),
        }
    }

    fn check(&self, record: &StringRecord, lines: u64, line: u64) -> Result<(), ReadError> {
        let Limits { record_bytes, record_lines, columns, .. } = self.limits;
        if record.len() > columns {
            return Err(ReadError::TooManyColumns { line, most: columns });
        }
        if lines > record_lines || record.as_slice().len() as u64 > record_bytes {
            return Err(ReadError::EndlessRecord { line, most: record_bytes });
        }
        Ok(())
    }

    fn failed(&self, error: csv::Error, line: u64) -> Result<Step, ReadError> {
        match error.into_kind() {
            csv::ErrorKind::Utf8 { .. } => Ok(Step::Unreadable(line, "it is not valid UTF-8; is file.encoding right?")),
            csv::ErrorKind::Io(error) if is_too_much(&error) => {
                let end = self.offset + self.reader.position().byte();
                Err(match end > self.most {
                    true => ReadError::TooMuchText { most: self.most },
                    false => ReadError::EndlessRecord { line, most: self.limits.record_bytes },
                })
            }
            csv::ErrorKind::Io(error) => Err(ReadError::from_io(&error)),
            _ => Err(ReadError::Broken { line }),
        }
    }
}

struct Skipped {
    lines: u64,
    offset: u64,
}

/// Passes over whole lines, quotes or not.
fn skip_lines(text: &mut impl BufRead, lines: u32, most: u64) -> Result<Skipped, ReadError> {
    let mut skipped = Skipped { lines: 0, offset: 0 };
    let mut line = Vec::new();
    while skipped.lines < u64::from(lines) {
        line.clear();
        let count =
            text.by_ref().take(most).read_until(b'\n', &mut line).map_err(|error| ReadError::from_io(&error))?;
        if count == 0 {
            break;
        }
        if line.last() != Some(&b'\n') {
            return Err(ReadError::EndlessRecord { line: skipped.lines + 1, most });
        }
        skipped.offset += count as u64;
        skipped.lines += 1;
    }
    Ok(skipped)
}
