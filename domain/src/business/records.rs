//! How long a business's records are kept, and how they end: the erasure of everything, and legal holds, which forbid it.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Archived, BusinessEvent, RecordsCommand, RecordsError, Retention};

/// The longest time between the request of an erasure and the erasure.
pub const GRACE: TimeDelta = TimeDelta::days(30);

const MOST_REASON: usize = 500;

#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Records {
    erasure: Option<Erasure>,
    hold: Option<Hold>,
    #[serde(default)]
    retention: Retention,
    /// The number of its last event that is archived.
    #[serde(default)]
    archived: i64,
    /// SHA-256 of the newest archive.
    #[serde(default)]
    newest_archive: Option<String>,
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

    pub const fn retention(&self) -> Retention {
        self.retention
    }

    /// The number of its last event that is archived; 0 where none is.
    pub const fn archived(&self) -> i64 {
        self.archived
    }

    pub fn newest_archive(&self) -> Option<&str> {
        self.newest_archive.as_deref()
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
            RecordsCommand::Retain { months } => {
                let months = Retention::try_new(months)?;
                (months != self.retention).then_some(Event::RetentionChanged { months })
            }
            RecordsCommand::Archive { archived, now } => Some(self.archive(archived, now)?),
        })
    }

    /// Nothing leaves a history under a legal hold, before its time, or twice.
    fn archive(&self, part: Archived, now: DateTime<Utc>) -> Result<BusinessEvent, RecordsError> {
        self.may_be_erased()?;
        if part.first_sequence != self.archived + 1 || part.last_sequence < part.first_sequence {
            return Err(RecordsError::ArchivedAlready);
        }
        if part.before > self.retention.ends_before(now) {
            return Err(RecordsError::NotPast);
        }
        let Archived { file, first_position, last_position, first_sequence, last_sequence, before, sha256, bytes } =
            part;
        Ok(BusinessEvent::HistoryArchived {
            file,
            first_position,
            last_position,
            first_sequence,
            last_sequence,
            before,
            sha256,
            bytes,
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
            BusinessEvent::RetentionChanged { months } => self.retention = *months,
            BusinessEvent::HistoryArchived { last_sequence, sha256, .. } => {
                (self.archived, self.newest_archive) = (*last_sequence, Some(sha256.clone()));
            }
            _ => {}
        }
    }
}

fn valid_reason(reason: &str) -> Result<String, RecordsError> {
    let reason = reason.trim();
    let fits = (1..=MOST_REASON).contains(&reason.chars().count());
    if fits { Ok(reason.to_owned()) } else { Err(RecordsError::Reason) }
}
