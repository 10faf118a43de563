//! What other rules would change, before they are the rules.
//!
//! Looks at the newest transactions, opens them, and decides each as it would be decided: at most [`MOST_LOOKED_AT`] of
//! them and for [`LONGEST`], and says where that was not all.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use chrono::{Datelike, NaiveDate};
use domain::meaning::{By, Decided, Facts, Learned, Meaning, Rule, Ruleset, decide, words_of};
use domain::{Category, Currency, Kind};
use rust_decimal::Decimal;

use super::view::whole_calendar;
use super::{Known, Reader, View};
use crate::failure::Failure;
use crate::views::{self, Cursor, Filter, Order, Scope, TransactionRow};

const MOST_LOOKED_AT: usize = 50_000;
const LONGEST: Duration = Duration::from_secs(3);
const AT_ONCE: i64 = 2_000;
/// Of what is shown.
const MOST_SHOWN: usize = 50;

#[derive(Debug, Clone)]
pub struct RulePreview {
    /// Whether all transactions were looked at.
    pub complete: bool,
    pub looked_at: usize,
    /// The oldest day that was looked at.
    pub from: Option<NaiveDate>,
    pub changed: usize,
    /// The newest of them.
    pub transactions: Vec<Previewed>,
    /// What months would move by.
    pub figures: Vec<PreviewedFigure>,
    pub known: Known,
}

/// A transaction as it is and as it would be.
#[derive(Debug, Clone)]
pub struct Previewed {
    pub was: TransactionRow,
    pub now: TransactionRow,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewedFigure {
    /// Its first day.
    pub month: NaiveDate,
    pub currency: Currency,
    pub kind: Kind,
    pub category: String,
    pub amount: Decimal,
    pub count: i64,
}

#[derive(Default)]
struct Looking {
    looked_at: usize,
    from: Option<NaiveDate>,
    changed: usize,
    transactions: Vec<Previewed>,
    moved: BTreeMap<(NaiveDate, Currency, Kind, String), (Decimal, i64)>,
}

impl Reader {
    /// What would change if these were the rules.
    pub async fn preview_rules(&self, view: &View, rules: Vec<Rule>) -> Result<RulePreview, Failure> {
        let rules = Ruleset::new(rules);
        let (business, position) = (view.business.id, view.known.position);
        let filter = everything();
        let (mut looking, began) = (Looking::default(), Instant::now());
        let mut after = None;
        let complete = loop {
            let rows = views::transactions(&self.pool, business, position, &filter, Order::Day, after, AT_ONCE);
            let mut rows = rows.await?;
            self.texts.describe(&mut rows).await?;
            let is_last = i64::try_from(rows.len()).unwrap_or(i64::MAX) < AT_ONCE;
            after = rows.last().map(|row| Cursor { day: row.day, amount: row.amount, id: row.id });
            rows.into_iter().for_each(|row| looking.at(&rules, row));
            if is_last {
                break true;
            }
            if looking.looked_at >= MOST_LOOKED_AT || began.elapsed() >= LONGEST {
                break false;
            }
        };
        Ok(looking.finish(complete, view.known))
    }
}

fn everything() -> Filter {
    Filter {
        period: whole_calendar(),
        currency: None,
        scope: Scope { account: None, category: None },
        kinds: None,
        sign: None,
        search: None,
        cause: None,
        changed: None,
        payout: None,
    }
}

impl Looking {
    fn at(&mut self, rules: &Ruleset, row: TransactionRow) {
        self.looked_at += 1;
        self.from = Some(row.day);
        let Some(now) = decided(rules, &row) else { return };
        self.changed += 1;
        self.moves(&row, -1);
        self.moves(&now, 1);
        if self.transactions.len() < MOST_SHOWN {
            self.transactions.push(Previewed { was: row, now });
        }
    }

    fn moves(&mut self, row: &TransactionRow, count: i64) {
        let month = row.day.with_day(1).unwrap_or(row.day);
        let (amount, counted) = self.moved.entry((month, row.currency, row.kind, row.category.clone())).or_default();
        *amount += row.amount * Decimal::from(count);
        *counted += count;
    }

    fn finish(self, complete: bool, known: Known) -> RulePreview {
        let moved = self.moved.into_iter().filter(|(_, (amount, count))| !amount.is_zero() || *count != 0);
        let figures = moved.map(|((month, currency, kind, category), (amount, count))| PreviewedFigure {
            month,
            currency,
            kind,
            category,
            amount,
            count,
        });
        RulePreview {
            complete,
            looked_at: self.looked_at,
            from: self.from,
            changed: self.changed,
            transactions: self.transactions,
            figures: figures.collect(),
            known,
        }
    }
}

/// The transaction as it would be; `None` where it would stay.
fn decided(rules: &Ruleset, row: &TransactionRow) -> Option<TransactionRow> {
    let category: Category = row.category.parse().ok()?;
    let meaning = Meaning { kind: row.kind, category };
    let standing = row.decided.as_ref();
    let reported = standing.map_or(&meaning, |decided| &decided.reported);
    let words = words_of([row.description.as_deref(), row.counterparty.as_deref(), row.reference.as_deref()]);
    let facts = Facts {
        account: row.account,
        amount: row.amount,
        currency: row.currency,
        reported: &reported.category,
        words: &words,
    };
    // What was learned stays where no rule decides; elsewhere it is not guessed at.
    let learned = || match standing.map(|decided| &decided.by) {
        Some(By::Learned { model, percent }) => {
            Some(Learned { to: meaning.clone(), model: model.clone(), percent: *percent })
        }
        _ => None,
    };
    let verdict = decide(rules, &facts, standing, &meaning, learned)?;
    let reported = reported.clone();
    Some(match verdict {
        Some((to, by)) => TransactionRow {
            kind: to.kind,
            category: to.category.to_string(),
            decided: Some(Decided { by, reported }),
            ..row.clone()
        },
        None => TransactionRow {
            kind: reported.kind,
            category: reported.category.to_string(),
            decided: None,
            ..row.clone()
        },
    })
}
