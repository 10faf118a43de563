//! The folder of the archives: one for each business, `0700`, with files that only their owner reads.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use domain::BusinessId;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use crate::proof::Span;

/// Where archives are. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Archives(PathBuf);

/// A file as it was put there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub file: String,
    pub sha256: String,
    pub bytes: i64,
}

impl Archives {
    pub const fn new(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// Of an archive from its first to its last position. Made of numbers alone: no name from outside becomes a path.
    pub fn path(&self, business: BusinessId, first: i64, last: i64) -> PathBuf {
        self.of(business).join(name(first, last))
    }

    fn of(&self, business: BusinessId) -> PathBuf {
        self.0.join(business.to_string())
    }

    /// Compresses it, and returns once it is on the disk under its name.
    pub(super) async fn put(&self, span: Span, content: Vec<u8>) -> io::Result<Stored> {
        let folder = self.of(span.business);
        let put = move || put(&folder, &name(span.first_position, span.last_position), &content);
        tokio::task::spawn_blocking(put).await.map_err(io::Error::other)?
    }

    pub(super) fn remove(&self, span: Span) -> io::Result<()> {
        unless_gone(fs::remove_file(self.path(span.business, span.first_position, span.last_position)))
    }

    /// Files that begin where this one does, and were never recorded.
    pub(super) fn remove_others(&self, span: Span) -> io::Result<()> {
        let (own, begins) = (name(span.first_position, span.last_position), format!("{}-", span.first_position));
        for entry in fs::read_dir(self.of(span.business))? {
            let entry = entry?;
            let file = entry.file_name();
            let other = file.to_str().is_some_and(|file| file.starts_with(&begins) && file != own);
            if other {
                unless_gone(fs::remove_file(entry.path()))?;
            }
        }
        Ok(())
    }

    /// Removes every archive of a business; how many there were.
    pub(crate) fn remove_all(&self, business: BusinessId) -> io::Result<i64> {
        let folder = self.of(business);
        let files = match fs::read_dir(&folder) {
            Ok(entries) => entries.count(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(error),
        };
        fs::remove_dir_all(&folder)?;
        sync(&self.0)?;
        Ok(i64::try_from(files).unwrap_or(i64::MAX))
    }
}

fn name(first: i64, last: i64) -> String {
    format!("{first}-{last}.audit.gz")
}

fn put(folder: &Path, name: &str, content: &[u8]) -> io::Result<Stored> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let compressed = compress(content)?;
    let next = folder.join(format!("{name}.next"));
    unless_gone(fs::remove_file(&next))?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&next)?;
    file.write_all(&compressed)?;
    file.sync_all()?;
    fs::rename(&next, folder.join(name))?;
    sync(folder)?;
    if let Some(above) = folder.parent() {
        sync(above)?;
    }
    Ok(Stored {
        file: name.to_owned(),
        sha256: hex::encode(Sha256::digest(&compressed)),
        bytes: i64::try_from(compressed.len()).unwrap_or(i64::MAX),
    })
}

/// Without a time in its head, so that the same part gives the same file.
fn compress(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(content.len() / 3), Compression::default());
    encoder.write_all(content)?;
    encoder.finish()
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn unless_gone(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}
