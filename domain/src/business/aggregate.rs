use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use serde::{Deserialize, Serialize};

use super::{
    BusinessCommand, BusinessError, BusinessEvent, Months, Records, RuledOut, Rules, Team, TeamCommand, TeamError,
};
use crate::access::Role;
use crate::{Currency, FiscalMonth, TimeZone};

/// Settings of a registered business; `None` before it is registered. The base currency never changes: every figure
/// that was ever shown was in it.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub struct Business {
    settings: Option<Settings>,
    #[serde(default)]
    team: Team,
    #[serde(default)]
    rules: Rules,
    #[serde(default)]
    months: Months,
    records: Records,
    #[serde(default)]
    ruled_out: RuledOut,
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
        for event in self.decide(command)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: Self::Event) {
        self.records.apply(&event);
        match event {
            BusinessEvent::Registered { id: _, name, base_currency, time_zone, fiscal_year_first_month } => {
                self.settings = Some(Settings { name, base_currency, time_zone, fiscal_year_first_month });
            }
            BusinessEvent::Renamed { name } => self.change(|settings| settings.name = name),
            BusinessEvent::TimeZoneChanged { time_zone } => self.change(|settings| settings.time_zone = time_zone),
            BusinessEvent::FiscalYearChanged { first_month } => {
                self.change(|settings| settings.fiscal_year_first_month = first_month);
            }
            of_rules @ (BusinessEvent::RuleSet { .. }
            | BusinessEvent::RuleDeleted { .. }
            | BusinessEvent::RulesOrdered { .. }) => self.rules.apply(of_rules),
            BusinessEvent::RecurringRuledOut { series, out } => self.ruled_out.apply(series, out),
            BusinessEvent::MonthClosed { month, position, .. } => self.months.close(month, position),
            BusinessEvent::MonthReopened { month, .. } => self.months.reopen(month),
            of_team => self.team.apply(of_team),
        }
    }
}

impl Business {
    pub fn team(&self) -> &Team {
        &self.team
    }

    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    pub fn records(&self) -> &Records {
        &self.records
    }

    pub fn is_registered(&self) -> bool {
        self.settings.is_some()
    }

    pub fn time_zone(&self) -> Option<TimeZone> {
        self.settings.as_ref().map(|settings| settings.time_zone)
    }

    pub fn name(&self) -> Option<&str> {
        self.settings.as_ref().map(|settings| settings.name.as_str())
    }

    fn change(&mut self, change: impl FnOnce(&mut Settings)) {
        if let Some(settings) = &mut self.settings {
            change(settings);
        }
    }

    /// The events that follow from a command; none where nothing would change.
    fn decide(&self, command: BusinessCommand) -> Result<Vec<BusinessEvent>, BusinessError> {
        let Some(settings) = &self.settings else { return found(command) };
        if self.records.is_erased() {
            return Err(BusinessError::Erased);
        }
        let event = match command {
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
            BusinessCommand::Team(command) => self.team.decide(command)?,
            BusinessCommand::Rules(command) => self.rules.decide(command)?,
            BusinessCommand::Month(command) => Some(self.months.decide(command)?),
            BusinessCommand::Records(command) => self.records.decide(command, &settings.name)?,
            BusinessCommand::RuleOutRecurring { series, out } => self.ruled_out.decide(series, out)?,
        };
        Ok(event.into_iter().collect())
    }
}

/// What can be done with a business that is not there: register it.
fn found(command: BusinessCommand) -> Result<Vec<BusinessEvent>, BusinessError> {
    match command {
        BusinessCommand::Register { id, name, base_currency, time_zone, fiscal_year_first_month, founder } => {
            let name = valid_name(&name)?;
            let registered = BusinessEvent::Registered { id, name, base_currency, time_zone, fiscal_year_first_month };
            let owner = founder.map(|user| BusinessEvent::MemberJoined { user, role: Role::Owner, invitation: None });
            Ok([registered].into_iter().chain(owner).collect())
        }
        // A made-up token must not tell which businesses exist.
        BusinessCommand::Team(TeamCommand::Accept { .. }) => Err(TeamError::InvitationNotValid.into()),
        _ => Err(BusinessError::NotRegistered),
    }
}

fn valid_name(name: &str) -> Result<String, BusinessError> {
    let name = name.trim();
    if (1..=120).contains(&name.chars().count()) { Ok(name.to_owned()) } else { Err(BusinessError::InvalidName) }
}
