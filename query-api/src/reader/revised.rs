//! From an event to the transactions that are otherwise since it: each as it was, and as it is.

use std::collections::HashMap;

use domain::{BusinessId, Code, Problem, TransactionId};
use streams::{DomainEvent, log};

use super::{Page, Reader};
use crate::failure::Failure;
use crate::views::{self, TransactionRow};

/// One transaction on both sides of an event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Revised {
    /// None: the event brought it.
    pub before: Option<TransactionRow>,
    /// None: the event took it out.
    pub after: Option<TransactionRow>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RevisedPage {
    /// Of the whole event.
    pub count: usize,
    /// The first of them, in the event's order.
    pub transactions: Vec<Revised>,
}

impl Reader {
    /// What the event at this position did to transactions; nothing where it is none of theirs.
    pub async fn revised(&self, business: BusinessId, position: i64, page: Page<()>) -> Result<RevisedPage, Failure> {
        let mut ids = self.named_by(business, position).await?;
        let count = ids.len();
        ids.truncate(page.first.into());
        if ids.is_empty() {
            return Ok(RevisedPage::default());
        }
        let mut rows = views::revised(&self.pool, business, position, &ids).await?;
        self.texts.describe(&mut rows).await?;
        let mut found: HashMap<TransactionId, Revised> = HashMap::with_capacity(ids.len());
        for row in rows {
            let revised = found.entry(row.id).or_default();
            let side = if row.valid_from == position { &mut revised.after } else { &mut revised.before };
            *side = Some(row);
        }
        Ok(RevisedPage { count, transactions: ids.iter().filter_map(|id| found.remove(id)).collect() })
    }

    async fn named_by(&self, business: BusinessId, position: i64) -> Result<Vec<TransactionId>, Failure> {
        let event = log::at(&self.pool, position).await?.filter(|event| event.business == business);
        let Some(event) = event.filter(|event| event.aggregate_type == "account") else { return Ok(Vec::new()) };
        match event.decode() {
            Ok(DomainEvent::Account(event)) => Ok(event.revised()),
            Ok(_) => Ok(Vec::new()),
            Err(error) => {
                tracing::error!(%error, position, "an event cannot be read");
                let text = "This event cannot be read. It is logged; nothing is lost.";
                Err(Problem::new(Code::Internal, text).into())
            }
        }
    }
}
