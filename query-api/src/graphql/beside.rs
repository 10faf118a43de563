//! What is kept beside transactions: files, memos, and documents of the books.

use std::sync::Arc;

use async_graphql::{Context, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use domain::TransactionId;
use domain::access::{Action, authorise};
use domain::security::SealedField;
use uuid::Uuid;

use super::cost;
use super::documents::DocumentsOf;
use super::input::Position;
use super::principal;
use super::viewed::{Views, shown};
use crate::reader::{self, Reader};

/// Files and a memo, as they stand now. None of it counts in a figure.
#[derive(Debug, Clone, SimpleObject)]
pub struct Beside {
    attachments: Vec<Attachment>,
    memo: Option<Memo>,
}

/// A file: `GET /api/v1/businesses/{business}/attachments/{id}` gives it.
#[derive(Debug, Clone, SimpleObject)]
pub struct Attachment {
    id: Uuid,
    name: String,
    /// e.g. application/pdf: by what the file begins with.
    media: String,
    bytes: i64,
    /// Of the file itself, in hexadecimal.
    sha256: Option<String>,
    attached_at: DateTime<Utc>,
    /// As the audit history names them.
    by: String,
    position: Position,
}

/// What somebody wrote beside a transaction.
#[derive(Debug, Clone, SimpleObject)]
pub struct Memo {
    text: String,
    at: DateTime<Utc>,
    /// As the audit history names them.
    by: String,
    position: Position,
}

impl From<reader::Beside> for Beside {
    fn from(beside: reader::Beside) -> Self {
        let attachment = |attachment: reader::Attachment| Attachment {
            id: attachment.row.id.as_uuid(),
            name: attachment.name,
            media: attachment.row.media,
            bytes: attachment.row.bytes,
            sha256: attachment.sha256,
            attached_at: attachment.row.at,
            by: attachment.row.actor,
            position: Position(attachment.row.position),
        };
        let memo = beside.memo.map(|memo| Memo {
            text: memo.text,
            at: memo.at,
            by: memo.actor,
            position: Position(memo.position),
        });
        Self { attachments: beside.attachments.into_iter().map(attachment).collect(), memo }
    }
}

pub struct BesideOf {
    pub views: Arc<Views>,
}

#[Object]
impl BesideOf {
    /// What is kept beside a transaction, as it stands now; nothing where there is no such transaction.
    #[graphql(complexity = "cost::read(child_complexity)")]
    async fn beside(&self, ctx: &Context<'_>, transaction: Uuid, min_position: Option<Position>) -> Result<Beside> {
        let business = self.views.business();
        authorise(principal(ctx)?, Action::Read, Some(business))?;
        shown(ctx, business, min_position).await?;
        principal(ctx)?.viewed(SealedField::Description, business);
        let found = ctx.data::<Reader>()?.beside(business, TransactionId::from_uuid(transaction)).await?;
        Ok(found.into())
    }

    /// What its books say is owed.
    #[graphql(flatten)]
    async fn documents_of(&self) -> DocumentsOf {
        DocumentsOf { views: Arc::clone(&self.views) }
    }
}
