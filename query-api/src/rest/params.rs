//! What is asked for in paths and queries.

use chrono::{DateTime, NaiveDate};
use domain::{AccountId, Cause, Kind};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use utoipa::{IntoParams, ToSchema};

use crate::Failure;
use crate::figures::{Bucket, Comparison, Metric, Period};
use crate::reader::{SplitBy, period};
use crate::views::{AsOf, Scope, Sign};

/// A state of knowledge: a date, an RFC 3339 moment or a position.
#[derive(Debug, Clone, Copy)]
pub struct AsOfParam(pub AsOf);

impl std::str::FromStr for AsOfParam {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(position) = text.parse::<i64>() {
            return if position >= 0 { Ok(Self(AsOf::Position(position))) } else { Err(refused(text)) };
        }
        if let Ok(date) = text.parse::<NaiveDate>() {
            return Ok(Self(AsOf::Date(date)));
        }
        // A plus sign that was not escaped has become a blank.
        let moment = DateTime::parse_from_rfc3339(&text.replace(' ', "+")).map_err(|_| refused(text))?;
        Ok(Self(AsOf::Moment(moment.to_utc())))
    }
}

fn refused(text: &str) -> String {
    format!(
        "\"{text}\" is no state of knowledge; give a date (2026-10-31), a moment (2026-10-31T12:00:00Z) or a position."
    )
}

impl<'de> Deserialize<'de> for AsOfParam {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Bucket)]
pub enum BucketParam {
    Day,
    Week,
    Month,
    Quarter,
    Year,
    FiscalQuarter,
    FiscalYear,
}

impl From<BucketParam> for Bucket {
    fn from(bucket: BucketParam) -> Self {
        match bucket {
            BucketParam::Day => Self::Day,
            BucketParam::Week => Self::Week,
            BucketParam::Month => Self::Month,
            BucketParam::Quarter => Self::Quarter,
            BucketParam::Year => Self::Year,
            BucketParam::FiscalQuarter => Self::FiscalQuarter,
            BucketParam::FiscalYear => Self::FiscalYear,
        }
    }
}

/// The query of a read that takes nothing else. What `min_position` means is described once, for all (`waiting`).
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReadParams {
    #[serde(default)]
    pub min_position: Option<i64>,
}

/// The query of a metric.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MetricParams {
    /// First day, e.g. 2026-01-01.
    pub from: NaiveDate,
    /// Last day, included.
    pub to: NaiveDate,
    /// Size of the points; `month` where not given.
    #[serde(default)]
    #[param(inline)]
    pub bucket: Option<BucketParam>,
    /// `category`, `account` or `kind`: one point for each of them.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    pub by: Option<SplitBy>,
    /// ISO 4217: its money alone, that of the business's own where not given. `BASE`: all money in the business's own
    /// currency, each amount at the rate of its day.
    #[serde(default)]
    pub currency: Option<String>,
    /// Of this account alone.
    #[serde(default)]
    #[param(value_type = Option<uuid::Uuid>)]
    pub account: Option<AccountId>,
    /// Of this category alone.
    #[serde(default)]
    pub category: Option<String>,
    /// As known at the end of a day, at an RFC 3339 moment or at a position; now where not given.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    pub as_of: Option<AsOfParam>,
    /// Each point with what its last day closes with: balance, burn rate, runway. Not with `by`.
    #[serde(default)]
    pub closing: bool,
    /// Also each bucket beside the one that `compare` names.
    #[serde(default)]
    pub changes: bool,
    /// `same_period_last_year` (also where not given) or `previous_period`.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    pub compare: Option<Comparison>,
    #[serde(default)]
    pub min_position: Option<i64>,
}

impl MetricParams {
    pub fn period(&self) -> Result<Period, Failure> {
        period(self.from, self.to)
    }

    pub fn scope(&self) -> Scope {
        Scope { account: self.account, category: self.category.clone() }
    }

    pub fn comparison(&self) -> Comparison {
        self.compare.unwrap_or(Comparison::SamePeriodLastYear)
    }
}

/// The query of a list of transactions.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TransactionParams {
    #[serde(default)]
    pub from: Option<NaiveDate>,
    #[serde(default)]
    pub to: Option<NaiveDate>,
    #[serde(default)]
    pub currency: Option<String>,
    #[serde(default)]
    #[param(value_type = Option<uuid::Uuid>)]
    pub account: Option<AccountId>,
    #[serde(default)]
    pub category: Option<String>,
    /// One of the kinds, e.g. `revenue`.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    pub kind: Option<Kind>,
    /// `in` or `out`; an amount of zero is neither.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    pub sign: Option<SignParam>,
    /// Words in description, counterparty or reference.
    #[serde(default)]
    pub search: Option<String>,
    /// Why it is known, e.g. `late`.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    pub cause: Option<Cause>,
    /// Those that this payout is the sum of, as its provider says.
    #[serde(default)]
    pub payout: Option<uuid::Uuid>,
    /// `day` (newest first, also where not given) or `amount` (largest first).
    #[serde(default)]
    #[param(value_type = Option<String>)]
    pub order: Option<OrderParam>,
    /// 1 to 500; 50 where not given.
    #[serde(default)]
    pub first: Option<i32>,
    /// The cursor of the page before.
    #[serde(default)]
    pub after: Option<String>,
    #[serde(default)]
    #[param(value_type = Option<String>)]
    pub as_of: Option<AsOfParam>,
    #[serde(default)]
    pub min_position: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignParam {
    In,
    Out,
}

impl From<SignParam> for Sign {
    fn from(sign: SignParam) -> Self {
        match sign {
            SignParam::In => Self::In,
            SignParam::Out => Self::Out,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderParam {
    Day,
    Amount,
}

/// The query of exchange rates.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RatesParams {
    /// Only rates of or in this currency.
    #[serde(default)]
    pub currency: Option<String>,
    /// Days before this one.
    #[serde(default)]
    pub before: Option<NaiveDate>,
    /// How many days, 30 where not given, 400 at most.
    #[serde(default)]
    pub days: Option<u16>,
    #[serde(default)]
    #[param(value_type = Option<String>)]
    pub as_of: Option<AsOfParam>,
    #[serde(default)]
    pub min_position: Option<i64>,
}

/// The query of an explanation.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExplainParams {
    /// E.g. `revenue`, `profit_margin`, `balance`.
    #[param(value_type = String)]
    pub metric: Metric,
    pub from: NaiveDate,
    pub to: NaiveDate,
    #[serde(default)]
    pub currency: Option<String>,
    #[serde(default)]
    #[param(value_type = Option<uuid::Uuid>)]
    pub account: Option<AccountId>,
    #[serde(default)]
    pub category: Option<String>,
    #[serde(default)]
    #[param(value_type = Option<String>)]
    pub as_of: Option<AsOfParam>,
    #[serde(default)]
    pub min_position: Option<i64>,
}

impl ExplainParams {
    pub fn scope(&self) -> Scope {
        Scope { account: self.account, category: self.category.clone() }
    }
}

/// The query of changes.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ChangesParams {
    #[param(value_type = String)]
    pub metric: Metric,
    /// First day of the period.
    pub from: NaiveDate,
    /// Last day of the period.
    pub to: NaiveDate,
    #[serde(default)]
    pub currency: Option<String>,
    /// The earlier state of knowledge.
    #[param(value_type = String)]
    pub known_from: AsOfParam,
    /// The later one; now where not given.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    pub known_to: Option<AsOfParam>,
    #[serde(default)]
    pub min_position: Option<i64>,
}

/// The query of a history.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditParams {
    /// First day, in the business's time zone.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Last day, included.
    #[serde(default)]
    pub to: Option<NaiveDate>,
    /// `owner`, `user:<id>`, `key:<id>`, or a part of the program.
    #[serde(default)]
    pub actor: Option<String>,
    /// A type of event, e.g. `business.renamed`, or all of an aggregate, e.g. `security`.
    #[serde(default)]
    pub kind: Option<String>,
    /// Whom or what it concerns.
    #[serde(default)]
    pub subject: Option<uuid::Uuid>,
    /// Words that must all stand in it.
    #[serde(default)]
    pub text: Option<String>,
    /// `json` (also where not given) or `csv`: all rows at once, as a file.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    pub format: Option<AuditFormat>,
    /// 1 to 500; 50 where not given.
    #[serde(default)]
    pub first: Option<i32>,
    /// The cursor of the page before.
    #[serde(default)]
    pub after: Option<String>,
    #[serde(default)]
    pub min_position: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditFormat {
    Json,
    Csv,
}

/// What is to be proven.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ProofParams {
    /// An event's position: proof that it is in the log.
    #[serde(default)]
    pub position: Option<i64>,
    /// The size of an earlier checkpoint: proof that the log begins with it.
    #[serde(default)]
    pub from: Option<u64>,
    /// The size of the checkpoint to prove against; the newest where not given.
    #[serde(default)]
    pub checkpoint: Option<u64>,
}

/// What the reader of a log holds.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LogParams {
    /// The size of a checkpoint that you kept: the file will show that the log goes on from there.
    #[serde(default)]
    pub from: Option<u64>,
}

/// How a certificate is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CertificateParams {
    /// `text`: as people read it.
    #[serde(default, rename = "as")]
    pub form: Option<String>,
}

/// How a report is wanted.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReportParams {
    /// `html` (also where not given) or `pdf`.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    pub format: Option<ReportFormat>,
    #[serde(default)]
    pub min_position: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportFormat {
    Html,
    Pdf,
}
