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
    /// Whether it is of the transaction at this place of its event.
    fn is_of(&self, place: i32) -> bool {
        self.row.places.is_empty() || self.row.places.contains(&place)
    }
}

/// The answers that told a revision, and those that took it back; none where no source did.
#[derive(Debug, Default)]
pub struct Behind {
    pub told: Vec<Payload>,
    pub taken_back: Vec<Payload>,
}

impl Reader {
    /// What is behind each of these revisions of one transaction.
    pub async fn behind(&self, business: BusinessId, revisions: &[RevisionRow]) -> Result<Vec<Behind>, Failure> {
        let ends = revisions.iter().filter(|revision| revision.removed).map(|revision| revision.transaction.valid_to);
        let positions: Vec<_> = revisions.iter().map(|revision| revision.transaction.valid_from).chain(ends).collect();
        let rows = files::payloads(&self.pool, business, Some(&positions)).await?;
        let mut found: HashMap<i64, Vec<Payload>> = HashMap::new();
        for payload in self.with_sums(rows).await? {
            found.entry(payload.row.position).or_default().push(payload);
        }
        let of = |position: i64, place: i32| -> Vec<Payload> {
            let all = found.get(&position).map(Vec::as_slice).unwrap_or_default();
            all.iter().filter(|payload| payload.is_of(place)).cloned().collect()
        };
        let mut behind = Vec::with_capacity(revisions.len());
        for RevisionRow { transaction, removed, .. } in revisions {
            let end = transaction.valid_to;
            let place = match *removed && found.contains_key(&end) {
                true => files::place_of_removed(&self.pool, business, end, transaction.id).await?,
                false => None,
            };
            let taken_back = place.map(|place| of(end, place)).unwrap_or_default();
            behind.push(Behind { told: of(transaction.valid_from, transaction.place), taken_back });
        }
        Ok(behind)
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
