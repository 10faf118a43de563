//! Refusals of rights and views of sealed texts, recorded where they happen.

use std::time::Duration;

use domain::BusinessId;
use domain::access::{Origin, Principal, Recorder, Refused, Subject, Told, Viewed};
use domain::security::SecurityEvent;
use moka::sync::Cache;
use sqlx::PgPool;
use streams::Meta;
use streams::security::{Journal, SecurityLog};

/// Views of one field of one business by one person are recorded once in this time.
const VIEWED_ONCE_IN: Duration = Duration::from_secs(3600);
const MOST_VIEWERS: u64 = 100_000;

const HAS_MEMBERS: &str = "select exists (select from access.member where business = $1)";

/// Cheap to clone.
#[derive(Debug, Clone)]
pub struct Recording {
    journal: SecurityLog,
    pool: PgPool,
    viewed: Cache<(Subject, Viewed), ()>,
}

impl Recording {
    pub fn new(journal: SecurityLog, pool: PgPool) -> Self {
        let viewed = Cache::builder().max_capacity(MOST_VIEWERS).time_to_live(VIEWED_ONCE_IN).build();
        Self { journal, pool, viewed }
    }

    /// The principal of one request or socket, whose refusals and views are written to the log with where they came from.
    /// Nobody waits for that: the answer takes as long as another.
    pub fn of(&self, principal: Principal, origin: &Origin) -> Principal {
        let (asks, origin, this) = (principal.clone(), origin.clone(), self.clone());
        principal.recorded_by(Recorder::new(move |told| match told {
            Told::Refused(refused) => this.refused(refused, &asks, &origin),
            Told::Viewed(viewed) => this.viewed(viewed, &asks, &origin),
        }))
    }

    fn refused(&self, refused: Refused, asks: &Principal, origin: &Origin) {
        let business = refused.business.unwrap_or_else(|| Meta::installation("").business);
        let meta = Meta::by(business, asks, origin);
        let event = SecurityEvent::AccessRefused { action: refused.action, code: refused.code };
        let journal = self.journal.clone();
        tokio::spawn(async move { journal.note(event, &meta).await });
    }

    fn viewed(&self, viewed: Viewed, asks: &Principal, origin: &Origin) {
        if !self.viewed.entry((asks.subject.clone(), viewed)).or_insert(()).is_fresh() {
            return;
        }
        let meta = Meta::by(viewed.business, asks, origin);
        let is_support = asks.subject == Subject::LocalOwner;
        let this = self.clone();
        tokio::spawn(async move {
            let event = SecurityEvent::SealedFieldViewed { field: viewed.field, subject: viewed.business.as_uuid() };
            this.journal.note(event, &meta).await;
            if is_support && this.has_members(viewed.business).await {
                let reason = "signed in with the link of the installation".to_owned();
                this.journal.note(SecurityEvent::SupportAccess { reason }, &meta).await;
            }
        });
    }

    /// A business that is somebody's own, and not of whoever runs the installation.
    async fn has_members(&self, business: BusinessId) -> bool {
        let found = sqlx::query_scalar(HAS_MEMBERS).bind(business.as_uuid()).fetch_one(&self.pool).await;
        found.unwrap_or_else(|error| {
            tracing::warn!(%error, "whether a view was support cannot be said; it is recorded as such");
            true
        })
    }
}
