//! The text of a file, piece by piece in bounded memory, with the line on which it stands.

use std::io::{self, BufRead, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use encoding_rs::{Encoding, UTF_8};

use super::fault;
use crate::file::error::ReadError;
use crate::file::limits::Limits;
use crate::file::open::{is_too_much, open};
use crate::file::text::{Allowance, Lines};

const BUFFER: usize = 64 * 1024;

/// Text with line ends of `\n`.
pub struct Source {
    inner: Lines<Box<dyn Read + Send>>,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    ended: bool,
    /// Line ends that were used up, and bytes.
    lines: u64,
    used: u64,
    allowance: Allowance,
    limits: Limits,
    most: u64,
    progress: Arc<AtomicU64>,
    decoded: bool,
}

impl Source {
    pub fn open(path: &Path, encoding: &'static Encoding, limits: Limits) -> Result<Self, ReadError> {
        let opened = open(path, encoding, limits)?;
        let mut source = Self::new(opened.text, opened.progress, encoding != UTF_8, limits);
        source.most = opened.most;
        Ok(source)
    }

    /// Text in memory or of a peer.
    pub fn of(text: impl Read + Send + 'static) -> Self {
        let limits = Limits::default();
        let text: Box<dyn Read + Send> = Box::new(text);
        Self::new(Lines::new(text, limits.text_bytes), Arc::default(), false, limits)
    }

    fn new(inner: Lines<Box<dyn Read + Send>>, progress: Arc<AtomicU64>, decoded: bool, limits: Limits) -> Self {
        let allowance = inner.allowance();
        let buffer = vec![0; BUFFER];
        Self {
            inner,
            buffer,
            start: 0,
            end: 0,
            ended: false,
            lines: 0,
            used: 0,
            allowance,
            limits,
            most: limits.text_bytes,
            progress,
            decoded,
        }
    }

    /// Bytes read from the disk so far.
    pub fn progress(&self) -> Arc<AtomicU64> {
        self.progress.clone()
    }

    /// The line of the next byte, counted from 1.
    pub fn line(&self) -> u64 {
        self.lines + 1
    }

    /// From here on no more than one record's bytes may be taken at once: for readers that keep what they read.
    pub fn allow_a_record(&self) {
        self.allowance.store(self.used + self.limits.record_bytes + 2 * BUFFER as u64, Ordering::Relaxed);
    }

    pub fn endless(&self) -> ReadError {
        ReadError::EndlessRecord { line: self.line(), most: self.limits.record_bytes }
    }

    pub(super) fn failed(&self, error: &io::Error) -> ReadError {
        match is_too_much(error) {
            true if self.used + 2 * BUFFER as u64 > self.most => ReadError::TooMuchText { most: self.most },
            true => self.endless(),
            false => ReadError::from_io(error),
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if !self.ended && self.end < self.buffer.len() {
            let count = self.inner.read(&mut self.buffer[self.end..])?;
            self.end += count;
            self.ended = count == 0;
        }
        Ok(())
    }

    /// The next bytes, as many as `count` unless the file ends before.
    pub fn peek(&mut self, count: usize) -> Result<&[u8], ReadError> {
        while self.end - self.start < count && !self.ended {
            // A decoder wants room for a whole character.
            if self.buffer.len() - self.end + self.start < 8 {
                break;
            }
            self.fill().map_err(|error| self.failed(&error))?;
        }
        Ok(&self.buffer[self.start..self.end.min(self.start + count)])
    }

    pub fn skip(&mut self, count: usize) {
        let end = self.end.min(self.start + count);
        let taken = &self.buffer[self.start..end];
        self.lines += memchr::memchr_iter(b'\n', taken).count() as u64;
        self.used += taken.len() as u64;
        self.start = end;
    }

    /// Appends everything before `byte` and uses it up with it; `false` where the file ends before. More than `most`
    /// bytes are refused.
    pub fn take_until(&mut self, byte: u8, into: &mut Vec<u8>, most: usize) -> Result<bool, ReadError> {
        loop {
            if self.start == self.end {
                self.peek(1)?;
                if self.start == self.end {
                    return Ok(false);
                }
            }
            let rest = &self.buffer[self.start..self.end];
            let at = memchr::memchr(byte, rest);
            let count = at.unwrap_or(rest.len());
            if into.len() + count > most {
                return Err(ReadError::EndlessRecord { line: self.line(), most: most as u64 });
            }
            into.extend_from_slice(&rest[..count]);
            self.skip(count + usize::from(at.is_some()));
            if at.is_some() {
                return Ok(true);
            }
        }
    }

    /// The next line without its end; `false` at the end of the file.
    pub fn take_line(&mut self, into: &mut String, most: usize) -> Result<bool, ReadError> {
        let line = self.line();
        let mut bytes = std::mem::take(into).into_bytes();
        bytes.clear();
        let found = self.take_until(b'\n', &mut bytes, most)? || !bytes.is_empty();
        *into = String::from_utf8(bytes).map_err(|_| ReadError::Encoding { line })?;
        self.check(into, line)?;
        Ok(found)
    }

    /// Bytes of the file as text.
    pub fn text<'a>(&self, bytes: &'a [u8], line: u64) -> Result<&'a str, ReadError> {
        let text = std::str::from_utf8(bytes).map_err(|_| ReadError::Encoding { line })?;
        self.check(text, line)?;
        Ok(text)
    }

    fn check(&self, text: &str, line: u64) -> Result<(), ReadError> {
        if self.decoded && text.contains('\u{fffd}') {
            return Err(fault(line, "it has bytes that its encoding does not know; is file.encoding right?"));
        }
        if memchr::memchr(0, text.as_bytes()).is_some() {
            return Err(fault(line, "it has a NUL byte, which no text has"));
        }
        Ok(())
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(buffer.len());
        buffer[..count].copy_from_slice(&available[..count]);
        self.skip(count);
        Ok(count)
    }
}

impl BufRead for Source {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start == self.end {
            self.fill()?;
        }
        Ok(&self.buffer[self.start..self.end])
    }

    fn consume(&mut self, count: usize) {
        self.skip(count);
    }
}
