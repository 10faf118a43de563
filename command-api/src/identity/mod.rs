//! Who somebody is, and how they prove it: accounts, passwords, second factors, sessions, keys of machines.
//!
//! ```text
//! request ─▶ http::require ─▶ principals (cookie, bearer token or key → stored session → Principal)
//!                                └─ what each route needs: domain::access::authorise
//! ```
//!
//! Guarantees:
//! - Whether an address has an account is told by no answer and no time: see [`http`].
//! - A right that was taken away is gone within two seconds in every process, open sockets included ([`watched`]).
//! - Passwords are kept as Argon2id, tokens, codes and keys as hashes, names, addresses and TOTP secrets sealed.
//! - Every sign-in, failure, lockout and change of a credential goes to the journal: what was done with what it did, or not
//!   at all ([`change`]); what failed as well as it can.

pub mod http;

mod change;
mod factors;
mod failure;
mod keys;
mod leaving;
mod links;
mod lockout;
mod mail;
mod opaque;
mod own;
mod owner;
mod passwords;
mod places;
mod principals;
mod seal;
mod sessions;
mod tokens;
mod used_from;
mod users;
mod watched;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::access::Origin;
use domain::security::SecurityEvent;
use domain::{Problem, UserId};
use moka::sync::Cache;
use sqlx::PgPool;
use streams::Meta;
use streams::sealing::Keys;
use streams::security::Journal;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

pub use http::{is_open, require, router};
pub use leaving::{erase_due, run as erase_accounts, say_farewell};
pub use mail::{Security, Smtp, Transport, TransportError};
pub use owner::issue_link;
pub use places::{PlaceFile, PlaceFileError};
pub use principals::Session;
pub use seal::{KeySealer, SealError, Sealer};
pub use users::Imported;
pub use watched::Watch;

use failure::Failure;
use passwords::{Passwords, Words};
use principals::Stored;
use tokens::KeyRing;
use watched::Watched;

/// How long what was read of a session is remembered.
const REMEMBERED: Duration = Duration::from_secs(2);
/// Requests whose work goes on after their answer; more wait.
const BEHIND: usize = 64;
const HOUR: Duration = Duration::from_secs(3600);

/// What identity is told about where it runs.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The address of the page as its users type it, without a slash at the end: links in mails begin with it, and it
    /// is the issuer of tokens.
    pub base_url: String,
    /// Names of the organisation, its products and places: a password that is made of them is refused.
    pub own_words: Vec<String>,
}

impl Settings {
    /// Cookies are for TLS only where the page is.
    fn is_secure(&self) -> bool {
        self.base_url.starts_with("https://")
    }
}

/// The accounts of one installation. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Identity(Arc<Core>);

#[derive(Debug)]
struct Core {
    pool: PgPool,
    settings: Settings,
    sealer: Arc<dyn Sealer>,
    keys: Keys,
    journal: Arc<dyn Journal>,
    transport: Transport,
    places: Option<PlaceFile>,
    passwords: Passwords,
    words: Words,
    ring: KeyRing,
    /// By the hash of the token: what it stands for, and when the token itself expires.
    cache: Cache<[u8; 32], (Arc<Stored>, DateTime<Utc>)>,
    epoch: AtomicU64,
    watched: Watched,
    bell: mail::Bell,
    behind: Arc<Semaphore>,
}

/// What identity is made of.
#[derive(Debug)]
pub struct Parts {
    pub pool: PgPool,
    pub settings: Settings,
    pub sealer: Arc<dyn Sealer>,
    /// What names a person is sealed with a key of theirs.
    pub keys: Keys,
    pub journal: Arc<dyn Journal>,
    pub transport: Transport,
    /// Where in the world addresses are; without it only those that are near are told.
    pub places: Option<PlaceFile>,
}

impl Identity {
    pub fn try_new(parts: Parts) -> Result<Self, Problem> {
        Ok(Self(Arc::new(Core {
            pool: parts.pool,
            words: Words::new(&parts.settings.base_url, &parts.settings.own_words),
            settings: parts.settings,
            sealer: parts.sealer,
            keys: parts.keys,
            journal: parts.journal,
            transport: parts.transport,
            places: parts.places,
            passwords: Passwords::try_new()?,
            ring: KeyRing::default(),
            cache: Cache::builder().max_capacity(100_000).time_to_live(REMEMBERED).build(),
            epoch: AtomicU64::default(),
            watched: Watched::default(),
            bell: mail::Bell::default(),
            behind: Arc::new(Semaphore::new(BEHIND)),
        })))
    }

    fn core(&self) -> &Core {
        &self.0
    }

    /// Sends letters, replaces keys, ends sockets of sessions that are over, and cleans up, until `stop`.
    pub async fn run(&self, stop: CancellationToken) {
        let core = self.core();
        tokio::join!(mail::run(core, stop.clone()), watched::run(core, stop.clone()), keep(core, stop));
    }

    /// Makes the next key that signs, where it is time; [`Identity::run`] does so every hour.
    pub async fn rotate_keys(&self) -> Result<(), Problem> {
        tokens::rotate(self.core()).await.map_err(|failure| failure.problem)
    }

    /// Seals what was kept before people had keys; [`Identity::run`] does so every hour.
    pub async fn keep_sealed(&self) -> Result<(), Problem> {
        own::reseal(self.core()).await.map_err(|failure| failure.problem)
    }

    /// Sends every letter that is due; how many were taken.
    pub async fn deliver_mail(&self) -> Result<u64, Problem> {
        mail::deliver(self.core()).await.map_err(|failure| failure.problem)
    }

    /// The address of the page.
    pub fn base_url(&self) -> &str {
        &self.core().settings.base_url
    }

    /// Who has this token, cookie or key.
    pub async fn verify(&self, token: &str) -> Result<Session, Problem> {
        let stored = principals::of_token(self.core(), token, &Origin::default())
            .await
            .map_err(|rejected| Failure::from(rejected).problem)?;
        Ok(stored.session(Utc::now()))
    }

    /// Goes on after the answer, so that time does not tell what there is to do. Waits where too much is going on.
    async fn behind(&self, work: impl Future<Output = Result<(), Failure>> + Send + 'static) {
        // The semaphore is never closed.
        let Ok(slot) = Arc::clone(&self.core().behind).acquire_owned().await else { return };
        tokio::spawn(async move {
            if let Err(failure) = work.await {
                tracing::error!(error = %failure.problem, "what was to follow a request failed");
            }
            drop(slot);
        });
    }

    /// Tells when a session or key is over or reaches less than it did.
    pub async fn watch(&self, session: &Session) -> Watch {
        watched::watch(self.core(), session).await
    }
}

/// Waits a moment at first: a process that starts has more urgent things to do.
async fn keep(core: &Core, stop: CancellationToken) {
    let mut wait = Duration::from_secs(5);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
        wait = HOUR;
        let kept = [
            ("keys", tokens::rotate(core).await),
            ("leftovers", sessions::clean(core).await),
            ("accounts of before", own::reseal(core).await),
        ];
        for (what, done) in kept {
            if let Err(failure) = done {
                tracing::warn!(error = %failure.problem, what, "upkeep of identity failed; it is tried again in an hour");
            }
        }
    }
}

impl Core {
    /// Drops what is remembered of sessions, in this process at once; the tables tell the others.
    fn forget(&self) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
        self.cache.invalidate_all();
        self.watched.ring();
    }

    fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Records what somebody tried about their own account.
    async fn note(&self, event: SecurityEvent, who: Option<UserId>, origin: &Origin) {
        let actor = who.map_or_else(|| "anonymous".to_owned(), |user| format!("user:{user}"));
        self.note_with(event, Meta::installation(actor), origin).await;
    }

    async fn note_with(&self, event: SecurityEvent, meta: Meta, origin: &Origin) {
        self.journal.note(event, &change::met(meta, origin)).await;
    }
}
