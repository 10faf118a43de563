//! How each account of a business stands, in a line.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::AccountId;
use domain::completeness::joined;
use uuid::Uuid;

use super::files::refused;
use crate::failure::Failure;
use crate::reader::{Reader, View};
use crate::views::{self, AccountRow, ConnectionRow, StatementRow};

/// Whether an account is complete, without its days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub account: AccountId,
    pub source: Option<Uuid>,
    /// The last day that was told; `None` where nobody says to which day its transactions reach.
    pub complete_to: Option<NaiveDate>,
    pub gaps: usize,
    pub refused: i64,
    pub differs_from: Option<NaiveDate>,
    /// Its history is still being read.
    pub is_coming: bool,
}

impl Standing {
    /// Nothing is missing up to the last day that was told.
    pub const fn is_complete(&self) -> bool {
        self.complete_to.is_some()
            && self.gaps == 0
            && self.refused == 0
            && self.differs_from.is_none()
            && !self.is_coming
    }
}

impl Reader {
    /// Of each open account, by name.
    pub async fn standings(&self, view: &View) -> Result<Vec<Standing>, Failure> {
        let business = view.business.id;
        let accounts = self.accounts_of(business).await?;
        let rows = views::connections(&self.pool, business).await?;
        let connections: HashMap<_, _> = rows.into_iter().map(|row| (row.source, row)).collect();
        let mut files: HashMap<Uuid, Vec<StatementRow>> = HashMap::new();
        for row in views::statement_ends(&self.pool, business).await? {
            files.entry(row.account).or_default().push(row);
        }
        let open = accounts.iter().filter(|account| !account.closed);
        let standing = |account: &AccountRow| {
            let connection = account.source.and_then(|source| connections.get(&source.as_uuid()));
            match connection {
                Some(row) => of_connection(view, account, row),
                None => of_files(account, files.remove(&account.id.as_uuid()).unwrap_or_default()),
            }
        };
        Ok(open.map(standing).collect())
    }
}

fn of_account(account: &AccountRow) -> Standing {
    Standing {
        account: account.id,
        source: account.source.map(|source| source.as_uuid()),
        complete_to: None,
        gaps: 0,
        refused: 0,
        differs_from: account.differs_from,
        is_coming: false,
    }
}

fn of_connection(view: &View, account: &AccountRow, row: &ConnectionRow) -> Standing {
    let zone = view.business.time_zone;
    Standing {
        complete_to: row.last_success.map(|at| zone.day_of(at)),
        is_coming: row.state == "active" && !row.history_done,
        ..of_account(account)
    }
}

fn of_files(account: &AccountRow, rows: Vec<StatementRow>) -> Standing {
    let refused = refused(&rows);
    let (whole, gaps) = joined(rows.into_iter().flat_map(|row| row.spans).collect());
    let complete_to = whole.iter().map(|span| span.to).max();
    Standing { complete_to, gaps: gaps.len(), refused, ..of_account(account) }
}
