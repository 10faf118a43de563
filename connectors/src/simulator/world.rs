//! What all parts of the simulator share.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use chrono::{DateTime, NaiveDate, Utc};

use super::clock::Clock;
use super::company::{Bustle, Facts, Happening, Impossible, ident};
use super::faults::Faults;
use super::hooks::Hooks;
use super::memory::{Keeper, Memory};
use super::oauth::Grants;
use super::plaid::Items;
use super::requests::Requests;
use super::scenario::Playing;
use super::shopify::{Bucket, BulkJob};
use super::{Options, Provider};
use crate::demo::Seed;

/// What a client of a provider is registered as; the same with all.
#[derive(Debug, Clone)]
pub struct App {
    pub client_id: String,
    pub secret: String,
    /// Signs webhooks: Stripe's endpoint secret, Intuit's verifier token.
    pub webhook_secret: String,
}

impl App {
    /// Made-up values, the same for every simulator.
    pub fn simulated(provider: Provider) -> Self {
        let name = provider.as_str();
        Self {
            client_id: format!("simulated-{name}-client"),
            secret: format!("simulated-{name}-secret"),
            webhook_secret: format!("whsec_simulated_{name}"),
        }
    }
}

#[derive(Debug)]
pub struct World {
    pub seed: Seed,
    pub clock: Clock,
    /// Where it answers, without a slash at the end.
    pub base: String,
    pub(super) faults: Faults,
    pub(super) requests: Requests,
    pub(super) grants: Grants,
    pub(super) hooks: Hooks,
    pub(super) items: Mutex<Items>,
    pub(super) bucket: Mutex<Bucket>,
    /// The shop's newest bulk operation.
    pub(super) bulk: Mutex<Option<BulkJob>>,
    /// The books of the moment that was last asked for.
    pub(super) books: Mutex<super::quickbooks::KeptBooks>,
    /// What somebody did to them, and when.
    pub(super) edits: Mutex<Vec<(DateTime<Utc>, super::quickbooks::Edit)>>,
    pub(super) playing: Option<Mutex<Playing>>,
    /// The company's first day.
    pub(super) start: NaiveDate,
    pub(super) bustle: Option<Bustle>,
    pub(super) happened: Mutex<Vec<(DateTime<Utc>, Happening)>>,
    pub(super) keeper: Option<Keeper>,
    facts: Mutex<Facts>,
    counter: AtomicU64,
    /// Whether the providers' limits hold.
    limited: AtomicBool,
    /// Whether the shop takes the cards itself: the same money as at the other processor.
    shop_pays: AtomicBool,
    windows: Mutex<HashMap<String, (Instant, u32)>>,
    /// Providers whose user took everything back, keys too.
    revoked: Mutex<BTreeSet<Provider>>,
}

impl World {
    /// Fails where what it should remember cannot be read.
    pub fn try_new(options: Options, base: String) -> std::io::Result<Self> {
        let memory = Memory::of(&options)?;
        let Options { seed, at, speed, scenario, memory: path, .. } = options;
        let at = memory.goes_on_at(at);
        let mut facts = Facts::starting(seed, memory.start, memory.bustle);
        for (moment, happening) in &memory.happened {
            facts.happen(happening, *moment).map_err(std::io::Error::other)?;
        }
        Ok(Self {
            seed,
            clock: Clock::starting(at, speed),
            base,
            faults: Faults::new(seed),
            requests: Requests::default(),
            grants: Grants::remembered(memory.out),
            hooks: Hooks::default(),
            items: Mutex::new(Items::remembered(memory.items)),
            bucket: Mutex::new(Bucket::full(Instant::now())),
            bulk: Mutex::default(),
            books: Mutex::default(),
            edits: Mutex::new(memory.edits),
            playing: scenario.map(|scenario| Mutex::new(Playing::of(scenario))),
            start: memory.start,
            bustle: memory.bustle,
            happened: Mutex::new(memory.happened),
            keeper: path.as_deref().map(Keeper::new),
            facts: Mutex::new(facts),
            counter: AtomicU64::new(memory.counter),
            limited: AtomicBool::new(true),
            shop_pays: AtomicBool::new(false),
            windows: Mutex::default(),
            revoked: Mutex::new(memory.revoked),
        })
    }

    /// Where a provider tells what is new.
    pub fn subscribe(&self, provider: Provider, url: &str) {
        self.hooks.subscribe(provider, url);
    }

    pub(super) fn happen(&self, happening: Happening) -> Result<(), Impossible> {
        self.change(|facts, now| {
            facts.happen(&happening, now)?;
            // In the order in which it happened.
            lock(&self.happened).push((now, happening));
            Ok(())
        })
    }

    /// How many fresh identifiers there are.
    pub(super) fn given(&self) -> u64 {
        self.counter.load(Ordering::Relaxed)
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The company as of now, and the moment.
    pub fn look<T>(&self, at: impl FnOnce(&Facts, DateTime<Utc>) -> T) -> T {
        self.change(|facts, now| at(facts, now))
    }

    pub(super) fn change<T>(&self, with: impl FnOnce(&mut Facts, DateTime<Utc>) -> T) -> T {
        let mut facts = lock(&self.facts);
        let now = self.clock.now();
        facts.live_until(now);
        with(&mut facts, now)
    }

    /// A fresh identifier of this run: the n-th is the same in each run.
    pub(super) fn fresh(&self, prefix: &str) -> String {
        let n = self.counter.fetch_add(1, Ordering::Relaxed);
        ident(self.seed, prefix, &format!("fresh:{n}"))
    }

    pub(super) fn is_revoked(&self, provider: Provider) -> bool {
        lock(&self.revoked).contains(&provider)
    }

    pub(super) fn revoked(&self) -> BTreeSet<Provider> {
        lock(&self.revoked).clone()
    }

    pub(super) fn set_revoked(&self, provider: Provider, revoked: bool) {
        let mut set = lock(&self.revoked);
        if revoked {
            set.insert(provider)
        } else {
            set.remove(&provider)
        };
    }

    pub(super) fn set_limited(&self, limited: bool) {
        self.limited.store(limited, Ordering::Relaxed);
    }

    pub(super) fn shop_pays(&self) -> bool {
        self.shop_pays.load(Ordering::Relaxed)
    }

    pub(super) fn set_shop_pays(&self, pays: bool) {
        self.shop_pays.store(pays, Ordering::Relaxed);
    }

    /// Counts a request in a window of real time; false where there were too many.
    pub(super) fn within(&self, window: &str, most: u32, seconds: u64) -> bool {
        if !self.limited.load(Ordering::Relaxed) {
            return true;
        }
        let mut windows = lock(&self.windows);
        let entry = windows.entry(window.to_owned()).or_insert((Instant::now(), 0));
        if entry.0.elapsed().as_secs() >= seconds {
            *entry = (Instant::now(), 0);
        }
        entry.1 += 1;
        entry.1 <= most
    }
}

/// A thread that panicked with the lock left nothing half done that matters in a simulator.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
