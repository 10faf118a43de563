//! Transactions that are the same money: what stands, and what waits for somebody to say.

use async_graphql::{ComplexObject, Context, Enum, Result, SimpleObject};
use chrono::NaiveDate;
use domain::security::SealedField;
use domain::{TransactionId, matching};
use rust_decimal::Decimal;
use streams::matches::{Kept, State, Sum};
use uuid::Uuid;

use super::cost;
use super::entities::Account;
use super::names::Kind;
use super::principal;
use super::transactions::{PageInfo, Transaction, parties};
use crate::cursor;
use crate::figures::exact_amount;
use crate::reader::{Page, Reader, View};

#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "State")]
pub enum MatchState {
    /// Likely: for somebody to say.
    Proposed,
    /// Certain enough to stand by itself.
    Applied,
    Accepted,
    Refused,
}

#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "matching::Relation")]
pub enum MatchRelation {
    Transfer,
    CardSettlement,
    Payout,
    Sale,
    BookEntry,
    Duplicate,
}

#[derive(SimpleObject)]
pub struct MatchConnection {
    nodes: Vec<Match>,
    page_info: PageInfo,
    /// How many wait for somebody to say, on all pages.
    proposed: i64,
}

#[derive(SimpleObject)]
pub struct Match {
    id: Uuid,
    relation: MatchRelation,
    state: MatchState,
    /// In percent.
    certainty: i32,
    /// The later of its days.
    day: NaiveDate,
    /// Without sign.
    amount: Decimal,
    currency: String,
    /// Why, in sentences.
    evidence: Vec<String>,
    /// The one that goes on counting comes first.
    legs: Vec<MatchLeg>,
    /// What it is the sum of, where that is more than a leg.
    sum: Option<MatchSum>,
}

/// Transactions that a match is the sum of.
#[derive(SimpleObject)]
pub struct MatchSum {
    /// Where its provider says which they are: `transactions(payout)` lists them. Null where they were found by their sum.
    payout: Option<Uuid>,
    from: NaiveDate,
    to: NaiveDate,
    /// Fees left out.
    count: i32,
    /// Before fees.
    gross: Decimal,
    /// Minus, where any were kept.
    fees: Decimal,
    /// What the amount is more than those that are known here; zero where they are all.
    difference: Decimal,
}

#[derive(SimpleObject)]
#[graphql(complex)]
pub struct MatchLeg {
    id: Uuid,
    /// What it means as a part of this match; null for what goes on meaning what it means.
    kind: Option<Kind>,
    category: Option<String>,
    #[graphql(skip)]
    view: View,
    #[graphql(skip)]
    account_id: domain::AccountId,
}

impl MatchConnection {
    /// The caller authorises.
    pub async fn read(
        ctx: &Context<'_>,
        view: View,
        (states, of): (Option<Vec<MatchState>>, Option<Uuid>),
        first: i32,
        after: Option<String>,
    ) -> Result<Self> {
        let business = view.business.id;
        let states = states.map_or(State::ALL.to_vec(), |states| states.into_iter().map(Into::into).collect());
        let after = after.as_deref().map(|text| cursor::to_match(business, text)).transpose()?;
        let page = ctx
            .data::<Reader>()?
            .matches(business, &states, of.map(TransactionId::from_uuid), Page::try_new(first, after)?)
            .await?;
        let end_cursor = page.rows.last().map(|kept| cursor::of_match(business, kept.day, kept.found.id));
        Ok(Self {
            page_info: PageInfo { has_next_page: page.has_next, end_cursor },
            proposed: page.proposed,
            nodes: page.rows.into_iter().map(|kept| Match::of(&view, kept)).collect(),
        })
    }
}

impl Match {
    fn of(view: &View, kept: Kept) -> Self {
        let sum = kept.sum().map(Into::into);
        let Kept { found, state, day, amount, currency } = kept;
        let mut legs: Vec<_> = found.legs.into_iter().map(|leg| MatchLeg::of(view, leg)).collect();
        legs.sort_by_key(|leg| leg.kind.is_some());
        Self {
            id: found.id.as_uuid(),
            relation: found.relation.into(),
            state: state.into(),
            certainty: i32::from(found.percent),
            day,
            amount: exact_amount(amount, currency),
            currency: currency.to_string(),
            evidence: found.evidence.iter().map(|evidence| format!("{evidence}.")).collect(),
            legs,
            sum,
        }
    }
}

impl From<Sum> for MatchSum {
    fn from(sum: Sum) -> Self {
        let amount = |amount| exact_amount(amount, sum.currency);
        Self {
            payout: sum.payout.map(TransactionId::as_uuid),
            from: sum.from,
            to: sum.to,
            count: i32::try_from(sum.count).unwrap_or(i32::MAX),
            gross: amount(sum.gross),
            fees: amount(sum.fees),
            difference: amount(sum.difference),
        }
    }
}

impl MatchLeg {
    fn of(view: &View, leg: matching::MatchLeg) -> Self {
        let (kind, category) = leg.to.map(|to| (to.kind.into(), to.category.to_string())).unzip();
        Self { id: leg.id.as_uuid(), kind, category, view: view.clone(), account_id: leg.account }
    }
}

#[ComplexObject]
impl MatchLeg {
    async fn account(&self, ctx: &Context<'_>) -> Result<Option<Account>> {
        let parties = parties(ctx, self.view.business.id).await?;
        Ok(parties.account(self.account_id).map(Account::from))
    }

    /// Null where it was taken back since.
    #[graphql(complexity = "cost::read(child_complexity)")]
    async fn transaction(&self, ctx: &Context<'_>) -> Result<Option<Transaction>> {
        let business = self.view.business.id;
        principal(ctx)?.viewed(SealedField::Description, business);
        let rows = ctx.data::<Reader>()?.named(&self.view, &[self.id]).await?;
        Ok(rows.into_iter().next().map(|row| Transaction { business, row }))
    }
}
