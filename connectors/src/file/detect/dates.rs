//! Which format the dates of a column have.

use std::collections::BTreeSet;

use super::Question;
use crate::file::date::DateFormat;

/// Two-digit years of files that nobody said a pivot for: 1970 to 2069.
pub const ASSUMED_PIVOT: i32 = 1970;

const DAYS: [&str; 26] = [
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y%m%d",
    "%Y年%m月%d日",
    "%d.%m.%Y",
    "%d.%m.%y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d/%m/%y",
    "%m/%d/%y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d-%m-%y",
    "%m-%d-%y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d %b %Y",
    "%d %b %y",
    "%b %d, %Y",
    "%b %d %Y",
    "%d %B %Y",
    "%d/%b/%Y",
    "%d/%b/%y",
    "%y%m%d",
    "%d%m%y",
];
const TIMES: [&str; 5] = ["", " %H:%M:%S%.f", " %H:%M", " %I:%M %p", " %I:%M:%S %p"];
const MOMENTS: [&str; 5] = [
    "%Y-%m-%dT%H:%M:%S%.f%#z",
    "%Y-%m-%d %H:%M:%S%.f%#z",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M:%S%.f UTC",
];
/// Distinct texts that are kept.
const MOST: usize = 1_000;
/// Of those that can tell what the others do not, beyond that.
const MOST_TELLING: usize = 1_010;

/// The dates seen so far, and what they can mean.
#[derive(Debug)]
pub struct Dates {
    candidates: Vec<Candidate>,
    texts: BTreeSet<String>,
}

#[derive(Debug)]
struct Candidate {
    text: String,
    format: DateFormat,
}

/// A format and why it is the one.
#[derive(Debug, PartialEq, Eq)]
pub struct Settled {
    pub format: String,
    pub why: String,
}

impl Dates {
    pub fn new(pivot: Option<i32>) -> Self {
        let dated = DAYS.iter().flat_map(|day| TIMES.iter().map(move |time| format!("{day}{time}")));
        let all = dated.chain(MOMENTS.iter().map(|moment| (*moment).to_owned()));
        let candidates = all.filter_map(|text| {
            let format = DateFormat::new(&text, Some(pivot.unwrap_or(ASSUMED_PIVOT))).ok()?;
            Some(Candidate { text, format })
        });
        Self { candidates: candidates.collect(), texts: BTreeSet::new() }
    }

    pub fn see(&mut self, text: &str) {
        let room = self.texts.len() < MOST || (self.texts.len() < MOST_TELLING && self.tells(text));
        if room && !text.is_empty() && !self.texts.contains(text) {
            self.texts.insert(text.to_owned());
        }
    }

    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// Whether some candidates read it and others do not.
    fn tells(&self, text: &str) -> bool {
        let mut reads = self.candidates.iter().map(|candidate| candidate.format.read(text).is_some());
        let first = reads.next();
        reads.any(|read| Some(read) != first)
    }

    /// Whether more rows could tell what these do not. Leaves only the formats that are still in question.
    pub fn wants_more(&mut self) -> bool {
        match self.settle("date") {
            Ok(_) => false,
            Err(question) => {
                self.candidates.retain(|candidate| question.options.contains(&candidate.text));
                self.candidates.len() > 1 && self.texts.len() < MOST_TELLING
            }
        }
    }

    /// The format that reads the most, if no other reads them as other days.
    pub fn settle(&self, column: &str) -> Result<Settled, Question> {
        let reads =
            |candidate: &Candidate| self.texts.iter().filter(|text| candidate.format.read(text).is_some()).count();
        let counts: Vec<_> = self.candidates.iter().map(reads).collect();
        let most = counts.iter().copied().max().unwrap_or_default();
        let Some(best) = counts.iter().position(|count| *count == most && most > 0) else {
            return Err(self.unknown(column));
        };
        let best = &self.candidates[best];
        let mut why = "every date reads so".to_owned();
        for other in &self.candidates {
            let Some(example) = self.texts.iter().find(|text| differ(best, other, text)) else { continue };
            let only_best = self.texts.iter().find(|text| other.format.read(text).is_none() && reads_as(best, text));
            let only_other = self.texts.iter().any(|text| best.format.read(text).is_none() && reads_as(other, text));
            match only_best {
                Some(text) if !only_other => why = format!("{text} can be nothing else"),
                _ => return Err(ambiguous(column, example, best, other)),
            }
        }
        Ok(Settled { format: best.text.clone(), why })
    }

    fn unknown(&self, column: &str) -> Question {
        let example = self.texts.first().map_or_else(String::new, |text| format!(", such as \"{text}\""));
        Question {
            key: "date.format".to_owned(),
            problem: format!("the dates of \"{column}\"{example} have no usual format"),
            options: Vec::new(),
        }
    }
}

fn reads_as(candidate: &Candidate, text: &str) -> bool {
    candidate.format.read(text).is_some()
}

fn differ(one: &Candidate, other: &Candidate, text: &str) -> bool {
    match (one.format.read(text), other.format.read(text)) {
        (Some(one), Some(other)) => one != other,
        _ => false,
    }
}

fn ambiguous(column: &str, example: &str, one: &Candidate, other: &Candidate) -> Question {
    let day = |candidate: &Candidate| {
        candidate.format.read(example).map_or_else(String::new, |printed| printed.day().format("%-d %B %Y").to_string())
    };
    Question {
        key: "date.format".to_owned(),
        problem: format!("\"{example}\" in \"{column}\" can be {} or {}", day(one), day(other)),
        options: vec![one.text.clone(), other.text.clone()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settle(texts: &[&str]) -> Result<String, Vec<String>> {
        let mut dates = Dates::new(None);
        texts.iter().for_each(|text| dates.see(text));
        dates.settle("date").map(|settled| settled.format).map_err(|question| question.options)
    }

    #[test]
    fn one_date_decides_for_all() {
        assert_eq!(settle(&["08/04/2022", "24/03/2022"]).as_deref(), Ok("%d/%m/%Y"));
        assert_eq!(settle(&["6/12/15", "6/13/15"]).as_deref(), Ok("%m/%d/%y"));
        assert_eq!(settle(&["2010-12-01 08:26:00"]).as_deref(), Ok("%Y-%m-%d %H:%M:%S%.f"));
        assert_eq!(settle(&["2021-02-03 13:12"]).as_deref(), Ok("%Y-%m-%d %H:%M"));
        assert_eq!(settle(&["17-Jul-24", "Summe"]).as_deref(), Ok("%d-%b-%y"));
        assert_eq!(settle(&["2025.12.04"]).as_deref(), Ok("%Y.%m.%d"));
        assert_eq!(settle(&["2024-07-01T10:00:00Z"]).as_deref(), Ok("%Y-%m-%dT%H:%M:%S%.f%#z"));
    }

    #[test]
    fn what_can_be_two_days_is_asked() {
        assert_eq!(settle(&["08/04/2022", "01/02/2022"]), Err(vec!["%d/%m/%Y".into(), "%m/%d/%Y".into()]));
        assert!(settle(&["31/01/2022", "01/31/2022", "05/06/2022"]).is_err(), "both are there");
        assert_eq!(settle(&["next week"]), Err(vec![]));
        assert_eq!(settle(&["05/05/2022"]).as_deref(), Ok("%d/%m/%Y"), "the same day either way");
    }
}
