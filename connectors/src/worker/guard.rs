//! Around each connector: a budget of requests for the whole installation, and a breaker for a provider that is down.
//!
//! The budget stands in the store, so that many workers share one. The breaker is each worker's own: it opens when
//! several sources in a row get no answer, lets nothing through for a while, then one request, and closes with the first
//! answer.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use domain::source::SourceKind;
use sqlx::PgPool;

use crate::provider::{
    Ask, Begun, Connector, Contents, Credentials, FoundAccount, Grant, Hint, Page, Payout, Place, ProviderError,
    Registry, WebhookRefused,
};

/// Requests a second by provider, for all workers together.
#[derive(Debug, Clone)]
pub struct Budgets {
    pub of: BTreeMap<String, f64>,
    pub otherwise: f64,
}

impl Default for Budgets {
    /// Half of what the providers document, or less: other clients of the same keys must live too.
    fn default() -> Self {
        let of = [("plaid", 25.0), ("stripe", 50.0), ("quickbooks", 8.0), ("shopify", 10.0)];
        Self { of: of.map(|(name, rate)| (name.to_owned(), rate)).into(), otherwise: 10.0 }
    }
}

/// The same connectors with a budget and a breaker each.
pub fn guarded(registry: &Registry, pool: &PgPool, budgets: &Budgets) -> Registry {
    registry.wrapped(|inner| {
        let rate = budgets.of.get(inner.name()).copied().unwrap_or(budgets.otherwise).clamp(0.01, 10_000.0);
        let gap = Duration::from_secs_f64(rate.recip());
        Arc::new(Guarded { inner, pool: pool.clone(), gap, permits: Arc::default(), breaker: Arc::default() })
    })
}

#[derive(Debug, Clone)]
struct Guarded {
    inner: Arc<dyn Connector>,
    pool: PgPool,
    /// Between two requests.
    gap: Duration,
    /// Taken from the budget and not used yet.
    permits: Arc<Mutex<u32>>,
    breaker: Arc<Mutex<Breaker>>,
}

/// The longest that permits are taken in advance for.
const LOT: Duration = Duration::from_millis(200);
/// What may be saved up while nothing is asked.
const BURST: Duration = Duration::from_secs(1);

impl Guarded {
    async fn take(&self) {
        loop {
            {
                let mut permits = self.permits.lock().unwrap_or_else(PoisonError::into_inner);
                if *permits > 0 {
                    *permits -= 1;
                    return;
                }
            }
            match self.reserve().await {
                Ok((lot, wait)) => {
                    tokio::time::sleep(wait).await;
                    *self.permits.lock().unwrap_or_else(PoisonError::into_inner) += lot;
                }
                Err(error) => {
                    tracing::debug!(%error, "the budget cannot be read; this request is not counted");
                    return;
                }
            }
        }
    }

    /// A lot of permits, and how long to wait for it.
    async fn reserve(&self) -> Result<(u32, Duration), sqlx::Error> {
        const RESERVE: &str = "
            insert into connectors.budget as b (provider, free_at)
            values ($1, clock_timestamp() + make_interval(secs => $2 - $3))
            on conflict (provider) do update set free_at =
                greatest(b.free_at, clock_timestamp() - make_interval(secs => $3)) + make_interval(secs => $2)
            returning extract(epoch from free_at - make_interval(secs => $2) - clock_timestamp())::float8";
        let lot = u32::try_from(LOT.as_micros() / self.gap.as_micros().max(1)).unwrap_or(1).max(1);
        let taken = (self.gap * lot).as_secs_f64();
        let query = sqlx::query_scalar(RESERVE).bind(self.inner.name()).bind(taken).bind(BURST.as_secs_f64());
        let wait: f64 = query.fetch_one(&self.pool).await?;
        Ok((lot, Duration::try_from_secs_f64(wait).unwrap_or_default()))
    }

    async fn ask<T>(
        &self,
        who: &str,
        request: impl Future<Output = Result<T, ProviderError>>,
    ) -> Result<T, ProviderError> {
        let lock = || self.breaker.lock().unwrap_or_else(PoisonError::into_inner);
        if !lock().lets_through(Instant::now()) {
            return Err(ProviderError::unavailable("circuit_open"));
        }
        self.take().await;
        let answer = request.await;
        let is_down = matches!(answer, Err(ProviderError::Unavailable { .. }));
        lock().note(who, is_down, Instant::now());
        answer
    }
}

/// Failures in a row, and by how many sources, before it opens: one source's bank is not the provider.
const MANY: u32 = 10;
const SOURCES: usize = 3;
const FIRST_REST: Duration = Duration::from_secs(5);
const LONGEST_REST: Duration = Duration::from_secs(120);

#[derive(Debug, Default)]
pub(super) struct Breaker {
    failures: u32,
    who: HashSet<String>,
    rest: Option<(Instant, Duration)>,
}

impl Breaker {
    /// After its rest it lets one through, and others only when that one got an answer or a further rest is over.
    pub fn lets_through(&mut self, now: Instant) -> bool {
        match &mut self.rest {
            None => true,
            Some((until, rest)) if now >= *until => {
                *until = now + *rest;
                true
            }
            Some(_) => false,
        }
    }

    pub fn note(&mut self, who: &str, is_down: bool, now: Instant) {
        if !is_down {
            *self = Self::default();
            return;
        }
        self.failures = self.failures.saturating_add(1);
        if self.who.len() < SOURCES {
            self.who.insert(who.to_owned());
        }
        if self.failures >= MANY && self.who.len() >= SOURCES {
            let rest = self.rest.map_or(FIRST_REST, |(_, rest)| (rest * 2).min(LONGEST_REST));
            self.rest = Some((now + rest, rest));
        }
    }
}

#[async_trait]
impl Connector for Guarded {
    fn shared(&self) -> Arc<dyn Connector> {
        Arc::new(self.clone())
    }

    fn kind(&self) -> SourceKind {
        self.inner.kind()
    }

    fn name(&self) -> &str {
        self.inner.name()
    }

    fn title(&self) -> &str {
        self.inner.title()
    }

    fn redirects(&self) -> bool {
        self.inner.redirects()
    }

    fn takes_key(&self) -> bool {
        self.inner.takes_key()
    }

    fn asks_instance(&self) -> bool {
        self.inner.asks_instance()
    }

    fn is_loop_whole(&self) -> bool {
        self.inner.is_loop_whole()
    }

    fn renames(&self) -> bool {
        self.inner.renames()
    }

    fn progress(&self, place: &str) -> Option<u8> {
        self.inner.progress(place)
    }

    async fn begin(&self, ask: &Ask) -> Result<Begun, ProviderError> {
        self.inner.begin(ask).await
    }

    async fn complete(&self, grant: &Grant) -> Result<Credentials, ProviderError> {
        self.inner.complete(grant).await
    }

    async fn refresh(&self, credentials: &Credentials) -> Result<Credentials, ProviderError> {
        self.ask(&credentials.external_id, self.inner.refresh(credentials)).await
    }

    async fn accounts(&self, credentials: &Credentials) -> Result<Vec<FoundAccount>, ProviderError> {
        self.ask(&credentials.external_id, self.inner.accounts(credentials)).await
    }

    async fn pull(
        &self,
        credentials: &Credentials,
        account: &FoundAccount,
        place: Place<'_>,
    ) -> Result<Page, ProviderError> {
        self.ask(&credentials.external_id, self.inner.pull(credentials, account, place)).await
    }

    async fn contents(
        &self,
        credentials: &Credentials,
        payout: &Payout,
        page: Option<&str>,
    ) -> Result<Contents, ProviderError> {
        self.ask(&credentials.external_id, self.inner.contents(credentials, payout, page)).await
    }

    async fn webhook(&self, headers: &HeaderMap, body: &[u8], now: DateTime<Utc>) -> Result<Hint, WebhookRefused> {
        self.inner.webhook(headers, body, now).await
    }

    async fn subscribe(&self, credentials: &Credentials, address: &str) -> Result<(), ProviderError> {
        self.ask(&credentials.external_id, self.inner.subscribe(credentials, address)).await
    }

    async fn disconnect(&self, credentials: &Credentials) -> Result<(), ProviderError> {
        self.inner.disconnect(credentials).await
    }
}
