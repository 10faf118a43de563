//! Data loaders: what many rows of one answer refer to is read in one statement.

use std::collections::HashMap;

use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::{ObjectType, SchemaBuilder, SubscriptionType};
use domain::{AccountId, BusinessId, TransactionId};

use crate::Failure;
use crate::reader::{Parties, Reader, Settles};
use crate::views::{self, EventRow};

#[derive(Debug)]
pub struct PartyLoader(Reader);

impl Loader<BusinessId> for PartyLoader {
    type Value = Parties;
    type Error = Failure;

    async fn load(&self, businesses: &[BusinessId]) -> Result<HashMap<BusinessId, Parties>, Failure> {
        let mut found = HashMap::new();
        for business in businesses {
            found.insert(*business, self.0.parties(*business).await?);
        }
        Ok(found)
    }
}

/// An event of a business by its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EventAt {
    pub business: BusinessId,
    pub position: i64,
}

#[derive(Debug)]
pub struct EventLoader(Reader);

impl Loader<EventAt> for EventLoader {
    type Value = EventRow;
    type Error = Failure;

    async fn load(&self, keys: &[EventAt]) -> Result<HashMap<EventAt, EventRow>, Failure> {
        let mut positions: HashMap<BusinessId, Vec<i64>> = HashMap::new();
        for key in keys {
            positions.entry(key.business).or_default().push(key.position);
        }
        let mut found = HashMap::new();
        for (business, positions) in positions {
            for event in views::events(self.0.pool(), business, &positions).await? {
                found.insert(EventAt { business, position: event.position }, event);
            }
        }
        Ok(found)
    }
}

/// A transaction of an account: with which payout it was paid out.
#[derive(Debug)]
pub struct PayoutLoader(Reader);

impl Loader<(AccountId, TransactionId)> for PayoutLoader {
    type Value = TransactionId;
    type Error = Failure;

    async fn load(
        &self,
        keys: &[(AccountId, TransactionId)],
    ) -> Result<HashMap<(AccountId, TransactionId), TransactionId>, Failure> {
        let (accounts, ids): (Vec<_>, Vec<_>) = keys.iter().copied().unzip();
        let found = streams::payouts::of_accounts(self.0.pool(), &accounts, &ids).await?;
        Ok(keys.iter().filter_map(|key| Some((*key, *found.get(&key.1)?))).collect())
    }
}

/// A payment of a business: what it pays.
#[derive(Debug)]
pub struct SettlesLoader(Reader);

impl Loader<(BusinessId, TransactionId)> for SettlesLoader {
    type Value = Vec<Settles>;
    type Error = Failure;

    async fn load(
        &self,
        keys: &[(BusinessId, TransactionId)],
    ) -> Result<HashMap<(BusinessId, TransactionId), Vec<Settles>>, Failure> {
        let mut asked: HashMap<BusinessId, Vec<TransactionId>> = HashMap::new();
        for (business, payment) in keys {
            asked.entry(*business).or_default().push(*payment);
        }
        let mut found = HashMap::new();
        for (business, payments) in asked {
            let settles = self.0.settles(business, &payments).await?;
            found.extend(settles.into_iter().map(|(payment, settles)| ((business, payment), settles)));
        }
        Ok(found)
    }
}

pub type SettlesData = DataLoader<SettlesLoader>;
pub type PayoutData = DataLoader<PayoutLoader>;
pub type PartyData = DataLoader<PartyLoader>;
pub type EventData = DataLoader<EventLoader>;

pub(super) fn add<Q, M, S>(builder: SchemaBuilder<Q, M, S>, reader: &Reader) -> SchemaBuilder<Q, M, S>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    builder
        .data(DataLoader::new(PartyLoader(reader.clone()), tokio::spawn))
        .data(DataLoader::new(EventLoader(reader.clone()), tokio::spawn))
        .data(DataLoader::new(PayoutLoader(reader.clone()), tokio::spawn))
        .data(DataLoader::new(SettlesLoader(reader.clone()), tokio::spawn))
}
