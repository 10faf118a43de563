//! Files to read, and what comes out of them.

use std::io::Write;
use std::path::{Path, PathBuf};

use connectors::file::read::{Entry, read};
use connectors::file::{Defaults, ImportError, Limits, Mapping, Row};
use domain::TimeZone;
use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::NamedTempFile;

/// Real data that lies beside the repository.
pub fn shared(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(path)
}

pub fn defaults() -> Defaults {
    Defaults { currency: "EUR".parse().unwrap(), zone: TimeZone::UTC, account: None, remembered: Vec::new() }
}

pub fn written(bytes: impl AsRef<[u8]>) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(bytes.as_ref()).unwrap();
    file
}

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    pub rows: Vec<Row>,
    pub refused: Vec<(u64, String)>,
    pub skipped: u64,
}

pub fn read_with(path: &Path, mapping: Option<&str>, limits: Limits) -> Result<Outcome, ImportError> {
    let mapping = mapping.map(Mapping::parse).transpose()?;
    let mut reading = read(path, mapping.as_ref(), &defaults(), limits)?;
    let mut outcome = Outcome::default();
    while let Some(entry) = reading.entry()? {
        match entry {
            Entry::Row(row) => outcome.rows.push(row),
            Entry::Skipped => outcome.skipped += 1,
            Entry::Refused { line, reason } => outcome.refused.push((line, reason)),
        }
    }
    Ok(outcome)
}

pub fn read_path(path: &Path, mapping: Option<&str>) -> Result<Outcome, ImportError> {
    read_with(path, mapping, Limits::default())
}

pub fn read_text(text: impl AsRef<[u8]>, mapping: Option<&str>) -> Result<Outcome, ImportError> {
    read_path(written(text).path(), mapping)
}

pub fn packed(text: &[u8]) -> Vec<u8> {
    let mut gz = GzEncoder::new(Vec::new(), Compression::default());
    gz.write_all(text).unwrap();
    gz.finish().unwrap()
}
