//! Readers in tests: texts go in, parts come out, in pieces of any size.

use std::io::{self, Read};

use super::{Balance, Line, Part, Side, Source, Statements};
use crate::file::error::ReadError;

/// Gives pieces of some bytes, so that every token is cut somewhere.
struct Drip {
    bytes: Vec<u8>,
    at: usize,
    piece: usize,
}

impl Read for Drip {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = buffer.len().min(self.piece).min(self.bytes.len() - self.at);
        buffer[..count].copy_from_slice(&self.bytes[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

pub fn source(text: impl AsRef<[u8]>, piece: usize) -> Source {
    Source::of(Drip { bytes: text.as_ref().to_vec(), at: 0, piece: piece.max(1) })
}

pub fn parts(mut reader: impl Statements) -> Result<Vec<Part>, ReadError> {
    let mut parts = Vec::new();
    while let Some(part) = reader.next()? {
        parts.push(part);
    }
    Ok(parts)
}

pub fn lines(parts: &[Part]) -> Vec<Line> {
    let lines = parts.iter().filter_map(|part| match part {
        Part::Line(line) => Some((**line).clone()),
        _ => None,
    });
    lines.collect()
}

/// `day amount` of every line.
pub fn money(parts: &[Part]) -> Vec<String> {
    lines(parts).iter().map(|line| format!("{} {}", line.day, line.amount)).collect()
}

/// Opening and closing balances in their order.
pub fn balances(parts: &[Part]) -> Vec<(Side, String)> {
    let balances = parts.iter().filter_map(|part| match part {
        Part::Balance(Balance { side, amount, .. }) => Some((*side, amount.to_string())),
        _ => None,
    });
    balances.collect()
}

pub fn count(parts: &[Part], is: impl Fn(&Part) -> bool) -> usize {
    parts.iter().filter(|part| is(part)).count()
}
