//! `[files]`: what is kept beside transactions.

use serde::Deserialize;

/// No file is larger, whatever is configured: it lies in the database.
pub const MOST_FILE: u64 = 64 << 20;

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Files {
    /// Of one file.
    pub most_bytes: u64,
}

impl Default for Files {
    fn default() -> Self {
        Self { most_bytes: 10 << 20 }
    }
}

impl Files {
    pub(super) fn check(self) -> anyhow::Result<()> {
        anyhow::ensure!(
            (1..=MOST_FILE).contains(&self.most_bytes),
            "files.most_bytes must be between 1 and {MOST_FILE}"
        );
        Ok(())
    }
}
