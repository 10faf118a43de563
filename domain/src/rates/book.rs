use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use rust_decimal::{Decimal, RoundingStrategy};

use super::RateSource;
use crate::Currency;

/// A day without a rate takes the last one of so many days before it: weekends and holidays have none.
pub const REACH: u64 = 7;

/// Decimals that the number an amount is multiplied with is rounded to, half away from zero: a quotient of two rates
/// has no end.
const PLACES: u32 = 12;

/// What two currencies without a rate of their own are converted over.
const VIA: &str = "EUR";

/// A recorded rate and the event that recorded it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownRate {
    pub rate: Decimal,
    pub source: RateSource,
    pub position: i64,
}

/// One recorded rate as a conversion uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leg {
    /// As recorded: one unit of `base` is `known.rate` of `quote`.
    pub base: Currency,
    pub quote: Currency,
    /// The day that it is of, which may be before the day that it is used for.
    pub day: NaiveDate,
    pub known: KnownRate,
    /// Whether amounts are divided by it.
    pub divides: bool,
}

/// How one currency becomes another on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conversion {
    /// What amounts are multiplied with.
    pub factor: Decimal,
    pub first: Leg,
    /// Where it went over the euro.
    pub second: Option<Leg>,
}

/// Rates as known at one position.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct RateBook {
    pairs: BTreeMap<(Currency, Currency), BTreeMap<NaiveDate, KnownRate>>,
}

impl RateBook {
    /// The newer of two of the same day stands, in whichever order they come.
    pub fn put(&mut self, (base, quote): (Currency, Currency), day: NaiveDate, known: KnownRate) {
        let days = self.pairs.entry((base, quote)).or_default();
        let stands = days.entry(day).or_insert(known);
        if stands.position < known.position {
            *stands = known;
        }
    }

    /// `None` where neither the day nor one of the seven before it has a rate.
    ///
    /// Of the ways that there are the one with the newer day is taken; of the same day what a person entered before
    /// what a bank published, and one rate before two over the euro.
    pub fn conversion(&self, from: Currency, to: Currency, day: NaiveDate) -> Option<Conversion> {
        let direct = self.leg(from, to, day);
        let via: Option<Currency> = VIA.parse().ok().filter(|via| *via != from && *via != to);
        let over = via.and_then(|via| Some((self.leg(from, via, day)?, self.leg(via, to, day)?)));
        match (direct, over) {
            (Some(direct), Some((first, second))) if first.day.min(second.day) > direct.day => two(first, second),
            (Some(direct), _) => one(direct),
            (None, Some((first, second))) => two(first, second),
            (None, None) => None,
        }
    }

    fn leg(&self, from: Currency, to: Currency, day: NaiveDate) -> Option<Leg> {
        let earliest = day.checked_sub_days(Days::new(REACH)).unwrap_or(day);
        let last = |base, quote, divides| {
            let (day, known) = self.pairs.get(&(base, quote))?.range(earliest..=day).next_back()?;
            Some(Leg { base, quote, day: *day, known: *known, divides })
        };
        let (as_is, reversed) = (last(from, to, false), last(to, from, true));
        let rank = |leg: &Leg| (leg.day, leg.known.source, !leg.divides);
        as_is.into_iter().chain(reversed).max_by_key(rank)
    }

    /// The newest event that recorded a rate which a day of this range may use; 0 where none did. With what it knew,
    /// it names the state of all of them.
    pub fn newest_within(&self, from: NaiveDate, to: NaiveDate) -> i64 {
        let earliest = from.checked_sub_days(Days::new(REACH)).unwrap_or(from);
        let days = self.pairs.values().flat_map(|days| days.range(earliest..=to));
        days.map(|(_, known)| known.position).max().unwrap_or_default()
    }
}

impl Leg {
    /// Numerator and denominator.
    fn fraction(&self) -> (Decimal, Decimal) {
        if self.divides { (Decimal::ONE, self.known.rate) } else { (self.known.rate, Decimal::ONE) }
    }
}

fn one(leg: Leg) -> Option<Conversion> {
    Some(Conversion { factor: quotient(leg.fraction())?, first: leg, second: None })
}

fn two(first: Leg, second: Leg) -> Option<Conversion> {
    let ((over, under), (more_over, more_under)) = (first.fraction(), second.fraction());
    let fraction = (over.checked_mul(more_over)?, under.checked_mul(more_under)?);
    Some(Conversion { factor: quotient(fraction)?, first, second: Some(second) })
}

fn quotient((over, under): (Decimal, Decimal)) -> Option<Decimal> {
    let exact = over.checked_div(under)?;
    Some(exact.round_dp_with_strategy(PLACES, RoundingStrategy::MidpointAwayFromZero).normalize())
}
