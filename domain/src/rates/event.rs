use std::collections::BTreeMap;

use chrono::NaiveDate;
use cqrs_es::DomainEvent;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Quoted, RateSource};
use crate::personal::{Personal, Text};
use crate::{BusinessId, Currency, RatesId};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event")]
pub enum RatesEvent {
    /// Each stands over an earlier one of the same day and currencies from here on.
    #[serde(rename = "rates.recorded")]
    Recorded {
        id: RatesId,
        business: BusinessId,
        source: RateSource,
        /// One unit of it is worth so much of the others.
        base: Currency,
        days: Vec<DayRates>,
        /// Why, in the words of whoever entered it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DayRates {
    pub day: NaiveDate,
    /// By the currency that they are in: exact decimals.
    #[schemars(with = "BTreeMap<String, String>")]
    pub rates: BTreeMap<Currency, Decimal>,
}

impl RatesEvent {
    /// Every rate that it records.
    pub fn quoted(&self) -> impl Iterator<Item = Quoted> + '_ {
        let Self::Recorded { base, days, .. } = self;
        days.iter().flat_map(|day| {
            day.rates.iter().map(|(quote, rate)| Quoted { day: day.day, base: *base, quote: *quote, rate: *rate })
        })
    }
}

impl DomainEvent for RatesEvent {
    fn event_type(&self) -> String {
        "rates.recorded".to_owned()
    }

    fn event_version(&self) -> String {
        "1".to_owned()
    }
}

impl Personal for RatesEvent {
    fn each_text(&mut self, visit: &mut dyn FnMut(Text<'_>)) {
        let Self::Recorded { note, .. } = self;
        visit(Text::Optional(note));
    }
}
