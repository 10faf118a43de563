//! The requests that came in, for whoever wants to know how often a provider is asked.

use std::collections::VecDeque;
use std::sync::Mutex;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::Provider;
use super::world::lock;

const KEPT: usize = 2_000;

#[derive(Debug, Clone, Serialize)]
pub struct Asked {
    pub provider: Provider,
    /// Below the provider's own.
    pub path: String,
    /// By the real clock: limits are of real time.
    pub at: DateTime<Utc>,
}

/// The newest of them, oldest first.
#[derive(Debug, Default)]
pub struct Requests(Mutex<VecDeque<Asked>>);

impl Requests {
    pub fn note(&self, provider: Provider, path: &str) {
        let mut kept = lock(&self.0);
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(Asked { provider, path: path.to_owned(), at: Utc::now() });
    }

    pub fn list(&self) -> Vec<Asked> {
        lock(&self.0).iter().cloned().collect()
    }
}
