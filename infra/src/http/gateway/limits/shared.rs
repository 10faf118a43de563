//! What processes tell each other of their counts: a bucket of NATS KV, one key for each who is counted and process.
//!
//! A process writes its own keys only, so that nobody waits for anybody. Values are whole counts: one that is lost is
//! made good by the next, and one that comes twice says the same. The bucket is in memory and forgets by itself.

use std::str::FromStr;
use std::sync::PoisonError;
use std::time::Duration;

use async_nats::jetstream::kv::{self, Operation, Store};
use async_nats::jetstream::stream::StorageType;
use futures::StreamExt;
use tokio_util::sync::CancellationToken;

use super::{Limiter, Rule, Who};

/// How often counts are told.
pub const EVERY: Duration = Duration::from_millis(250);
const AGAIN_AFTER: Duration = Duration::from_secs(2);
const KEPT_FOR: Duration = Duration::from_secs(150);
const AT_ONCE: usize = 32;

type Error = Box<dyn std::error::Error + Send + Sync>;

impl Limiter {
    /// Counts together with the other processes on this NATS until `stop`.
    pub async fn share(self, nats: async_nats::Client, prefix: String, stop: CancellationToken) {
        let context = async_nats::jetstream::new(nats);
        loop {
            let shared = async {
                let store = open(&context, &prefix).await?;
                tokio::try_join!(self.tell(&store), self.listen(&store)).map(|_| ())
            };
            tokio::select! {
                () = stop.cancelled() => return,
                ended = shared => if let Err(error) = ended {
                    tracing::debug!(error, "limits are counted for this process alone for now");
                },
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(AGAIN_AFTER) => {}
            }
        }
    }

    async fn tell(&self, store: &Store) -> Result<(), Error> {
        let mut ticks = tokio::time::interval(EVERY);
        loop {
            ticks.tick().await;
            let untold = std::mem::take(&mut *self.0.untold.lock().unwrap_or_else(PoisonError::into_inner));
            let told = untold.into_iter().map(|who| self.tell_of(store, who));
            let mut told = futures::stream::iter(told).buffer_unordered(AT_ONCE);
            while let Some(told) = told.next().await {
                told?;
            }
        }
    }

    async fn tell_of(&self, store: &Store, who: Who) -> Result<(), Error> {
        let (window, count) = self.cell(who).lock().unwrap_or_else(PoisonError::into_inner).tell();
        let value = [&window.to_be_bytes()[..], &count.to_be_bytes()].concat();
        store.put(Told { who, process: self.0.process }.to_string(), value.into()).await?;
        Ok(())
    }

    /// Begins with what is there: a process that starts anew finds what it counted before.
    async fn listen(&self, store: &Store) -> Result<(), Error> {
        let mut entries = store.watch_with_history(">").await?;
        while let Some(entry) = entries.next().await {
            let entry = entry?;
            if entry.operation != Operation::Put {
                continue;
            }
            match (entry.key.parse::<Told>(), counts_of(&entry.value)) {
                (Ok(told), Some((window, count))) if told.process != self.0.process => {
                    let cell = self.cell(told.who);
                    cell.lock().unwrap_or_else(PoisonError::into_inner).hear(told.process, window, count);
                }
                (Ok(_), Some(_)) => {}
                _ => tracing::debug!(key = entry.key, "not one of our counts"),
            }
        }
        Err("the bucket's watch ended".into())
    }
}

async fn open(context: &async_nats::jetstream::Context, prefix: &str) -> Result<Store, Error> {
    let bucket = format!("{prefix}_LIMITS");
    if let Ok(store) = context.get_key_value(&bucket).await {
        return Ok(store);
    }
    let config = kv::Config {
        bucket,
        description: "Requests of the last minutes, counted over all processes".to_owned(),
        history: 1,
        max_age: KEPT_FOR,
        storage: StorageType::Memory,
        ..kv::Config::default()
    };
    Ok(context.create_key_value(config).await?)
}

fn counts_of(value: &[u8]) -> Option<(u64, u32)> {
    let (window, count) = value.split_at_checked(8)?;
    Some((u64::from_be_bytes(window.try_into().ok()?), u32::from_be_bytes(count.try_into().ok()?)))
}

/// `<rule>.<who, hashed>.<process>`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Told {
    who: Who,
    process: u64,
}

impl std::fmt::Display for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{:032x}.{:016x}", self.who.rule.name(), self.who.hash, self.process)
    }
}

impl FromStr for Told {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.split('.');
        let (rule, hash, process) = (parts.next().ok_or(())?, parts.next().ok_or(())?, parts.next().ok_or(())?);
        let rule = Rule::ALL.into_iter().find(|known| known.name() == rule).ok_or(())?;
        let hash = u128::from_str_radix(hash, 16).map_err(|_| ())?;
        Ok(Self { who: Who { rule, hash }, process: u64::from_str_radix(process, 16).map_err(|_| ())? })
    }
}
