//! Where a session is used from: sealed in its row, for nothing is found by it.

use domain::UserId;
use domain::access::Origin;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::failure::Failure;
use super::{Core, own};

#[derive(Debug, Default, Serialize, Deserialize)]
pub struct UsedFrom {
    /// What the browser calls itself.
    pub agent: Option<String>,
    /// The address of its last use.
    pub address: Option<String>,
}

/// A session, and whose it is.
type Whose = (Uuid, Option<UserId>);

fn context(session: Uuid) -> String {
    format!("session.origin:{session}")
}

/// What a request does not say stays as it was `before`; `None` where it says nothing.
pub async fn seal(
    core: &Core,
    whose: Whose,
    origin: &Origin,
    before: Option<&[u8]>,
) -> Result<Option<Vec<u8>>, Failure> {
    let (agent, address) = (origin.agent.clone(), origin.address.map(|address| address.to_string()));
    if agent.is_none() && address.is_none() {
        return Ok(None);
    }
    let before =
        if agent.is_none() || address.is_none() { open(core, whose, before).await? } else { UsedFrom::default() };
    let from = UsedFrom { agent: agent.or(before.agent), address: address.or(before.address) };
    let json =
        serde_json::to_string(&from).map_err(|error| Failure::internal(&error, "an origin cannot be written"))?;
    own::seal_of(core, whose.1, &context(whose.0), &json).await.map(Some)
}

pub async fn open(core: &Core, (session, user): Whose, sealed: Option<&[u8]>) -> Result<UsedFrom, Failure> {
    let Some(sealed) = sealed else { return Ok(UsedFrom::default()) };
    let json = own::open_of(core, user, &context(session), sealed).await?;
    serde_json::from_str(&json).map_err(|error| Failure::internal(&error, "an origin cannot be read"))
}
