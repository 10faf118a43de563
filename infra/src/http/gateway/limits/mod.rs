//! How many requests a minute: per address, user, key and kind of route, over all processes together.
//!
//! Each process counts what it let through and decides by its own counts and what it last heard of the others
//! ([`shared`] tells them by NATS KV). Deciding costs no round trip. What others have not told yet is at most one
//! fiftieth of a limit each, or what came within [`shared::EVERY`]: by so much may a limit be passed. Without NATS
//! every process limits for itself.

mod shared;
#[cfg(test)]
mod tests;
mod verdict;
mod window;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use moka::sync::Cache;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use verdict::Verdict;
pub use verdict::Verdicts;
use window::Cell;

/// Whoever asks for nothing so long is forgotten: their window is over.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(150);
/// Most that are counted at once; beyond it those that were seldom seen are forgotten.
const MOST_COUNTED: u64 = 200_000;

/// Requests a minute; 0: no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Of one address, whatever it asks for.
    pub address: u32,
    /// Sign-ins, registrations and forgotten passwords of one address.
    pub sign_in: u32,
    /// Of one user.
    pub user: u32,
    /// Of one key.
    pub key: u32,
    /// Changes of one user or key, over REST and over GraphQL.
    pub changes: u32,
    /// Uploaded files of one user or key, previews too.
    pub imports: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { address: 12_000, sign_in: 60, user: 6_000, key: 6_000, changes: 600, imports: 60 }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    Address,
    SignIn,
    User,
    Key,
    Changes,
    Imports,
}

impl Rule {
    const ALL: [Self; 6] = [Self::Address, Self::SignIn, Self::User, Self::Key, Self::Changes, Self::Imports];

    /// In headers, and in the names of what is told to other processes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::SignIn => "sign-in",
            Self::User => "user",
            Self::Key => "key",
            Self::Changes => "changes",
            Self::Imports => "imports",
        }
    }

    const fn limit(self, limits: &Limits) -> u32 {
        match self {
            Self::Address => limits.address,
            Self::SignIn => limits.sign_in,
            Self::User => limits.user,
            Self::Key => limits.key,
            Self::Changes => limits.changes,
            Self::Imports => limits.imports,
        }
    }
}

/// Who is counted under which rule; who it is does not leave the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Who {
    rule: Rule,
    hash: u128,
}

impl Who {
    fn of(rule: Rule, key: &str) -> Self {
        let digest: [u8; 32] = Sha256::digest(key.as_bytes()).into();
        let mut first = [0; 16];
        first.copy_from_slice(&digest[..16]);
        Self { rule, hash: u128::from_be_bytes(first) }
    }
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Limiter(Arc<Inner>);

struct Inner {
    limits: Limits,
    /// This process among those that count together.
    process: u64,
    cells: Cache<Who, Arc<Mutex<Cell>>>,
    /// Those of whom the others should hear.
    untold: Mutex<HashSet<Who>>,
}

impl Limiter {
    pub fn new(limits: Limits) -> Self {
        let cells = Cache::builder().max_capacity(MOST_COUNTED).time_to_idle(FORGOTTEN_AFTER).build();
        Self(Arc::new(Inner { limits, process: rand::random(), cells, untold: Mutex::default() }))
    }

    /// Counts a request under each rule, unless one of them refuses it.
    pub fn ask(&self, rules: impl Iterator<Item = Rule>, key: &str) -> Verdicts {
        self.ask_at(rules, key, now())
    }

    fn ask_at(&self, rules: impl Iterator<Item = Rule>, key: &str, now: u64) -> Verdicts {
        let mut verdicts = Verdicts::default();
        for rule in rules {
            let limit = rule.limit(&self.0.limits);
            if limit == 0 {
                continue;
            }
            verdicts.push(self.count(Who::of(rule, key), limit, now));
        }
        verdicts
    }

    fn count(&self, who: Who, limit: u32, now: u64) -> Verdict {
        let cell = self.cell(who);
        let mut cell = cell.lock().unwrap_or_else(PoisonError::into_inner);
        let decision = cell.count(limit, now);
        if decision.is_allowed() && cell.untold() >= (limit / 50).max(1) {
            self.0.untold.lock().unwrap_or_else(PoisonError::into_inner).insert(who);
        }
        Verdict { rule: who.rule, limit, decision }
    }

    fn cell(&self, who: Who) -> Arc<Mutex<Cell>> {
        self.0.cells.get_with(who, Arc::default)
    }
}

/// Milliseconds since 1970: processes count in the same windows.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
