//! Whether the records of a business are to end, and what forbids it.

use async_graphql::{Context, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use domain::BusinessId;
use domain::Problem;
use domain::access::{Action, authorise};
use domain::business;
use streams::{Commands, erasure};

use super::input::Position;
use super::principal;
use super::viewed::shown_in_history;
use crate::Failure;
use crate::reader::Reader;
use crate::views::{self, ArchiveRow};

/// The business goes for good at that moment, unless an owner withdraws it.
#[derive(Debug, Clone, SimpleObject)]
pub struct Erasure {
    requested_at: DateTime<Utc>,
    due_at: DateTime<Utc>,
}

/// While it stands nothing is erased.
#[derive(Debug, Clone, SimpleObject)]
pub struct LegalHold {
    reason: String,
    since: DateTime<Utc>,
    /// Who set it, as the audit history names them.
    by: String,
}

/// For how many months the audit history is kept where people read it, and what can be chosen.
#[derive(Debug, Clone, Copy, SimpleObject)]
pub struct Retention {
    months: u16,
    least: u16,
    most: u16,
}

/// A part of the audit history that stands in a file with its proof, and no longer among the entries.
#[derive(Debug, Clone, SimpleObject)]
pub struct HistoryArchive {
    /// Of the event with which it left the history.
    position: Position,
    at: DateTime<Utc>,
    file: String,
    first_position: Position,
    last_position: Position,
    events: i64,
    /// All of it was known before.
    before: DateTime<Utc>,
    /// Of the file, in hexadecimal digits.
    sha256: String,
    bytes: i64,
}

impl From<ArchiveRow> for HistoryArchive {
    fn from(row: ArchiveRow) -> Self {
        Self {
            position: Position(row.position),
            at: row.at,
            file: row.file,
            first_position: Position(row.first_position),
            last_position: Position(row.last_position),
            events: row.events,
            before: row.before,
            sha256: row.sha256,
            bytes: row.bytes,
        }
    }
}

pub struct Keeping {
    pub business: BusinessId,
}

#[Object]
impl Keeping {
    /// Null where nobody asked for it. As it stands now.
    async fn erasure(&self, ctx: &Context<'_>) -> Result<Option<Erasure>> {
        authorise(principal(ctx)?, Action::Read, Some(self.business))?;
        let found = erasure::find(ctx.data::<Reader>()?.pool(), self.business).await.map_err(Failure::from)?;
        let open = found.filter(|state| state.erased_at.is_none());
        Ok(open.map(|state| Erasure { requested_at: state.requested_at, due_at: state.due_at }))
    }

    /// Null where there is none. As it stands now.
    async fn legal_hold(&self, ctx: &Context<'_>) -> Result<Option<LegalHold>> {
        authorise(principal(ctx)?, Action::ReadAudit, Some(self.business))?;
        let hold = self.now(ctx).await?.records().hold().cloned();
        Ok(hold.map(|hold| LegalHold { reason: hold.reason, since: hold.since, by: hold.by }))
    }

    /// As it stands now.
    async fn retention(&self, ctx: &Context<'_>) -> Result<Retention> {
        authorise(principal(ctx)?, Action::ReadAudit, Some(self.business))?;
        let months = self.now(ctx).await?.records().retention().months();
        let (least, most) = (business::Retention::LEAST.months(), business::Retention::MOST.months());
        Ok(Retention { months, least, most })
    }

    /// Newest first, as they stand now. The files: `GET /api/v1/businesses/{id}/audit/archives/{position}`.
    async fn archives(&self, ctx: &Context<'_>, min_position: Option<Position>) -> Result<Vec<HistoryArchive>> {
        authorise(principal(ctx)?, Action::ReadAudit, Some(self.business))?;
        shown_in_history(ctx, self.business, min_position).await?;
        let rows = views::archives(ctx.data::<Reader>()?.pool(), self.business).await.map_err(Failure::from)?;
        Ok(rows.into_iter().map(HistoryArchive::from).collect())
    }
}

impl Keeping {
    async fn now(&self, ctx: &Context<'_>) -> Result<business::Business> {
        let now = ctx.data::<Commands>()?.business_now(self.business).await;
        Ok(now.map_err(|error| {
            tracing::error!(%error, business = %self.business, "a business cannot be read");
            Problem::new(error.code(), "This cannot be read just now. Nothing is lost; try again.")
        })?)
    }
}
