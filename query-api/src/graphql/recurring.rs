//! Payments that come again and again.

use async_graphql::{ComplexObject, Context, Enum, Result, SimpleObject};
use chrono::NaiveDate;
use domain::recurring;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::cost;
use super::entities::Account;
use super::names::Kind;
use super::transactions::{Transaction, parties};
use crate::figures::exact_amount;
use crate::reader::{self, Reader, View};

#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "recurring::Period")]
pub enum RecurringPeriod {
    Weekly,
    Fortnightly,
    Monthly,
    Quarterly,
    Yearly,
}

/// Payments that come again, found from their days and amounts.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Recurring {
    id: Uuid,
    /// The counterparty of the newest payment, or what it is described by.
    payee: Option<String>,
    currency: String,
    kind: Kind,
    category: String,
    period: RecurringPeriod,
    /// On the last day of the month that is no weekend, whatever its number.
    on_last_working_day: bool,
    /// What is to be expected: the middle of the newest payments, and from the smallest to the largest of them.
    typical: Decimal,
    smallest: Decimal,
    largest: Decimal,
    count: i32,
    last: NaiveDate,
    next: Option<NaiveDate>,
    /// The day of the first one that did not come, where one is overdue.
    missed_since: Option<NaiveDate>,
    missed: i32,
    /// In percent: how little it is chance's work.
    certainty: i32,
    /// Somebody said that it is not recurring.
    ruled_out: bool,
    #[graphql(skip)]
    view: View,
    #[graphql(skip)]
    account_id: domain::AccountId,
    #[graphql(skip)]
    members: Vec<Uuid>,
}

impl Recurring {
    pub fn of(view: View, found: reader::Recurring) -> Self {
        let reader::Recurring { row, payee, next, missed } = found;
        let exact = |amount| exact_amount(amount, row.currency);
        Self {
            id: row.id.as_uuid(),
            payee,
            currency: row.currency.to_string(),
            kind: row.kind.into(),
            period: row.rhythm.period.into(),
            on_last_working_day: row.rhythm.anchor == recurring::Anchor::LastWorkingDay,
            typical: exact(row.typical),
            smallest: exact(row.low),
            largest: exact(row.high),
            count: row.count,
            last: row.last,
            next,
            missed_since: missed.map(|missed| missed.since),
            missed: missed.map_or(0, |missed| i32::try_from(missed.count).unwrap_or(i32::MAX)),
            certainty: i32::from(row.certainty),
            ruled_out: row.ruled_out,
            view,
            account_id: row.account,
            category: row.category,
            members: row.members,
        }
    }
}

#[ComplexObject]
impl Recurring {
    async fn account(&self, ctx: &Context<'_>) -> Result<Option<Account>> {
        let parties = parties(ctx, self.view.business.id).await?;
        Ok(parties.account(self.account_id).map(Account::from))
    }

    /// The payments it was found from, the newest first; at most 24. Ask for those of one by its id.
    #[graphql(complexity = "cost::list(24, child_complexity)")]
    async fn evidence(&self, ctx: &Context<'_>) -> Result<Vec<Transaction>> {
        let business = self.view.business.id;
        let rows = ctx.data::<Reader>()?.named(&self.view, &self.members).await?;
        Ok(rows.into_iter().map(|row| Transaction { business, row }).collect())
    }
}
