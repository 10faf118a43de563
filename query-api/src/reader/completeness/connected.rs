//! Statements of accounts that are connected to a provider.

use std::collections::HashMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use domain::BusinessId;
use domain::completeness::{Checks, Told};
use rust_decimal::Decimal;

use super::{Completeness, Gap, OPENING, Recorded};
use crate::failure::Failure;
use crate::figures::{Period, cover_until};
use crate::reader::{Reader, View};
use crate::views::{self, AccountRow, ConnectionRow, Dim, Question, Scope, ToldRow};

const STALE: &str = "nothing was read since";
const WAITS: &str = "the source waits for its user";
const COMING: &str = "its history is still being read";

impl Reader {
    pub(super) async fn connected(
        &self,
        view: &View,
        row: &ConnectionRow,
        accounts: &[AccountRow],
        period: Period,
    ) -> Result<Vec<Completeness>, Failure> {
        let (business, source) = (view.business.id, row.source);
        let zone = view.business.time_zone.name();
        let told = views::told(&self.pool, business, source, zone, period.from()).await?;
        let told: Vec<_> = told.iter().zip(self.counted(business, &told, view.today).await?).collect();
        let pending = views::pending(&self.pool, source).await?;
        let refused = views::refused(&self.pool, source).await?;
        let mut statements = Vec::new();
        for account in accounts {
            let (id, position) = (account.id, view.known.position);
            let own = told.iter().filter(|(told, _)| told.account == id.as_uuid());
            let checks =
                Checks::of(own.map(|(told, counted)| Told { day: told.day, balance: told.current, counted: *counted }));
            let waiting = pending.iter().find(|(account, ..)| *account == id.as_uuid());
            let (number, amount) = waiting.map_or((0, Decimal::ZERO), |(_, number, amount)| (*number, *amount));
            let first = views::account_days(&self.pool, business, id, position).await?.map(|(first, _)| first);
            let covered = covered(row, first, view);
            statements.push(Completeness {
                account: id,
                currency: account.currency,
                gaps: gaps(row, covered, view.today),
                covered,
                pending: number,
                pending_amount: amount,
                refused,
                agrees: checks.agrees(),
                first_difference: checks.first_difference().map(|(day, _)| day),
                recorded: Recorded::of(account),
                days: self.days(view, account, period, &checks).await?,
            });
        }
        Ok(statements)
    }

    /// What each balance should hold: the sum of the account's transactions as known at its position, less what is
    /// counted later. The worker keeps it; what it has not come to yet is summed here.
    async fn counted(&self, business: BusinessId, told: &[ToldRow], today: NaiveDate) -> Result<Vec<Decimal>, Failure> {
        let mut positions: Vec<i64> =
            told.iter().filter(|told| told.opening.is_none()).map(|told| told.position).collect();
        positions.sort_unstable();
        positions.dedup();
        let mut question = Question::new(Scope::default());
        question.ask(OPENING, Dim::Account, cover_until(today + Days::new(366)));
        let mut sums: HashMap<(i64, String), Decimal> = HashMap::new();
        for positions in positions.chunks(100) {
            for row in views::sums(&self.pool, business, &question, positions).await? {
                let position = positions.get(row.seen).copied().unwrap_or_default();
                *sums.entry((position, row.key.clone())).or_default() += row.sums.net();
            }
        }
        let counted = |told: &ToldRow| match told.opening {
            Some(opening) => told.current - opening,
            None => sums.get(&(told.position, told.account.to_string())).copied().unwrap_or_default() - told.pending,
        };
        Ok(told.iter().map(counted).collect())
    }
}

/// From the first day that was read to the last: what was asked for, or what came beyond that.
pub(super) fn covered(row: &ConnectionRow, first: Option<NaiveDate>, view: &View) -> Option<Period> {
    let zone = view.business.time_zone;
    let last = row.last_success.map(|at: DateTime<Utc>| zone.day_of(at))?;
    let asked = if row.history_done { row.history_from } else { row.history_reached };
    let from = [first, asked].into_iter().flatten().min()?;
    Period::try_new(from, last).ok()
}

fn gaps(row: &ConnectionRow, covered: Option<Period>, today: NaiveDate) -> Vec<Gap> {
    let Some(covered) = covered else { return Vec::new() };
    let before = row.history_from.filter(|_| !row.history_done && row.state == "active");
    let before = before.and_then(|from| Period::try_new(from, covered.from() - Days::new(1)).ok());
    let after = Period::try_new(covered.to() + Days::new(1), today).ok();
    let why = if row.next_sync.is_none() { WAITS } else { STALE };
    let coming = before.map(|days| Gap { days, why: COMING });
    coming.into_iter().chain(after.map(|days| Gap { days, why })).collect()
}
