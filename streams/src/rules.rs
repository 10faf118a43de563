//! The rules of a business as its events leave them, for whoever reads them beside the write side.

use std::sync::Arc;

use domain::BusinessId;
use domain::business::Rules;
use moka::sync::Cache;
use sqlx::PgPool;

use crate::sealing::Keys;
use crate::{DomainEvent, OpenError, log};

/// A business's own events of its rules, oldest first: nothing else of its history.
const POSITIONS: &str = "
select l.position
from store.events e
join store.log l on l.event_id = e.id
where e.aggregate_type = 'business' and e.aggregate_id = $1
  and e.event_type in ('business.rule_set', 'business.rule_deleted', 'business.rules_ordered')
order by e.sequence";

/// Events that are read at once.
const AT_ONCE: usize = 100;

#[derive(Debug, thiserror::Error)]
pub enum RulesUnreadable {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Open(#[from] OpenError),
}

/// Rules by the position of the newest event that concerns them: what is kept is never stale. Cheap to clone.
#[derive(Debug, Clone)]
pub struct RulesReader {
    pool: PgPool,
    keys: Keys,
    kept: Cache<(BusinessId, i64), Arc<Rules>>,
}

impl RulesReader {
    pub fn new(pool: PgPool, keys: Keys) -> Self {
        let kept: Cache<_, _> = Cache::builder().max_capacity(1_000).time_to_live(crate::sealing::CACHED_FOR).build();
        let opened = kept.clone();
        keys.on_destroyed(move || opened.invalidate_all());
        Self { pool, keys, kept }
    }

    /// The rules now, and the position of the event that set them; 0 where there never were any.
    pub async fn of(&self, business: BusinessId) -> Result<(Arc<Rules>, i64), RulesUnreadable> {
        let query = sqlx::query_scalar(POSITIONS).bind(business.to_string());
        let positions: Vec<i64> = query.fetch_all(&self.pool).await?;
        let Some(newest) = positions.last().copied() else { return Ok((Arc::default(), 0)) };
        if let Some(kept) = self.kept.get(&(business, newest)) {
            return Ok((kept, newest));
        }
        let mut rules = Rules::default();
        for positions in positions.chunks(AT_ONCE) {
            for event in log::at_each(&self.pool, positions).await? {
                if let DomainEvent::Business(event) = event.open(&self.keys).await? {
                    rules.apply(event);
                }
            }
        }
        let rules = Arc::new(rules);
        self.kept.insert((business, newest), Arc::clone(&rules));
        Ok((rules, newest))
    }
}
