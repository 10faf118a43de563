//! Texts one after the other in one piece of memory, newest day first.
//!
//! Each run of [`RUN`] texts has a sketch of the three letters in a row that occur in it, so that a search looks only
//! into runs that may have its words: what is rare is found, or not, without reading every text.

use std::cmp::Ordering;

use chrono::NaiveDate;
use memchr::memmem::Finder;
use uuid::Uuid;

/// Stands after each text, and in none.
const END: char = '\n';

/// Texts that share a sketch.
const RUN: usize = 64;

/// Which triples of bytes occur, hashed to one of 4,096 bits: a run sets a fifth of them.
#[derive(Debug, Clone)]
struct Sketch([u64; 64]);

impl Sketch {
    fn new() -> Self {
        Self([0; 64])
    }

    fn of(text: &str) -> Self {
        let mut sketch = Self::new();
        sketch.add(text);
        sketch
    }

    fn add(&mut self, text: &str) {
        for triple in text.as_bytes().windows(3) {
            let number = u32::from_le_bytes([triple[0], triple[1], triple[2], 0]);
            // Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4): its first 12 bits.
            let bit = number.wrapping_mul(0x9e37_79b1) >> 20;
            self.0[(bit >> 6) as usize] |= 1 << (bit & 63);
        }
    }

    fn may_have(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(ours, theirs)| ours & theirs == *theirs)
    }
}

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
    sketches: Vec<Sketch>,
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
        let begin = self.texts.len();
        self.texts.extend(text.chars().map(|c| if c == END { ' ' } else { c }));
        if self.places.len().is_multiple_of(RUN) {
            self.sketches.push(Sketch::new());
        }
        if let Some(sketch) = self.sketches.last_mut() {
            sketch.add(&self.texts[begin..]);
        }
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
        self.texts.capacity()
            + self.places.capacity() * size_of::<Place>()
            + self.ends.capacity() * size_of::<usize>()
            + self.sketches.capacity() * size_of::<Sketch>()
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
        let (finder, sketch) = (Finder::new(words.as_bytes()).into_owned(), Sketch::of(&words));
        let mut next = begin;
        std::iter::from_fn(move || {
            while next < end {
                let run = next / RUN;
                let until = end.min((run + 1) * RUN);
                if self.sketches[run].may_have(&sketch) {
                    let from = next.checked_sub(1).map_or(0, |before| self.ends[before]);
                    if let Some(at) = finder.find(&self.texts.as_bytes()[from..self.ends[until - 1]]) {
                        let found = next + self.ends[next..until].partition_point(|ends| *ends <= from + at);
                        next = found + 1;
                        return self.places.get(found).copied();
                    }
                }
                next = until;
            }
            None
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
    fn what_is_rare_is_found_among_many_runs() {
        let text = |number: u128| format!("invoice {} of the harbour", number * 7919 % 1_000);
        let block = Block::new((0..1_000).map(|number| (place(1, number), text(number))).collect());
        let found: Vec<_> = block.find("invoice 77 of", ALL, None).collect();
        let expected = (0..1_000).find(|number| number * 7919 % 1_000 == 77).unwrap();
        assert_eq!(found, [place(1, expected)]);
        assert_eq!(block.find("harbour", ALL, None).count(), 1_000);
        assert_eq!(block.find("harbour", ALL, Some(place(1, 500))).count(), 500);
        let looked_into = block.sketches.iter().filter(|run| run.may_have(&Sketch::of("invoice 77 of"))).count();
        assert!(looked_into < block.sketches.len() / 2, "{looked_into} of {} runs", block.sketches.len());
    }

    #[test]
    fn no_words_reach_from_one_text_into_the_next() {
        let block = Block::new(vec![(place(2, 1), "ab".to_owned()), (place(1, 1), "cd".to_owned())]);
        assert_eq!(block.find("b\nc", ALL, None).count(), 0);
        assert_eq!(block.find("b", ALL, None).collect::<Vec<_>>(), [place(2, 1)]);
    }
}
