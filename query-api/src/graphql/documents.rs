//! Invoices, bills and credits of the books: what is owed, and which payment pays it.

use std::sync::Arc;

use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use chrono::NaiveDate;
use domain::account;
use domain::security::SealedField;
use rust_decimal::Decimal;
use streams::documents::{Owed, State};
use uuid::Uuid;

use super::cost;
use super::input::Position;
use super::principal;
use super::transactions::PageInfo;
use super::viewed::Views;
use crate::cursor;
use crate::figures::exact_amount;
use crate::reader::{self, Page, Reader};

#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "account::DocumentKind")]
pub enum DocumentKind {
    /// Owed by a customer.
    Invoice,
    /// Owed to a vendor.
    Bill,
    /// What a customer may take off an invoice.
    CreditMemo,
    /// What may be taken off a vendor's bill.
    VendorCredit,
}

#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "State")]
pub enum DocumentState {
    /// Something of it is not paid or taken yet.
    Open,
    Settled,
    All,
}

#[derive(SimpleObject)]
pub struct DocumentConnection {
    nodes: Vec<Document>,
    page_info: PageInfo,
    /// What is open of the asked kinds, on all pages: by currency.
    owed: Vec<OwedAmount>,
}

#[derive(SimpleObject)]
pub struct OwedAmount {
    currency: String,
    /// Credits are taken off.
    amount: Decimal,
    /// What should have been paid before today; credits are not taken off.
    overdue: Decimal,
}

/// An invoice, a bill or a credit, as its books tell it. It counts in no figure.
#[derive(Debug, Clone, SimpleObject)]
pub struct Document {
    id: Uuid,
    kind: DocumentKind,
    /// As people call it.
    number: Option<String>,
    /// The customer or the vendor.
    counterparty: Option<String>,
    memo: Option<String>,
    day: NaiveDate,
    /// Until when it is to be paid, where the books say so.
    due: Option<NaiveDate>,
    /// Without sign, as all amounts here.
    total: Decimal,
    /// What is not paid or taken yet.
    open: Decimal,
    currency: String,
    /// It should have been paid before today.
    overdue: bool,
    /// The payments of it that the books name.
    paid_by: Vec<Paid>,
    /// Of the event that told it last.
    position: Position,
}

/// A payment of a document.
#[derive(Debug, Clone, SimpleObject)]
pub struct Paid {
    transaction: Uuid,
    amount: Decimal,
}

/// What a payment pays.
#[derive(Debug, Clone, SimpleObject)]
pub struct Settles {
    /// Null where it is older than what is known.
    document: Option<Document>,
    amount: Decimal,
}

impl From<reader::Document> for Document {
    fn from(document: reader::Document) -> Self {
        let reader::Document { row, number, counterparty, memo, is_overdue, paid_by } = document;
        let exact = |amount| exact_amount(amount, row.currency);
        let paid = |one: account::Settled| Paid { transaction: one.payment.as_uuid(), amount: exact(one.amount) };
        Self {
            id: row.id.as_uuid(),
            kind: row.kind.into(),
            number,
            counterparty,
            memo,
            day: row.day,
            due: row.due,
            total: exact(row.total),
            open: exact(row.open),
            currency: row.currency.to_string(),
            overdue: is_overdue,
            paid_by: paid_by.into_iter().map(paid).collect(),
            position: Position(row.position),
        }
    }
}

impl Settles {
    /// `currency`: of the payment.
    pub fn of(settles: reader::Settles, currency: domain::Currency) -> Self {
        let currency = settles.document.as_ref().map_or(currency, |document| document.row.currency);
        Self { amount: exact_amount(settles.amount, currency), document: settles.document.map(Document::from) }
    }
}

impl From<Owed> for OwedAmount {
    fn from(owed: Owed) -> Self {
        let exact = |amount| exact_amount(amount, owed.currency);
        Self { amount: exact(owed.amount), overdue: exact(owed.overdue), currency: owed.currency.to_string() }
    }
}

pub struct DocumentsOf {
    pub views: Arc<Views>,
}

#[Object]
impl DocumentsOf {
    /// Invoices, bills and credits by the day on which they are to be paid, the oldest first. As they stand now;
    /// `kinds`: those alone.
    #[graphql(complexity = "cost::page(first, child_complexity)")]
    async fn documents(
        &self,
        ctx: &Context<'_>,
        kinds: Option<Vec<DocumentKind>>,
        #[graphql(default_with = "DocumentState::Open")] state: DocumentState,
        #[graphql(default = 50)] first: i32,
        after: Option<String>,
        min_position: Option<Position>,
    ) -> Result<DocumentConnection> {
        let view = self.views.view(ctx, None, min_position).await?;
        let business = self.views.business();
        principal(ctx)?.viewed(SealedField::Description, business);
        let all = || account::DocumentKind::ALL.to_vec();
        let kinds = kinds.map_or_else(all, |kinds| kinds.into_iter().map(Into::into).collect());
        let after = after.as_deref().map(|text| cursor::to_document(business, text)).transpose()?;
        let page = Page::try_new(first, after)?;
        let page = ctx.data::<Reader>()?.documents(&view, (&kinds, state.into()), page).await?;
        let last = page.rows.last().map(|one| (one.row.payable(), one.row.id));
        let end_cursor = last.map(|(day, id)| cursor::of_document(business, day, id));
        Ok(DocumentConnection {
            page_info: PageInfo { has_next_page: page.has_next, end_cursor },
            owed: page.owed.into_iter().map(Into::into).collect(),
            nodes: page.rows.into_iter().map(Into::into).collect(),
        })
    }
}
