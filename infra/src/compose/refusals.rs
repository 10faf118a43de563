//! Refusals of rights, recorded where rights are decided.

use domain::access::{Origin, Principal, Recorder};
use domain::security::SecurityEvent;
use streams::Meta;
use streams::security::{Journal, SecurityLog};

/// The principal of one request or socket, whose refusals are written to the log with where they came from. Nobody waits
/// for that: the answer takes as long as another.
pub fn recorded(principal: Principal, origin: &Origin, journal: &SecurityLog) -> Principal {
    let (asks, origin, journal) = (principal.clone(), origin.clone(), journal.clone());
    principal.recorded_by(Recorder::new(move |refused| {
        let meta = match refused.business {
            Some(business) => Meta::by(business, &asks, &origin),
            None => Meta::by(Meta::installation("").business, &asks, &origin),
        };
        let event = SecurityEvent::AccessRefused { action: refused.action, code: refused.code };
        let journal = journal.clone();
        tokio::spawn(async move { journal.note(event, &meta).await });
    }))
}
