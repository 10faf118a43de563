//! Transactions with the events that brought them.

use async_graphql::{Context, Object, Result, SimpleObject};
use chrono::{DateTime, NaiveDate, Utc};
use domain::security::SealedField;
use domain::{BusinessId, Code, Problem, TransactionId, meaning};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::documents::Settles;
use super::entities::{Account, Source};
use super::input::{PeriodInput, Position};
use super::loaders::{EventAt, EventData, PartyData, PayoutData, SettlesData};
use super::meaning::Decision;
use super::metrics::scope;
use super::names::{Cause, Kind, Sign, TransactionOrder};
use super::payloads::Payload;
use super::principal;
use super::standing::Known;
use crate::cursor;
use crate::figures::exact_amount;
use crate::reader::{self, Behind, Page, Parties, Reader, View, whole_calendar};
use crate::views::{Changed, Filter, RevisionRow, TransactionRow};

/// The arguments of a page.
pub struct TransactionsAsked {
    pub period: Option<PeriodInput>,
    pub currency: Option<String>,
    pub account: Option<Uuid>,
    pub category: Option<String>,
    pub kinds: Option<Vec<Kind>>,
    pub sign: Option<Sign>,
    pub search: Option<String>,
    pub cause: Option<Cause>,
    pub payout: Option<Uuid>,
    /// Only what changed after this position.
    pub changed: Option<i64>,
    pub order: TransactionOrder,
    pub first: i32,
    pub after: Option<String>,
}

#[derive(SimpleObject)]
pub struct TransactionConnection {
    nodes: Vec<Transaction>,
    page_info: PageInfo,
    known: Known,
}

#[derive(Debug, SimpleObject)]
pub struct PageInfo {
    pub has_next_page: bool,
    pub end_cursor: Option<String>,
}

impl TransactionConnection {
    pub async fn read(ctx: &Context<'_>, view: View, asked: TransactionsAsked) -> Result<Self> {
        let filter = Filter {
            period: asked.period.map_or(Ok(whole_calendar()), TryInto::try_into)?,
            currency: asked.currency.map(|code| view.currency(Some(&code))).transpose()?,
            scope: scope(asked.account, asked.category),
            kinds: asked.kinds.map(|kinds| kinds.into_iter().map(Into::into).collect()),
            sign: asked.sign.map(Into::into),
            search: asked.search.filter(|words| !words.trim().is_empty()),
            cause: asked.cause.map(Into::into),
            changed: asked.changed.map(|from| Changed { from }),
            payout: asked.payout.map(TransactionId::from_uuid),
        };
        let business = view.business.id;
        principal(ctx)?.viewed(SealedField::Description, business);
        let after = asked.after.as_deref().map(|text| cursor::to_transaction(business, text)).transpose()?;
        let page = Page::try_new(asked.first, after)?;
        let page = ctx.data::<Reader>()?.transactions(&view, &filter, asked.order.into(), page).await?;
        let end_cursor = page.rows.last().map(|row| cursor::of_transaction(business, row));
        Ok(Self {
            page_info: PageInfo { has_next_page: page.has_next, end_cursor },
            known: page.known.into(),
            nodes: page.rows.into_iter().map(|row| Transaction { business, row }).collect(),
        })
    }
}

#[derive(Clone)]
pub struct Transaction {
    pub(super) business: BusinessId,
    pub(super) row: TransactionRow,
}

#[Object]
impl Transaction {
    async fn id(&self) -> Uuid {
        self.row.id.as_uuid()
    }

    async fn day(&self) -> NaiveDate {
        self.row.day
    }

    async fn booked(&self) -> &str {
        &self.row.booked
    }

    /// From when on the bank counts it for interest, or the money can be used; null where the source says nothing.
    async fn value_date(&self) -> Option<NaiveDate> {
        self.row.value_date
    }

    /// Told before it is booked: it may still change, or never come.
    async fn pending(&self) -> bool {
        self.row.pending
    }

    async fn amount(&self) -> Decimal {
        exact_amount(self.row.amount, self.row.currency)
    }

    async fn currency(&self) -> &str {
        self.row.currency.code()
    }

    async fn kind(&self) -> Kind {
        self.row.kind.into()
    }

    async fn category(&self) -> &str {
        &self.row.category
    }

    /// What the source itself calls its category, where it is another word.
    async fn provider_category(&self) -> Option<&str> {
        self.row.provider_category.as_deref()
    }

    async fn description(&self) -> Option<&str> {
        self.row.description.as_deref()
    }

    async fn counterparty(&self) -> Option<&str> {
        self.row.counterparty.as_deref()
    }

    async fn reference(&self) -> Option<&str> {
        self.row.reference.as_deref()
    }

    /// Why it means what it means.
    async fn decision(&self) -> Decision {
        reader::Decision::of(&self.row).into()
    }

    /// What it is split in, and what figures count instead of its own kind and category; empty where it is whole.
    async fn parts(&self) -> Vec<TransactionPart> {
        let currency = self.row.currency;
        let part = |(part, note): (&meaning::Part, Option<&str>)| TransactionPart {
            amount: exact_amount(part.amount, currency),
            kind: part.kind.into(),
            category: part.category.to_string(),
            note: note.map(str::to_owned),
        };
        self.row.parts().map(part).collect()
    }

    /// What whoever recategorised it wrote.
    async fn note(&self) -> Option<&str> {
        self.row.note.as_deref()
    }

    async fn account(&self, ctx: &Context<'_>) -> Result<Account> {
        let parties = parties(ctx, self.business).await?;
        Ok(parties.account(self.row.account).ok_or_else(not_yet)?.into())
    }

    async fn cause(&self) -> Cause {
        self.row.cause.into()
    }

    async fn revisions(&self) -> i32 {
        i32::try_from(self.row.revisions).unwrap_or(i32::MAX)
    }

    /// The payout that its provider says it is in, as that stands now; `transactions(payout)` lists all that is in one.
    async fn paid_out_with(&self, ctx: &Context<'_>) -> Result<Option<Uuid>> {
        let key = (self.row.account, self.row.id);
        Ok(ctx.data::<PayoutData>()?.load_one(key).await?.map(TransactionId::as_uuid))
    }

    /// The invoices, bills and credits that it pays, as its books say and as that stands now; empty where it pays none.
    async fn settles(&self, ctx: &Context<'_>) -> Result<Vec<Settles>> {
        let found = ctx.data::<SettlesData>()?.load_one((self.business, self.row.id)).await?;
        let settles = found.unwrap_or_default().into_iter();
        Ok(settles.map(|one| Settles::of(one, self.row.currency)).collect())
    }

    async fn event(&self, ctx: &Context<'_>) -> Result<EventRef> {
        EventRef::read(ctx, self.business, &self.row).await
    }
}

/// A part of a transaction, with a meaning of its own. All parts sum to the transaction, which is counted once: with the
/// largest of them.
#[derive(Debug, Clone, SimpleObject)]
pub struct TransactionPart {
    amount: Decimal,
    kind: Kind,
    category: String,
    /// What whoever split it wrote.
    note: Option<String>,
}

/// The event that brought this revision.
#[derive(Debug, SimpleObject)]
pub struct EventRef {
    position: Position,
    #[graphql(name = "type")]
    event_type: String,
    recorded_at: DateTime<Utc>,
    hash: String,
    line: Option<i32>,
    source: Option<Source>,
    batch: Option<Uuid>,
}

impl EventRef {
    async fn read(ctx: &Context<'_>, business: BusinessId, row: &TransactionRow) -> Result<Self> {
        let at = EventAt { business, position: row.valid_from };
        let event = ctx.data::<EventData>()?.load_one(at).await?.ok_or_else(not_yet)?;
        let parties = parties(ctx, business).await?;
        Ok(Self {
            position: Position(event.position),
            event_type: event.event_type,
            recorded_at: event.recorded_at,
            hash: hex::encode(event.hash),
            line: row.line,
            source: parties.source_of(row.account).map(Source::from),
            batch: event.batch.map(domain::BatchId::as_uuid),
        })
    }
}

#[derive(SimpleObject)]
pub struct Revision {
    transaction: Transaction,
    valid_from: Position,
    valid_to: Option<Position>,
    removed: bool,
    /// The answers of its provider, or the file, that told it; none where nobody but us did, or before they were kept.
    payloads: Vec<Payload>,
    /// The answers that took it back by name.
    taken_back: Vec<Payload>,
}

impl Revision {
    pub async fn read(ctx: &Context<'_>, view: View, id: Uuid) -> Result<Vec<Self>> {
        principal(ctx)?.viewed(SealedField::Description, view.business.id);
        let (reader, business) = (ctx.data::<Reader>()?, view.business.id);
        let rows = reader.revisions(&view, TransactionId::from_uuid(id)).await?;
        let behind = reader.behind(business, &rows).await?;
        let revision = |(row, behind): (RevisionRow, Behind)| Self {
            valid_from: Position(row.transaction.valid_from),
            valid_to: (row.transaction.valid_to <= view.known.position).then_some(Position(row.transaction.valid_to)),
            removed: row.removed,
            transaction: Transaction { business, row: row.transaction },
            payloads: behind.told.into_iter().map(Into::into).collect(),
            taken_back: behind.taken_back.into_iter().map(Into::into).collect(),
        };
        Ok(rows.into_iter().zip(behind).map(revision).collect())
    }
}

pub(super) async fn parties(ctx: &Context<'_>, business: BusinessId) -> Result<Parties> {
    Ok(ctx.data::<PartyData>()?.load_one(business).await?.ok_or_else(not_yet)?)
}

/// The tables of accounts are filled beside those of transactions.
fn not_yet() -> Problem {
    Problem::new(Code::Unavailable, "This transaction's account is not readable yet; try again.")
}
