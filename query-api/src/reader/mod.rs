//! One call per question, each answered as known at a position.
//!
//! A [`View`] fixes business and position; every figure of one page asks for the same view, so that they agree. Sums
//! of cells are kept in memory by (business, generation, newest event, question): the key names everything they
//! depend on, so they are never stale and need no invalidation.

mod audit;
mod balances;
mod beside;
mod browse;
mod categories;
mod changes;
mod closings;
mod compared;
mod completeness;
mod connections;
mod convert;
mod decision;
mod documents;
mod explain;
mod history;
mod matches;
mod months;
mod operands;
mod payloads;
mod preview;
mod rates;
mod recurring;
mod revised;
mod rules;
mod search;
mod series;
mod summary;
mod texts;
mod view;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::{BusinessId, Currency};
use moka::future::Cache;
use sqlx::PgPool;
use streams::projection::CheckpointWatch;
use streams::rules::RulesReader;
use streams::sealing::Keys;

pub use audit::{AuditAsked, AuditPage};
pub use balances::{AccountBalance, BalancePoint, Balances};
pub use beside::{Attachment, Beside, Memo};
pub use browse::{BatchPage, Page, Parties, TransactionPage};
pub use categories::CategoryNode;
pub use changes::{CauseChange, Changes};
pub use closings::ClosingFigures;
pub use compared::ComparedPoint;
pub(crate) use completeness::MOST_DAYS as MOST_STATEMENT_DAYS;
pub use completeness::{Completeness, CompletenessDay, Gap, Recorded, Standing};
pub use connections::Connection;
pub use decision::Decision;
pub use documents::{Document, DocumentPage, Settles};
pub use explain::{Explanation, KnownValue, Part};
pub use matches::MatchPage;
pub use months::{Closing, MonthState};
pub use payloads::{Behind, Payload};
pub use preview::{Previewed, PreviewedFigure, RulePreview};
pub(crate) use rates::MOST_DAYS as MOST_RATE_DAYS;
pub use rates::{ConvertedDay, Original};
pub use recurring::Recurring;
pub use revised::{Revised, RevisedPage};
pub(crate) use series::MOST_BUCKETS;
pub use series::{Point, Series, SeriesQuery, SplitBy};
pub use summary::{CategoryChange, ComparedFigure, Figure, Summary};
pub use view::{Known, View};
pub(crate) use view::{period, whole_calendar};

use crate::failure::Failure;
use crate::views::{self, Question, SumRow};

/// Answers questions from one pool. Cheap to clone.
///
/// Give it a pool with `test_before_acquire(false)`: the test is one more round trip for every statement.
#[derive(Debug, Clone)]
pub struct Reader {
    pool: PgPool,
    cache: Cache<CacheKey, Arc<Vec<SumRow>>>,
    worths: convert::Worths,
    texts: texts::Opener,
    rules: RulesReader,
    searched: search::Searched,
    checkpoints: Option<CheckpointWatch>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct CacheKey {
    business: BusinessId,
    generation: (i32, i64),
    changed: i64,
    question: Question,
    /// The currency that all of it is converted into.
    into: Option<Currency>,
}

impl CacheKey {
    fn of(view: &View, question: Question) -> Self {
        let View { business, generation, changed, .. } = view;
        Self { business: business.id, generation: *generation, changed: *changed, question, into: None }
    }
}

/// Rows of sums kept in memory, some 150 bytes each.
const CACHED_ROWS: u64 = 200_000;
const CACHED_FOR: Duration = Duration::from_secs(600);

impl Reader {
    /// `keys`: what names and descriptions are opened with.
    pub fn new(pool: PgPool, keys: Keys) -> Self {
        let weigh = |_: &CacheKey, rows: &Arc<Vec<SumRow>>| u32::try_from(rows.len() + 1).unwrap_or(u32::MAX);
        let cache = Cache::builder().max_capacity(CACHED_ROWS).weigher(weigh).time_to_idle(CACHED_FOR).build();
        let rules = RulesReader::new(pool.clone(), keys.clone());
        Self {
            searched: search::Searched::new(&keys),
            texts: texts::Opener::new(pool.clone(), keys),
            rules,
            worths: convert::Worths::new(),
            pool,
            cache,
            checkpoints: None,
        }
    }

    /// Waits for positions by the shared watch instead of a connection for each that waits: what servers want.
    #[must_use]
    pub fn watching(self, checkpoints: CheckpointWatch) -> Self {
        Self { checkpoints: Some(checkpoints), ..self }
    }

    pub(crate) fn keys(&self) -> &Keys {
        self.texts.keys()
    }

    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    /// Sums as known at the view's position.
    async fn sums(&self, view: &View, question: Question) -> Result<Arc<Vec<SumRow>>, Failure> {
        let key = CacheKey::of(view, question.clone());
        let read = async { views::sums(&self.pool, view.business.id, &question, &[view.changed]).await.map(Arc::new) };
        self.cache.try_get_with(key, Box::pin(read)).await.map_err(Failure::Database)
    }
}
