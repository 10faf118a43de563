use cqrs_es::DomainEvent;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{BusinessId, Currency, FiscalMonth, TimeZone};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event")]
pub enum BusinessEvent {
    #[serde(rename = "business.registered")]
    Registered {
        id: BusinessId,
        name: String,
        base_currency: Currency,
        time_zone: TimeZone,
        fiscal_year_first_month: FiscalMonth,
    },
    #[serde(rename = "business.renamed")]
    Renamed { name: String },
    #[serde(rename = "business.time_zone_changed")]
    TimeZoneChanged { time_zone: TimeZone },
    #[serde(rename = "business.fiscal_year_changed")]
    FiscalYearChanged { first_month: FiscalMonth },
}

impl DomainEvent for BusinessEvent {
    fn event_type(&self) -> String {
        match self {
            Self::Registered { .. } => "business.registered",
            Self::Renamed { .. } => "business.renamed",
            Self::TimeZoneChanged { .. } => "business.time_zone_changed",
            Self::FiscalYearChanged { .. } => "business.fiscal_year_changed",
        }
        .to_owned()
    }

    fn event_version(&self) -> String {
        "1".to_owned()
    }
}
