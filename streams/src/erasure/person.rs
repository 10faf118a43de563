//! The end of a person: their keys, what views and files hold of them, and the certificate.
//!
//! Whoever holds accounts deletes the rows and says so ([`deleted_in_tx`]); everything after that is done here, each step
//! twice where a process dies between.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::UserId;
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection, PgExecutor, PgPool, Row};
use uuid::Uuid;

use super::job::{EraseError, Eraser, any_behind, held_keys, verified};
use super::tables;
use crate::proof::{Certificate, ErasedKey, PersonStatement, Statement};
use crate::sealing::Destroyed;

/// What is known of it before the keys go, and what the certificate will say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// The addresses of theirs that were written to, by the ids of their keys.
    pub addressees: Vec<Uuid>,
    /// Deleted rows by table.
    pub rows: BTreeMap<String, i64>,
    keys: Vec<ErasedKey>,
    everywhere: bool,
}

/// An account that was erased.
#[derive(Debug, Clone)]
pub struct State {
    pub person: UserId,
    pub requested_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub erased_at: DateTime<Utc>,
    /// `decided`, `deleted`, `keys`, `views`, `swept` or `certified`: what is done.
    pub step: String,
    pub certified_at: Option<DateTime<Utc>>,
    facts: Facts,
}

impl FromRow<'_, PgRow> for State {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            person: UserId::from_uuid(row.try_get("person")?),
            requested_at: row.try_get("requested_at")?,
            due_at: row.try_get("due_at")?,
            erased_at: row.try_get("erased_at")?,
            step: row.try_get("step")?,
            certified_at: row.try_get("certified_at")?,
            facts: row.try_get::<Json<Facts>, _>("facts")?.0,
        })
    }
}

/// Every account that was erased since there are certificates of it, oldest first.
pub async fn list(executor: impl PgExecutor<'_>) -> Result<Vec<State>, sqlx::Error> {
    sqlx::query_as("select * from erasure.person order by erased_at, person").fetch_all(executor).await
}

/// The certificate, once there is one; JSON.
pub async fn certificate(executor: impl PgExecutor<'_>, person: UserId) -> Result<Option<String>, sqlx::Error> {
    let found = "select certificate from erasure.person where person = $1";
    let found: Option<Option<String>> =
        sqlx::query_scalar(found).bind(person.as_uuid()).fetch_optional(executor).await?;
    Ok(found.flatten())
}

/// Whether the log says so already.
pub async fn is_decided(executor: impl PgExecutor<'_>, person: UserId) -> Result<bool, sqlx::Error> {
    let decided = "select exists (select from erasure.person where person = $1)";
    sqlx::query_scalar(decided).bind(person.as_uuid()).fetch_one(executor).await
}

/// The account is gone with this transaction. `letter_to`: where the certificate is to be sent, sealed.
pub async fn deleted_in_tx(
    tx: &mut PgConnection,
    person: UserId,
    facts: &Facts,
    letter_to: Option<Vec<u8>>,
) -> Result<(), sqlx::Error> {
    const DELETED: &str = "
update erasure.person set step = 'deleted', facts = $2, letter_to = $3 where person = $1 and step = 'decided'";
    sqlx::query(DELETED).bind(person.as_uuid()).bind(Json(facts)).bind(letter_to).execute(tx).await?;
    Ok(())
}

async fn advance(pool: &PgPool, state: &State, done: &str, facts: &Facts) -> Result<(), sqlx::Error> {
    sqlx::query("update erasure.person set step = $3, facts = $4 where person = $1 and step = $2")
        .bind(state.person.as_uuid())
        .bind(&state.step)
        .bind(done)
        .bind(Json(facts))
        .execute(pool)
        .await?;
    Ok(())
}

/// Where the account ends in the log, once that has a position, and the hash of that event.
async fn end(pool: &PgPool, person: UserId) -> Result<Option<(i64, [u8; 32])>, sqlx::Error> {
    let end = "select log.position, log.hash from erasure.person join store.log using (event_id) where person = $1";
    let row = sqlx::query(end).bind(person.as_uuid()).fetch_optional(pool).await?;
    row.map(|row| Ok((row.try_get(0)?, crate::log::hash(&row, 1)?))).transpose()
}

impl Eraser {
    /// Takes every person who is not certified as far as it goes now.
    pub(super) async fn look_at_people(&self) -> Result<(), EraseError> {
        let mut failed = Ok(());
        for state in list(&self.parts.pool).await? {
            if let Err(error) = self.go_on_with(state).await {
                tracing::error!(%error, "the erasure of a person is tried again");
                failed = Err(error);
            }
        }
        failed
    }

    async fn go_on_with(&self, mut state: State) -> Result<(), EraseError> {
        loop {
            let (done, facts) = match state.step.as_str() {
                "deleted" => ("keys", self.destroy_keys_of(&state).await?),
                "keys" if self.is_out_of_views(&state).await? => ("views", state.facts.clone()),
                "views" => {
                    tables::sweep_people(&self.parts.pool).await?;
                    ("swept", state.facts.clone())
                }
                "swept" => return self.certify_person(&state).await,
                // Whoever holds accounts is at it, or it waits for the projections, or it is over.
                _ => return Ok(()),
            };
            advance(&self.parts.pool, &state, done, &facts).await?;
            (state.step, state.facts) = (done.to_owned(), facts);
        }
    }

    async fn destroy_keys_of(&self, state: &State) -> Result<Facts, EraseError> {
        let mut facts = state.facts.clone();
        let scopes: Vec<_> = [state.person.as_uuid()].into_iter().chain(facts.addressees.clone()).collect();
        // Put down first: afterwards nobody knows which they were. What a run before put down stays.
        for scope in &scopes {
            facts.keys.extend(held_keys(&self.parts.pool, *scope).await?);
        }
        advance(&self.parts.pool, state, &state.step, &facts).await?;
        facts.everywhere = true;
        for scope in scopes {
            let destroyed = self.parts.commands.keys().destroy_person(scope).await?;
            facts.everywhere &= destroyed == Destroyed::Everywhere;
        }
        Ok(facts)
    }

    async fn is_out_of_views(&self, state: &State) -> Result<bool, EraseError> {
        let pool = &self.parts.pool;
        let Some((end, _)) = end(pool, state.person).await? else { return Ok(false) };
        if any_behind(pool, end).await? {
            return Ok(false);
        }
        match tables::left_of_person(pool, state.person, end).await? {
            left if left.is_empty() => Ok(true),
            left => Err(EraseError::Left(left)),
        }
    }

    async fn certify_person(&self, state: &State) -> Result<(), EraseError> {
        let pool = &self.parts.pool;
        let chain_verified_to = verified(pool).await?;
        let (position, hash) = end(pool, state.person).await?.ok_or(sqlx::Error::RowNotFound)?;
        let (facts, certified_at) = (state.facts.clone(), Utc::now());
        let statement = PersonStatement {
            person: state.person,
            requested_at: state.requested_at,
            due_at: state.due_at,
            erased_at: state.erased_at,
            position,
            keys: facts.keys,
            backups_unreadable: facts.everywhere,
            rows: facts.rows,
            chain_verified_to,
            certified_at,
        };
        let certificate = Certificate::issue(&self.parts.notary, Statement::Person(statement), hash).await?;
        let certified = "update erasure.person set step = 'certified', certificate = $2, certified_at = $3
            where person = $1 and step = 'swept'";
        sqlx::query(certified)
            .bind(state.person.as_uuid())
            .bind(serde_json::to_string_pretty(&certificate)?)
            .bind(certified_at)
            .execute(pool)
            .await?;
        tracing::info!(person = %state.person, "a person was erased");
        Ok(())
    }
}
