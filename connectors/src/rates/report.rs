use std::fmt;

use chrono::NaiveDate;
use domain::rates::Taken;
use serde::Serialize;

/// What became of a file of rates. `read` is `added + corrected + known + kept + refused_count`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RatesReport {
    /// Its name, without folders.
    pub file: String,
    /// `csv` or `xml`.
    pub format: String,
    pub read: u64,
    #[serde(flatten)]
    pub taken: Taken,
    /// The first of them; `refused_count` counts all.
    pub refused: Vec<Refused>,
    pub refused_count: u64,
    /// The earliest and the latest day.
    pub first: Option<NaiveDate>,
    pub last: Option<NaiveDate>,
    /// The last event; `null` where nothing had to be written.
    pub position: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// Counted from 1.
    pub line: u64,
    pub reason: String,
}

impl Refused {
    /// Reasons that a report lists.
    pub const MOST: usize = 20;
}

impl fmt::Display for RatesReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { taken, .. } = self;
        write!(f, "{}: {} rates read", self.file, self.read)?;
        if let (Some(first), Some(last)) = (self.first, self.last) {
            write!(f, " of {first} to {last}")?;
        }
        write!(f, "; {} added, {} corrected, {} known", taken.added, taken.corrected, taken.known)?;
        if taken.kept > 0 {
            write!(f, ", {} left as entered by hand", taken.kept)?;
        }
        write!(f, ", {} refused", self.refused_count)?;
        for refused in &self.refused {
            write!(f, "\n  line {}: {}", refused.line, refused.reason)?;
        }
        Ok(())
    }
}
