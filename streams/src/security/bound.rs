//! How many refusals are recorded singly.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::Meta;

/// Refusals of one actor at one address in a minute that are recorded as they are.
pub const SINGLY: u64 = 20;
/// Refusals of all actors in a minute of one process that are recorded as they are.
pub const ALTOGETHER: u64 = 600;

const WINDOW: Duration = Duration::from_secs(60);
/// Actors that are told apart at once; those beyond share one count.
const MOST_ACTORS: usize = 10_000;

/// Whose refusals are counted together; `None`: those beyond what is told apart.
pub(super) type Key = Option<(Uuid, String, Option<String>)>;

/// What was counted in a window: whose, how much, and since when.
pub(super) type Counted = (Meta, u64, DateTime<Utc>);

#[derive(Debug, Default)]
pub(super) struct Bound(Mutex<Windows>);

#[derive(Debug, Default)]
struct Windows {
    actors: HashMap<Key, Window>,
    all: Option<(DateTime<Utc>, u64)>,
}

#[derive(Debug)]
struct Window {
    since: DateTime<Utc>,
    taken: u64,
    /// Those that were not recorded, and the first of them.
    counted: u64,
    meta: Option<Meta>,
}

pub(super) enum Take {
    Single,
    /// With the first that is counted: when its minute ends.
    Counted(Option<Overflow>),
}

pub(super) struct Overflow {
    pub key: Key,
    pub remaining: Duration,
}

impl Bound {
    pub fn take(&self, meta: &Meta, now: DateTime<Utc>) -> Take {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        windows.forget_past(now);
        let full = !windows.take_of_all(now);
        let own = Some((meta.business.as_uuid(), meta.actor.clone(), meta.address.clone()));
        let crowded = windows.actors.len() >= MOST_ACTORS && !windows.actors.contains_key(&own);
        let key = if full || crowded { None } else { own };
        let window = windows.actors.entry(key.clone()).or_insert_with(|| Window::new(now));
        if window.meta.is_none() && is_over(window.since, now) {
            *window = Window::new(now);
        }
        window.taken += 1;
        if !full && key.is_some() && window.taken <= SINGLY {
            return Take::Single;
        }
        window.counted += 1;
        if window.meta.is_some() {
            return Take::Counted(None);
        }
        window.meta = Some(if key.is_some() { meta.clone() } else { Meta::installation("system:journal") });
        let elapsed = (now - window.since).to_std().unwrap_or_default();
        Take::Counted(Some(Overflow { key, remaining: WINDOW.saturating_sub(elapsed) }))
    }

    /// Ends a window.
    pub fn close(&self, key: &Key) -> Option<Counted> {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        windows.actors.remove(key)?.counted()
    }

    /// Ends all of them.
    pub fn close_all(&self) -> Vec<Counted> {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut windows.actors).into_values().filter_map(Window::counted).collect()
    }
}

impl Windows {
    /// Windows with a count are ended by whoever writes it.
    fn forget_past(&mut self, now: DateTime<Utc>) {
        if self.actors.len() >= MOST_ACTORS {
            self.actors.retain(|_, window| window.meta.is_some() || !is_over(window.since, now));
        }
    }

    fn take_of_all(&mut self, now: DateTime<Utc>) -> bool {
        let (since, taken) = self.all.get_or_insert((now, 0));
        if is_over(*since, now) {
            (*since, *taken) = (now, 0);
        }
        *taken += 1;
        *taken <= ALTOGETHER
    }
}

impl Window {
    const fn new(since: DateTime<Utc>) -> Self {
        Self { since, taken: 0, counted: 0, meta: None }
    }

    fn counted(self) -> Option<Counted> {
        Some((self.meta?, self.counted, self.since))
    }
}

fn is_over(since: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    (now - since).to_std().is_ok_and(|elapsed| elapsed >= WINDOW)
}

#[cfg(test)]
mod tests {
    use domain::BusinessId;

    use super::*;

    fn count(bound: &Bound, actors: usize, each: u64) -> (u64, u64, Vec<Key>) {
        let (business, now) = (BusinessId::new(), Utc::now());
        let (mut single, mut counted, mut windows) = (0, 0, Vec::new());
        for actor in 0..actors {
            let meta = Meta::new(business, format!("user:{actor}"));
            for _ in 0..each {
                match bound.take(&meta, now) {
                    Take::Single => single += 1,
                    Take::Counted(first) => {
                        counted += 1;
                        windows.extend(first.map(|overflow| overflow.key));
                    }
                }
            }
        }
        (single, counted, windows)
    }

    #[test]
    fn one_actor_has_so_many_and_one_count() {
        let bound = Bound::default();
        let (single, counted, windows) = count(&bound, 1, 100);
        assert_eq!((single, counted, windows.len()), (SINGLY, 80, 1));
        let (meta, count, _) = bound.close(&windows[0]).unwrap();
        assert_eq!((meta.actor.as_str(), count), ("user:0", 80));
        assert!(bound.close(&windows[0]).is_none());
    }

    #[test]
    fn many_actors_share_a_bound_and_a_count() {
        let bound = Bound::default();
        let (single, counted, windows) = count(&bound, 1_000, 2);
        assert_eq!((single, counted, windows.len()), (ALTOGETHER, 2_000 - ALTOGETHER, 1));
        let (meta, count, _) = bound.close(&windows[0]).unwrap();
        assert_eq!((meta.business.as_uuid(), count), (Uuid::nil(), 2_000 - ALTOGETHER));
    }

    #[test]
    fn a_new_minute_begins_anew() {
        let (bound, now) = (Bound::default(), Utc::now());
        let meta = Meta::new(BusinessId::new(), "owner");
        for _ in 0..SINGLY {
            assert!(matches!(bound.take(&meta, now), Take::Single));
        }
        assert!(matches!(bound.take(&meta, now + chrono::TimeDelta::seconds(61)), Take::Single));
    }
}
