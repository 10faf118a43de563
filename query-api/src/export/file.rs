use std::path::Path;

use serde::Serialize;
use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::AsyncWriteExt;

/// A file of an archive.
#[derive(Debug, Clone, Serialize)]
pub struct Part {
    pub path: String,
    pub bytes: u64,
    /// Lines without the heading; 0 where the file is no list.
    pub rows: u64,
    /// In hexadecimal.
    pub sha256: String,
}

/// A file that is being written, and hashed as it is.
pub(super) struct Out {
    file: File,
    path: String,
    hash: Sha256,
    bytes: u64,
    pub rows: u64,
}

impl Out {
    pub async fn create(folder: &Path, path: impl Into<String>) -> std::io::Result<Self> {
        let path = path.into();
        let file = File::create_new(folder.join(&path)).await?;
        Ok(Self { file, path, hash: Sha256::new(), bytes: 0, rows: 0 })
    }

    pub async fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        self.file.write_all(bytes).await
    }

    pub async fn finish(mut self) -> std::io::Result<Part> {
        self.file.flush().await?;
        let sha256 = hex::encode(self.hash.finalize());
        Ok(Part { path: self.path, bytes: self.bytes, rows: self.rows, sha256 })
    }
}

/// Packs the folder's files, which go.
pub(super) async fn pack(folder: tempfile::TempDir, to: &Path) -> std::io::Result<()> {
    let to = to.to_owned();
    let pack = move || {
        let mut options = std::fs::OpenOptions::new();
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut archive = tar::Builder::new(options.write(true).create_new(true).open(to)?);
        archive.mode(tar::HeaderMode::Deterministic);
        let mut names: Vec<_> = std::fs::read_dir(folder.path())?.collect::<Result<_, _>>()?;
        names.sort_by_key(std::fs::DirEntry::file_name);
        for entry in names {
            archive.append_path_with_name(entry.path(), entry.file_name())?;
        }
        archive.into_inner()?.sync_all()?;
        folder.close()
    };
    tokio::task::spawn_blocking(pack).await.map_err(std::io::Error::other)?
}
