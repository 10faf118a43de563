//! Texts one after the other in one piece of memory, newest day first.

use std::cmp::Ordering;

use chrono::NaiveDate;
use memchr::memmem::Finder;
use uuid::Uuid;

/// Stands after each text, and in none.
const END: char = '\n';

/// Where a revision stands in the order of pages: newest day first, then the greatest id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub day: NaiveDate,
    pub id: Uuid,
}

impl Ord for Place {
    fn cmp(&self, other: &Self) -> Ordering {
        (other.day, other.id).cmp(&(self.day, self.id))
    }
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[derive(Debug, Default)]
pub(super) struct Block {
    places: Vec<Place>,
    /// By place: where its text ends.
    ends: Vec<usize>,
    texts: String,
}

impl Block {
    /// Revisions of one transaction on one day that say the same are one.
    pub fn new(mut revisions: Vec<(Place, String)>) -> Self {
        revisions.sort_unstable();
        revisions.dedup();
        let mut block = Self::default();
        for (place, text) in &revisions {
            block.push(*place, text);
        }
        block
    }

    /// Both in one.
    pub fn with(&self, other: &Self) -> Self {
        let mut both = Self::default();
        let (mut ours, mut theirs) = (self.each().peekable(), other.each().peekable());
        loop {
            let next = match (ours.peek(), theirs.peek()) {
                (Some(our), Some(their)) if our == their => {
                    theirs.next();
                    ours.next()
                }
                (Some(our), Some(their)) if their < our => theirs.next(),
                (Some(_), _) => ours.next(),
                (None, _) => theirs.next(),
            };
            let Some((place, text)) = next else { return both };
            both.push(place, text);
        }
    }

    fn push(&mut self, place: Place, text: &str) {
        self.texts.extend(text.chars().map(|c| if c == END { ' ' } else { c }));
        self.texts.push(END);
        self.ends.push(self.texts.len());
        self.places.push(place);
    }

    fn each(&self) -> impl Iterator<Item = (Place, &str)> {
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        let texts = begins.zip(&self.ends).map(|(begin, end)| &self.texts[begin..end - 1]);
        self.places.iter().copied().zip(texts)
    }

    pub fn len(&self) -> usize {
        self.places.len()
    }

    pub fn bytes(&self) -> usize {
        self.texts.capacity() + self.places.capacity() * size_of::<Place>() + self.ends.capacity() * size_of::<usize>()
    }

    /// The places of texts with these words on these days, after a place, in order.
    pub fn find(
        &self,
        words: &str,
        (first, last): (NaiveDate, NaiveDate),
        after: Option<Place>,
    ) -> impl Iterator<Item = Place> {
        let words = words.replace(END, " ");
        let begin = self.places.partition_point(|place| place.day > last);
        let begin = after.map_or(begin, |after| begin.max(self.places.partition_point(|place| *place <= after)));
        let end = self.places.partition_point(|place| place.day >= first);
        let finder = Finder::new(words.as_bytes()).into_owned();
        let mut next = begin;
        std::iter::from_fn(move || {
            if next >= end {
                return None;
            }
            let from = if next == 0 { 0 } else { self.ends[next - 1] };
            let at = from + finder.find(&self.texts.as_bytes()[from..self.ends[end - 1]])?;
            let found = next + self.ends[next..end].partition_point(|ends| *ends <= at);
            next = found + 1;
            self.places.get(found).copied()
        })
    }
}

/// The places of both in order, each once.
pub(super) fn merged(
    ours: impl Iterator<Item = Place>,
    theirs: impl Iterator<Item = Place>,
) -> impl Iterator<Item = Place> {
    let (mut ours, mut theirs) = (ours.peekable(), theirs.peekable());
    let mut last = None;
    std::iter::from_fn(move || {
        loop {
            let next = match (ours.peek(), theirs.peek()) {
                (Some(our), Some(their)) if their < our => theirs.next(),
                (Some(_), _) => ours.next(),
                (None, _) => theirs.next(),
            };
            // A transaction may have several texts on a day.
            if next.is_none() || next != last {
                last = next;
                return next;
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn place(day: u32, id: u128) -> Place {
        Place { day: NaiveDate::from_ymd_opt(2026, 1, day).unwrap(), id: Uuid::from_u128(id) }
    }

    const ALL: (NaiveDate, NaiveDate) = (NaiveDate::MIN, NaiveDate::MAX);

    proptest! {
        #[test]
        fn it_finds_what_looking_at_each_finds(
            revisions in prop::collection::vec((1_u32..9, 0_u128..20, "[ab\n ]{0,6}"), 0..60),
            cut in 0_usize..60,
            words in "[ab ]{1,3}",
            (first, last) in (1_u32..9, 1_u32..9),
            after in prop::option::of((1_u32..9, 0_u128..20)),
        ) {
            let revisions: Vec<_> =
                revisions.into_iter().map(|(day, id, text)| (place(day, id), text.replace('\n', " "))).collect();
            let days = (place(first, 0).day, place(last, 0).day);
            let after = after.map(|(day, id)| place(day, id));
            let mut expected: Vec<_> = revisions
                .iter()
                .filter(|(place, text)| text.contains(&words) && (days.0..=days.1).contains(&place.day))
                .map(|(place, _)| *place)
                .filter(|place| after.is_none_or(|after| *place > after))
                .collect();
            expected.sort_unstable();
            expected.dedup();
            let (old, new) = revisions.split_at(cut.min(revisions.len()));
            let (old, new) = (Block::new(old.to_vec()), Block::new(new.to_vec()));
            let apart: Vec<_> = merged(old.find(&words, days, after), new.find(&words, days, after)).collect();
            prop_assert_eq!(&apart, &expected);
            let both = old.with(&new);
            let together: Vec<_> = merged(both.find(&words, days, after), std::iter::empty()).collect();
            prop_assert_eq!(&together, &expected);
        }
    }

    #[test]
    fn no_words_reach_from_one_text_into_the_next() {
        let block = Block::new(vec![(place(2, 1), "ab".to_owned()), (place(1, 1), "cd".to_owned())]);
        assert_eq!(block.find("b\nc", ALL, None).count(), 0);
        assert_eq!(block.find("b", ALL, None).collect::<Vec<_>>(), [place(2, 1)]);
    }
}
