use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use serde::{Deserialize, Serialize};

use super::{SourceCommand, SourceError, SourceEvent};

#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub enum Source {
    #[default]
    Unknown,
    Connected,
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
        let event = self.decide(command)?;
        sink.write(event, self).await;
        Ok(())
    }

    fn apply(&mut self, event: Self::Event) {
        *self = match event {
            SourceEvent::Connected { .. } => Self::Connected,
            SourceEvent::Disconnected { .. } => Self::Disconnected,
        };
    }
}

impl Source {
    fn decide(&self, command: SourceCommand) -> Result<SourceEvent, SourceError> {
        match (self, command) {
            (Self::Unknown, SourceCommand::Connect { id, business, kind, name }) => {
                let name = name.trim().to_owned();
                if !(1..=120).contains(&name.chars().count()) {
                    return Err(SourceError::InvalidName);
                }
                Ok(SourceEvent::Connected { id, business, kind, name })
            }
            (Self::Connected, SourceCommand::Disconnect { reason }) => Ok(SourceEvent::Disconnected { reason }),
            (Self::Connected, SourceCommand::Connect { .. }) => Err(SourceError::AlreadyConnected),
            (Self::Unknown, SourceCommand::Disconnect { .. }) => Err(SourceError::NotConnected),
            (Self::Disconnected, _) => Err(SourceError::Disconnected),
        }
    }
}
