//! Faults that somebody asks for: what they are, which requests they meet, and how often.
//!
//! Chance comes from the seed and the number of the request, so that a run can be repeated.

mod apply;
mod surprise;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

pub(super) use apply::apply;

use super::Provider;
use super::world::lock;
use crate::demo::Seed;

/// What goes wrong, where and how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Given by the simulator.
    #[serde(default)]
    pub id: u64,
    /// Of one provider, or of all.
    #[serde(default)]
    pub provider: Option<Provider>,
    /// Only requests whose path contains this.
    #[serde(default)]
    pub path: Option<String>,
    /// In so many thousandths of the requests that it meets.
    #[serde(default = "always")]
    pub permille: u16,
    /// So many times at most; then it is over.
    #[serde(default)]
    pub times: Option<u32>,
    #[serde(flatten)]
    pub kind: FaultKind,
}

const fn always() -> u16 {
    1000
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FaultKind {
    Latency {
        millis: u64,
    },
    /// 429 in the provider's own shape; Shopify's GraphQL answers THROTTLED with status 200.
    RateLimited {
        #[serde(default)]
        retry_after: Option<u32>,
    },
    ServerError {
        #[serde(default = "unavailable")]
        status: u16,
    },
    /// No answer for so long, then the connection ends.
    Timeout {
        seconds: u64,
    },
    /// The connection ends in the middle of the answer.
    Cut,
    /// The data changes while a list is paged through: Plaid refuses the next page; an item appears on the others.
    Mutation,
    /// The access token is told to have expired.
    ExpiredToken,
    /// The user took the access back.
    RevokedToken,
    UnknownFields,
    UnknownValues,
    MissingOptionals,
    /// Lists of this name are empty, as where a permission is gone that nobody is told of.
    Emptied {
        name: String,
    },
    DuplicateWebhooks,
    LateWebhooks {
        seconds: u64,
    },
    LostWebhooks,
    /// The provider's clock differs: dates of answers and of webhooks' signatures.
    ClockSkew {
        seconds: i64,
    },
}

const fn unavailable() -> u16 {
    503
}

impl Fault {
    /// Always, everywhere.
    pub const fn new(kind: FaultKind) -> Self {
        Self { id: 0, provider: None, path: None, permille: always(), times: None, kind }
    }

    #[must_use]
    pub fn of(self, provider: Provider) -> Self {
        Self { provider: Some(provider), ..self }
    }

    #[must_use]
    pub fn on(self, path: &str) -> Self {
        Self { path: Some(path.to_owned()), ..self }
    }

    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }

    #[must_use]
    pub fn permille(self, permille: u16) -> Self {
        Self { permille, ..self }
    }

    fn meets(&self, provider: Provider, path: &str) -> bool {
        self.provider.is_none_or(|of| of == provider) && self.path.as_deref().is_none_or(|part| path.contains(part))
    }
}

/// The faults that are on.
#[derive(Debug)]
pub struct Faults {
    seed: Seed,
    active: Mutex<Vec<Fault>>,
    ids: AtomicU64,
    asked: AtomicU64,
}

impl Faults {
    pub fn new(seed: Seed) -> Self {
        Self { seed, active: Mutex::default(), ids: AtomicU64::new(1), asked: AtomicU64::new(0) }
    }

    pub fn add(&self, fault: Fault) -> u64 {
        let id = self.ids.fetch_add(1, Ordering::Relaxed);
        lock(&self.active).push(Fault { id, ..fault });
        id
    }

    pub fn list(&self) -> Vec<Fault> {
        lock(&self.active).clone()
    }

    pub fn remove(&self, id: u64) -> bool {
        let mut active = lock(&self.active);
        let before = active.len();
        active.retain(|fault| fault.id != id);
        active.len() < before
    }

    pub fn clear(&self) {
        lock(&self.active).clear();
    }

    /// The faults that meet a request; each is used up by it.
    pub fn meeting(&self, provider: Provider, path: &str, wanted: impl Fn(&FaultKind) -> bool) -> Vec<FaultKind> {
        let mut active = lock(&self.active);
        let mut met = Vec::new();
        for fault in active.iter_mut() {
            if !wanted(&fault.kind) || !fault.meets(provider, path) || !self.strikes(fault.permille) {
                continue;
            }
            if let Some(times) = &mut fault.times {
                *times = times.saturating_sub(1);
            }
            met.push(fault.kind.clone());
        }
        active.retain(|fault| fault.times != Some(0));
        met
    }

    fn strikes(&self, permille: u16) -> bool {
        if permille >= 1000 {
            return true;
        }
        let n = self.asked.fetch_add(1, Ordering::Relaxed);
        let mut chance = ChaCha8Rng::seed_from_u64(self.seed.0 ^ n.rotate_left(17));
        chance.gen_range(0..1000) < permille
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(faults: &Faults) -> usize {
        faults.meeting(Provider::Plaid, "/transactions/sync", |kind| *kind == FaultKind::Cut).len()
    }

    #[test]
    fn a_fault_meets_what_it_names_and_as_often_as_it_says() {
        let faults = Faults::new(Seed(1));
        faults.add(Fault::new(FaultKind::Cut).of(Provider::Stripe));
        faults.add(Fault::new(FaultKind::Cut).of(Provider::Plaid).on("/sync").times(2));
        assert_eq!([cut(&faults), cut(&faults), cut(&faults)], [1, 1, 0]);
        assert_eq!(faults.list().len(), 1);
    }

    #[test]
    fn chance_is_the_same_in_each_run() {
        let run = || {
            let faults = Faults::new(Seed(7));
            faults.add(Fault::new(FaultKind::Cut).permille(300));
            (0..200).map(|_| cut(&faults)).collect::<Vec<_>>()
        };
        assert_eq!(run(), run());
        assert!((30..90).contains(&run().iter().sum::<usize>()));
    }

    #[test]
    fn a_fault_is_written_flat() {
        let fault: Fault = serde_json::from_str(r#"{"provider":"plaid","kind":"rate_limited","times":1}"#).unwrap();
        assert_eq!(fault, Fault::new(FaultKind::RateLimited { retry_after: None }).of(Provider::Plaid).times(1));
    }
}
