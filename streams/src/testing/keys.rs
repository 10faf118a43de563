use std::sync::Arc;

use sqlx::PgPool;

use crate::sealing::{self, EnvironmentKeys, Keys};
use crate::{Commands, DomainEvent, Event};

/// Data keys in this database, wrapped by a master key that everybody knows.
pub fn keys(pool: &PgPool) -> Keys {
    let service = EnvironmentKeys::try_new(&"7e57".repeat(16)).expect("64 digits");
    Keys::new(pool, Arc::new(service))
}

/// The write side on this database.
pub fn commands(pool: PgPool) -> Commands {
    let keys = keys(&pool);
    Commands::new(pool, keys)
}

/// The event as the store would hold it with this content.
pub async fn sealed(keys: &Keys, event: &Event, content: DomainEvent) -> Event {
    let place = event.place();
    let key = keys.sealing(place.business).await.expect("a key");
    let payload = match content {
        DomainEvent::Business(mut content) => {
            keys.seal_own(&place, &mut content).await.expect("a key");
            sealing::write(&key, &place, content)
        }
        DomainEvent::Source(content) => sealing::write(&key, &place, content),
        DomainEvent::Account(content) => sealing::write(&key, &place, content),
        DomainEvent::Rates(content) => sealing::write(&key, &place, content),
        DomainEvent::Security(_) => panic!("security events have no texts"),
    };
    Event { payload: payload.expect("JSON").into(), ..event.clone() }
}
