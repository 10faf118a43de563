//! The check of an archive against its own manifest.

use std::collections::BTreeMap;
use std::io::{self, Read};

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::{MANIFEST, Manifest};

/// What the manifest of a whole archive says.
pub type Checked = Manifest<Map<String, Value>>;

/// The most that is read of a manifest: one line for each file.
const MOST_MANIFEST: u64 = 64 << 20;

/// How an archive differs from its manifest.
#[derive(Debug, thiserror::Error)]
pub enum Misfit {
    #[error("it cannot be read as an archive: {0}")]
    Unreadable(#[from] io::Error),
    #[error("it has no manifest")]
    NoManifest,
    #[error("its manifest cannot be read: {0}")]
    Manifest(#[from] serde_json::Error),
    #[error("{0} is not what the manifest says")]
    Changed(String),
    #[error("{0} is missing")]
    Missing(String),
    #[error("{0} is not in the manifest")]
    Unlisted(String),
}

/// Told from other files by how it begins: 512 bytes are enough.
pub fn is_archive(beginning: &[u8]) -> bool {
    beginning.get(257..262).is_some_and(|magic| magic == b"ustar")
}

/// Whether every file is there as the manifest says, and no other.
///
/// # Errors
/// The first that is not.
pub fn check(archive: impl Read) -> Result<Checked, Misfit> {
    let (mut found, mut manifest) = (BTreeMap::new(), None);
    for entry in tar::Archive::new(archive).entries()? {
        let mut entry = entry?;
        let path = entry.path()?.to_string_lossy().into_owned();
        if path == MANIFEST && manifest.is_none() {
            manifest = Some(serde_json::from_reader(entry.take(MOST_MANIFEST))?);
            continue;
        }
        let mut hash = Sha256::new();
        let bytes = io::copy(&mut entry, &mut hash)?;
        if found.insert(path.clone(), (bytes, hex::encode(hash.finalize()))).is_some() {
            return Err(Misfit::Unlisted(path));
        }
    }
    let manifest: Checked = manifest.ok_or(Misfit::NoManifest)?;
    for part in &manifest.files {
        match found.remove(&part.path) {
            None => return Err(Misfit::Missing(part.path.clone())),
            Some((bytes, sha256)) if (bytes, &sha256) != (part.bytes, &part.sha256) => {
                return Err(Misfit::Changed(part.path.clone()));
            }
            Some(_) => {}
        }
    }
    found.into_keys().next().map_or(Ok(manifest), |path| Err(Misfit::Unlisted(path)))
}
