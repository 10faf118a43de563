//! Statements of accounts that are filled by files, or by nobody who tells a balance.

use chrono::Days;
use domain::completeness::{Checks, Span, joined, sums, told};
use rust_decimal::Decimal;

use super::{Completeness, Gap, Recorded};
use crate::failure::Failure;
use crate::figures::Period;
use crate::reader::{Reader, View};
use crate::views::{self, AccountRow, StatementRow};

impl Reader {
    pub(super) async fn of_files(
        &self,
        view: &View,
        account: &AccountRow,
        period: Period,
    ) -> Result<Completeness, Failure> {
        let rows = views::statements(&self.pool, view.business.id, account.id).await?;
        let refused = refused(&rows);
        let (whole, gaps) = joined(rows.into_iter().flat_map(|row| row.spans).collect());
        let covered = match whole.iter().map(|span| span.from).min().zip(whole.iter().map(|span| span.to).max()) {
            Some(days) => Some(days),
            None => {
                let known = view.known.position;
                views::account_days(&self.pool, view.business.id, account.id, known).await?
            }
        };
        let checks = self.checks_of(view, account, &whole).await?;
        Ok(Completeness {
            account: account.id,
            currency: account.currency,
            covered: covered.and_then(|(from, to)| Period::try_new(from, to).ok()),
            gaps: gaps.iter().filter_map(gap).collect(),
            pending: 0,
            pending_amount: Decimal::ZERO,
            refused,
            agrees: checks.agrees(),
            first_difference: checks.first_difference().map(|(day, _)| day),
            recorded: Recorded::of(account),
            days: self.days(view, account, period, &checks).await?,
        })
    }

    async fn checks_of(&self, view: &View, account: &AccountRow, whole: &[Span]) -> Result<Checks, Failure> {
        let days = told(whole, |_| Decimal::ZERO);
        let Some((first, last)) = days.iter().map(|told| told.day).min().zip(days.iter().map(|told| told.day).max())
        else {
            return Ok(Checks::default());
        };
        let days = Period::try_new(first + Days::new(1), last.max(first + Days::new(1)))
            .map_err(|error| Failure::invalid(error.to_string()))?;
        let moves = self.movements(view, account, days).await?;
        Ok(Checks::of(told(whole, sums(moves.before, &moves.by_day))))
    }
}

pub(super) fn gap(gap: &domain::completeness::Gap) -> Option<Gap> {
    Period::try_new(gap.from, gap.to).ok().map(|days| Gap { days, why: gap.why.text() })
}

/// Lines that were refused and that no later file of the same days brought whole.
pub(super) fn refused(rows: &[StatementRow]) -> i64 {
    let ends = |row: &StatementRow| {
        let from = row.spans.iter().map(|span| span.from).min();
        from.zip(row.spans.iter().map(|span| span.to).max())
    };
    let is_mended = |nth: usize| {
        let Some((from, to)) = ends(&rows[nth]) else { return false };
        let mut later = rows[nth + 1..].iter().filter(|row| row.refused == 0).filter_map(ends);
        later.any(|(first, last)| first <= from && to <= last)
    };
    rows.iter().enumerate().filter(|(nth, row)| row.refused > 0 && !is_mended(*nth)).map(|(_, row)| row.refused).sum()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn row(from: &str, to: &str, refused: i64) -> StatementRow {
        let day = |text: &str| format!("2026-{text}").parse().unwrap();
        let span = Span { from: day(from), to: day(to), opening: None, balances: Vec::new(), is_stated: true };
        StatementRow { account: Uuid::nil(), spans: vec![span], refused }
    }

    #[test]
    fn refused_lines_are_mended_by_a_later_file_of_the_same_days() {
        assert_eq!(refused(&[row("01-01", "01-31", 3), row("02-01", "02-28", 0)]), 3);
        assert_eq!(refused(&[row("01-01", "01-31", 3), row("01-01", "02-28", 0)]), 0);
        assert_eq!(refused(&[row("01-01", "01-31", 3), row("01-01", "02-28", 2)]), 5);
        assert_eq!(refused(&[row("01-01", "02-28", 0), row("01-01", "01-31", 3)]), 3, "it came before");
    }
}
