use cqrs_es::DomainEvent as _;

use super::*;
use crate::Code;
use crate::access::Action;

/// Readers find the type beside the payload and in it.
#[test]
fn the_tag_is_the_type() {
    let event = SecurityEvent::AccessRefused { action: Action::ReadAudit, code: Code::Forbidden };
    let written = serde_json::to_value(&event).unwrap();
    assert_eq!(written["event"], event.event_type());
    assert_eq!(written["action"], "READ_AUDIT");
    assert!(event.is_at_will());
    assert_eq!(serde_json::from_value::<SecurityEvent>(written).unwrap(), event);
}
