//! Connections to providers: how they stand and what they did. The same bodies over REST.

use async_graphql::{ComplexObject, Context, Result, SimpleObject};
use chrono::{DateTime, Days, NaiveDate, Utc};
use domain::BusinessId;
use domain::access::{Action, authorise};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::completeness::Completeness;
use super::cost;
use super::input::Position;
use super::principal;
use crate::figures::Period;
use crate::reader::{self, Reader, View, period};
use crate::views::{ConnectionRow, SyncRow};

/// A source that is connected to a provider.
#[derive(Debug, Clone, SimpleObject, Serialize, ToSchema)]
#[graphql(complex)]
pub struct Connection {
    #[graphql(skip)]
    #[serde(skip)]
    business: BusinessId,
    pub source: Uuid,
    provider: String,
    name: String,
    /// choosing, active or ended
    state: String,
    /// healthy, consent_needed, revoked, locked, provider_down or failing
    health: String,
    /// The provider's own code.
    reason: Option<String>,
    /// What to do, in words.
    advice: String,
    health_since: DateTime<Utc>,
    /// It is being read now.
    working: bool,
    last_sync: Option<DateTime<Utc>>,
    last_success: Option<DateTime<Utc>>,
    /// Null: when its user did something.
    next_sync: Option<DateTime<Utc>>,
    /// Since everything was read the last time.
    lag_seconds: Option<i64>,
    /// In a row.
    failures: i32,
    /// Null once the history is there.
    progress: Option<Progress>,
    /// Recorded of it.
    transactions: i64,
    /// Those that were chosen.
    accounts: Vec<Uuid>,
}

/// How far the history of a new source has come.
#[derive(Debug, Clone, SimpleObject, Serialize, ToSchema)]
#[schema(as = ConnectionProgress)]
pub struct Progress {
    from: NaiveDate,
    /// The oldest day that came; the newest come first where the provider gives them so.
    reached: Option<NaiveDate>,
    accounts_done: i32,
    accounts_total: i32,
    /// Read so far.
    transactions: i64,
    pages: i64,
    percent: i32,
}

impl Progress {
    fn of(row: &ConnectionRow) -> Option<Self> {
        let from = row.history_from.filter(|_| !row.history_done && row.state == "active")?;
        let total = i32::try_from(row.accounts.len()).unwrap_or(i32::MAX);
        let done = row.accounts_done.min(total);
        Some(Self {
            from,
            reached: row.history_reached,
            accounts_done: done,
            accounts_total: total,
            transactions: row.transactions,
            pages: row.pages,
            percent: percent(done, total, row.account_percent),
        })
    }
}

/// Each account is as much as another; the last percent is the certainty that nothing is missing.
fn percent(done: i32, total: i32, of_account: i16) -> i32 {
    let running = if done < total { i32::from(of_account).clamp(0, 100) } else { 0 };
    (done.saturating_mul(100).saturating_add(running)).saturating_mul(99) / total.max(1).saturating_mul(100)
}

impl Connection {
    pub fn of(business: BusinessId, from: reader::Connection) -> Self {
        let reader::Connection { row, name, advice } = from;
        Self {
            business,
            progress: Progress::of(&row),
            source: row.source,
            provider: row.provider,
            name,
            state: row.state,
            health: row.health,
            reason: row.reason,
            advice: advice.to_owned(),
            health_since: row.health_since,
            working: row.working,
            last_sync: row.last_sync,
            last_success: row.last_success,
            next_sync: row.next_sync,
            lag_seconds: row.last_success.map(|at| (Utc::now() - at).num_seconds().max(0)),
            failures: row.failures,
            transactions: row.recorded,
            accounts: row.accounts,
        }
    }
}

#[ComplexObject]
impl Connection {
    /// What its syncs came to, newest first.
    #[graphql(complexity = "cost::page(first, child_complexity)")]
    async fn log(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20)] first: i32,
        after: Option<Position>,
    ) -> Result<Vec<SyncEntry>> {
        authorise(principal(ctx)?, Action::Read, Some(self.business))?;
        let after = after.map(|after| after.0);
        let rows = ctx.data::<Reader>()?.syncs(self.business, self.source, first, after).await?;
        Ok(rows.into_iter().map(SyncEntry::from).collect())
    }

    /// Whether each of its accounts is complete; the last 30 days where no others are asked for.
    #[graphql(complexity = "cost::statement(from, to, child_complexity)")]
    async fn completeness(
        &self,
        ctx: &Context<'_>,
        from: Option<NaiveDate>,
        to: Option<NaiveDate>,
    ) -> Result<Vec<Completeness>> {
        authorise(principal(ctx)?, Action::Read, Some(self.business))?;
        let reader = ctx.data::<Reader>()?;
        let view = reader.view(self.business, None, None).await?;
        let statements = reader.completeness(&view, self.source, statement_days(&view, from, to)?).await?;
        Ok(statements.into_iter().map(Completeness::from).collect())
    }
}

pub fn statement_days(
    view: &View,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
) -> std::result::Result<Period, crate::Failure> {
    let to = to.unwrap_or(view.today);
    period(from.unwrap_or(to - Days::new(29)), to)
}

/// What one sync came to.
#[derive(Debug, Clone, SimpleObject, Serialize, ToSchema)]
pub struct SyncEntry {
    #[schema(value_type = i64)]
    #[serde(serialize_with = "as_number")]
    id: Position,
    /// first, poll, webhook or asked
    cause: String,
    began_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
    /// running, done, failed or given_up
    outcome: String,
    reason: Option<String>,
    pages: i32,
    added: i64,
    amended: i64,
    removed: i64,
    /// How often the provider changed its data while they were read.
    restarts: i32,
}

// As serde calls it.
#[allow(clippy::trivially_copy_pass_by_ref)]
pub(super) fn as_number<S: serde::Serializer>(id: &Position, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_i64(id.0)
}

impl From<SyncRow> for SyncEntry {
    fn from(row: SyncRow) -> Self {
        Self {
            id: Position(row.id),
            cause: row.cause,
            began_at: row.began_at,
            ended_at: row.ended_at,
            outcome: row.outcome,
            reason: row.reason,
            pages: row.pages,
            added: row.added,
            amended: row.amended,
            removed: row.removed,
            restarts: row.restarts,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn progress_is_that_of_all_accounts_and_whole_only_when_it_is_certain() {
        assert_eq!([percent(0, 1, 0), percent(0, 1, 50), percent(0, 1, 100), percent(1, 1, 0)], [0, 49, 99, 99]);
        assert_eq!([percent(1, 4, 0), percent(1, 4, 50), percent(3, 4, 100)], [24, 37, 99]);
        assert_eq!(percent(0, 0, 0), 0);
    }
}
