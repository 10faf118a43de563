//! The demo's company a second time: as the simulated bank, processor, shop and books tell it.
//!
//! Each of the four is connected as a person does it in the wizard, and from then on the worker reads it like any other
//! source. What was connected before is left as it is, so that a restart connects nothing twice, and what somebody
//! disconnected stays disconnected.

use std::time::Duration;

use domain::access::{Origin, Principal, SessionId};
use domain::{AccountId, BusinessId, Code, Problem, SourceId};
use streams::{CommandError, Meta};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Seed;
use super::deliver::register;
use crate::connections::{Asker, Connections, Returned, Wish};
use crate::simulator::{NotAgreed, Provider, agree};

/// As the shop is called by its webhooks.
const SHOP: &str = "harbour-coffee";
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// Why not now, or not at all.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Command(#[from] CommandError),
    #[error(transparent)]
    Provider(#[from] NotAgreed),
    #[error("{}", .0.detail)]
    Refused(Problem),
}

impl Failure {
    fn may_pass(&self) -> bool {
        let code = match self {
            Self::Command(error) => error.code(),
            Self::Refused(problem) => problem.code,
            Self::Provider(_) => Code::Unavailable,
        };
        matches!(code, Code::Unavailable | Code::Conflict | Code::Internal)
    }
}

/// Connects what is not connected yet, and tries again while that may help. Without it the demo business lives too, so
/// nothing fails with it.
pub async fn connect(connections: &Connections, seed: Seed, stop: CancellationToken) {
    let work = async {
        while let Err(error) = connect_all(connections, seed).await {
            if !error.may_pass() {
                tracing::warn!(%error, "the demo's company is not connected to its simulated providers");
                return;
            }
            tracing::warn!(%error, "the demo's company is connected to its simulated providers later");
            tokio::time::sleep(AFTER_FAILURE).await;
        }
    };
    stop.run_until_cancelled(work).await;
}

async fn connect_all(connections: &Connections, seed: Seed) -> Result<(), Failure> {
    let business = seed.connected_business();
    let meta = Meta::new(business, "demo");
    register(&connections.commands, business, Seed::CONNECTED_NAME, &meta).await?;
    // The ways back belong to one session: this one.
    let session = SessionId(Uuid::now_v7());
    let who = Asker { principal: Principal::local_owner(), origin: Origin::default(), session };
    let known = connections.all(&who, business).await.map_err(Failure::Refused)?;
    for provider in Provider::ALL {
        let source = match known.iter().find(|known| known.provider == provider.as_str()) {
            Some(known) if known.is_choosing => known.source,
            Some(_) => continue,
            None => authorise(connections, &who, business, provider).await?,
        };
        let offered = connections.accounts(&who, business, source).await.map_err(Failure::Refused)?;
        let all: Vec<AccountId> = offered.iter().map(|account| account.id).collect();
        connections.choose(&who, business, source, &all).await.map_err(Failure::Refused)?;
    }
    Ok(())
}

/// There and back, with a person's browser.
async fn authorise(
    connections: &Connections,
    who: &Asker,
    business: BusinessId,
    provider: Provider,
) -> Result<SourceId, Failure> {
    let instance = (provider == Provider::Shopify).then(|| SHOP.to_owned());
    let wish = Wish { provider: provider.as_str().to_owned(), instance, ..Wish::default() };
    let way = connections.begin(who, business, &wish).await.map_err(Failure::Refused)?;
    let page = way.url.ok_or(NotAgreed::NoButton)?;
    let mut params = agree(&page).await?;
    // What comes back without its state belongs to the way that was begun.
    let state = params.remove("state").or(way.state).ok_or(NotAgreed::NotBack)?;
    let found = connections.finish(who, &Returned { state, params }).await.map_err(Failure::Refused)?;
    Ok(found.at.source)
}
