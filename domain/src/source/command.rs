use super::SourceKind;
use crate::{BusinessId, SourceId};

#[derive(Debug, Clone)]
pub enum SourceCommand {
    Connect { id: SourceId, business: BusinessId, kind: SourceKind, name: String },
    Disconnect { reason: String },
}
