//! Tags and values. A value ends where the next tag begins; closing it is optional.

use crate::file::error::ReadError;
use crate::file::formats::texts::decode_entities;
use crate::file::formats::{Source, fault};

const MOST_VALUE: usize = 64 * 1024;
const MOST_TAG: usize = 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    /// A tag opens; its name is in [`Tokens::name`], upper case.
    Open,
    Close,
    /// A value; it is in [`Tokens::value`].
    Value,
    End,
}

pub struct Tokens {
    source: Source,
    name: String,
    value: String,
    bytes: Vec<u8>,
    line: u64,
    /// The `<` of the next tag was used up.
    at_tag: bool,
    ended: bool,
}

impl Tokens {
    pub fn new(source: Source) -> Self {
        let (name, value) = (String::new(), String::new());
        Self { source, name, value, bytes: Vec::new(), line: 1, at_tag: false, ended: false }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn value(&self) -> &str {
        &self.value
    }

    /// The line of the last token.
    pub fn line(&self) -> u64 {
        self.line
    }

    pub fn next(&mut self) -> Result<Token, ReadError> {
        loop {
            if !self.at_tag && self.take_value()? {
                return Ok(Token::Value);
            }
            if self.ended {
                return Ok(Token::End);
            }
            self.at_tag = false;
            self.line = self.source.line();
            if self.source.peek(1)? == b"?" {
                self.take_tag()?;
                continue;
            }
            self.take_tag()?;
            let text = self.source.text(&self.bytes, self.line)?;
            let (closes, text) = match text.strip_prefix('/') {
                Some(rest) => (true, rest),
                None => (false, text),
            };
            let empty = text.ends_with('/');
            self.name.clear();
            let name = text.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default();
            self.name.extend(name.chars().map(|c| c.to_ascii_uppercase()));
            if empty {
                continue;
            }
            return Ok(if closes { Token::Close } else { Token::Open });
        }
    }

    fn take_tag(&mut self) -> Result<(), ReadError> {
        self.bytes.clear();
        match self.source.take_until(b'>', &mut self.bytes, MOST_TAG) {
            Ok(true) => Ok(()),
            Ok(false) => Err(fault(self.line, "the file ends within a tag; it is cut off")),
            Err(ReadError::EndlessRecord { .. }) => Err(fault(self.line, "a tag does not end")),
            Err(error) => Err(error),
        }
    }

    /// Everything up to the next tag; `true` where that is more than white space.
    fn take_value(&mut self) -> Result<bool, ReadError> {
        self.bytes.clear();
        let began = self.source.line();
        loop {
            let found = self.source.take_until(b'<', &mut self.bytes, MOST_VALUE).map_err(|error| match error {
                ReadError::EndlessRecord { line, .. } => fault(line, "a value is longer than 64 KiB"),
                other => other,
            })?;
            if !found {
                self.ended = true;
                break;
            }
            let ahead = self.source.peek(8)?;
            match ahead.first() {
                Some(b'!') if ahead == b"![CDATA[" => self.take_cdata()?,
                Some(b'!') if ahead.starts_with(b"!--") => self.skip_comment()?,
                Some(b'!') => {
                    return Err(fault(
                        self.source.line(),
                        "it has a document type, which no statement has and which can be abused",
                    ));
                }
                Some(b'/' | b'?') => break,
                Some(byte) if byte.is_ascii_alphabetic() => break,
                // A `<` that nobody escaped.
                _ => self.bytes.push(b'<'),
            }
        }
        self.at_tag = !self.ended;
        let before = self.bytes.len() - self.bytes.trim_ascii_start().len();
        let line = began + memchr::memchr_iter(b'\n', &self.bytes[..before]).count() as u64;
        let bytes = self.bytes.trim_ascii();
        if bytes.is_empty() {
            return Ok(false);
        }
        self.line = line;
        let text = self.source.text(bytes, line)?;
        self.value.clear();
        if memchr::memchr(b'&', bytes).is_some() {
            self.value.push_str(&decode_entities(text));
        } else {
            self.value.push_str(text);
        }
        Ok(true)
    }

    fn take_cdata(&mut self) -> Result<(), ReadError> {
        self.source.skip(b"![CDATA[".len());
        loop {
            let line = self.source.line();
            match self.source.take_until(b']', &mut self.bytes, MOST_VALUE) {
                Ok(true) => {}
                Ok(false) => return Err(fault(line, "the file ends within a value; it is cut off")),
                Err(ReadError::EndlessRecord { .. }) => return Err(fault(line, "a value is longer than 64 KiB")),
                Err(error) => return Err(error),
            }
            if self.source.peek(2)? == b"]>" {
                self.source.skip(2);
                return Ok(());
            }
            self.bytes.push(b']');
        }
    }

    fn skip_comment(&mut self) -> Result<(), ReadError> {
        let line = self.source.line();
        self.source.skip(3);
        let mut passed = Vec::new();
        loop {
            passed.clear();
            match self.source.take_until(b'-', &mut passed, MOST_VALUE) {
                Ok(true) => {}
                Ok(false) => return Err(fault(line, "a comment does not end")),
                Err(ReadError::EndlessRecord { .. }) => return Err(fault(line, "a comment does not end")),
                Err(error) => return Err(error),
            }
            if self.source.peek(2)? == b"->" {
                self.source.skip(2);
                return Ok(());
            }
        }
    }
}
