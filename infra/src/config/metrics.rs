//! `[metrics]`: what the figures are kept from.

use serde::Deserialize;

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Metrics {
    /// Days after which TimescaleDB drops transactions' rows, not their figures. Absent: never.
    pub raw_days: Option<i32>,
}
