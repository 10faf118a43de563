use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use serde::{Deserialize, Serialize};

use super::{Health, SourceCommand, SourceError, SourceEvent};

#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub enum Source {
    #[default]
    Unknown,
    Connected(Health),
    Disconnected,
}

impl Aggregate for Source {
    const TYPE: &'static str = "source";
    type Command = SourceCommand;
    type Event = SourceEvent;
    type Error = SourceError;
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
        *self = match event {
            SourceEvent::Connected { .. } | SourceEvent::Authorised { .. } => Self::Connected(Health::Healthy),
            SourceEvent::HealthChanged { health, .. } => Self::Connected(health),
            SourceEvent::Disconnected { .. } => Self::Disconnected,
        };
    }
}

impl Source {
    fn decide(&self, command: SourceCommand) -> Result<Option<SourceEvent>, SourceError> {
        match (self, command) {
            (Self::Unknown, SourceCommand::Connect { id, business, kind, name }) => {
                let name = name.trim().to_owned();
                if !(1..=120).contains(&name.chars().count()) {
                    return Err(SourceError::InvalidName);
                }
                Ok(Some(SourceEvent::Connected { id, business, kind, name }))
            }
            (Self::Unknown, _) => Err(SourceError::NotConnected),
            (Self::Connected(_), SourceCommand::Connect { .. }) => Err(SourceError::AlreadyConnected),
            (Self::Connected(_), SourceCommand::Authorise { external_id }) => {
                Ok(Some(SourceEvent::Authorised { external_id }))
            }
            (Self::Connected(was), SourceCommand::ReportHealth { health, reason }) => {
                Ok((*was != health).then_some(SourceEvent::HealthChanged { health, reason }))
            }
            (Self::Connected(_), SourceCommand::Disconnect { reason }) => {
                Ok(Some(SourceEvent::Disconnected { reason }))
            }
            (Self::Connected(_), SourceCommand::Reconnect { .. }) => Err(SourceError::AlreadyConnected),
            (Self::Disconnected, SourceCommand::Reconnect { external_id }) => {
                Ok(Some(SourceEvent::Authorised { external_id }))
            }
            (Self::Disconnected, _) => Err(SourceError::Disconnected),
        }
    }

    /// How it stands; `None` where it is not connected.
    pub const fn health(&self) -> Option<Health> {
        match self {
            Self::Connected(health) => Some(*health),
            Self::Unknown | Self::Disconnected => None,
        }
    }
}
