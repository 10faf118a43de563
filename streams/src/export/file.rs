use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::AsyncWriteExt;

use super::Archive;

/// A file of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub path: String,
    pub bytes: u64,
    /// Without a heading; 0 where the file is no list.
    pub rows: u64,
    /// In hexadecimal.
    pub sha256: String,
}

/// A file that is being written, and hashed as it is.
#[derive(Debug)]
pub struct Out {
    file: File,
    path: String,
    hash: Sha256,
    bytes: u64,
    rows: u64,
}

impl Out {
    pub(super) async fn create(folder: &Path, path: String) -> std::io::Result<Self> {
        let file = File::create_new(folder.join(&path)).await?;
        Ok(Self { file, path, hash: Sha256::new(), bytes: 0, rows: 0 })
    }

    pub async fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.write_rows(bytes, 0).await
    }

    pub async fn write_rows(&mut self, bytes: &[u8], rows: u64) -> std::io::Result<()> {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        self.rows += rows;
        self.file.write_all(bytes).await
    }

    pub const fn rows(&self) -> u64 {
        self.rows
    }

    pub async fn finish(self, archive: &mut Archive) -> std::io::Result<()> {
        archive.files.push(self.close().await?);
        Ok(())
    }

    pub(super) async fn close(mut self) -> std::io::Result<Part> {
        self.file.flush().await?;
        let sha256 = hex::encode(self.hash.finalize());
        Ok(Part { path: self.path, bytes: self.bytes, rows: self.rows, sha256 })
    }
}
