use super::{Health, SourceKind};
use crate::{BusinessId, SourceId};

#[derive(Debug, Clone)]
pub enum SourceCommand {
    Connect {
        id: SourceId,
        business: BusinessId,
        kind: SourceKind,
        name: String,
    },
    /// Credentials were given, for the first time or once more.
    Authorise {
        /// What the provider calls it: an Item, an account, a company, a shop.
        external_id: Option<String>,
    },
    /// Credentials were given for a source that was disconnected: it goes on where it stood, with what it knew.
    Reconnect {
        external_id: Option<String>,
    },
    /// How a sync ended. What is known already is no event.
    ReportHealth {
        health: Health,
        /// The provider's own code, e.g. `ITEM_LOGIN_REQUIRED`.
        reason: Option<String>,
    },
    Disconnect {
        reason: String,
    },
}
