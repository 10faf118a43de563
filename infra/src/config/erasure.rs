use serde::Deserialize;

/// The end of businesses and of accounts.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Erasure {
    /// Days between a request and the erasure: 30, or fewer where one tries it out.
    pub grace_days: u8,
}

impl Default for Erasure {
    fn default() -> Self {
        Self { grace_days: 30 }
    }
}

impl Erasure {
    pub fn check(self) -> anyhow::Result<()> {
        anyhow::ensure!(self.grace_days <= 30, "erasure.grace_days is 30 at most: whoever asked has a right to it");
        Ok(())
    }

    pub fn grace(self) -> chrono::TimeDelta {
        chrono::TimeDelta::days(i64::from(self.grace_days))
    }
}
