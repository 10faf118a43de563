//! What is kept of each erasure: `erasure.business`.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::{BusinessId, UserId};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgRow;
use sqlx::{FromRow, PgExecutor, PgPool, Row};

use crate::proof::ErasedKey;

/// What is done already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    Requested,
    /// `business.erased` is appended.
    Decided,
    Keys,
    Views,
    Tables,
    Stream,
    Swept,
    Certified,
}

impl Step {
    pub const ALL: [Self; 8] = [
        Self::Requested,
        Self::Decided,
        Self::Keys,
        Self::Views,
        Self::Tables,
        Self::Stream,
        Self::Swept,
        Self::Certified,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Decided => "decided",
            Self::Keys => "keys",
            Self::Views => "views",
            Self::Tables => "tables",
            Self::Stream => "stream",
            Self::Swept => "swept",
            Self::Certified => "certified",
        }
    }
}

/// An erasure that was asked for, or is under way, or done.
#[derive(Debug, Clone)]
pub struct State {
    pub business: BusinessId,
    pub requested_at: DateTime<Utc>,
    pub requested_by: String,
    pub due_at: DateTime<Utc>,
    pub erased_at: Option<DateTime<Utc>>,
    pub step: Step,
    pub certified_at: Option<DateTime<Utc>>,
    pub(super) facts: Facts,
}

/// What the certificate will say, gathered on the way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Facts {
    pub keys: Vec<ErasedKey>,
    /// Whether nothing in backups of the database opens either.
    pub everywhere: bool,
    /// Deleted rows by table.
    pub rows: BTreeMap<String, i64>,
    pub messages: i64,
    /// Deleted archives of its history.
    #[serde(default)]
    pub archives: i64,
}

impl FromRow<'_, PgRow> for State {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let step: &str = row.try_get("step")?;
        let known = Step::ALL.into_iter().find(|known| known.as_str() == step);
        let facts: serde_json::Value = row.try_get("facts")?;
        Ok(Self {
            business: BusinessId::from_uuid(row.try_get("business")?),
            requested_at: row.try_get("requested_at")?,
            requested_by: row.try_get("requested_by")?,
            due_at: row.try_get("due_at")?,
            erased_at: row.try_get("erased_at")?,
            step: known.ok_or_else(|| sqlx::Error::Decode(format!("no step {step}").into()))?,
            certified_at: row.try_get("certified_at")?,
            facts: serde_json::from_value(facts).map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
        })
    }
}

const COLUMNS: &str = "business, requested_at, requested_by, due_at, erased_at, step, certified_at, facts";

/// Every erasure that was asked for and not withdrawn, oldest first.
pub async fn list(pool: impl PgExecutor<'_>) -> Result<Vec<State>, sqlx::Error> {
    let all = format!("select {COLUMNS} from erasure.business order by requested_at, business");
    sqlx::query_as(&all).fetch_all(pool).await
}

/// Those of businesses that this user owned when they were erased.
pub async fn owned_by(pool: impl PgExecutor<'_>, user: UserId) -> Result<Vec<State>, sqlx::Error> {
    let owned = format!(
        "select {COLUMNS} from erasure.business join erasure.owner using (business)
         where user_id = $1 order by requested_at, business"
    );
    sqlx::query_as(&owned).bind(user.as_uuid()).fetch_all(pool).await
}

/// The one of this business.
pub async fn find(pool: impl PgExecutor<'_>, business: BusinessId) -> Result<Option<State>, sqlx::Error> {
    let one = format!("select {COLUMNS} from erasure.business where business = $1");
    sqlx::query_as(&one).bind(business.as_uuid()).fetch_optional(pool).await
}

/// The certificate, once there is one; JSON.
pub async fn certificate(pool: impl PgExecutor<'_>, business: BusinessId) -> Result<Option<String>, sqlx::Error> {
    let found = "select certificate from erasure.business where business = $1";
    let found: Option<Option<String>> = sqlx::query_scalar(found).bind(business.as_uuid()).fetch_optional(pool).await?;
    Ok(found.flatten())
}

/// Puts down what is done, unless another has done more.
pub(super) async fn advance(pool: &PgPool, state: &State, done: Step, facts: &Facts) -> Result<(), sqlx::Error> {
    let facts = serde_json::to_value(facts).map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
    sqlx::query("update erasure.business set step = $3, facts = $4 where business = $1 and step = $2")
        .bind(state.business.as_uuid())
        .bind(state.step.as_str())
        .bind(done.as_str())
        .bind(facts)
        .execute(pool)
        .await?;
    Ok(())
}
