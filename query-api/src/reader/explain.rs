//! The parts of a figure, and how it was known earlier.

use domain::{AccountId, Kind, Sums};
use rust_decimal::Decimal;

use super::Reader;
use super::operands::{Needs, OperandSlots, Parts, amounts_by_kind_and_key, by_kind_and_key, of_currency};
use super::rates::{Original, lacking, originals};
use super::summary::Figure;
use super::view::{Known, View};
use crate::failure::Failure;
use crate::figures::{
    Lack, Metric, Operands, Period, Terms, cover, cover_until, exact_amount, month_end, month_start, plus_months,
};
use crate::views::{Dim, Question, Scope};

#[derive(Debug, Clone)]
pub struct Explanation {
    pub figure: Figure,
    pub known: Known,
    /// As asked, cut at the view's day where it was still running then.
    pub period: Period,
    pub scope: Scope,
    pub terms: Terms,
    /// Where all money is told in one currency, the figure by what it was before: they sum to it.
    pub originals: Vec<Original>,
    /// The first day without a rate of each currency that lacks one; what they name is in no part.
    pub lacking: Vec<Lack>,
    /// They sum to the figure exactly where it is a sum; else they are what its formula names.
    pub parts: Vec<Part>,
    /// Transactions in all parts.
    pub transactions: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Unique within the explanation.
    pub key: String,
    pub label: String,
    pub kind: Option<Kind>,
    pub category: Option<String>,
    pub account: Option<AccountId>,
    pub value: Decimal,
    pub count: i64,
}

impl Explanation {
    /// A part's value as it is written. Parts of a sum are amounts as the figure is; what a quotient is made of are
    /// amounts, too, but for the number of sales.
    pub fn shown(&self, part: &Part) -> Decimal {
        let number = self.figure.metric == Metric::Count || part.key == SALES;
        if number { part.value.normalize() } else { exact_amount(part.value, self.figure.currency) }
    }
}

/// Key of the part that is a number of sales.
const SALES: &str = "number_of_sales";

/// A figure as it was known earlier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownValue {
    pub known: Known,
    /// `None` where it was undefined.
    pub value: Option<Decimal>,
    /// The cause that moved it most; `None` where a figure is of one account or category.
    pub cause: Option<domain::Cause>,
}

const PARTS: i32 = OperandSlots::COUNT;
/// The three months of a burn rate, each for itself.
const MONTHS: i32 = PARTS + 1;

impl Reader {
    /// In one statement.
    pub async fn explain(
        &self,
        view: &View,
        metric: Metric,
        period: Period,
        terms: impl Into<Terms>,
        scope: Scope,
    ) -> Result<Explanation, Failure> {
        let terms: Terms = terms.into();
        let currency = terms.currency;
        let mut question = Question::new(scope.clone());
        let period = view.cut(period);
        let slots = OperandSlots::new(0, period, Needs::of(metric), view.day);
        slots.ask(&mut question, Dim::All, Dim::All);
        let quarter = slots.full_months();
        if metric == Metric::Balance {
            question.ask(PARTS, Dim::Account, cover_until(period.to()));
        } else if metric.is_sum() {
            question.ask(PARTS, Dim::Category, cover(period));
        } else if metric == Metric::BurnRate {
            for (slot, month) in (MONTHS..).zip(months(quarter)) {
                question.ask(slot, Dim::All, cover(month));
            }
        }
        let rows = self.sums_in(view, question.clone(), terms).await?;
        let operands = slots.answer(&rows, of_currency(currency));
        let parts = match metric {
            Metric::Balance => self.account_parts(view, amounts_by_kind_and_key(&rows, PARTS, currency)).await?,
            Metric::BurnRate => month_parts(quarter, |slot| amounts_by_kind_and_key(&rows, slot, currency)),
            // Transactions are counted whether they have a rate or not.
            Metric::Count => category_parts(metric, by_kind_and_key(&rows, PARTS, currency)),
            _ if metric.is_sum() => category_parts(metric, amounts_by_kind_and_key(&rows, PARTS, currency)),
            _ => operand_parts(metric, &operands),
        };
        let figure = Figure::of(metric, currency, &operands);
        let transactions = transaction_count(metric, &operands, &parts);
        let originals = if terms.converts {
            originals(metric, (slots, &self.sums(view, question).await?, &rows))
        } else {
            Vec::new()
        };
        let lacking = lacking(&rows);
        Ok(Explanation { figure, known: view.known, period, scope, terms, originals, lacking, parts, transactions })
    }

    async fn account_parts(&self, view: &View, sums: Parts) -> Result<Vec<Part>, Failure> {
        let accounts = self.accounts_of(view.business.id).await?;
        let mut parts: Vec<Part> = Vec::new();
        for ((_, key), sums) in sums {
            let account = key.parse::<AccountId>().ok();
            let at = parts.iter().position(|part| part.key == key).unwrap_or_else(|| {
                let name = accounts.iter().find(|known| Some(known.id) == account).map(|known| known.name.clone());
                let label = name.unwrap_or_else(|| key.clone());
                parts.push(Part { account, ..Part::new(key.clone(), label, Decimal::ZERO, 0) });
                parts.len() - 1
            });
            parts[at].value += sums.net();
            parts[at].count += sums.count;
        }
        parts.retain(|part| !part.value.is_zero() || part.count != 0);
        Ok(largest_first(parts))
    }
}

impl Part {
    fn new(key: String, label: String, value: Decimal, count: i64) -> Self {
        Self { key, label, kind: None, category: None, account: None, value, count }
    }
}

fn category_parts(metric: Metric, sums: Parts) -> Vec<Part> {
    let parts = sums.into_iter().map(|((kind, category), sums)| Part {
        kind: Some(kind),
        category: Some(category.clone()),
        ..Part::new(format!("{kind}/{category}"), words(&category), metric.contribution(kind, sums), sums.count)
    });
    largest_first(parts.filter(|part| !part.value.is_zero()).collect())
}

/// What a quotient's formula names.
fn operand_parts(metric: Metric, operands: &Operands) -> Vec<Part> {
    let part =
        |key: &str, label: &str, value: Decimal, count: i64| Part::new(key.to_owned(), label.to_owned(), value, count);
    let value = |metric: Metric| metric.value(operands).unwrap_or_default();
    let count = |counts: fn(Kind) -> bool| {
        operands.period.iter().filter(|(kind, _)| counts(*kind)).map(|(_, sums)| sums.count).sum()
    };
    match metric {
        Metric::ProfitMargin => vec![
            part("profit", "Profit", value(Metric::Profit), count(Kind::is_operating)),
            part(
                "revenue",
                "Revenue",
                value(Metric::Revenue),
                count(|kind| matches!(kind, Kind::Revenue | Kind::Refund)),
            ),
        ],
        Metric::Runway => vec![
            part("balance", "Balance", value(Metric::Balance), operands.closing.total().count),
            part("burn_rate", "Burn rate", value(Metric::BurnRate), operands.quarter.operating().count),
        ],
        Metric::AverageSale => {
            let sales = operands.period.get(Kind::Revenue);
            let sale = |key: &str, label: &str, value| Part {
                kind: Some(Kind::Revenue),
                ..part(key, label, value, sales.count)
            };
            vec![sale("sales", "Sales", sales.inflow), sale(SALES, "Number of sales", Decimal::from(sales.count))]
        }
        _ => Vec::new(),
    }
}

/// What operations took in each of the three months; their sum divided by three is the burn rate.
fn month_parts(quarter: Period, sums: impl Fn(i32) -> Parts) -> Vec<Part> {
    let part = |(slot, month): (i32, Period)| {
        let operating: Sums = sums(slot).into_iter().filter(|((kind, _), _)| kind.is_operating()).map(|(_, s)| s).sum();
        let key = month.from().format("%Y-%m").to_string();
        Part::new(key.clone(), key, -operating.net(), operating.count)
    };
    (MONTHS..).zip(months(quarter)).map(part).collect()
}

fn months(quarter: Period) -> impl Iterator<Item = Period> {
    let last = month_start(quarter.to());
    (0..3).map(move |nth| {
        let from = plus_months(last, nth - 2);
        Period::ordered(from, month_end(from))
    })
}

fn transaction_count(metric: Metric, operands: &Operands, parts: &[Part]) -> i64 {
    match metric {
        // The revenue of a margin is a part of its profit, and the sales of an average are counted once.
        Metric::ProfitMargin | Metric::AverageSale => parts.first().map_or(0, |part| part.count),
        Metric::Runway => operands.closing.total().count,
        _ => parts.iter().map(|part| part.count).sum(),
    }
}

fn largest_first(mut parts: Vec<Part>) -> Vec<Part> {
    parts.sort_by(|a, b| b.value.abs().cmp(&a.value.abs()).then_with(|| a.key.cmp(&b.key)));
    parts
}

/// `product_sale` as `Product sale`.
fn words(category: &str) -> String {
    let mut words = category.replace('_', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}
