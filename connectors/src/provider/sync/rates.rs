//! What a provider converted with, as exchange rates: of each day and pair of currencies the first that is told.
//!
//! They are recorded before the page that told them: a crash in between reads the page once more, and what is known
//! records nothing. What cannot be meant as a rate is left out; the transaction counts without it.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use domain::rates::{Quoted, RateSource, Rates};
use domain::{Booked, Code, Currency, TimeZone};
use streams::CommandError;

use super::{SourceAt, Syncer};
use crate::provider::Reported;

/// The transaction that a rate was first applied to.
#[derive(Debug, Clone, PartialEq, Eq)]
struct First {
    at: Option<DateTime<Utc>>,
    quoted: Quoted,
    evidence: String,
}

/// Of the pages of a loop.
#[derive(Debug, Default)]
pub(super) struct Converted(BTreeMap<(NaiveDate, Currency, Currency), First>);

impl Converted {
    /// Days are those of `zone`, as figures have them.
    pub fn take(&mut self, reported: &[Reported], zone: TimeZone) {
        for one in reported {
            let Some(converted) = one.converted else { continue };
            let at = match one.booked {
                Booked::Instant(at) => Some(at),
                Booked::Day(_) => None,
            };
            let rate = converted.rate.round_dp(PLACES).normalize();
            let quoted = Quoted { day: one.booked.day(zone), base: converted.from, quote: converted.to, rate };
            let first = First { at, quoted, evidence: format!("{} {}", one.entity, one.id) };
            let known = self.0.entry((quoted.day, quoted.base, quoted.quote)).or_insert_with(|| first.clone());
            if (first.at, &first.evidence) < (known.at, &known.evidence) {
                *known = first;
            }
        }
    }

    /// Records what no rate is known of, each with what it was read from.
    pub async fn record(&mut self, syncer: &Syncer<'_>, at: SourceAt) -> Result<(), CommandError> {
        let now = Utc::now();
        // They come by day.
        let mut year: Option<(i32, Rates)> = None;
        let told = std::mem::take(&mut self.0);
        for First { quoted, evidence, .. } in told.into_values() {
            if let Err(reason) = quoted.check(now) {
                tracing::debug!(%reason, "what a provider converted with is no rate");
                continue;
            }
            let of_day = quoted.day.year();
            if year.as_ref().is_none_or(|(known, _)| *known != of_day) {
                year = Some((of_day, syncer.commands.rates_of(at.business, of_day).await?));
            }
            if year.as_ref().is_some_and(|(_, known)| known.knows(quoted.day, quoted.base, quoted.quote)) {
                continue;
            }
            let note = format!("{} applied it: {evidence}", syncer.connector.title());
            let note: String = note.chars().take(MOST_NOTE).collect();
            let (meta, rates) = (syncer.meta(at), [quoted]);
            let record =
                syncer.commands.record_rates(at.business, RateSource::Provider, &rates, Some(&note), (now, &meta));
            match record.await {
                Ok(_) => {}
                Err(error) if may_pass(error.code()) => return Err(error),
                Err(error) => tracing::warn!(%error, "a provider's rate is not recorded"),
            }
        }
        Ok(())
    }
}

/// As many as a rate may have.
const PLACES: u32 = 12;
const MOST_NOTE: usize = domain::rates::RatesCommand::MOST_NOTE;

const fn may_pass(code: Code) -> bool {
    matches!(code, Code::Unavailable | Code::Conflict | Code::Internal)
}

#[cfg(test)]
mod tests {
    use domain::Kind;
    use rust_decimal::Decimal;

    use super::*;
    use crate::provider;

    fn charge(id: &str, at: &str, rate: Option<&str>) -> Reported {
        let currency = |code: &str| code.parse::<Currency>().unwrap();
        let (from, to) = (currency("EUR"), currency("GBP"));
        Reported {
            entity: "charge",
            id: id.to_owned(),
            replaces: None,
            pending: false,
            booked: Booked::Instant(at.parse().unwrap()),
            value_date: None,
            amount: Decimal::ONE,
            currency: to,
            kind: Kind::Revenue,
            category: "charge".parse().unwrap(),
            provider_category: None,
            description: None,
            counterparty: None,
            converted: rate.map(|rate| provider::Converted { from, to, rate: rate.parse().unwrap() }),
        }
    }

    fn told(zone: &str, all: &[Reported]) -> Vec<String> {
        let mut converted = Converted::default();
        // Newest first and oldest first are the same.
        let mut reversed = all.to_vec();
        reversed.reverse();
        converted.take(&reversed, zone.parse().unwrap());
        converted.take(all, zone.parse().unwrap());
        converted
            .0
            .into_values()
            .map(|one| format!("{} {} {}", one.quoted.day, one.quoted.rate, one.evidence))
            .collect()
    }

    #[test]
    fn the_first_of_a_day_is_the_days() {
        let all = [
            charge("a", "2026-03-01T09:00:00Z", None),
            charge("b", "2026-03-01T10:00:00Z", Some("0.8412")),
            charge("c", "2026-03-01T11:00:00Z", Some("0.8420")),
            charge("d", "2026-03-01T23:30:00Z", Some("0.84301234567891234")),
        ];
        assert_eq!(told("UTC", &all), ["2026-03-01 0.8412 charge b"]);
        assert_eq!(
            told("Europe/Berlin", &all),
            ["2026-03-01 0.8412 charge b", "2026-03-02 0.843012345679 charge d"],
            "days are the business's"
        );
    }
}
