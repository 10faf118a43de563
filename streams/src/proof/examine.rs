//! Checking a file that [`super::export`] wrote, with nothing but the file and what its reader holds.

use std::io::BufRead;

use domain::BusinessId;

use super::archive::{Manifest, Signed, statement};
use super::checkpoint::Checkpoint;
use super::file::{ARCHIVE_FORMAT, End, FORMAT, Header, Packed, Walk};
use super::lines::{Lines, Parsed, parse_all};
use super::note::{Note, Verifier};
use super::tree::{Hash, fold_peaks, node_hash, peaks, verify_consistency};
use crate::Event;

/// What the reader of a file holds and expects.
#[derive(Debug, Clone, Default)]
pub struct Expected {
    pub business: Option<BusinessId>,
    /// The key of the log, from elsewhere. Without it the file's own is taken, which proves nothing about who signed.
    pub key: Option<Verifier>,
    /// Checkpoints of the log that were kept: signed notes.
    pub checkpoints: Vec<String>,
}

/// What a file proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    pub business: BusinessId,
    pub events: i64,
    pub checkpoint: Checkpoint,
    pub key: Verifier,
    /// Checkpoints that it was compared with.
    pub compared: usize,
    /// Of a part of the log: which one.
    pub archive: Option<Manifest>,
    /// Proofs that earlier checkpoints, by their size, are of the same log.
    earlier: Vec<(u64, Vec<Hash>)>,
}

impl Proven {
    /// Whether a note is a checkpoint of this log: signed with its key, and with the root that the log had.
    ///
    /// # Errors
    /// Says what does not fit.
    pub fn holds(&self, note: &str) -> Result<Checkpoint, String> {
        let held = Checkpoint::open(note, &self.key).map_err(|error| error.to_string())?;
        let earlier = self.earlier.iter().map(|(size, proof)| (*size, proof.as_slice()));
        agrees(&held, &self.checkpoint, earlier)?;
        Ok(held)
    }
}

/// That the log of a checkpoint begins with the one of an earlier.
fn agrees<'p>(
    held: &Checkpoint,
    checkpoint: &Checkpoint,
    mut earlier: impl Iterator<Item = (u64, &'p [Hash])>,
) -> Result<(), String> {
    let (old, new) = ((held.size, &held.root), (checkpoint.size, &checkpoint.root));
    let proof = match earlier.find(|(size, _)| *size == held.size) {
        Some((_, proof)) => proof,
        None if held.size == checkpoint.size => &[],
        None => return Err(format!("the file does not show that it goes on from the one over {} events", held.size)),
    };
    verify_consistency(old, new, proof).map_err(|disproof| format!("the log up to it is another: {disproof}"))
}

/// The first thing that does not fit.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("position {position}: {reason}")]
    Event { position: i64, reason: String },
    #[error("{0}")]
    File(String),
    #[error("the file cannot be read: {0}")]
    Read(#[from] std::io::Error),
}

impl Fault {
    fn event(position: i64, reason: impl Into<String>) -> Self {
        Self::Event { position, reason: reason.into() }
    }
}

/// Checks a file. `visit` sees the events in order, some thousands at a time, each batch after it was checked; what it
/// gives back ends the check, as a fault at that position.
pub fn examine(
    mut file: impl BufRead,
    expected: &Expected,
    mut visit: impl FnMut(&[Event]) -> Result<(), (i64, String)>,
) -> Result<Proven, Fault> {
    let header = read_header(&mut file)?;
    let (key, checkpoint) = check_header(&header, expected)?;
    let compared = compare(&header, &checkpoint, &key, expected)?;
    let mut state = State::new(&header, &checkpoint);
    let mut lines = Lines::new(header.archive.is_some());
    let mut parsed = Vec::new();
    loop {
        let more = lines.fill(&mut file)?;
        let before = std::mem::take(&mut parsed);
        let passed;
        (parsed, passed) = parse_all(&lines, || {
            let events = before.into_iter().map(|line| state.step(line)).collect::<Result<Vec<_>, _>>()?;
            visit(&events).map_err(|(position, reason)| Fault::event(position, reason))
        });
        passed?;
        if !more {
            break;
        }
    }
    state.finish()?;
    let archive = header.archive.map(|signed| signed.manifest);
    if let Some(manifest) = &archive
        && lines.into_digest().as_ref() != Some(&manifest.lines_sha256)
    {
        return Err(Fault::File("its lines are not those that its first line was signed over".to_owned()));
    }
    let earlier = header.earlier.into_iter().map(|earlier| (earlier.size, earlier.proof.0)).collect();
    Ok(Proven { business: header.business, events: header.events, checkpoint, key, compared, archive, earlier })
}

fn read_header(file: &mut impl BufRead) -> Result<Header, Fault> {
    let mut line = String::new();
    file.read_line(&mut line)?;
    let header: Header =
        serde_json::from_str(&line).map_err(|error| Fault::File(format!("the first line is no header: {error}")))?;
    match (header.format.as_str(), header.archive.is_some()) {
        (FORMAT, false) => Ok(header),
        // Byte for byte as it was written: nothing is passed over.
        (ARCHIVE_FORMAT, true) if serde_json::to_string(&header).is_ok_and(|again| again == line.trim_end()) => {
            Ok(header)
        }
        (ARCHIVE_FORMAT, true) => Err(Fault::File("the first line is not as it was written".to_owned())),
        (other, _) => Err(Fault::File(format!(
            "the file's format is {other:?}, this program reads {FORMAT:?} and {ARCHIVE_FORMAT:?}"
        ))),
    }
}

fn check_header(header: &Header, expected: &Expected) -> Result<(Verifier, Checkpoint), Fault> {
    let fault = |reason: String| Fault::File(format!("the head of the file: {reason}"));
    if let Some(business) = expected.business
        && business != header.business
    {
        return Err(fault(format!("it is of business {}, not of {business}", header.business)));
    }
    let key = match &expected.key {
        Some(key) => key.clone(),
        None => header.key.parse().map_err(|error| fault(format!("{error}")))?,
    };
    let checkpoint = Checkpoint::open(&header.checkpoint, &key).map_err(|error| fault(error.to_string()))?;
    if header.key != key.to_string() {
        return Err(fault("it names another key than the one that signed".to_owned()));
    }
    let Packed(hashes) = &header.peaks;
    if hashes.len() != peaks(checkpoint.size).len() || fold_peaks(hashes) != checkpoint.root {
        return Err(fault("its peaks do not give the root that was signed".to_owned()));
    }
    if let Some(archive) = &header.archive {
        check_archive(header, archive, &key, checkpoint.size).map_err(fault)?;
    }
    Ok((key, checkpoint))
}

/// What an archive says of itself is signed, and fits the rest of the line.
fn check_archive(header: &Header, archive: &Signed, key: &Verifier, size: u64) -> Result<(), String> {
    let Signed { manifest, note } = archive;
    let note: Note = note.parse().map_err(|error| format!("{error}"))?;
    if key.open(&note).map_err(|error| error.to_string())? != statement(header.business, manifest) {
        return Err("what it says of itself is not what was signed".to_owned());
    }
    let events = manifest.last_sequence - manifest.first_sequence + 1;
    if manifest.first_sequence < 1 || events != header.events || manifest.last_position.unsigned_abs() != size {
        return Err("what it says of itself does not fit its checkpoint and number of events".to_owned());
    }
    Ok(())
}

/// The checkpoints that the reader kept must be of the same log.
fn compare(header: &Header, checkpoint: &Checkpoint, key: &Verifier, expected: &Expected) -> Result<usize, Fault> {
    let opened = expected.checkpoints.iter().map(|note| Checkpoint::open(note, key));
    let opened: Result<Vec<_>, _> = opened.collect();
    let mut kept = opened.map_err(|error| Fault::File(format!("the checkpoint: {error}")))?;
    // The first one that does not fit is the one that says most of where.
    kept.sort_by_key(|held| held.size);
    for held in &kept {
        let (old, new) = ((held.size, &held.root), (checkpoint.size, &checkpoint.root));
        let proof = match header.earlier.iter().find(|earlier| earlier.size == held.size) {
            Some(earlier) => earlier.proof.0.as_slice(),
            None if held.size == checkpoint.size => &[],
            None if held.size > checkpoint.size => {
                let (last, size) = (i64::try_from(checkpoint.size).unwrap_or(i64::MAX), held.size);
                let reason = format!(
                    "the file ends with it, and a checkpoint that was kept is over {size} events: the file is older than \
                     that, or the log was cut off"
                );
                return Err(Fault::event(last, reason));
            }
            None => {
                return Err(Fault::File(format!(
                    "the file does not show that it goes on from the checkpoint over {} events: ask for one that does \
                     (workdock audit export --checkpoint)",
                    held.size
                )));
            }
        };
        verify_consistency(old, new, proof).map_err(|disproof| {
            let last = i64::try_from(held.size).unwrap_or(i64::MAX);
            Fault::event(last, format!("the log up to it is not the one of the checkpoint that was kept: {disproof}"))
        })?;
    }
    Ok(kept.len())
}

/// What the events so far have shown.
struct State<'h> {
    header: &'h Header,
    size: u64,
    walk: Walk,
    position: i64,
    sequence: i64,
    /// The number of the business's last event before the file.
    before: i64,
    /// Of the last event's path, by level: the nodes on it, and their siblings.
    nodes: [Hash; 64],
    siblings: [Hash; 64],
}

impl<'h> State<'h> {
    fn new(header: &'h Header, checkpoint: &Checkpoint) -> Self {
        let before = header.archive.as_ref().map_or(0, |archive| archive.manifest.first_sequence - 1);
        Self {
            header,
            size: checkpoint.size,
            walk: Walk::new(checkpoint.size),
            position: 0,
            sequence: before,
            before,
            nodes: [[0; 32]; 64],
            siblings: [[0; 32]; 64],
        }
    }

    fn step(&mut self, line: Result<Parsed, String>) -> Result<Event, Fault> {
        let Parsed { event, fits, leaf, path } = line.map_err(|error| {
            let (number, after) = (self.sequence - self.before + 2, self.position);
            Fault::File(format!("line {number}, after position {after}, is no event: {error}"))
        })?;
        let fault = |reason: String| Err(Fault::event(event.position, reason));
        if event.business != self.header.business {
            return fault(format!("it is an event of business {}", event.business));
        }
        let expected = self.sequence + 1;
        if event.business_sequence > expected {
            return fault(format!("number {expected} of the business's events is missing before it"));
        }
        if event.business_sequence < expected {
            let own = event.business_sequence;
            return fault(format!("it is number {own} of the business's events, and stands where {expected} belongs"));
        }
        if let Some(archive) = self.header.archive.as_ref().filter(|_| self.sequence == self.before)
            && event.position != archive.manifest.first_position
        {
            return fault(format!("the file begins at position {}", archive.manifest.first_position));
        }
        if event.position <= self.position {
            return fault(format!("it stands after position {}", self.position));
        }
        if !fits {
            return fault("its content does not give its hash".to_owned());
        }
        if event.position.unsigned_abs() > self.size {
            return fault(format!("the checkpoint is over {} events only", self.size));
        }
        if !self.climb(event.position.unsigned_abs() - 1, leaf, &path) {
            return fault("it is not in the log that the checkpoint was signed over".to_owned());
        }
        (self.position, self.sequence) = (event.position, expected);
        Ok(event)
    }

    /// Whether the leaf's path leads to what is known already. Then all of it is.
    fn climb(&mut self, leaf: u64, hash: Hash, path: &[Hash]) -> bool {
        let Some((levels, end)) = self.walk.next(leaf) else { return false };
        if path.len() != levels as usize {
            return false;
        }
        let top = path.len();
        let known = match end {
            End::Peak(peak) => self.header.peaks.0[peak],
            End::Sibling => self.siblings[top],
        };
        let beside = self.nodes[top];
        self.nodes[0] = hash;
        for (level, sibling) in path.iter().enumerate() {
            let own = self.nodes[level];
            let is_right = (leaf >> level) & 1 == 1;
            self.nodes[level + 1] = if is_right { node_hash(sibling, &own) } else { node_hash(&own, sibling) };
        }
        self.siblings[..top].copy_from_slice(path);
        if end == End::Sibling {
            self.siblings[top] = beside;
        }
        self.nodes[top] == known
    }

    fn finish(&self) -> Result<(), Fault> {
        let last = self.position;
        let found = self.sequence - self.before;
        if found != self.header.events {
            let said = self.header.events;
            return Err(Fault::event(last, format!("the file ends after it, with {found} of {said} events")));
        }
        if last.unsigned_abs() != self.size {
            let reason = format!("the file ends after it, the checkpoint only at position {}", self.size);
            return Err(Fault::event(last, reason));
        }
        Ok(())
    }
}
