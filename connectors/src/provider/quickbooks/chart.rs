//! The chart of accounts: what an account of the books is, and so what a line on it means.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::Kind;
use tokio::sync::Mutex;

use super::QuickBooks;
use super::pull::objects_of;
use super::shapes::{Account, QueryAnswer};
use crate::provider::{Credentials, ProviderError};

/// How long one is used: reads are metered, and charts seldom change.
const FRESH: Duration = Duration::from_secs(15 * 60);
/// Companies that are remembered.
const MOST: usize = 256;
const PAGE: usize = 1000;

#[derive(Debug, Default)]
pub(super) struct Chart(HashMap<String, (String, String)>);

type Kept = (Instant, Arc<Chart>);

#[derive(Debug, Default)]
pub(super) struct Charts(Mutex<HashMap<String, Kept>>);

/// The company's chart, not older than a quarter of an hour.
pub(super) async fn of(books: &QuickBooks, credentials: &Credentials) -> Result<Arc<Chart>, ProviderError> {
    let realm = &credentials.external_id;
    if let Some((at, chart)) = books.charts.0.lock().await.get(realm)
        && at.elapsed() < FRESH
    {
        return Ok(chart.clone());
    }
    let chart = Arc::new(read(books, credentials).await?);
    let mut kept = books.charts.0.lock().await;
    if kept.len() >= MOST {
        kept.clear();
    }
    kept.insert(realm.clone(), (Instant::now(), chart.clone()));
    Ok(chart)
}

async fn read(books: &QuickBooks, credentials: &Credentials) -> Result<Chart, ProviderError> {
    let mut chart = Chart::default();
    let mut start = 1;
    loop {
        // Those that are no longer used too: old lines stand on them.
        let text = format!(
            "select * from Account where Active in (true, false) orderby Id startposition {start} maxresults {PAGE}"
        );
        let answer = books.query(credentials, &text).await?;
        let found: QueryAnswer<'_> = answer.read()?;
        let accounts: Vec<Account> = objects_of(&found.response, "Account")?;
        let count = accounts.len();
        chart.0.extend(accounts.into_iter().map(Chart::entry));
        if count < PAGE {
            return Ok(chart);
        }
        start += count;
    }
}

impl Chart {
    fn entry(account: Account) -> (String, (String, String)) {
        (account.id, (account.account_type.unwrap_or_default(), account.account_sub_type.unwrap_or_default()))
    }

    fn types(&self, id: &str) -> (&str, &str) {
        self.0.get(id).map_or(("", ""), |(of, sub)| (of, sub))
    }

    /// Whether money lies on it: a bank account or a card.
    pub fn is_money(&self, id: &str) -> bool {
        matches!(self.types(id), ("Bank" | "Credit Card", _) | (_, "UndepositedFunds"))
    }

    /// What money to or from an account means; `otherwise` where the chart does not say.
    pub fn kind(&self, id: &str, money_in: bool, otherwise: Kind) -> Kind {
        match self.types(id) {
            (_, sub) if sub.contains("Tax") => Kind::Tax,
            ("Income" | "Other Income" | "Accounts Receivable", _) => {
                if money_in {
                    Kind::Revenue
                } else {
                    Kind::Refund
                }
            }
            ("Expense" | "Other Expense" | "Cost of Goods Sold" | "Accounts Payable" | "Fixed Asset", _) => {
                Kind::Expense
            }
            ("Equity" | "Long Term Liability" | "Other Current Liability", _) => Kind::Financing,
            ("Bank", _) | (_, "UndepositedFunds") => Kind::InternalTransfer,
            ("Credit Card", _) => Kind::Settlement,
            _ => otherwise,
        }
    }

    #[cfg(test)]
    pub fn of(accounts: &[(&str, &str, &str)]) -> Self {
        let entry = |(id, of, sub): &(&str, &str, &str)| ((*id).to_owned(), ((*of).to_owned(), (*sub).to_owned()));
        Self(accounts.iter().map(entry).collect())
    }
}
