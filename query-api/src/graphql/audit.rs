//! The audit history of a business.

use async_graphql::{Context, Enum, InputObject, Result, SimpleObject};
use chrono::{DateTime, NaiveDate, Utc};
use domain::security::SealedField;
use domain::{BusinessId, TimeZone};
use rust_decimal::Decimal;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::input::Position;
use super::names::{Cause, Kind};
use super::principal;
use super::transactions::{PageInfo, Transaction};
use crate::cursor;
use crate::figures::exact_amount;
use crate::reader::{AuditAsked, Page, Reader, Revised};
use crate::views::{AuditRow, MovedRow};

/// Absent parts do not restrict. Days are those of the business, both included.
#[derive(Debug, Default, InputObject)]
pub struct AuditFilter {
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    /// As entries name it: owner, user:<id>, key:<id>, or a part of the program.
    actor: Option<String>,
    /// A type of event (business.renamed), or all of an aggregate (security).
    kind: Option<String>,
    /// Whom or what it concerns.
    subject: Option<Uuid>,
    /// Words that must all stand in it.
    text: Option<String>,
    /// The one event at it.
    position: Option<Position>,
}

impl From<AuditFilter> for AuditAsked {
    fn from(filter: AuditFilter) -> Self {
        let AuditFilter { from, to, actor, kind, subject, text, position } = filter;
        Self { from, to, actor, kind, subject, text, position: position.map(|Position(position)| position) }
    }
}

#[derive(Debug, SimpleObject)]
pub struct AuditConnection {
    edges: Vec<AuditEdge>,
    page_info: PageInfo,
}

#[derive(Debug, SimpleObject)]
pub struct AuditEdge {
    cursor: String,
    node: AuditEntry,
}

impl AuditConnection {
    /// The caller authorises.
    pub async fn read(
        ctx: &Context<'_>,
        business: BusinessId,
        zone: TimeZone,
        filter: AuditFilter,
        first: i32,
        after: Option<String>,
    ) -> Result<Self> {
        principal(ctx)?.viewed(SealedField::Address, business);
        let reader = ctx.data::<Reader>()?;
        let page = Page::try_new(first, after.as_deref().map(|text| cursor::to_position(business, text)).transpose()?)?;
        let filter = reader.audit_filter(business, zone, filter.into()).await?;
        let page = reader.audit(business, &filter, page).await?;
        let end_cursor = page.rows.last().map(|row| cursor::of_position(business, row.position));
        let edge = |row: AuditRow| AuditEdge {
            cursor: cursor::of_position(business, row.position),
            node: AuditEntry::of(row),
        };
        let edges = page.rows.into_iter().map(edge).collect();
        Ok(Self { edges, page_info: PageInfo { has_next_page: page.has_next, end_cursor } })
    }
}

/// One event of the log, as people read it.
#[derive(Debug, SimpleObject)]
pub struct AuditEntry {
    position: Position,
    at: DateTime<Utc>,
    actor: AuditActor,
    /// For whom the actor did it, where that is somebody else.
    on_behalf_of: Option<String>,
    /// The event's type, e.g. business.renamed.
    kind: String,
    subject: Uuid,
    summary: String,
    /// JSON objects of the fields that the event set: what they were, and what they are.
    before: Option<String>,
    after: Option<String>,
    /// The same, field by field.
    changes: Vec<AuditChange>,
    request: Option<String>,
    address: Option<String>,
    /// What the browser or program called itself that somebody signed in with.
    agent: Option<String>,
    trace: Option<String>,
    /// Of the event, chained to the one before.
    hash: String,
}

#[derive(Debug, SimpleObject)]
pub struct AuditActor {
    kind: AuditActorKind,
    /// As a filter takes it.
    name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum AuditActorKind {
    Owner,
    User,
    Key,
    /// A part of the program.
    System,
}

#[derive(Debug, SimpleObject)]
pub struct AuditChange {
    field: String,
    /// JSON values.
    before: Option<String>,
    after: Option<String>,
}

/// What an event changed in the sums of a month.
#[derive(Debug, SimpleObject)]
pub struct AuditMovement {
    month: NaiveDate,
    kind: Kind,
    currency: String,
    cause: Cause,
    #[graphql(name = "in")]
    money_in: Decimal,
    #[graphql(name = "out")]
    money_out: Decimal,
    count: i32,
}

/// The transactions that an event changed.
#[derive(SimpleObject)]
pub struct AuditRevised {
    /// Of all of them.
    count: i32,
    /// The first of them.
    transactions: Vec<AuditRevision>,
}

/// One of them on both sides of the event.
#[derive(SimpleObject)]
pub struct AuditRevision {
    /// None: the event brought it.
    before: Option<Transaction>,
    /// None: the event took it out.
    after: Option<Transaction>,
}

impl AuditRevised {
    pub async fn read(ctx: &Context<'_>, business: BusinessId, position: i64, first: i32) -> Result<Self> {
        principal(ctx)?.viewed(SealedField::Description, business);
        let page = ctx.data::<Reader>()?.revised(business, position, Page::try_new(first, None)?).await?;
        let transaction = |row| Transaction { business, row };
        let revision = |Revised { before, after }| AuditRevision {
            before: before.map(transaction),
            after: after.map(transaction),
        };
        Ok(Self {
            count: i32::try_from(page.count).unwrap_or(i32::MAX),
            transactions: page.transactions.into_iter().map(revision).collect(),
        })
    }
}

impl AuditEntry {
    fn of(row: AuditRow) -> Self {
        Self {
            position: Position(row.position),
            at: row.at,
            changes: changes(row.before.as_deref(), row.after.as_deref()),
            actor: row.actor.into(),
            on_behalf_of: row.on_behalf_of,
            kind: row.kind,
            subject: row.subject,
            summary: row.summary,
            before: row.before,
            after: row.after,
            request: row.request,
            address: row.address,
            agent: row.agent,
            trace: row.trace,
            hash: row.hash,
        }
    }
}

impl From<String> for AuditActor {
    fn from(name: String) -> Self {
        let kind = match name.split_once(':') {
            None if name == "owner" => AuditActorKind::Owner,
            Some(("user", _)) => AuditActorKind::User,
            Some(("key", _)) => AuditActorKind::Key,
            _ => AuditActorKind::System,
        };
        Self { kind, name }
    }
}

impl From<MovedRow> for AuditMovement {
    fn from(row: MovedRow) -> Self {
        Self {
            month: row.month,
            kind: row.kind.into(),
            currency: row.currency.to_string(),
            cause: row.cause.into(),
            money_in: exact_amount(row.sums.inflow, row.currency),
            money_out: exact_amount(row.sums.outflow, row.currency),
            count: i32::try_from(row.sums.count).unwrap_or(i32::MAX),
        }
    }
}

fn changes(before: Option<&str>, after: Option<&str>) -> Vec<AuditChange> {
    let object = |text: Option<&str>| -> Map<String, Value> {
        text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    };
    let mut before = object(before);
    object(after)
        .into_iter()
        .map(|(field, value)| AuditChange {
            before: before.remove(&field).map(|value| value.to_string()),
            after: Some(value.to_string()),
            field,
        })
        .collect()
}
