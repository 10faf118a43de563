//! Archives of everything about a business or a person: a tar file of tables, other files, and `manifest.json` with the
//! length, the number of rows and the SHA-256 of each.
//!
//! **Guarantee.** Memory is bounded by what is written at once, whatever the size of the archive. It is gathered in a folder
//! that the program's user alone can read, and that goes with it. The manifest names every other file.

mod check;
mod file;
mod table;

use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

pub use check::{Checked, Misfit, check, is_archive};
pub use file::{Out, Part};
pub use table::{Table, no_formula};

const MANIFEST: &str = "manifest.json";

/// What an archive says about itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Manifest<Of> {
    pub format: String,
    /// Whose it is, and as of when.
    #[serde(flatten)]
    pub of: Of,
    pub made_at: DateTime<Utc>,
    pub files: Vec<Part>,
}

impl<Of> Manifest<Of> {
    /// Each once: what stands in a CSV stands in the JSON beside it.
    pub fn rows(&self) -> u64 {
        self.files.iter().filter(|part| !part.path.ends_with(".csv")).map(|part| part.rows).sum()
    }
}

/// An archive that is being gathered.
#[derive(Debug)]
pub struct Archive {
    folder: TempDir,
    files: Vec<Part>,
}

impl Archive {
    pub fn begin() -> std::io::Result<Self> {
        Ok(Self { folder: tempfile::tempdir()?, files: Vec::new() })
    }

    /// A whole file that is no list.
    pub async fn add(&mut self, path: &str, bytes: &[u8]) -> std::io::Result<()> {
        let mut out = self.file(path).await?;
        out.write(bytes).await?;
        out.finish(self).await
    }

    pub async fn file(&self, path: impl Into<String>) -> std::io::Result<Out> {
        Out::create(self.folder.path(), path.into()).await
    }

    /// `<name>.csv` and `<name>.json`.
    pub async fn table(&self, name: &str, columns: &'static [&'static str]) -> std::io::Result<Table> {
        let csv = self.file(format!("{name}.csv")).await?;
        Table::begin(columns, csv, self.file(format!("{name}.json")).await?).await
    }

    /// A table of few rows.
    pub async fn list<R: Serialize>(
        &mut self,
        name: &str,
        columns: &'static [&'static str],
        rows: impl IntoIterator<Item = R>,
    ) -> std::io::Result<()> {
        let mut table = self.table(name, columns).await?;
        table.add(rows).await?;
        table.finish(self).await
    }

    pub async fn finish<Of: Serialize>(self, format: &str, of: Of) -> std::io::Result<Gathered<Of>> {
        let manifest = Manifest { format: format.to_owned(), of, made_at: Utc::now(), files: self.files };
        let mut out = Out::create(self.folder.path(), MANIFEST.to_owned()).await?;
        out.write(&serde_json::to_vec_pretty(&manifest)?).await?;
        out.close().await?;
        Ok(Gathered { folder: self.folder, manifest })
    }
}

/// An archive whose files are written.
#[derive(Debug)]
pub struct Gathered<Of> {
    folder: TempDir,
    pub manifest: Manifest<Of>,
}

impl<Of> Gathered<Of> {
    /// Writes it to `to`, which must not exist, and which nobody else may read.
    pub async fn save(self, to: &Path) -> std::io::Result<Manifest<Of>> {
        let to = to.to_owned();
        let create = move || {
            let mut options = std::fs::OpenOptions::new();
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            options.write(true).create_new(true).open(to)
        };
        let (manifest, file) = self.pack(create).await?;
        file.sync_all().await?;
        Ok(manifest)
    }

    /// As a file without a name, at its beginning: it is there until the last byte was sent, and for nobody else.
    pub async fn unnamed(self) -> std::io::Result<(Manifest<Of>, tokio::fs::File)> {
        self.pack(tempfile::tempfile).await
    }

    async fn pack(
        self,
        create: impl FnOnce() -> std::io::Result<std::fs::File> + Send + 'static,
    ) -> std::io::Result<(Manifest<Of>, tokio::fs::File)> {
        let Self { folder, manifest } = self;
        let paths: Vec<_> = manifest.files.iter().map(|part| part.path.clone()).collect();
        let packed = tokio::task::spawn_blocking(move || packed(folder, &paths, create()?)).await;
        Ok((manifest, tokio::fs::File::from_std(packed.map_err(std::io::Error::other)??)))
    }
}

/// The folder goes.
fn packed(folder: TempDir, paths: &[String], to: std::fs::File) -> std::io::Result<std::fs::File> {
    let mut archive = tar::Builder::new(to);
    archive.mode(tar::HeaderMode::Deterministic);
    for path in paths.iter().map(String::as_str).chain([MANIFEST]) {
        archive.append_path_with_name(folder.path().join(path), path)?;
    }
    let mut file = archive.into_inner()?;
    folder.close()?;
    std::io::Seek::rewind(&mut file)?;
    Ok(file)
}

#[cfg(test)]
mod tests;
