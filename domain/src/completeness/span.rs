//! Days that statements tell of, and what lies between them.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::Told;

/// A quiet week is none that is missing, where the files do not say themselves from when to when they are.
const QUIET: Days = Days::new(7);
/// Balances of days that are kept of one statement.
pub const MOST_BALANCES: usize = 4_000;

/// What one statement, or several that follow each other, tell of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// Before the first day.
    pub opening: Option<Decimal>,
    /// What was held at the end of days, by day; the last is the closing balance where it is of the last day.
    pub balances: Vec<(NaiveDate, Decimal)>,
    /// The file says itself which days it is of; else they are those of its lines.
    pub is_stated: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// No statement tells of these days.
    NotTold,
    /// The statement before ends with another balance than the one after begins with.
    Unequal,
}

impl Why {
    pub const fn text(self) -> &'static str {
        match self {
            Self::NotTold => "no file tells of it",
            Self::Unequal => "the file before ends with another balance than the one after begins with",
        }
    }
}

/// Days of which something is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub why: Why,
}

impl Span {
    pub fn closing(&self) -> Option<Decimal> {
        self.balances.last().filter(|(day, _)| *day == self.to).map(|(_, balance)| *balance)
    }

    /// What is missing between this one and a later one.
    fn gap_before(&self, next: &Self) -> Option<Gap> {
        let gap = |from, to, why| Some(Gap { from, to, why });
        let follows = next.from <= self.to + Days::new(1);
        match (self.closing(), next.opening) {
            // Whatever lies between moved nothing.
            (Some(closing), Some(opening)) if closing == opening => None,
            // They overlap: each has its own balance of the common days.
            _ if next.from < self.to || next.to <= self.to => None,
            (Some(_), Some(_)) if follows => gap(self.to, next.from, Why::Unequal),
            _ if follows => None,
            (None, _) | (_, None) if !(self.is_stated && next.is_stated) && next.from <= self.to + QUIET => None,
            _ => gap(self.to + Days::new(1), next.from - Days::new(1), Why::NotTold),
        }
    }

    /// Takes in one that follows without a gap, or overlaps.
    fn extend(&mut self, next: Self) {
        if next.from <= self.from {
            self.opening = if next.from < self.from { next.opening } else { self.opening.or(next.opening) };
        }
        self.from = self.from.min(next.from);
        self.is_stated &= next.is_stated;
        self.to = self.to.max(next.to);
        for (day, balance) in next.balances {
            match self.balances.binary_search_by_key(&day, |(known, _)| *known) {
                Ok(place) => self.balances[place].1 = balance,
                Err(place) if self.balances.len() < MOST_BALANCES => self.balances.insert(place, (day, balance)),
                Err(_) => {}
            }
        }
    }

    /// Puts a statement of the same file behind this one, or before it where the file has the newest first. Gives it
    /// back where neither fits.
    pub fn chain(&mut self, mut next: Self) -> Option<Self> {
        let same = |before: &Self, after: &Self| before.closing().is_some() && before.closing() == after.opening;
        if same(self, &next) && self.to <= next.to {
            self.extend(next);
        } else if same(&next, self) && next.to <= self.to {
            std::mem::swap(self, &mut next);
            self.extend(next);
        } else {
            return Some(next);
        }
        None
    }
}

/// What follows without a gap as one, by day; and the gaps between.
pub fn joined(mut spans: Vec<Span>) -> (Vec<Span>, Vec<Gap>) {
    spans.sort_by_key(|span| (span.from, span.to));
    let (mut whole, mut gaps): (Vec<Span>, Vec<Gap>) = (Vec::new(), Vec::new());
    for span in spans {
        match whole.last_mut() {
            Some(last) => match last.gap_before(&span) {
                None => last.extend(span),
                Some(gap) => {
                    gaps.push(gap);
                    whole.push(span);
                }
            },
            None => whole.push(span),
        }
    }
    (whole, gaps)
}

/// The sums at the end of days: `before` is what moved before the first of `moved`.
pub fn sums(before: Decimal, moved: &BTreeMap<NaiveDate, Decimal>) -> impl Fn(NaiveDate) -> Decimal + use<> {
    let mut sum = before;
    let ends: BTreeMap<_, _> = moved
        .iter()
        .map(|(day, moved)| {
            sum += moved;
            (*day, sum)
        })
        .collect();
    move |day| ends.range(..=day).next_back().map_or(before, |(_, sum)| *sum)
}

/// The balances of files that follow each other, beside what is counted up to the end of each day. What a later file
/// begins with says nothing beyond the gap before it.
pub fn told(whole: &[Span], counted: impl Fn(NaiveDate) -> Decimal) -> Vec<Told> {
    let opening = whole.first().and_then(|first| Some((first.from - Days::new(1), first.opening?)));
    let balances = whole.iter().flat_map(|span| span.balances.iter().copied());
    let told = opening.into_iter().chain(balances);
    told.map(|(day, balance)| Told { day, balance, counted: counted(day) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        format!("2026-{text}").parse().unwrap()
    }

    fn span(from: &str, to: &str, opening: Option<i64>, closing: Option<i64>) -> Span {
        let balances = closing.map(|closing| (day(to), closing.into())).into_iter().collect();
        Span { from: day(from), to: day(to), opening: opening.map(Decimal::from), balances, is_stated: true }
    }

    fn gap(from: &str, to: &str, why: Why) -> Gap {
        Gap { from: day(from), to: day(to), why }
    }

    #[test]
    fn statements_that_follow_each_other_are_one() {
        let (january, february) = (span("01-01", "01-31", Some(0), Some(5)), span("02-01", "02-28", Some(5), Some(9)));
        let (whole, gaps) = joined(vec![february.clone(), january.clone()]);
        assert_eq!((whole.len(), gaps.len()), (1, 0));
        assert_eq!((whole[0].from, whole[0].to, whole[0].closing()), (day("01-01"), day("02-28"), Some(9.into())));
        assert_eq!(whole[0].balances.len(), 2);
        let again = joined(vec![january, february.clone(), span("02-10", "02-28", Some(6), Some(9)), february]);
        assert_eq!((again.0.len(), again.1.len()), (1, 0), "what overlaps is told twice, not missing");
    }

    #[test]
    fn days_that_no_statement_tells_of_are_a_gap() {
        let (before, after) = (span("01-01", "01-31", Some(0), Some(5)), span("03-01", "03-31", Some(7), Some(9)));
        let (whole, gaps) = joined(vec![before.clone(), after]);
        assert_eq!((whole.len(), gaps), (2, vec![gap("02-01", "02-28", Why::NotTold)]));
        // Nothing moved meanwhile: the balances say so.
        let (whole, gaps) = joined(vec![before.clone(), span("03-01", "03-31", Some(5), Some(9))]);
        assert_eq!((whole.len(), gaps.len()), (1, 0));
        let (_, gaps) = joined(vec![before, span("02-02", "02-28", None, None)]);
        assert_eq!(gaps, vec![gap("02-01", "02-01", Why::NotTold)], "both say which days they are of");
    }

    #[test]
    fn balances_that_do_not_meet_are_a_gap_without_days_between() {
        let (_, gaps) =
            joined(vec![span("01-01", "01-31", Some(0), Some(5)), span("02-01", "02-28", Some(6), Some(9))]);
        assert_eq!(gaps, vec![gap("01-31", "02-01", Why::Unequal)]);
    }

    #[test]
    fn of_lines_alone_a_quiet_week_is_no_gap() {
        let lines = |from, to| Span { is_stated: false, ..span(from, to, None, None) };
        let (whole, gaps) = joined(vec![lines("01-02", "01-30"), lines("02-03", "02-25")]);
        assert_eq!((whole.len(), gaps.len()), (1, 0));
        let (_, gaps) = joined(vec![lines("01-02", "01-30"), lines("03-03", "03-25")]);
        assert_eq!(gaps, vec![gap("01-31", "03-02", Why::NotTold)]);
    }

    #[test]
    fn statements_of_a_file_chain_in_either_order() {
        let (monday, tuesday) = (span("01-05", "01-05", Some(0), Some(5)), span("01-06", "01-06", Some(5), Some(9)));
        for (mut first, second) in [(monday.clone(), tuesday.clone()), (tuesday, monday)] {
            assert_eq!(first.chain(second), None);
            assert_eq!((first.from, first.to, first.opening), (day("01-05"), day("01-06"), Some(0.into())));
            assert_eq!(first.balances, vec![(day("01-05"), 5.into()), (day("01-06"), 9.into())]);
        }
        // Two parts of one day: what the day ends with counts.
        let mut morning = span("01-05", "01-05", Some(0), Some(5));
        assert_eq!(morning.chain(span("01-05", "01-05", Some(5), Some(9))), None);
        assert_eq!(morning.balances, vec![(day("01-05"), 9.into())]);
        let other = span("01-07", "01-07", Some(1), Some(2));
        assert_eq!(morning.chain(other.clone()), Some(other));
    }
}
