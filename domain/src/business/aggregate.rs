use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use serde::{Deserialize, Serialize};

use super::{BusinessCommand, BusinessError, BusinessEvent};
use crate::{Currency, FiscalMonth, TimeZone};

/// Settings of a registered business; `None` before it is registered. The base currency never changes: every figure
/// that was ever shown was in it.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub struct Business {
    settings: Option<Settings>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Settings {
    name: String,
    base_currency: Currency,
    time_zone: TimeZone,
    fiscal_year_first_month: FiscalMonth,
}

impl Aggregate for Business {
    const TYPE: &'static str = "business";
    type Command = BusinessCommand;
    type Event = BusinessEvent;
    type Error = BusinessError;
    type Services = ();

    async fn handle(
        &mut self,
        command: Self::Command,
        (): &Self::Services,
        sink: &EventSink<Self>,
    ) -> Result<(), Self::Error> {
        if let Some(event) = self.decide(command)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: Self::Event) {
        match event {
            BusinessEvent::Registered { id: _, name, base_currency, time_zone, fiscal_year_first_month } => {
                self.settings = Some(Settings { name, base_currency, time_zone, fiscal_year_first_month });
            }
            BusinessEvent::Renamed { name } => self.change(|settings| settings.name = name),
            BusinessEvent::TimeZoneChanged { time_zone } => self.change(|settings| settings.time_zone = time_zone),
            BusinessEvent::FiscalYearChanged { first_month } => {
                self.change(|settings| settings.fiscal_year_first_month = first_month);
            }
        }
    }
}

impl Business {
    fn change(&mut self, change: impl FnOnce(&mut Settings)) {
        if let Some(settings) = &mut self.settings {
            change(settings);
        }
    }

    /// The event that follows from a command; none where nothing would change.
    fn decide(&self, command: BusinessCommand) -> Result<Option<BusinessEvent>, BusinessError> {
        let Some(settings) = &self.settings else {
            return match command {
                BusinessCommand::Register { id, name, base_currency, time_zone, fiscal_year_first_month } => {
                    let name = valid_name(&name)?;
                    Ok(Some(BusinessEvent::Registered { id, name, base_currency, time_zone, fiscal_year_first_month }))
                }
                _ => Err(BusinessError::NotRegistered),
            };
        };
        Ok(match command {
            BusinessCommand::Register { .. } => return Err(BusinessError::AlreadyRegistered),
            BusinessCommand::Rename { name } => {
                let name = valid_name(&name)?;
                (name != settings.name).then_some(BusinessEvent::Renamed { name })
            }
            BusinessCommand::ChangeTimeZone { time_zone } => {
                (time_zone != settings.time_zone).then_some(BusinessEvent::TimeZoneChanged { time_zone })
            }
            BusinessCommand::ChangeFiscalYear { first_month } => (first_month != settings.fiscal_year_first_month)
                .then_some(BusinessEvent::FiscalYearChanged { first_month }),
        })
    }
}

fn valid_name(name: &str) -> Result<String, BusinessError> {
    let name = name.trim();
    if (1..=120).contains(&name.chars().count()) { Ok(name.to_owned()) } else { Err(BusinessError::InvalidName) }
}
