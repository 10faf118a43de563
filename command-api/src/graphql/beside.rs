//! What is kept beside transactions. Files are sent over REST, as they are.

use async_graphql::{Context, Error, Object};
use domain::account::{AccountCommand, BesideCommand};
use domain::{AttachmentId, TransactionId};
use uuid::Uuid;

use super::Receipt;

#[derive(Debug, Default)]
pub struct BesideMutation;

#[Object]
impl BesideMutation {
    /// Takes a file from beside a transaction; where it stands beside no other one, it is deleted for good.
    async fn detach_file(
        &self,
        ctx: &Context<'_>,
        business: Uuid,
        account: Uuid,
        transaction: Uuid,
        id: Uuid,
    ) -> Result<Receipt, Error> {
        let transaction = TransactionId::from_uuid(transaction);
        let detach = BesideCommand::Detach { id: AttachmentId::from_uuid(id), transaction };
        super::account(ctx, business, account, AccountCommand::Keep(detach)).await
    }

    /// Writes a memo beside a transaction in place of the one that stands there; null takes it away.
    async fn set_memo(
        &self,
        ctx: &Context<'_>,
        business: Uuid,
        account: Uuid,
        transaction: Uuid,
        memo: Option<String>,
    ) -> Result<Receipt, Error> {
        let set = BesideCommand::SetMemo { transaction: TransactionId::from_uuid(transaction), memo };
        super::account(ctx, business, account, AccountCommand::Keep(set)).await
    }
}
