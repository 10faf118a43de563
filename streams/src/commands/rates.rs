//! Exchange rates: a command for each year of what was brought.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Utc};
use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use domain::business::BusinessError;
use domain::rates::{Quoted, RateSource, Rates, RatesCommand, Taken};
use domain::{BusinessId, RatesId};

use super::{CommandError, Commands, Inner, Meta, Receipt, again, as_owner};
use crate::store::Loaded;

/// What became of rates, and where they stand.
#[derive(Debug, Clone, Default)]
pub struct RatesRecorded {
    pub taken: Taken,
    /// One for each year in which something was recorded.
    pub receipts: Vec<Receipt>,
}

impl Commands {
    /// Records rates of any years, each year for itself: an error leaves the years before it recorded, and the same
    /// again records nothing twice. A year that refuses is the first of those that hold something to refuse.
    pub async fn record_rates(
        &self,
        business: BusinessId,
        source: RateSource,
        rates: &[Quoted],
        note: Option<&str>,
        (now, meta): (DateTime<Utc>, &Meta),
    ) -> Result<RatesRecorded, CommandError> {
        if !self.business_now(business).await?.is_registered() {
            return Err(BusinessError::NotRegistered.into());
        }
        let mut recorded = RatesRecorded::default();
        for (year, rates) in by_year(rates) {
            let id = RatesId::of(business, year);
            let note = note.map(ToOwned::to_owned);
            let command = RatesCommand::Record { id, business, source, rates, note, now };
            let (taken, receipt) = self.record_year(id, &command, meta).await?;
            recorded.taken += taken;
            recorded.receipts.extend((!receipt.is_empty()).then_some(receipt));
        }
        Ok(recorded)
    }

    /// What is known of one year.
    pub async fn rates_of(&self, business: BusinessId, year: i32) -> Result<Rates, CommandError> {
        let loaded = self.0.rates.load(RatesId::of(business, year).as_uuid()).await;
        loaded.map(|loaded| loaded.aggregate).map_err(|error| CommandError::of_store(Rates::TYPE, error))
    }

    async fn record_year(
        &self,
        id: RatesId,
        command: &RatesCommand,
        meta: &Meta,
    ) -> Result<(Taken, Receipt), CommandError> {
        let mut taken = Taken::default();
        let decided = again(|| self.0.append_rates(id, command, meta)).await.map(|(told, receipt)| {
            taken = told;
            receipt
        });
        let decided = as_owner(&self.0.rates, id.as_uuid(), decided, meta).await;
        let receipt = self.recorded(decided, (Rates::TYPE, id.as_uuid()), command, meta).await?;
        Ok((taken, receipt))
    }
}

impl Inner {
    async fn append_rates(
        &self,
        id: RatesId,
        command: &RatesCommand,
        meta: &Meta,
    ) -> Result<(Taken, Receipt), CommandError> {
        let refused = |error| CommandError::of_store(Rates::TYPE, error);
        let Loaded { mut aggregate, sequence } = self.rates.load(id.as_uuid()).await.map_err(refused)?;
        let taken = aggregate.taken(command);
        let sink = EventSink::default();
        aggregate.handle(command.clone(), &(), &sink).await?;
        let events = sink.collect().await;
        let receipt = Receipt::after(Rates::TYPE, id.as_uuid(), sequence, events.len());
        if !receipt.is_empty() {
            self.rates.append(id.as_uuid(), sequence, events, &aggregate, meta).await.map_err(refused)?;
        }
        Ok((taken, receipt))
    }
}

fn by_year(rates: &[Quoted]) -> BTreeMap<i32, Vec<Quoted>> {
    let mut years: BTreeMap<i32, Vec<Quoted>> = BTreeMap::new();
    for quoted in rates {
        years.entry(quoted.day.year()).or_default().push(*quoted);
    }
    years
}
