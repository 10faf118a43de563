//! The bodies of answers.
//!
//! size: shapes alone, one after the other; no program.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::meaning::DecisionBody;
use crate::figures::{Direction, Lack, Metric, Period, Unit, exact_amount};
use crate::reader::{self, Known};

/// Days, both included.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = Period)]
pub struct PeriodBody {
    pub from: NaiveDate,
    pub to: NaiveDate,
}

impl From<Period> for PeriodBody {
    fn from(period: Period) -> Self {
        Self { from: period.from(), to: period.to() }
    }
}

/// A figure with its comparison. `value` is null where it is undefined, and `reason` says why.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Figure)]
pub struct FigureBody {
    #[schema(value_type = String)]
    pub metric: Metric,
    #[schema(value_type = String)]
    pub unit: Unit,
    pub currency: Option<String>,
    pub value: Option<Decimal>,
    pub reason: Option<String>,
    pub before: Option<Decimal>,
    pub difference: Option<Decimal>,
    /// In percent of |before|.
    pub percent: Option<Decimal>,
    #[schema(value_type = Option<String>)]
    pub direction: Option<Direction>,
}

impl From<&reader::ComparedFigure> for FigureBody {
    fn from(compared: &reader::ComparedFigure) -> Self {
        let figure = compared.figure;
        Self {
            metric: figure.metric,
            unit: figure.metric.unit(),
            currency: figure.money_currency().map(|currency| currency.to_string()),
            value: figure.value.ok().map(|value| figure.shown(value)),
            reason: figure.value.err().map(|reason| reason.to_string()),
            before: compared.before.map(|before| figure.shown(before)),
            difference: compared.change.difference.map(|difference| figure.shown(difference)),
            percent: compared.change.percent.map(|percent| percent.normalize()),
            direction: compared.change.direction,
        }
    }
}

/// How one category moved.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Mover)]
pub struct MoverBody {
    pub category: String,
    pub kind: String,
    pub value: Decimal,
    pub before: Decimal,
    pub difference: Decimal,
    pub percent: Option<Decimal>,
}

/// All figures of a period.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Summary)]
pub struct SummaryBody {
    pub business: Uuid,
    pub period: PeriodBody,
    pub compared: PeriodBody,
    pub known: Known,
    pub currency: String,
    /// |percent| below this is `stable`.
    pub stable_below_percent: Decimal,
    pub figures: Vec<FigureBody>,
    pub movers: Vec<MoverBody>,
    /// Currencies that are not in these figures.
    pub other_currencies: Vec<String>,
    /// With `currency=BASE`: the first day without an exchange rate of each currency that lacks one.
    pub lacking: Vec<Lack>,
}

impl SummaryBody {
    pub fn of(business: Uuid, summary: &reader::Summary) -> Self {
        let shown = |value: Decimal| exact_amount(value, summary.currency);
        let mover = |mover: &reader::CategoryChange| MoverBody {
            category: mover.category.clone(),
            kind: mover.kind.to_string(),
            value: shown(mover.value),
            before: shown(mover.before),
            difference: shown(mover.difference),
            percent: mover.percent.map(|percent| percent.normalize()),
        };
        Self {
            business,
            period: summary.period.into(),
            compared: summary.compared.into(),
            known: summary.known,
            currency: summary.currency.to_string(),
            stable_below_percent: crate::figures::STABLE_BELOW_PERCENT,
            figures: summary.figures.iter().map(Into::into).collect(),
            movers: summary.movers.iter().map(mover).collect(),
            other_currencies: summary.other_currencies.iter().map(ToString::to_string).collect(),
            lacking: summary.lacking.clone(),
        }
    }
}

/// One metric: its figures for the whole period, and by bucket.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MetricSeries)]
pub struct MetricBody {
    pub business: Uuid,
    pub metric: String,
    pub currency: String,
    pub period: PeriodBody,
    pub compared: PeriodBody,
    pub known: Known,
    pub stable_below_percent: Decimal,
    pub figures: Vec<FigureBody>,
    pub points: Vec<PointBody>,
    /// With `changes=true`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<ComparedPointBody>,
    pub lacking: Vec<Lack>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Point)]
pub struct PointBody {
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// Category, account id or kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Not over yet, or cut by the asked range.
    pub partial: bool,
    /// By figure; null where undefined.
    #[schema(value_type = std::collections::BTreeMap<String, Option<String>>)]
    pub values: std::collections::BTreeMap<String, Option<Decimal>>,
    /// With `closing=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closing: Option<ClosingBody>,
}

/// A bucket beside the one before it, or that of a year before.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ComparedPoint)]
pub struct ComparedPointBody {
    /// Up to the day of the view where the bucket was running then, and compared with equal days.
    pub period: PeriodBody,
    pub compared: PeriodBody,
    /// Category, account id or kind, of either of the two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    pub figures: Vec<FigureBody>,
}

/// What a point's last day closes with.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClosingFigures)]
pub struct ClosingBody {
    /// The point's last day, or that of the view where the point was running then.
    pub day: NaiveDate,
    pub balance: ClosingFigureBody,
    pub burn_rate: ClosingFigureBody,
    /// In months.
    pub runway: ClosingFigureBody,
}

/// `value` is null where it is undefined, and `reason` says why.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClosingFigure)]
pub struct ClosingFigureBody {
    pub value: Option<Decimal>,
    pub reason: Option<String>,
}

impl From<reader::Figure> for ClosingFigureBody {
    fn from(figure: reader::Figure) -> Self {
        Self {
            value: figure.value.ok().map(|value| figure.shown(value)),
            reason: figure.value.err().map(|reason| reason.to_string()),
        }
    }
}

impl From<&reader::ClosingFigures> for ClosingBody {
    fn from(closing: &reader::ClosingFigures) -> Self {
        Self {
            day: closing.day,
            balance: closing.balance.into(),
            burn_rate: closing.burn_rate.into(),
            runway: closing.runway.into(),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Business)]
pub struct BusinessBody {
    pub id: Uuid,
    pub name: String,
    pub base_currency: String,
    pub time_zone: String,
    pub fiscal_year_first_month: u8,
}

/// One page; `next` is the cursor and the `Link` header the address of the next one.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TransactionPage)]
pub struct TransactionsBody {
    pub transactions: Vec<TransactionBody>,
    pub next: Option<String>,
    pub known: Known,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Transaction)]
pub struct TransactionBody {
    pub id: Uuid,
    pub account: Uuid,
    pub day: NaiveDate,
    pub booked: String,
    /// From when on the bank counts it for interest, or the money can be used, where the source says so.
    pub value_date: Option<NaiveDate>,
    /// Told before it is booked: it may still change, or never come.
    pub pending: bool,
    pub amount: Decimal,
    pub currency: String,
    pub kind: String,
    pub category: String,
    /// What the source itself calls its category, where it is another word.
    pub provider_category: Option<String>,
    pub description: Option<String>,
    pub counterparty: Option<String>,
    pub reference: Option<String>,
    pub decision: DecisionBody,
    /// What it is split in, and what figures count instead of its own kind and category; empty where it is whole.
    pub parts: Vec<TransactionPartBody>,
    /// What whoever recategorised it wrote.
    pub note: Option<String>,
    pub cause: String,
    pub revisions: i64,
    /// The payout that its provider says it is in, as that stands now; `payout` asks for all that is in one.
    pub paid_out_with: Option<Uuid>,
    /// The event that brought this revision.
    pub event: Option<EventBody>,
}

/// A part of a transaction. All parts sum to it; it is counted once, with the largest of them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TransactionPart)]
pub struct TransactionPartBody {
    pub amount: Decimal,
    pub kind: String,
    pub category: String,
    /// What whoever split it wrote.
    pub note: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventRef)]
pub struct EventBody {
    pub position: i64,
    #[serde(rename = "type")]
    pub event_type: String,
    pub recorded_at: DateTime<Utc>,
    /// SHA-256 in hex, chained to the event before.
    pub hash: String,
    pub line: Option<i32>,
    /// Where the transaction's account comes from, named as it is now.
    pub source: Option<super::transactions::SourceRefBody>,
    pub batch: Option<Uuid>,
}

/// What a figure is made of.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Explanation)]
pub struct ExplanationBody {
    pub business: Uuid,
    #[schema(value_type = String)]
    pub metric: Metric,
    #[schema(value_type = String)]
    pub unit: Unit,
    pub currency: String,
    pub period: PeriodBody,
    pub known: Known,
    pub value: Option<Decimal>,
    pub reason: Option<String>,
    pub formula: &'static str,
    pub parts: Vec<PartBody>,
    /// With `currency=BASE`: the figure by the currency that its amounts were in.
    pub originals: Vec<OriginalBody>,
    pub lacking: Vec<Lack>,
    pub transaction_count: i64,
    /// As known earlier: one entry for each batch that changed it, newest first.
    pub history: Vec<KnownValueBody>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Part)]
pub struct PartBody {
    pub key: String,
    pub label: String,
    pub kind: Option<String>,
    pub category: Option<String>,
    pub account: Option<Uuid>,
    pub value: Decimal,
    pub count: i64,
}

/// The money of one currency in a converted figure, with the days that it was converted on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Original)]
pub struct OriginalBody {
    pub currency: String,
    pub amount: Decimal,
    pub value: Option<Decimal>,
    pub count: i64,
    /// The newest 400.
    pub days: Vec<ConvertedDayBody>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConvertedDay)]
pub struct ConvertedDayBody {
    pub day: NaiveDate,
    pub amount: Decimal,
    pub value: Option<Decimal>,
    /// What the amount was multiplied with.
    pub factor: Option<Decimal>,
    /// One recorded rate, or two over the euro.
    pub rates: Vec<UsedRateBody>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UsedRate)]
pub struct UsedRateBody {
    pub base: String,
    pub quote: String,
    pub rate: Decimal,
    pub day: NaiveDate,
    pub source: String,
    /// The event that recorded it.
    pub position: i64,
    /// Amounts were divided by it.
    pub divides: bool,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KnownValue)]
pub struct KnownValueBody {
    pub known: Known,
    pub value: Option<Decimal>,
    pub cause: Option<String>,
}

/// start + all causes = end.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Changes)]
pub struct ChangesBody {
    pub business: Uuid,
    #[schema(value_type = String)]
    pub metric: Metric,
    #[schema(value_type = String)]
    pub unit: Unit,
    pub currency: String,
    pub period: PeriodBody,
    pub from: Known,
    pub to: Known,
    pub start: Option<Decimal>,
    pub end: Option<Decimal>,
    pub causes: Vec<CauseBody>,
    pub transaction_count: i64,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CauseChange)]
pub struct CauseBody {
    pub cause: String,
    pub value: Decimal,
    pub count: i64,
}

/// RFC 9457.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
#[allow(dead_code, reason = "describes domain::Problem, which knows nothing of OpenAPI")]
pub struct ProblemBody {
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    pub detail: String,
    pub code: String,
}
