//! Checkpoints as C2SP specifies them (`c2sp.org/tlog-checkpoint`): three lines that name a log, its size and the root
//! of its tree. Whoever keeps one can later be shown that nothing before it was changed.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::note::{Note, NoteError, Verifier};
use super::tree::Hash;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name, which is its key's name.
    pub origin: String,
    /// How many events; the position of the last.
    pub size: u64,
    pub root: Hash,
}

#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    #[error(transparent)]
    Note(#[from] NoteError),
    #[error("it is no checkpoint: a name, a number, and 32 bytes in base64, each on a line")]
    Malformed,
    #[error("it is a checkpoint of {found}, not of {expected}")]
    OtherLog { found: String, expected: String },
}

impl Checkpoint {
    /// Reads a note that this key signed.
    pub fn open(note: &str, verifier: &Verifier) -> Result<Self, CheckpointError> {
        let note: Note = note.parse()?;
        let this: Self = verifier.open(&note)?.parse()?;
        if this.origin == verifier.name() {
            return Ok(this);
        }
        Err(CheckpointError::OtherLog { found: this.origin, expected: verifier.name().to_owned() })
    }

    /// What a note says, whoever signed it.
    pub fn unchecked(note: &str) -> Result<Self, CheckpointError> {
        note.parse::<Note>()?.unchecked_text().parse()
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, BASE64.encode(self.root))
    }
}

impl FromStr for Checkpoint {
    type Err = CheckpointError;

    /// Lines after the third are extensions, which are signed and mean nothing here.
    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        let mut lines = text.lines();
        let mut line = || lines.next().filter(|line| !line.is_empty()).ok_or(CheckpointError::Malformed);
        let (origin, size, root) = (line()?, line()?, line()?);
        let number: u64 = size.parse().map_err(|_| CheckpointError::Malformed)?;
        let root = BASE64.decode(root).ok().and_then(|root| root.try_into().ok());
        match root {
            Some(root) if number.to_string() == size => Ok(Self { origin: origin.to_owned(), size: number, root }),
            _ => Err(CheckpointError::Malformed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::note::Signer;
    use super::*;

    #[test]
    fn it_is_read_as_it_was_written_and_under_its_own_name_only() {
        let checkpoint = Checkpoint { origin: "example.com/log".into(), size: 20_852_163, root: [7; 32] };
        let text = "example.com/log\n20852163\nBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n";
        assert_eq!(checkpoint.to_string(), text);
        assert_eq!(format!("{text}extension\n").parse::<Checkpoint>().unwrap(), checkpoint);
        for malformed in ["", "a\n1\n", "a\n01\nBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n", "a\n1\nBwc=\n"] {
            assert!(malformed.parse::<Checkpoint>().is_err(), "{malformed:?}");
        }
        let own = Signer::generate("example.com/log").unwrap();
        assert_eq!(Checkpoint::open(&own.sign(text).to_string(), own.verifier()).unwrap(), checkpoint);
        let other = Signer::generate("example.com/other").unwrap();
        let refused = Checkpoint::open(&other.sign(text).to_string(), other.verifier());
        assert!(matches!(refused, Err(CheckpointError::OtherLog { .. })));
    }
}
