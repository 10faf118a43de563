//! The n-th occurrence of equal rows in one file: in memory up to a limit, beyond it in a temporary table.

use std::collections::HashMap;

use sqlx::pool::PoolConnection;
use sqlx::{PgPool, Postgres};
use uuid::Uuid;

use crate::file::error::ImportError;

const CREATE: &str = "create temporary table if not exists occurrence (key uuid primary key, seen int not null)";
const EMPTY: &str = "truncate occurrence";
/// Counts each key once; a chunk's equal keys are counted before.
const COUNT: &str = "
insert into occurrence as kept (key, seen) select * from unnest($1::uuid[], $2::int[])
on conflict (key) do update set seen = kept.seen + excluded.seen returning key, seen";

pub struct Occurrences {
    pool: PgPool,
    limit: usize,
    seen: HashMap<u128, u32>,
    /// Holds the temporary table, once it is needed.
    beyond: Option<PoolConnection<Postgres>>,
}

impl Occurrences {
    pub fn new(pool: PgPool, limit: usize) -> Self {
        Self { pool, limit, seen: HashMap::new(), beyond: None }
    }

    /// For each key of a chunk, which occurrence it is, from 1.
    pub async fn count(&mut self, keys: Vec<u128>) -> Result<Vec<u32>, ImportError> {
        let mut counted = vec![0; keys.len()];
        let mut others: HashMap<u128, Vec<usize>> = HashMap::new();
        for (place, key) in keys.into_iter().enumerate() {
            let has_room = self.seen.len() < self.limit;
            match self.seen.get_mut(&key) {
                Some(seen) => {
                    *seen += 1;
                    counted[place] = *seen;
                }
                None if has_room => {
                    self.seen.insert(key, 1);
                    counted[place] = 1;
                }
                None => others.entry(key).or_default().push(place),
            }
        }
        if !others.is_empty() {
            self.count_beyond(&others, &mut counted).await.map_err(|error| ImportError::Unavailable(error.into()))?;
        }
        Ok(counted)
    }

    async fn count_beyond(
        &mut self,
        others: &HashMap<u128, Vec<usize>>,
        counted: &mut [u32],
    ) -> Result<(), sqlx::Error> {
        let connection = match &mut self.beyond {
            Some(connection) => connection,
            beyond => {
                let mut connection = self.pool.acquire().await?;
                sqlx::query(CREATE).execute(&mut *connection).await?;
                sqlx::query(EMPTY).execute(&mut *connection).await?;
                beyond.insert(connection)
            }
        };
        let keys: Vec<Uuid> = others.keys().map(|key| Uuid::from_u128(*key)).collect();
        let more = |places: &Vec<usize>| i32::try_from(places.len()).unwrap_or(i32::MAX);
        let counts: Vec<i32> = others.values().map(more).collect();
        let rows: Vec<(Uuid, i32)> = sqlx::query_as(COUNT).bind(keys).bind(counts).fetch_all(&mut **connection).await?;
        for (key, seen) in rows {
            let Some(places) = others.get(&key.as_u128()) else { continue };
            let before =
                u32::try_from(seen).unwrap_or_default().saturating_sub(u32::try_from(places.len()).unwrap_or(0));
            for (n, place) in (1_u32..).zip(places) {
                counted[*place] = before + n;
            }
        }
        Ok(())
    }
}
