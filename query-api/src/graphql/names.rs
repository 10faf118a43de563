//! The enumerations by their names in the schema.

use async_graphql::Enum;

use crate::{figures, reader, views};

#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "figures::Bucket")]
pub enum Bucket {
    Day,
    Week,
    Month,
    Quarter,
    Year,
    FiscalQuarter,
    FiscalYear,
}

#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "reader::SplitBy")]
pub enum Dimension {
    Category,
    Account,
    Kind,
}

#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "domain::Kind")]
pub enum Kind {
    Revenue,
    Refund,
    Expense,
    Tax,
    Financing,
    Settlement,
    InternalTransfer,
}

/// What a transaction's meaning rests on, strongest first.
#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "domain::meaning::Basis")]
pub enum Basis {
    Choice,
    Match,
    Rule,
    Provider,
    Learned,
    Default,
}

#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "figures::Direction")]
pub enum Direction {
    Up,
    Down,
    Stable,
}

#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "figures::Metric")]
pub enum Metric {
    Revenue,
    Expenses,
    Profit,
    ProfitMargin,
    CashIn,
    CashOut,
    CashNet,
    MoneyIn,
    MoneyOut,
    Net,
    Balance,
    BurnRate,
    Runway,
    AverageSale,
    Count,
}

#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "figures::Unit")]
pub enum Unit {
    Money,
    Ratio,
    Months,
    Count,
}

#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "figures::Comparison")]
pub enum Comparison {
    PreviousPeriod,
    SamePeriodLastYear,
}

#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "domain::Cause")]
pub enum Cause {
    New,
    Late,
    Corrected,
    Removed,
    Recategorised,
    ExchangeRate,
}

/// Money in or money out; an amount of zero is neither.
#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "views::Sign")]
pub enum Sign {
    In,
    Out,
}

#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "views::Order")]
pub enum TransactionOrder {
    Day,
    Amount,
}
