//! Files of exchange rates: the euro reference rates of the European Central Bank, as CSV (`eurofxref-hist.csv`,
//! `eurofxref.csv`) or XML (`eurofxref-daily.xml`, `eurofxref-hist.xml`, `eurofxref-hist-90d.xml`).
//!
//! A file is read whole: all of them since 1999 are some 8 MB. Nothing is fetched: whoever wants the newest rates
//! brings the file (docs/currencies.md says from where).

mod csv;
mod import;
mod report;
#[cfg(test)]
mod tests;
mod xml;

use domain::rates::Quoted;

pub use import::{MOST_BYTES, RatesFileError, import, read};
pub use report::{RatesReport, Refused};

/// What a file holds, in its order.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct RatesFile {
    /// `csv` or `xml`.
    pub format: &'static str,
    pub rates: Vec<Line>,
    pub refused: Vec<Refused>,
    pub refused_count: u64,
}

/// A rate and the line it stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    pub line: u64,
    pub quoted: Quoted,
}

impl RatesFile {
    fn refuse(&mut self, line: u64, reason: String) {
        self.refused_count += 1;
        if self.refused.len() < Refused::MOST {
            self.refused.push(Refused { line, reason });
        }
    }
}
