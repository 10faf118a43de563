//! A folder of key files, readable by their owner alone.
//!
//! `master-<n>.key` are the master keys, the highest number being the newest; `scopes/<id>.key` is a secret of each
//! business's own, which its data keys are wrapped with too. Erasing a business removes that file, and no backup of
//! the database opens any more. Every call reads the folder: data keys are cached, so calls are few, and what another
//! process made is seen at once.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use zeroize::Zeroizing;

use super::wrapping::{unwrap, wrap};
use super::{Destroyed, KeyService, Scope, Wrapped};
use crate::sealing::{Key, KeyError};

#[derive(Debug)]
pub struct FileKeys {
    folder: PathBuf,
    made: bool,
}

impl FileKeys {
    /// Opens the folder, and makes it with its first master key where there is none.
    pub fn open(folder: &Path) -> Result<Self, KeyError> {
        let mut this = Self { folder: folder.to_owned(), made: false };
        for folder in [this.folder.clone(), this.scopes()] {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&folder)
                .map_err(|error| unavailable(&folder, &error))?;
        }
        this.check(&this.folder)?;
        if this.masters()?.is_empty() {
            this.made = this.create(&this.master_path(1), &Key::generate())?;
        }
        Ok(this)
    }

    /// Whether this call made the first master key: its owner must be told to keep a copy.
    pub fn is_new(&self) -> bool {
        self.made
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn scopes(&self) -> PathBuf {
        self.folder.join("scopes")
    }

    fn master_path(&self, number: u32) -> PathBuf {
        self.folder.join(format!("master-{number}.key"))
    }

    fn scope_path(&self, scope: Scope) -> PathBuf {
        self.scopes().join(format!("{scope}.key"))
    }

    /// Others must not read it.
    fn check(&self, path: &Path) -> Result<(), KeyError> {
        let mode = fs::metadata(path).map_err(|error| unavailable(path, &error))?.mode();
        if mode & 0o077 == 0 {
            return Ok(());
        }
        let reason = format!(
            "{} is open to others than its owner (mode {:o}); run: chmod go= {}",
            path.display(),
            mode & 0o777,
            path.display()
        );
        Err(KeyError::Refused(reason))
    }

    /// Numbers of the master keys, the newest last.
    fn masters(&self) -> Result<Vec<u32>, KeyError> {
        let entries = fs::read_dir(&self.folder).map_err(|error| unavailable(&self.folder, &error))?;
        let mut numbers = Vec::new();
        for entry in entries {
            let name = entry.map_err(|error| unavailable(&self.folder, &error))?.file_name();
            let number =
                name.to_str().and_then(|name| name.strip_prefix("master-")?.strip_suffix(".key")?.parse().ok());
            numbers.extend::<Option<u32>>(number);
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    fn newest_master(&self) -> Result<(String, Key), KeyError> {
        let number = self.masters()?.pop().ok_or_else(|| self.missing("master-1.key"))?;
        self.master(number)
    }

    fn master(&self, number: u32) -> Result<(String, Key), KeyError> {
        let key = self.read(&self.master_path(number))?.ok_or_else(|| self.missing(&format!("master-{number}.key")))?;
        Ok((format!("file:{number}:{}", key.fingerprint()), key))
    }

    fn missing(&self, id: &str) -> KeyError {
        let hint = format!("restore it in {} from its backup", self.folder.display());
        KeyError::Missing { id: id.to_owned(), hint }
    }

    fn read(&self, path: &Path) -> Result<Option<Key>, KeyError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unavailable(path, &error)),
        };
        self.check(path)?;
        let malformed = || KeyError::Refused(format!("{} does not hold a key", path.display()));
        Key::from_hex(&text).map(Some).ok_or_else(malformed)
    }

    /// `false` where another process was faster. The file is there with all its bytes or not at all.
    fn create(&self, path: &Path, key: &Key) -> Result<bool, KeyError> {
        let parent = path.parent().unwrap_or(&self.folder);
        let half = parent.join(format!(".{}.half", uuid::Uuid::now_v7().simple()));
        let write = || {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&half)?;
            file.write_all(key.to_hex().as_bytes())?;
            file.write_all(b"\n")?;
            file.sync_all()?;
            let linked = fs::hard_link(&half, path);
            fs::remove_file(&half)?;
            fs::File::open(parent)?.sync_all()?;
            linked
        };
        match write() {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(unavailable(path, &error)),
        }
    }

    fn secret(&self, scope: Scope) -> Result<Option<Key>, KeyError> {
        self.read(&self.scope_path(scope))
    }

    fn tombstone(&self, scope: Scope) -> PathBuf {
        self.scopes().join(format!("{scope}.destroyed"))
    }

    fn secret_or_new(&self, scope: Scope) -> Result<Key, KeyError> {
        if self.tombstone(scope).exists() {
            return Err(KeyError::Destroyed);
        }
        if let Some(secret) = self.secret(scope)? {
            return Ok(secret);
        }
        self.create(&self.scope_path(scope), &Key::generate())?;
        self.secret(scope)?.ok_or(KeyError::Destroyed)
    }

    fn unlink(&self, scope: Scope) -> std::io::Result<()> {
        let path = self.scope_path(scope);
        OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(self.tombstone(scope))?
            .sync_all()?;
        match OpenOptions::new().write(true).open(&path) {
            Ok(mut file) => {
                // Overwritten first, for file systems that write in place.
                file.write_all(&[b'0'; Key::BYTES * 2])?;
                file.sync_all()?;
                fs::remove_file(&path)?;
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        fs::File::open(self.scopes())?.sync_all()
    }
}

#[async_trait]
impl KeyService for FileKeys {
    async fn wrap(&self, scope: Scope, key: &Key) -> Result<Wrapped, KeyError> {
        let (id, master) = self.newest_master()?;
        wrap(&id, &master, Some(&self.secret_or_new(scope)?), scope, key)
    }

    async fn unwrap(&self, scope: Scope, wrapped: &Wrapped) -> Result<Key, KeyError> {
        let number = wrapped.master.strip_prefix("file:").and_then(|rest| rest.split(':').next()?.parse().ok());
        let number = number.ok_or_else(|| self.missing(&wrapped.master))?;
        let (id, master) = self.master(number)?;
        if id != wrapped.master {
            return Err(self.missing(&wrapped.master));
        }
        if self.tombstone(scope).exists() {
            return Err(KeyError::Destroyed);
        }
        let secret = self.secret(scope)?.ok_or_else(|| self.missing(&format!("scopes/{scope}.key")))?;
        unwrap(&master, Some(&secret), scope, wrapped)
    }

    async fn newest(&self, _scope: Scope) -> Result<String, KeyError> {
        Ok(self.newest_master()?.0)
    }

    async fn rotate(&self, _scopes: &[Scope]) -> Result<(), KeyError> {
        let number = self.masters()?.last().map_or(1, |newest| newest + 1);
        // Where another process was faster, its key is as new as ours.
        self.create(&self.master_path(number), &Key::generate()).map(drop)
    }

    async fn destroy(&self, scope: Scope) -> Result<Destroyed, KeyError> {
        self.unlink(scope).map_err(|error| unavailable(&self.scope_path(scope), &error))?;
        Ok(Destroyed::Everywhere)
    }
}

fn unavailable(path: &Path, error: &std::io::Error) -> KeyError {
    KeyError::Unavailable(format!("{}: {error}", path.display()))
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
