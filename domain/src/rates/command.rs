use chrono::{DateTime, Utc};

use super::{Quoted, RateSource};
use crate::{BusinessId, RatesId};

#[derive(Debug, Clone)]
pub enum RatesCommand {
    /// All of one calendar year. What is known already records nothing.
    Record {
        id: RatesId,
        business: BusinessId,
        source: RateSource,
        rates: Vec<Quoted>,
        note: Option<String>,
        now: DateTime<Utc>,
    },
}

impl RatesCommand {
    /// A year of the European Central Bank's has some 8,000.
    pub const MOST: usize = 20_000;
    pub const MOST_NOTE: usize = 500;
}
