//! One round of one source: a sync under a lease, and what is known of it afterwards.

use std::collections::HashSet;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{NaiveDate, TimeDelta};
use domain::SourceId;
use domain::source::Health;
use rand::Rng;
use sqlx::PgPool;

use super::lease::{Due, Leases};
use crate::connections::Connections;
use crate::provider::sync::{Outcome, Read, Run, SourceAt, SyncError, Wanted, Watch};
use crate::provider::{Connector, ProviderError};
use streams::{Counts, log};

/// While the history is still coming.
const SOON: TimeDelta = TimeDelta::seconds(10);
/// While the provider itself is still fetching it, which may take hours.
const LATER: TimeDelta = TimeDelta::seconds(60);
/// The longest wait of a source that fails.
const LONGEST: TimeDelta = TimeDelta::hours(1);
/// After a fault of ours.
const FAULT: TimeDelta = TimeDelta::seconds(10);

#[derive(Debug)]
pub(super) struct Round {
    pub connections: Connections,
    pub leases: Leases,
    pub every: TimeDelta,
}

impl Round {
    pub async fn run(&self, due: Due) {
        if let Err(error) = self.try_run(&due).await {
            tracing::warn!(source = %due.at.source, %error, "a round could not be recorded; it is done again");
            if let Err(error) = self.leases.release(due.at.source).await {
                tracing::debug!(%error, "a lease could not be given back; it runs out");
            }
        }
    }

    async fn try_run(&self, due: &Due) -> Result<(), sqlx::Error> {
        let Some(connector) = self.connections.registry.get(&due.provider) else { return Ok(()) };
        let log = begin_log(self.leases.pool(), due).await?;
        let accounts: HashSet<_> = due.accounts.iter().copied().collect();
        let watching = Watching::new(self, due);
        let mut syncer = self.connections.syncer(connector.as_ref());
        syncer.run = Run::new(due.connected_by.clone());
        let wanted = Wanted { accounts: Some(&accounts), probes: due.probe };
        let result = tokio::select! {
            result = async {
                self.subscribe(due, connector.as_ref()).await;
                syncer.sync_watched(due.at, wanted, &watching).await
            } => result,
            // Somebody else has it, or nobody wants it any more.
            () = self.lost(due.at.source) => {
                end_log(self.leases.pool(), log, "given_up", None, None).await?;
                return self.leases.release(due.at.source).await;
            }
        };
        let (outcome, reason) = match &result {
            Ok(_) => ("done", None),
            Err(SyncError::Provider(error)) => ("failed", error.reason()),
            Err(error) => {
                tracing::error!(source = %due.at.source, %error, "a sync failed here");
                ("failed", Some("internal".to_owned()))
            }
        };
        end_log(self.leases.pool(), log, outcome, reason, result.as_ref().ok()).await?;
        let verdict = self.verdict(due, &result);
        self.record(due, verdict).await
    }

    /// Tells the provider once a day where its messages go. Where that fails the polls find everything, and the next
    /// round tries it again.
    async fn subscribe(&self, due: &Due, connector: &dyn Connector) {
        const SUBSCRIBED: &str = "update connectors.connection set subscribed_at = now() where source = $1";
        let Some(address) = self.connections.webhook_of(connector).filter(|_| !due.is_subscribed) else { return };
        let subscribe = async {
            let Due { at, .. } = due;
            let credentials = self.connections.vault.open(at.business, at.source, connector, None).await?;
            connector.subscribe(&credentials, &address).await?;
            sqlx::query(SUBSCRIBED).bind(due.at.source.as_uuid()).execute(self.leases.pool()).await?;
            Ok::<_, SyncError>(())
        };
        if let Err(error) = subscribe.await {
            tracing::info!(source = %due.at.source, %error, "the provider could not be told where its messages go");
        }
    }

    /// Renews the lease; returns when it is lost.
    async fn lost(&self, source: SourceId) {
        let mut missed = 0;
        loop {
            tokio::time::sleep(self.leases.beat()).await;
            match self.leases.renew(source).await {
                Ok(true) => missed = 0,
                Ok(false) => return,
                // The store is away: the lease may have run out meanwhile.
                Err(_) if missed == 3 => return,
                Err(_) => missed += 1,
            }
        }
    }

    fn verdict(&self, due: &Due, result: &Result<Outcome, SyncError>) -> Verdict {
        let failures = due.failures.saturating_add(1);
        match result {
            Ok(outcome) => {
                let is_there = outcome.unready == 0 && outcome.early == 0;
                let is_whole = is_there && (!due.is_new || outcome.counts.added == 0);
                let next = match outcome {
                    _ if is_whole => self.every,
                    // The provider is still fetching; nothing was new meanwhile.
                    Outcome { early: 1.., unready: 0, counts: Counts { added: 0, .. }, .. } => LATER.min(self.every),
                    _ => SOON.min(self.every),
                };
                Verdict { health: Some(Health::Healthy), reason: None, failures: 0, next: Some(around(next)), is_whole }
            }
            Err(SyncError::Provider(error)) => {
                let health = error.health();
                let next = match health {
                    Health::ConsentNeeded | Health::Revoked => None,
                    // It may be opened there without anybody telling us.
                    Health::Locked => Some(around(LONGEST)),
                    _ => Some(waiting(self.every, failures).max(asked(error))),
                };
                Verdict { health: Some(health), reason: error.reason(), failures, next, is_whole: false }
            }
            Err(_) => Verdict {
                health: None,
                reason: None,
                failures,
                next: Some(waiting(FAULT, failures).min(self.every)),
                is_whole: false,
            },
        }
    }

    async fn record(&self, due: &Due, verdict: Verdict) -> Result<(), sqlx::Error> {
        const RECORD: &str = "
            update connectors.connection set
                leased_by = null, leased_until = null, ended_at = now(),
                succeeded_at = case when $3 = 0 then now() else succeeded_at end,
                failures = $3,
                health_since = case when $4 is null or health = $4 then health_since else now() end,
                health = coalesce($4, health),
                reason = case when $4 is null then reason else $5 end,
                history_done_at = case when $6 then coalesce(history_done_at, began_at) else history_done_at end,
                probe = probe or coalesce($4 = 'locked', false),
                asked_by = case when asked_at > began_at then asked_by end,
                next_at = case
                    when $7::float8 is null then case when probe then now() else 'infinity' end
                    when asked_at > began_at then now()
                    else now() + make_interval(secs => $7::float8) end
            where source = $1 and leased_by = $2";
        let next = verdict.next.map(|next| next.as_seconds_f64());
        let query = sqlx::query(RECORD)
            .bind(due.at.source.as_uuid())
            .bind(self.leases.worker())
            .bind(verdict.failures)
            .bind(verdict.health.map(Health::as_str))
            .bind(verdict.reason)
            .bind(verdict.is_whole)
            .bind(next);
        query.execute(self.leases.pool()).await?;
        Ok(())
    }
}

/// What follows from a round.
struct Verdict {
    /// `None`: a fault of ours, which says nothing of the source.
    health: Option<Health>,
    reason: Option<String>,
    failures: i32,
    /// `None`: when its user did something.
    next: Option<TimeDelta>,
    /// Everything that there is has been read.
    is_whole: bool,
}

/// A tenth more or less, so that sources that began together do not stay together.
fn around(wait: TimeDelta) -> TimeDelta {
    let millis = wait.num_milliseconds().max(1);
    TimeDelta::milliseconds(rand::thread_rng().gen_range(millis * 9 / 10..=millis * 11 / 10))
}

/// Doubled with each failure: the breaker of this source.
fn waiting(first: TimeDelta, failures: i32) -> TimeDelta {
    let doubled = first * (1 << failures.saturating_sub(1).clamp(0, 10));
    around(doubled.min(LONGEST))
}

fn asked(error: &ProviderError) -> TimeDelta {
    let wait = if let ProviderError::RateLimited { wait } = error { *wait } else { None };
    TimeDelta::from_std(wait.unwrap_or(Duration::ZERO)).unwrap_or_default()
}

async fn begin_log(pool: &PgPool, due: &Due) -> Result<i64, sqlx::Error> {
    const BEGIN: &str = "
        with left_over as (
            update connectors.sync set outcome = 'given_up', ended_at = now()
            where source = $1 and outcome = 'running')
        insert into connectors.sync (source, business, cause) values ($1, $2, $3) returning id";
    let query = sqlx::query_scalar(BEGIN).bind(due.at.source.as_uuid()).bind(due.at.business.as_uuid());
    query.bind(&due.cause).fetch_one(pool).await
}

async fn end_log(
    pool: &PgPool,
    id: i64,
    outcome: &str,
    reason: Option<String>,
    of: Option<&Outcome>,
) -> Result<(), sqlx::Error> {
    const END: &str = "
        update connectors.sync set ended_at = now(), outcome = $2, reason = $3, pages = $4, added = $5, amended = $6,
            removed = $7, restarts = $8
        where id = $1";
    let count = |counted: u64| i64::try_from(counted).unwrap_or(i64::MAX);
    let number = |counted: u32| i32::try_from(counted).unwrap_or(i32::MAX);
    let (pages, restarts) = of.map_or((0, 0), |of| (of.pages, of.restarts));
    let counts = of.map(|of| of.counts).unwrap_or_default();
    let query = sqlx::query(END).bind(id).bind(outcome).bind(reason).bind(number(pages));
    let query = query.bind(count(counts.added)).bind(count(counts.amended)).bind(count(counts.removed));
    query.bind(number(restarts)).execute(pool).await?;
    Ok(())
}

/// Writes how far it is, and what the accounts hold.
struct Watching<'a> {
    of: &'a Round,
    at: SourceAt,
    done: AtomicI32,
    is_new: bool,
    /// The first day of the history that is asked for.
    history_from: Option<NaiveDate>,
    /// Of the account that is being read: the oldest day so far, and in percent of its history.
    reached: Mutex<(Option<NaiveDate>, u8)>,
}

impl<'a> Watching<'a> {
    fn new(of: &'a Round, due: &Due) -> Self {
        let (done, reached) = (AtomicI32::new(0), Mutex::default());
        Self { of, at: due.at, done, is_new: due.is_new, history_from: due.history_from, reached }
    }

    /// In percent, and never back: by what the connector says, else by the days from today on.
    fn reach(&self, oldest: Option<NaiveDate>, told: Option<u8>) -> u8 {
        let mut reached = self.reached.lock().unwrap_or_else(PoisonError::into_inner);
        reached.0 = reached.0.into_iter().chain(oldest).min();
        let today = chrono::Utc::now().date_naive();
        let by_days = self.history_from.zip(reached.0).map(|(from, oldest)| {
            let whole = (today - from).num_days().max(1);
            u8::try_from(((today - oldest).num_days() * 100 / whole).clamp(0, 99)).unwrap_or(99)
        });
        reached.1 = reached.1.max(told.or(by_days).unwrap_or(0).min(100));
        reached.1
    }
    /// The balance beside the position at which everything of this account was recorded: what is counted up to there
    /// must differ from it by the opening balance alone.
    async fn balance(&self, read: &Read<'_>) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        const TELL: &str = "
            insert into connectors.balance (account, told_at, business, source, current, available, pending, position)
            values ($1, now(), $2, $3, $4, $5,
                coalesce((select sum(amount) from connectors.pending where account = $1), 0), $6)";
        let Some(balance) = read.account.balance else { return Ok(()) };
        let (commands, pool) = (&self.of.connections.commands, self.of.leases.pool());
        let position = match &read.receipt {
            Some(receipt) => commands.position_of(receipt).await?.map(|positions| positions.last),
            None => None,
        };
        let position = match position {
            Some(position) => position,
            None => log::head(pool).await?.position,
        };
        let query = sqlx::query(TELL).bind(read.id.as_uuid()).bind(self.at.business.as_uuid());
        let query = query.bind(self.at.source.as_uuid()).bind(balance.current).bind(balance.available);
        query.bind(position).execute(pool).await?;
        Ok(())
    }

    async fn progress(&self, transactions: i64, pages: i64, oldest: Option<NaiveDate>, percent: u8) {
        const PROGRESS: &str = "
            update connectors.connection set transactions = transactions + $2, pages = pages + $3, accounts_done = $4,
                account_percent = $6,
                history_reached = case when history_done_at is null then least(history_reached, $5) end
            where source = $1";
        let query = sqlx::query(PROGRESS).bind(self.at.source.as_uuid()).bind(transactions).bind(pages);
        let query = query.bind(self.done.load(Ordering::Relaxed)).bind(oldest).bind(i16::from(percent));
        if let Err(error) = query.execute(self.of.leases.pool()).await {
            tracing::debug!(%error, "how far a sync is could not be written");
        }
    }
}

#[async_trait]
impl Watch for Watching<'_> {
    async fn page(&self, transactions: usize, oldest: Option<NaiveDate>, percent: Option<u8>) {
        let percent = self.reach(oldest, percent);
        if self.is_new || transactions > 0 {
            self.progress(i64::try_from(transactions).unwrap_or(i64::MAX), 1, oldest, percent).await;
        }
    }

    async fn recorded(&self, counts: Counts) {
        const RECORDED: &str = "update connectors.connection set recorded = recorded + $2 where source = $1";
        let more = counts.added.cast_signed() - counts.removed.cast_signed();
        let query = sqlx::query(RECORDED).bind(self.at.source.as_uuid()).bind(more);
        if more != 0
            && let Err(error) = query.execute(self.of.leases.pool()).await
        {
            tracing::debug!(%error, "what a sync recorded could not be counted");
        }
    }

    async fn read(&self, read: Read<'_>) {
        self.done.fetch_add(1, Ordering::Relaxed);
        *self.reached.lock().unwrap_or_else(PoisonError::into_inner) = (None, 0);
        if self.is_new {
            self.progress(0, 0, None, 0).await;
        }
        if let Err(error) = self.balance(&read).await {
            tracing::warn!(source = %self.at.source, %error, "a balance could not be kept; the next sync tells it again");
        }
    }
}
