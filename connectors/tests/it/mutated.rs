//! Files as they arrive broken: those of the data set and of `tests/corpus`, cut, doubled, spliced with one another and
//! hit byte by byte. What once went wrong is kept in the corpus.

use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::files::{Outcome, packed, read_text, shared};

/// Larger ones only make the same take longer.
const MOST_BYTES: usize = 30_000;
/// What an error may tell of a file: a cell, not the file.
const MOST_TOLD: usize = 1_000;
/// What means something to one of the formats.
const WORDS: &[&str] = &[
    "<STMTTRN>",
    "</STMTTRN>",
    "</OFX>",
    "<TRNAMT>",
    "<LEDGERBAL>",
    "<Ntry>",
    "</Ntry>",
    "<TxDtls>",
    "<Bal>",
    "<!DOCTYPE d [<!ENTITY x \"y\">]>",
    "&x;",
    "&#0;",
    "&amp;",
    "<![CDATA[",
    "-->",
    "\n:61:",
    "\n:86:",
    "\n:60F:",
    "\n:62F:C240131EUR1,00",
    "\n-}",
    "\n^\n",
    "\n!Type:Bank\n",
    "\n!Account\n",
    "\nD",
    "\n$",
    "\"",
    "\"\"",
    ";",
    ",",
    "\t",
    "\r",
    "\n\n",
    "\0",
    "\u{feff}",
    "99999999999999999999",
    "-",
    "(",
    ")",
    "31/02/2024",
    "0",
    "1e999",
    "€",
    "é",
];

static FILES: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut files: Vec<_> = [shared("statements"), corpus]
        .iter()
        .flat_map(|folder| folder.read_dir().unwrap())
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read(&path).unwrap()))
        .filter(|(name, _)| !name.starts_with("expected") && !name.ends_with(".md"))
        .filter(|(_, bytes)| bytes.len() <= MOST_BYTES)
        .collect();
    files.sort();
    files
});

#[derive(Debug, Clone)]
enum Change {
    Byte {
        at: Index,
        to: u8,
    },
    Word {
        at: Index,
        word: &'static str,
    },
    Cut {
        at: Index,
        length: usize,
    },
    Twice {
        at: Index,
        length: usize,
    },
    /// A piece of another file.
    Splice {
        at: Index,
        other: Index,
        from: Index,
        length: usize,
    },
    End {
        at: Index,
    },
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<Index>;
    let length = || 1_usize..400;
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, to)| Change::Byte { at, to }),
        (at(), select(WORDS)).prop_map(|(at, word)| Change::Word { at, word }),
        (at(), length()).prop_map(|(at, length)| Change::Cut { at, length }),
        (at(), length()).prop_map(|(at, length)| Change::Twice { at, length }),
        (at(), at(), at(), length()).prop_map(|(at, other, from, length)| Change::Splice { at, other, from, length }),
        at().prop_map(|at| Change::End { at }),
    ]
}

fn piece(bytes: &[u8], at: usize, length: usize) -> Vec<u8> {
    bytes[at..(at + length).min(bytes.len())].to_vec()
}

fn changed(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        if bytes.is_empty() {
            break;
        }
        match change {
            Change::Byte { at, to } => {
                let at = at.index(bytes.len());
                bytes[at] = *to;
            }
            Change::Word { at, word } => insert(&mut bytes, *at, word.as_bytes()),
            Change::Cut { at, length } => {
                let at = at.index(bytes.len());
                bytes.drain(at..(at + length).min(bytes.len()));
            }
            Change::Twice { at, length } => {
                let again = piece(&bytes, at.index(bytes.len()), *length);
                insert(&mut bytes, *at, &again);
            }
            Change::Splice { at, other, from, length } => {
                let (_, other) = other.get(&FILES);
                if !other.is_empty() {
                    insert(&mut bytes, *at, &piece(other, from.index(other.len()), *length));
                }
            }
            Change::End { at } => bytes.truncate(at.index(bytes.len())),
        }
    }
    bytes
}

fn insert(bytes: &mut Vec<u8>, at: Index, what: &[u8]) {
    let at = at.index(bytes.len());
    bytes.splice(at..at, what.iter().copied());
}

/// What a user is told of it.
fn told(bytes: &[u8]) -> Result<Outcome, String> {
    read_text(bytes, None).map_err(|error| error.to_string())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    /// Nothing panics or hangs, the same bytes always give the same, packed or not, and errors are short.
    #[test]
    fn whatever_is_broken_is_read_or_refused_the_same_each_time(file in any::<Index>(), changes in prop::collection::vec(change(), 0..6)) {
        let (name, bytes) = file.get(&FILES);
        let bytes = changed(bytes.clone(), &changes);
        let lines = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() as u64 + 1;
        let first = told(&bytes);
        match &first {
            Ok(outcome) => {
                for line in outcome.rows.iter().map(|row| row.line).chain(outcome.refused.iter().map(|(line, _)| *line)) {
                    prop_assert!((1..=lines).contains(&line), "{name}: line {line} of {lines}");
                }
                for (line, reason) in &outcome.refused {
                    prop_assert!(!reason.is_empty() && reason.chars().count() <= MOST_TOLD, "{name}: {line}: {reason}");
                }
            }
            Err(error) => prop_assert!(!error.is_empty() && error.chars().count() <= MOST_TOLD, "{name}: {error}"),
        }
        let again = told(&packed(&bytes));
        prop_assert_eq!(first, again, "{}: {}", name, bytes.escape_ascii());
    }
}
