use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{DayRates, Quoted, RateSource, RatesCommand, RatesError, RatesEvent};
use crate::Currency;

/// The rates of one business whose days lie in one calendar year.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rates {
    /// By what they are of and what they are in.
    known: BTreeMap<Currency, BTreeMap<Currency, Days>>,
}

type Days = BTreeMap<NaiveDate, Known>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    rate: Decimal,
    source: RateSource,
}

/// What became of rates that were brought.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Taken {
    /// Of days and currencies that had none.
    pub added: u64,
    /// Another rate than was known.
    pub corrected: u64,
    /// The same as is known.
    pub known: u64,
    /// What is known has a better source, or is the provider's first of its day, and stands.
    pub kept: u64,
}

impl std::ops::AddAssign for Taken {
    fn add_assign(&mut self, other: Self) {
        self.added += other.added;
        self.corrected += other.corrected;
        self.known += other.known;
        self.kept += other.kept;
    }
}

/// The most rates of one event: some 80 KB.
const MOST_OF_EVENT: usize = 4_000;
/// A rate that a person enters is compared with the last one before it within so many days.
const NEAR: i64 = 31;

impl Aggregate for Rates {
    const TYPE: &'static str = "rates";
    type Command = RatesCommand;
    type Event = RatesEvent;
    type Error = RatesError;
    type Services = ();

    async fn handle(
        &mut self,
        command: Self::Command,
        (): &Self::Services,
        sink: &EventSink<Self>,
    ) -> Result<(), Self::Error> {
        for event in self.decide(command)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: Self::Event) {
        let RatesEvent::Recorded { source, .. } = &event;
        for Quoted { day, base, quote, rate } in event.quoted() {
            let days = self.known.entry(base).or_default().entry(quote).or_default();
            days.insert(day, Known { rate, source: *source });
        }
    }
}

impl Rates {
    /// What a command would come to; nothing is decided.
    pub fn taken(&self, command: &RatesCommand) -> Taken {
        let RatesCommand::Record { source, rates, .. } = command;
        let mut taken = Taken::default();
        for quoted in rates {
            match self.known(quoted) {
                None => taken.added += 1,
                Some(known) if known.source > *source => taken.kept += 1,
                Some(known) if known.is(quoted, *source) => taken.known += 1,
                Some(known) if known.stands_over(*source) => taken.kept += 1,
                Some(_) => taken.corrected += 1,
            }
        }
        taken
    }

    /// Whether a provider's rate would record nothing.
    pub fn knows(&self, day: NaiveDate, base: Currency, quote: Currency) -> bool {
        self.known.get(&base).and_then(|quotes| quotes.get(&quote)).is_some_and(|days| days.contains_key(&day))
    }

    fn known(&self, quoted: &Quoted) -> Option<Known> {
        self.known.get(&quoted.base)?.get(&quoted.quote)?.get(&quoted.day).copied()
    }

    fn decide(&self, command: RatesCommand) -> Result<Vec<RatesEvent>, RatesError> {
        let RatesCommand::Record { id, business, source, rates, note, now } = command;
        if !(1..=RatesCommand::MOST).contains(&rates.len()) {
            return Err(RatesError::HowMany(RatesCommand::MOST));
        }
        let note = note.map(|note| note.trim().to_owned()).filter(|note| !note.is_empty());
        if note.as_ref().is_some_and(|note| note.chars().count() > RatesCommand::MOST_NOTE) {
            return Err(RatesError::NoteTooLong(RatesCommand::MOST_NOTE));
        }
        let year = rates[0].day.year();
        let mut new = New::new();
        for quoted in &rates {
            let day = quoted.day;
            quoted.check(now).map_err(|reason| RatesError::Invalid { day, reason })?;
            if day.year() != year {
                return Err(RatesError::OtherYear(day));
            }
            if source == RateSource::Manual {
                self.check_near(quoted)?;
            }
            let stands = self.known(quoted).is_some_and(|known| known.is(quoted, source) || known.stands_over(source));
            if stands {
                continue;
            }
            let of_day = new.entry((quoted.base, day)).or_default();
            if of_day.insert(quoted.quote, quoted.rate.normalize()).is_some_and(|other| other != quoted.rate) {
                return Err(RatesError::Twice(day));
            }
        }
        let event = |(base, days)| RatesEvent::Recorded { id, business, source, base, days, note: note.clone() };
        Ok(events(new).into_iter().map(event).collect())
    }

    fn check_near(&self, quoted: &Quoted) -> Result<(), RatesError> {
        let days = self.known.get(&quoted.base).and_then(|quotes| quotes.get(&quoted.quote));
        let near = days.and_then(|days| days.range(..=quoted.day).next_back());
        let Some((known_day, known)) = near.filter(|(day, _)| (quoted.day - **day).num_days() <= NEAR) else {
            return Ok(());
        };
        if quoted.rate > known.rate * Decimal::TEN || quoted.rate * Decimal::TEN < known.rate {
            let Quoted { day, base, quote, rate } = *quoted;
            let (known_day, known) = (*known_day, known.rate);
            return Err(RatesError::FarFromKnown { day, base, quote, rate, known_day, known });
        }
        Ok(())
    }
}

impl Known {
    /// A provider converts at another rate with each payment: the first that is known of a day is that day's.
    fn stands_over(self, source: RateSource) -> bool {
        self.source > source || source == RateSource::Provider
    }

    /// The same rate on the word of the same source or a better one.
    fn is(self, quoted: &Quoted, source: RateSource) -> bool {
        self.rate == quoted.rate && self.source >= source
    }
}

type New = BTreeMap<(Currency, NaiveDate), BTreeMap<Currency, Decimal>>;

/// Days of one base together, as many as one event may have.
fn events(new: New) -> Vec<(Currency, Vec<DayRates>)> {
    let mut events: Vec<(Currency, Vec<DayRates>)> = Vec::new();
    let mut held = 0;
    for ((base, day), rates) in new {
        let more = rates.len();
        let day = DayRates { day, rates };
        match events.last_mut() {
            Some((last, days)) if *last == base && held + more <= MOST_OF_EVENT => {
                days.push(day);
                held += more;
            }
            _ => {
                events.push((base, vec![day]));
                held = more;
            }
        }
    }
    events
}
