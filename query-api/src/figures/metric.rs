//! The figures by name, and how each is computed.

use domain::{Kind, Sums};
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use super::operands::{KindSums, Lack, Operands};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    Money,
    /// 0.12 is 12 %.
    Ratio,
    Months,
    Count,
}

/// Why a figure has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Undefined {
    #[error("There is no revenue in this period, or refunds outweigh it: nothing that a margin could be a share of.")]
    NoRevenue,
    #[error("There is no sale in this period.")]
    NoSale,
    #[error("Fewer than three full months are known by this day; a burn rate is an average of three.")]
    TooFewMonths,
    #[error("Nothing is burned: over the last three full months operations brought in as much as they took, or more.")]
    NothingBurned,
    #[error(
        "Money in {} moved on {}, and no exchange rate of that day or of the seven days before it is recorded.",
        .0.currency, .0.day
    )]
    NoRate(Lack),
}

/// Digits that a quotient is rounded to, half away from zero. Sums are exact.
const RATIO_PLACES: u32 = 6;
const MONEY_PLACES: u32 = 4;
const MONTHS_PLACES: u32 = 2;

impl Metric {
    pub const ALL: [Self; 15] = [
        Self::Revenue,
        Self::Expenses,
        Self::Profit,
        Self::ProfitMargin,
        Self::CashIn,
        Self::CashOut,
        Self::CashNet,
        Self::MoneyIn,
        Self::MoneyOut,
        Self::Net,
        Self::Balance,
        Self::BurnRate,
        Self::Runway,
        Self::AverageSale,
        Self::Count,
    ];

    pub const fn unit(self) -> Unit {
        match self {
            Self::ProfitMargin => Unit::Ratio,
            Self::Runway => Unit::Months,
            Self::Count => Unit::Count,
            _ => Unit::Money,
        }
    }

    /// Whether more is good, bad (`false`) or neither.
    pub const fn more_is_better(self) -> Option<bool> {
        match self {
            Self::Expenses | Self::CashOut | Self::BurnRate => Some(false),
            Self::MoneyIn | Self::MoneyOut | Self::Net | Self::Count => None,
            _ => Some(true),
        }
    }

    /// Whether the figure is a plain sum, so that its parts are contributions of kinds and categories.
    pub const fn is_sum(self) -> bool {
        !matches!(self, Self::ProfitMargin | Self::BurnRate | Self::Runway | Self::AverageSale)
    }

    /// Whether the period's last day alone decides it.
    pub const fn is_closing(self) -> bool {
        matches!(self, Self::Balance | Self::BurnRate | Self::Runway)
    }

    /// The kinds whose transactions can move the figure.
    pub fn kinds(self) -> Vec<Kind> {
        let counts = |kind: &Kind| match self {
            Self::Revenue => matches!(kind, Kind::Revenue | Kind::Refund),
            Self::Expenses => matches!(kind, Kind::Expense | Kind::Tax),
            Self::AverageSale => *kind == Kind::Revenue,
            Self::Profit | Self::ProfitMargin | Self::CashIn | Self::CashOut | Self::CashNet | Self::BurnRate => {
                kind.is_operating()
            }
            Self::MoneyIn | Self::MoneyOut | Self::Net | Self::Balance | Self::Runway | Self::Count => true,
        };
        Kind::ALL.into_iter().filter(counts).collect()
    }

    /// What transactions of one kind add to a figure that is a sum; zero for the other figures.
    pub fn contribution(self, kind: Kind, sums: Sums) -> Decimal {
        let when = |counts: bool, value: Decimal| if counts { value } else { Decimal::ZERO };
        let operating = kind.is_operating();
        match self {
            Self::Revenue => when(matches!(kind, Kind::Revenue | Kind::Refund), sums.net()),
            Self::Expenses => when(matches!(kind, Kind::Expense | Kind::Tax), -sums.net()),
            Self::Profit | Self::CashNet => when(operating, sums.net()),
            Self::CashIn => when(operating, sums.inflow),
            Self::CashOut => when(operating, sums.outflow),
            Self::MoneyIn => sums.inflow,
            Self::MoneyOut => sums.outflow,
            Self::Net | Self::Balance => sums.net(),
            Self::Count => Decimal::from(sums.count),
            Self::ProfitMargin | Self::BurnRate | Self::Runway | Self::AverageSale => Decimal::ZERO,
        }
    }

    /// The sums that a figure which is a sum is made of.
    pub fn base(self, operands: &Operands) -> &KindSums {
        if self == Self::Balance { &operands.closing } else { &operands.period }
    }

    /// What is missing of the amounts that the figure is made of. A number of transactions needs no rate.
    fn lack(self, operands: &Operands) -> Option<Lack> {
        let kinds = self.kinds();
        let of = |sums: &KindSums| sums.lack(|kind| kinds.contains(&kind));
        match self {
            Self::Count => None,
            Self::BurnRate => operands.quarter.lack(Kind::is_operating),
            Self::Runway => Lack::first(of(&operands.closing), operands.quarter.lack(Kind::is_operating)),
            _ => of(self.base(operands)),
        }
    }

    /// The figure, or why there is none.
    pub fn value(self, operands: &Operands) -> Result<Decimal, Undefined> {
        if let Some(lack) = self.lack(operands) {
            return Err(Undefined::NoRate(lack));
        }
        match self {
            Self::ProfitMargin => margin(&operands.period),
            Self::BurnRate => Ok(rounded(burn(operands)? / Decimal::from(3), MONEY_PLACES)),
            Self::Runway => runway(operands),
            Self::AverageSale => average_sale(&operands.period),
            _ => Ok(self.base(operands).iter().map(|(kind, sums)| self.contribution(kind, sums)).sum()),
        }
    }

    /// How the figure is made, for a person.
    pub const fn formula(self) -> &'static str {
        match self {
            Self::Revenue => "All revenue less refunds.",
            Self::Expenses => "All expenses and taxes, less what was paid back.",
            Self::Profit => "Revenue less expenses.",
            Self::ProfitMargin => "Profit divided by revenue, where there is revenue.",
            Self::CashIn => "Everything that came in from sales, refunds, expenses and taxes.",
            Self::CashOut => "Everything that went out for sales, refunds, expenses and taxes.",
            Self::CashNet => "Operating money in less operating money out.",
            Self::MoneyIn => "Everything that came in, of every kind.",
            Self::MoneyOut => "Everything that went out, of every kind.",
            Self::Net => "Money in less money out.",
            Self::Balance => "Everything that ever came in less everything that ever went out, up to the last day.",
            Self::BurnRate => {
                "What operations took over the last three full months, divided by three; 0 where they brought money in."
            }
            Self::Runway => "Balance divided by the burn rate, in months; 0 where there is no cash.",
            Self::AverageSale => "Money that sales brought in, divided by their number.",
            Self::Count => "The number of transactions.",
        }
    }
}

fn margin(sums: &KindSums) -> Result<Decimal, Undefined> {
    let revenue = sums.revenue();
    if revenue <= Decimal::ZERO {
        return Err(Undefined::NoRevenue);
    }
    Ok(rounded(sums.profit() / revenue, RATIO_PLACES))
}

/// What operations took in the three months; 0 where they brought money in.
fn burn(operands: &Operands) -> Result<Decimal, Undefined> {
    if !operands.three_months_known {
        return Err(Undefined::TooFewMonths);
    }
    Ok((-operands.quarter.operating().net()).max(Decimal::ZERO))
}

fn runway(operands: &Operands) -> Result<Decimal, Undefined> {
    let burn = burn(operands)?;
    if burn.is_zero() {
        return Err(Undefined::NothingBurned);
    }
    // Where there is no cash, it lasts for no month.
    let cash = operands.closing.total().net().max(Decimal::ZERO);
    Ok(rounded(cash * Decimal::from(3) / burn, MONTHS_PLACES))
}

fn average_sale(sums: &KindSums) -> Result<Decimal, Undefined> {
    let sales = sums.get(Kind::Revenue);
    if sales.count <= 0 {
        return Err(Undefined::NoSale);
    }
    Ok(rounded(sales.inflow / Decimal::from(sales.count), MONEY_PLACES))
}

fn rounded(value: Decimal, places: u32) -> Decimal {
    value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)
}

#[cfg(test)]
#[path = "metric_tests.rs"]
mod tests;
