//! Data keys: one line of versions for each business, one key for each person, wrapped in `keys.data_key`, unwrapped in memory for a while.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use sqlx::{PgPool, Row};
use uuid::Uuid;

use super::destroyed::{self, Keepers};
use super::service::{Destroyed, KeyService, Scope, Wrapped};
use super::xaes::Cipher;
use super::{Key, SealError};

/// How long a data key stays in memory. One that is destroyed goes at once, here and wherever [`super::hear`] runs.
pub const CACHED_FOR: Duration = Duration::from_secs(300);
const CACHED_KEYS: u64 = 10_000;

/// Keys are asked for seldom: once a while for each business.
const MOST_CONNECTIONS: u32 = 4;

/// What a data key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Purpose {
    Seal,
    /// Keyed hashes, which must stay the same: never rotated.
    Digest,
    /// Seals what names one person, whose id stands in the place of the business. Never rotated: it seals little, and
    /// goes with them.
    Person,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Seal => "seal",
            Self::Digest => "digest",
            Self::Person => "person",
        }
    }
}

/// A data key ready for use.
pub struct DataKey {
    pub(crate) version: i32,
    pub(crate) cipher: Cipher,
    pub(crate) key: Key,
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DataKey(version {})", self.version)
    }
}

impl DataKey {
    pub(crate) fn new(version: i32, key: Key) -> Self {
        Self { version, cipher: Cipher::new(&key), key }
    }
}

/// `None` as version: the newest.
type Name = (Uuid, Purpose, Option<i32>);

/// The data keys of all businesses. Cheap to clone.
#[derive(Clone)]
pub struct Keys {
    pool: PgPool,
    service: Arc<dyn KeyService>,
    cache: Cache<Name, Found>,
    keepers: Keepers,
}

/// Failures are cached nowhere: a key service that comes back is noticed at once.
type Found = Result<Arc<DataKey>, Gone>;

/// Its keys were destroyed.
#[derive(Debug, Clone, Copy)]
struct Gone;

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("service", &self.service).finish_non_exhaustive()
    }
}

const NEWEST: &str = "
select version, master, wrapped from keys.data_key
where business = $1 and purpose = $2 order by version desc limit 1";

const ONE: &str = "
select version, master, wrapped from keys.data_key where business = $1 and purpose = $2 and version = $3";

const ADD: &str = "
insert into keys.data_key (business, purpose, version, master, wrapped)
select $1, $2, $3, $4, $5
where not exists (select from keys.data_key where business = $1 and destroyed_at is not null)
on conflict do nothing";

/// Who reads events wants their keys while it holds a connection. From the same pool, as many readers as it has
/// connections would all wait for each other.
fn of_their_own(pool: &PgPool) -> PgPool {
    let server = (*pool.connect_options()).clone();
    pool.options().clone().max_connections(MOST_CONNECTIONS).connect_lazy_with(server)
}

impl Keys {
    /// `pool`: of the database that holds them, which is reached over connections of their own.
    pub fn new(pool: &PgPool, service: Arc<dyn KeyService>) -> Self {
        let cache = Cache::builder().max_capacity(CACHED_KEYS).time_to_live(CACHED_FOR).build();
        Self { pool: of_their_own(pool), service, cache, keepers: Keepers::default() }
    }

    pub fn service(&self) -> &dyn KeyService {
        &*self.service
    }

    /// Ends its connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    pub(crate) fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// The key that seals now; made where there is none.
    ///
    /// # Errors
    /// Erased where the business was.
    pub(crate) async fn current(&self, business: Uuid, purpose: Purpose) -> Result<Arc<DataKey>, SealError> {
        let find = self.find_or_make(business, purpose);
        self.cached((business, purpose, None), find).await?.ok_or(SealError::Erased(business))
    }

    /// A key of the past; `None` where it was destroyed.
    pub(crate) async fn version(
        &self,
        business: Uuid,
        purpose: Purpose,
        version: i32,
    ) -> Result<Option<Arc<DataKey>>, SealError> {
        let find = async {
            match self.read(business, purpose, Some(version)).await? {
                Some(found) => Ok(found),
                // Sealed by a key that was never here.
                None => Err(SealError::Forged),
            }
        };
        self.cached((business, purpose, Some(version)), find).await
    }

    async fn cached(
        &self,
        name: Name,
        find: impl Future<Output = Result<Found, SealError>>,
    ) -> Result<Option<Arc<DataKey>>, SealError> {
        let found = match self.cache.get(&name).await {
            Some(found) => found,
            None => {
                let found = find.await?;
                self.cache.insert(name, found.clone()).await;
                found
            }
        };
        Ok(found.ok())
    }

    async fn find_or_make(&self, business: Uuid, purpose: Purpose) -> Result<Found, SealError> {
        if let Some(found) = self.read(business, purpose, None).await? {
            return Ok(found);
        }
        self.add(business, purpose, 1).await?;
        // Ours, or that of whoever was faster.
        Ok(self.read(business, purpose, None).await?.unwrap_or(Err(Gone)))
    }

    async fn add(&self, business: Uuid, purpose: Purpose, version: i32) -> Result<bool, SealError> {
        let wrapped = match self.service.wrap(Scope(business), &Key::generate()).await {
            Err(super::KeyError::Destroyed) => return Ok(false),
            wrapped => wrapped?,
        };
        let added = sqlx::query(ADD)
            .bind(business)
            .bind(purpose.as_str())
            .bind(version)
            .bind(wrapped.master)
            .bind(wrapped.bytes)
            .execute(&self.pool)
            .await?;
        Ok(added.rows_affected() == 1)
    }

    /// `None`: there is no such key.
    async fn read(&self, business: Uuid, purpose: Purpose, version: Option<i32>) -> Result<Option<Found>, SealError> {
        let query = sqlx::query(if version.is_some() { ONE } else { NEWEST }).bind(business).bind(purpose.as_str());
        let query = if let Some(version) = version { query.bind(version) } else { query };
        let Some(row) = query.fetch_optional(&self.pool).await? else { return Ok(None) };
        let (Some(master), Some(bytes)) = (row.try_get(1)?, row.try_get(2)?) else { return Ok(Some(Err(Gone))) };
        match self.service.unwrap(Scope(business), &Wrapped { master, bytes }).await {
            Ok(key) => Ok(Some(Ok(Arc::new(DataKey::new(row.try_get(0)?, key))))),
            Err(super::KeyError::Destroyed) => Ok(Some(Err(Gone))),
            Err(error) => Err(error.into()),
        }
    }

    /// Seals with a new data key from now on (elsewhere within [`CACHED_FOR`]); old ones go on opening.
    pub async fn rotate_data_key(&self, business: Uuid) -> Result<i32, SealError> {
        let version = self.current(business, Purpose::Seal).await?.version + 1;
        self.add(business, Purpose::Seal, version).await?;
        self.cache.invalidate(&(business, Purpose::Seal, None)).await;
        Ok(version)
    }

    /// Destroys every key of a business: what they sealed is unreadable from now on.
    pub async fn destroy(&self, business: Uuid) -> Result<Destroyed, SealError> {
        self.destroy_of(business, Purpose::Seal).await
    }

    /// The same for the key of a person, or of somebody who was written to.
    pub async fn destroy_person(&self, person: Uuid) -> Result<Destroyed, SealError> {
        self.destroy_of(person, Purpose::Person).await
    }

    async fn destroy_of(&self, scope: Uuid, purpose: Purpose) -> Result<Destroyed, SealError> {
        let destroyed = self.service.destroy(Scope(scope)).await?;
        let forget = "update keys.data_key set wrapped = null, master = null, destroyed_at = clock_timestamp()
                      where business = $1 and destroyed_at is null";
        sqlx::query(forget).bind(scope).execute(&self.pool).await?;
        // Who never sealed anything is erased too.
        let tombstone = "insert into keys.data_key (business, purpose, version, destroyed_at)
                         values ($1, $2, 1, clock_timestamp()) on conflict do nothing";
        sqlx::query(tombstone).bind(scope).bind(purpose.as_str()).execute(&self.pool).await?;
        self.forget();
        destroyed::tell(&self.pool, scope).await?;
        Ok(destroyed)
    }

    /// `forget` is called whenever keys were destroyed: what they opened is kept no longer than they are.
    pub fn on_destroyed(&self, forget: impl Fn() + Send + Sync + 'static) {
        self.keepers.add(forget);
    }

    /// All keys that are in memory, and what they opened.
    pub(super) fn forget(&self) {
        self.cache.invalidate_all();
        self.keepers.forget();
    }
}
