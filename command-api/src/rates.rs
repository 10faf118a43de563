//! Exchange rates entered by a person, for both edges.

use chrono::{NaiveDate, Utc};
use domain::rates::{Quoted, RateSource};
use domain::{BusinessId, Code, Currency, Problem, UnknownCurrency};
use rust_decimal::Decimal;
use streams::{CommandError, Commands, Meta};

/// As it was asked for, before anything of it is checked.
#[derive(Debug, Clone)]
pub(crate) struct Entered {
    pub day: NaiveDate,
    pub base: String,
    pub quote: String,
    pub rate: Decimal,
    pub note: Option<String>,
}

impl Entered {
    pub fn quoted(&self) -> Result<Quoted, Problem> {
        let currency = |code: &str| {
            let unknown = |error: UnknownCurrency| Problem::new(Code::Invalid, error.to_string());
            code.parse::<Currency>().map_err(unknown)
        };
        Ok(Quoted { day: self.day, base: currency(&self.base)?, quote: currency(&self.quote)?, rate: self.rate })
    }
}

/// The position; 0 where this rate was known.
pub(crate) async fn record(
    commands: &Commands,
    business: BusinessId,
    quoted: Quoted,
    note: Option<&str>,
    meta: &Meta,
) -> Result<i64, CommandError> {
    let entered = commands.record_rates(business, RateSource::Manual, &[quoted], note, (Utc::now(), meta)).await?;
    let mut position = 0;
    for receipt in &entered.receipts {
        position = commands.position_of(receipt).await?.map_or(position, |positions| positions.last);
    }
    Ok(position)
}
