//! What providers answered, as it came: which answers told a revision, and their bytes.

use std::collections::HashMap;

use domain::BusinessId;
use domain::attachment::FileHash;
use streams::files::{self, Opened, PayloadRow};

use super::Reader;
use super::texts::AT_ONCE;
use crate::failure::Failure;
use crate::views::RevisionRow;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    pub row: PayloadRow,
    /// Of the answer itself, in hexadecimal.
    pub sha256: Option<String>,
}

impl Payload {
    /// Whether it told the transaction at this place of its event.
    fn told(&self, place: i32) -> bool {
        self.row.places.is_empty() || self.row.places.contains(&place)
    }
}

impl Reader {
    /// Beside each of these revisions the answers that told it; none beside what no provider told.
    pub async fn payloads_of(
        &self,
        business: BusinessId,
        revisions: &[RevisionRow],
    ) -> Result<Vec<Vec<Payload>>, Failure> {
        let positions: Vec<_> = revisions.iter().map(|revision| revision.transaction.valid_from).collect();
        let rows = files::payloads(&self.pool, business, Some(&positions)).await?;
        let mut found: HashMap<i64, Vec<Payload>> = HashMap::new();
        for payload in self.with_sums(rows).await? {
            found.entry(payload.row.position).or_default().push(payload);
        }
        let of = |revision: &RevisionRow| {
            let all = found.get(&revision.transaction.valid_from).map(Vec::as_slice).unwrap_or_default();
            all.iter().filter(|payload| payload.told(revision.transaction.place)).cloned().collect()
        };
        Ok(revisions.iter().map(of).collect())
    }

    /// All of a business, in the order of the log.
    pub async fn all_payloads(&self, business: BusinessId) -> Result<Vec<Payload>, Failure> {
        self.with_sums(files::payloads(&self.pool, business, None).await?).await
    }

    /// An answer for whoever may read the business.
    pub async fn payload(&self, business: BusinessId, file: FileHash) -> Result<Option<(PayloadRow, Opened)>, Failure> {
        let Some(row) = files::payload(&self.pool, business, file).await? else { return Ok(None) };
        let opened = files::open(&self.pool, self.keys(), business, file).await;
        Ok(opened.map_err(|error| error.problem())?.map(|opened| (row, opened)))
    }

    /// They stand behind all other texts of their event.
    async fn with_sums(&self, rows: Vec<PayloadRow>) -> Result<Vec<Payload>, Failure> {
        let mut payloads = Vec::with_capacity(rows.len());
        for rows in rows.chunks(AT_ONCE) {
            let mut positions: Vec<_> = rows.iter().map(|row| row.position).collect();
            positions.dedup();
            let texts = self.texts.open_unkept(&positions).await?;
            payloads.extend(rows.iter().map(|row| {
                let back = usize::try_from(row.count - i64::from(row.number)).ok();
                let texts = texts.get(&row.position);
                let sha256 = texts.and_then(|texts| texts.get(texts.len().checked_sub(back?)?)?.clone());
                Payload { row: row.clone(), sha256 }
            }));
        }
        Ok(payloads)
    }
}
