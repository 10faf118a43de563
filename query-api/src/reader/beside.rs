//! What is kept beside a transaction, with its texts opened. It stands as it does now, whatever moment is looked at.

use chrono::{DateTime, Utc};
use domain::{AttachmentId, BusinessId, TransactionId};
use streams::files::{self, AttachmentRow, MemoRow, Opened};

use super::Reader;
use crate::failure::Failure;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    pub attachments: Vec<Attachment>,
    pub memo: Option<Memo>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    pub row: AttachmentRow,
    pub name: String,
    /// Of the file itself, in hexadecimal.
    pub sha256: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Memo {
    pub transaction: TransactionId,
    pub text: String,
    pub at: DateTime<Utc>,
    pub actor: String,
    pub position: i64,
}

impl Reader {
    pub async fn beside(&self, business: BusinessId, of: TransactionId) -> Result<Beside, Failure> {
        let attachments = files::attachments(&self.pool, business, Some(of)).await?;
        let memo = files::memo(&self.pool, business, of).await?;
        let attachments = self.with_names(attachments).await?;
        Ok(Beside { attachments, memo: self.written(memo.into_iter().collect()).await?.pop() })
    }

    /// Everything that is kept beside transactions of a business, in the order in which it came.
    pub async fn all_beside(&self, business: BusinessId) -> Result<(Vec<Attachment>, Vec<Memo>), Failure> {
        let attachments = self.with_names(files::attachments(&self.pool, business, None).await?).await?;
        Ok((attachments, self.written(files::memos(&self.pool, business).await?).await?))
    }

    /// A file for whoever may read the business.
    pub async fn attachment(
        &self,
        business: BusinessId,
        id: AttachmentId,
    ) -> Result<Option<(Attachment, Opened)>, Failure> {
        let Some(row) = files::attachment(&self.pool, business, id).await? else { return Ok(None) };
        let opened = files::open(&self.pool, self.keys(), business, row.file).await;
        let opened = opened.map_err(|error| error.problem())?;
        Ok(self.with_names(vec![row]).await?.pop().zip(opened))
    }

    async fn with_names(&self, rows: Vec<AttachmentRow>) -> Result<Vec<Attachment>, Failure> {
        let texts = self.texts.of_each(rows.iter().map(|row| row.position)).await?;
        let named = rows.into_iter().zip(texts).map(|(row, texts)| {
            let mut texts = texts.iter().cloned();
            let name = texts.next().flatten().unwrap_or_else(|| domain::personal::ERASED.to_owned());
            Attachment { row, name, sha256: texts.next().flatten() }
        });
        Ok(named.collect())
    }

    async fn written(&self, rows: Vec<MemoRow>) -> Result<Vec<Memo>, Failure> {
        let texts = self.texts.of_each(rows.iter().map(|row| row.position)).await?;
        let written = rows.into_iter().zip(texts).map(|(row, texts)| Memo {
            transaction: row.transaction,
            text: texts.first().cloned().flatten().unwrap_or_else(|| domain::personal::ERASED.to_owned()),
            at: row.at,
            actor: row.actor,
            position: row.position,
        });
        Ok(written.collect())
    }
}
