//! Connections to providers: how they stand, what they did, and whether it is complete. The same bodies over REST.

use async_graphql::{ComplexObject, Context, Result, SimpleObject};
use chrono::{DateTime, Days, NaiveDate, Utc};
use domain::BusinessId;
use domain::access::{Action, authorise};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::cost;
use super::input::Position;
use super::principal;
use crate::figures::{Period, exact_amount};
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
            // The last percent is the certainty that nothing is missing.
            percent: (done * 99).checked_div(total).unwrap_or(0),
        })
    }
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
fn as_number<S: serde::Serializer>(id: &Position, serializer: S) -> std::result::Result<S::Ok, S::Error> {
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

/// Whether everything that the provider knows of an account is here.
#[derive(Debug, Clone, SimpleObject, Serialize, ToSchema)]
pub struct Completeness {
    account: Uuid,
    currency: String,
    covered_from: Option<NaiveDate>,
    covered_to: Option<NaiveDate>,
    gaps: Vec<CompletenessGap>,
    /// Transactions that the provider told and has not booked.
    pending: i64,
    #[schema(value_type = String)]
    pending_amount: Decimal,
    /// Syncs since the last good one whose answers were refused or not understood.
    refused: i64,
    /// Null where the provider tells no balance.
    agrees: Option<bool>,
    /// The day from which on the balances differ until now.
    first_difference: Option<NaiveDate>,
    days: Vec<CompletenessDay>,
}

#[derive(Debug, Clone, SimpleObject, Serialize, ToSchema)]
pub struct CompletenessGap {
    from: NaiveDate,
    to: NaiveDate,
    why: String,
}

/// Opening, movements and closing as known now, pending ones included; and what the provider said on that day, beside
/// what was known then.
#[derive(Debug, Clone, SimpleObject, Serialize, ToSchema)]
pub struct CompletenessDay {
    day: NaiveDate,
    #[schema(value_type = String)]
    opening: Decimal,
    #[schema(value_type = String)]
    movements: Decimal,
    #[schema(value_type = String)]
    closing: Decimal,
    #[schema(value_type = Option<String>)]
    told: Option<Decimal>,
    #[schema(value_type = Option<String>)]
    difference: Option<Decimal>,
}

impl From<reader::Completeness> for Completeness {
    fn from(from: reader::Completeness) -> Self {
        let exact = |amount: Decimal| exact_amount(amount, from.currency);
        let days = from.days.iter().map(|day| CompletenessDay {
            day: day.day,
            opening: exact(day.opening),
            movements: exact(day.movements),
            closing: exact(day.closing),
            told: day.told.map(exact),
            difference: day.difference.map(exact),
        });
        let gaps = from.gaps.iter().map(|gap| CompletenessGap {
            from: gap.days.from(),
            to: gap.days.to(),
            why: gap.why.to_owned(),
        });
        Self {
            account: from.account.as_uuid(),
            currency: from.currency.to_string(),
            covered_from: from.covered.map(Period::from),
            covered_to: from.covered.map(Period::to),
            gaps: gaps.collect(),
            pending: from.pending,
            pending_amount: exact(from.pending_amount),
            refused: from.refused,
            agrees: from.agrees,
            first_difference: from.first_difference,
            days: days.collect(),
        }
    }
}
