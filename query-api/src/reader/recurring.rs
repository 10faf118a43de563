//! Payments that come again: what is expected next, and what did not come.

use chrono::NaiveDate;
use domain::recurring::Missed;
use uuid::Uuid;

use super::{Reader, View, whole_calendar};
use crate::failure::Failure;
use crate::views::{self, Filter, RecurringRow, Scope, TransactionRow};

/// What did not come so often is over.
const OVER_AFTER: u32 = 3;

#[derive(Debug, Clone)]
pub struct Recurring {
    pub row: RecurringRow,
    /// The counterparty of the newest payment, or what it is described by.
    pub payee: Option<String>,
    pub next: Option<NaiveDate>,
    pub missed: Option<Missed>,
}

impl Reader {
    /// What is expected first comes first; what is over is left out.
    pub async fn recurring(&self, view: &View) -> Result<Vec<Recurring>, Failure> {
        let mut rows = views::recurring(&self.pool, view.business.id).await?;
        rows.retain(|row| row.rhythm.missed(row.last, view.today).is_none_or(|missed| missed.count < OVER_AFTER));
        self.expected(view, rows).await
    }

    /// The same with what is over.
    pub async fn all_recurring(&self, view: &View) -> Result<Vec<Recurring>, Failure> {
        let rows = views::recurring(&self.pool, view.business.id).await?;
        self.expected(view, rows).await
    }

    async fn expected(&self, view: &View, rows: Vec<RecurringRow>) -> Result<Vec<Recurring>, Failure> {
        let newest: Vec<_> = rows.iter().filter_map(|row| row.members.first().copied()).collect();
        let newest = self.named(view, &newest).await?;
        let mut found: Vec<_> = rows
            .into_iter()
            .map(|row| {
                let newest = newest.iter().find(|one| row.members.first() == Some(&one.id.as_uuid()));
                let payee = newest.and_then(|one| one.counterparty.clone().or_else(|| one.description.clone()));
                Recurring {
                    payee,
                    next: row.rhythm.next_after(row.last),
                    missed: row.rhythm.missed(row.last, view.today),
                    row,
                }
            })
            .collect();
        found.sort_by_key(|one| (one.row.ruled_out, one.next, one.row.id));
        Ok(found)
    }

    /// These transactions, the newest first; those that were taken back since are left out.
    pub async fn named(&self, view: &View, ids: &[Uuid]) -> Result<Vec<TransactionRow>, Failure> {
        let filter = Filter {
            period: whole_calendar(),
            currency: None,
            scope: Scope::default(),
            kinds: None,
            sign: None,
            search: None,
            cause: None,
            changed: None,
            payout: None,
        };
        let position = view.known.position;
        let mut rows = views::transactions_named(&self.pool, view.business.id, position, &filter, ids).await?;
        self.texts.describe(rows.iter_mut()).await?;
        Ok(rows)
    }
}
