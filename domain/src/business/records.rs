//! How a business's records end: the erasure of everything, and legal holds, which forbid it.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{BusinessEvent, RecordsCommand, RecordsError};

/// The longest time between the request of an erasure and the erasure.
pub const GRACE: TimeDelta = TimeDelta::days(30);

const MOST_REASON: usize = 500;

#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Records {
    erasure: Option<Erasure>,
    hold: Option<Hold>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Erasure {
    Requested { due_at: DateTime<Utc> },
    Done,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    pub reason: String,
    pub since: DateTime<Utc>,
    pub by: String,
}

impl Records {
    pub const fn erasure(&self) -> Option<Erasure> {
        self.erasure
    }

    /// What forbids that anything is erased.
    pub const fn hold(&self) -> Option<&Hold> {
        self.hold.as_ref()
    }

    pub(super) fn is_erased(&self) -> bool {
        self.erasure == Some(Erasure::Done)
    }

    /// The event that follows from a command; none where nothing would change.
    pub(super) fn decide(&self, command: RecordsCommand, name: &str) -> Result<Option<BusinessEvent>, RecordsError> {
        use BusinessEvent as Event;
        use RecordsError as Refusal;
        Ok(match command {
            RecordsCommand::RequestErasure { confirmation, grace, now } => {
                self.may_be_erased()?;
                if self.erasure.is_some() {
                    return Err(Refusal::ErasureRequested);
                }
                if confirmation.trim() != name {
                    return Err(Refusal::NotConfirmed);
                }
                Some(Event::ErasureRequested { due_at: now + grace.clamp(TimeDelta::zero(), GRACE) })
            }
            RecordsCommand::WithdrawErasure => match self.erasure {
                Some(Erasure::Requested { .. }) => Some(Event::ErasureWithdrawn),
                _ => return Err(Refusal::NoErasure),
            },
            RecordsCommand::Erase { now } => match self.erasure {
                Some(Erasure::Requested { due_at }) if due_at <= now => {
                    self.may_be_erased()?;
                    Some(Event::Erased)
                }
                _ => return Err(Refusal::NotDue),
            },
            RecordsCommand::Hold { reason, by, now } => match self.hold {
                Some(_) => return Err(Refusal::Held),
                None => Some(Event::LegalHoldSet { reason: valid_reason(&reason)?, by, since: now }),
            },
            RecordsCommand::LiftHold { reason } => match self.hold {
                Some(_) => Some(Event::LegalHoldLifted { reason: valid_reason(&reason)? }),
                None => return Err(Refusal::NotHeld),
            },
        })
    }

    const fn may_be_erased(&self) -> Result<(), RecordsError> {
        if self.hold.is_some() { Err(RecordsError::Held) } else { Ok(()) }
    }

    /// Events of others change nothing here.
    pub(super) fn apply(&mut self, event: &BusinessEvent) {
        match event {
            BusinessEvent::ErasureRequested { due_at } => self.erasure = Some(Erasure::Requested { due_at: *due_at }),
            BusinessEvent::ErasureWithdrawn => self.erasure = None,
            BusinessEvent::Erased => self.erasure = Some(Erasure::Done),
            BusinessEvent::LegalHoldSet { reason, by, since } => {
                self.hold = Some(Hold { reason: reason.clone(), since: *since, by: by.clone() });
            }
            BusinessEvent::LegalHoldLifted { .. } => self.hold = None,
            _ => {}
        }
    }
}

fn valid_reason(reason: &str) -> Result<String, RecordsError> {
    let reason = reason.trim();
    let fits = (1..=MOST_REASON).contains(&reason.chars().count());
    if fits { Ok(reason.to_owned()) } else { Err(RecordsError::Reason) }
}
