//! What transactions are split in.

use async_graphql::{Context, Error, InputObject, Object};
use domain::TransactionId;
use domain::access::Action;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::meaning::Kind;
use super::{Receipt, allowed, refused};
use crate::splits::{Asked, split, unsplit};

/// A part of a transaction: all parts sum exactly to it, and each has its sign.
#[derive(Debug, Clone, InputObject)]
pub struct SplitPartInput {
    amount: Decimal,
    category: String,
    /// Left out: the category's usual one.
    kind: Option<Kind>,
    /// At most 500 letters.
    note: Option<String>,
}

#[derive(Debug, Default)]
pub struct SplitsMutation;

#[Object]
impl SplitsMutation {
    /// Splits a transaction in 2 to 20 parts, in place of earlier ones: figures count the parts instead of its own kind
    /// and category. It ends where somebody recategorises the transaction, or its source says another amount.
    async fn split_transaction(
        &self,
        ctx: &Context<'_>,
        business: Uuid,
        account: Uuid,
        transaction: Uuid,
        parts: Vec<SplitPartInput>,
    ) -> Result<Receipt, Error> {
        allowed(ctx, Action::Manage, Some(domain::BusinessId::from_uuid(business)))?;
        let parts = parts.into_iter().map(|SplitPartInput { amount, category, kind, note }| Asked {
            amount,
            category,
            kind: kind.map(Into::into),
            note,
        });
        let command = split(TransactionId::from_uuid(transaction), parts).map_err(refused)?;
        super::account(ctx, business, account, command).await
    }

    /// Takes the parts of a transaction back: it means again what it meant without them.
    async fn unsplit_transaction(
        &self,
        ctx: &Context<'_>,
        business: Uuid,
        account: Uuid,
        transaction: Uuid,
    ) -> Result<Receipt, Error> {
        super::account(ctx, business, account, unsplit(TransactionId::from_uuid(transaction))).await
    }
}
