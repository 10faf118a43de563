//! What customers abroad paid in: euros, which the processor converts at a rate of the day.

use chrono::{DateTime, NaiveDate, Utc};

use super::{Movement, day_of, ident};
use crate::demo::Seed;

/// A charge in the customer's currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Presented {
    /// Cents.
    pub cents: i64,
    /// Ten-thousandths of a pound for one euro.
    pub rate: i64,
}

impl Presented {
    pub fn rate_text(self) -> String {
        format!("{}.{:04}", self.rate / 10_000, self.rate % 10_000)
    }
}

impl Movement {
    /// Some of what the shop sells goes abroad, and what is given back of it too.
    pub fn presented(&self, seed: Seed) -> Option<Presented> {
        self.order()?;
        let sale = self.of.as_deref().unwrap_or(&self.key);
        if !ident(seed, "", &format!("abroad:{sale}")).starts_with(['A', 'B', 'C']) {
            return None;
        }
        let rate = rate(seed, self.at);
        // To the nearest cent, so that the rate gives the pence again.
        let cents = (self.pence.abs() * 10_000 + rate / 2) / rate * self.pence.signum();
        Some(Presented { cents, rate })
    }

    /// What giving a sale back costs at a moment: euros are worth what they are worth then.
    pub(super) fn worth(&self, seed: Seed, at: DateTime<Utc>) -> i64 {
        let paid = self.presented(seed);
        paid.map_or(self.pence, |paid| (paid.cents * rate(seed, at) + 5_000) / 10_000)
    }
}

/// One for each day.
fn rate(seed: Seed, at: DateTime<Utc>) -> i64 {
    let day: NaiveDate = day_of(at);
    let sum: i64 = ident(seed, "", &format!("euro:{day}")).bytes().map(i64::from).sum();
    8_400 + sum % 400
}
