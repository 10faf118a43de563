//! Transactions that are the same money: what was found, proposed and refused, and how users decide.
//!
//! What is decided is in the log: legs that mean something else ([`By::Match`]), and matches that were refused. The rows
//! follow from it; a user's decision writes them too, so that the next look shows it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::account::{AccountCommand, Decision, Synced};
use domain::matching::{Evidence, Match, Parts};
use domain::meaning::By;
use domain::{AccountId, BusinessId, Code, Currency, MatchId, TransactionId};
use rust_decimal::Decimal;
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row};

use crate::security::variant_name;
use crate::{CommandError, Commands, Meta};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Likely: for a user to say.
    Proposed,
    /// Certain enough to stand by itself.
    Applied,
    /// A user said so.
    Accepted,
    /// A user said that it is not so.
    Refused,
}

impl State {
    pub const ALL: [Self; 4] = [Self::Proposed, Self::Applied, Self::Accepted, Self::Refused];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Applied => "applied",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
        }
    }

    pub const fn stands(self) -> bool {
        matches!(self, Self::Applied | Self::Accepted)
    }
}

/// A match, and how it stands.
#[derive(Debug, Clone)]
pub struct Kept {
    pub found: Match,
    pub state: State,
    /// The later of its days.
    pub day: NaiveDate,
    /// Without sign.
    pub amount: Decimal,
    pub currency: Currency,
}

/// Transactions that a match is the sum of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum {
    /// Where its provider says which they are.
    pub payout: Option<TransactionId>,
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// Fees left out.
    pub count: u32,
    pub gross: Decimal,
    pub fees: Decimal,
    /// What the amount is more than those that are known here.
    pub difference: Decimal,
    pub currency: Currency,
}

impl Kept {
    /// What it is the sum of, where that is more than a leg.
    pub fn sum(&self) -> Option<Sum> {
        let Parts { account, from, to, count, gross, fees } = self.found.parts.clone()?;
        let says = |evidence: &Evidence| matches!(evidence, Evidence::ProviderSays(_));
        let is_told = self.found.evidence.iter().any(says);
        let payout = self.found.legs.iter().find(|leg| is_told && leg.account == account).map(|leg| leg.id);
        // The amount has no sign, and a payout may go either way.
        let known = (gross + fees).abs();
        let difference = if payout.is_some() { self.amount - known } else { Decimal::ZERO };
        Some(Sum { payout, from, to, count, gross, fees, difference, currency: self.currency })
    }
}

/// What a user says of a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Say {
    Accept,
    /// Of what was proposed, or of what stands.
    Refuse,
}

#[derive(Debug, thiserror::Error)]
pub enum SayError {
    #[error("there is no such match; it may have been found otherwise meanwhile")]
    NotThere,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Command(#[from] CommandError),
}

impl SayError {
    pub fn code(&self) -> Code {
        match self {
            Self::NotThere => Code::NotFound,
            Self::Database(_) => Code::Unavailable,
            Self::Command(error) => error.code(),
        }
    }
}

/// The rows. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Matches {
    pool: PgPool,
}

const COLUMNS: &str = "found, state, day, amount, currency";

impl Matches {
    pub const fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    pub async fn find(&self, business: BusinessId, id: MatchId) -> Result<Option<Kept>, sqlx::Error> {
        let text = format!("select {COLUMNS} from meaning.match where business = $1 and id = $2");
        let row = sqlx::query(&text).bind(business.as_uuid()).bind(id.as_uuid()).fetch_optional(&self.pool).await?;
        row.as_ref().map(kept_of).transpose()
    }

    /// Newest day first, at most `limit`; `of`: those alone that a transaction is a leg of.
    pub async fn list(
        &self,
        business: BusinessId,
        (states, of): (&[State], Option<TransactionId>),
        after: Option<(NaiveDate, MatchId)>,
        limit: i64,
    ) -> Result<Vec<Kept>, sqlx::Error> {
        let text = format!(
            "select {COLUMNS} from meaning.match where business = $1 and state = any($2)
             and ($3::date is null or (day, id) < ($3, $4::uuid))
             and ($6::uuid is null
                 or id in (select match from meaning.match_leg where business = $1 and transaction = $6))
             order by day desc, id desc limit $5"
        );
        let query = sqlx::query(&text)
            .bind(business.as_uuid())
            .bind(states.iter().map(|state| state.as_str()).collect::<Vec<_>>())
            .bind(after.map(|(day, _)| day))
            .bind(after.map(|(_, id)| id.as_uuid()))
            .bind(limit)
            .bind(of.map(TransactionId::as_uuid));
        query.fetch_all(&self.pool).await?.iter().map(kept_of).collect()
    }

    /// Those that any of these transactions is a leg of.
    pub async fn with(&self, business: BusinessId, legs: &[TransactionId]) -> Result<Vec<Kept>, sqlx::Error> {
        let text = format!(
            "select {COLUMNS} from meaning.match where business = $1
             and id in (select match from meaning.match_leg where business = $1 and transaction = any($2)) order by id"
        );
        let legs: Vec<_> = legs.iter().map(|id| id.as_uuid()).collect();
        let query = sqlx::query(&text).bind(business.as_uuid()).bind(legs);
        query.fetch_all(&self.pool).await?.iter().map(kept_of).collect()
    }

    /// How many there are in each state.
    pub async fn counts(&self, business: BusinessId) -> Result<BTreeMap<String, i64>, sqlx::Error> {
        let query = sqlx::query_as("select state, count(*) from meaning.match where business = $1 group by state");
        let rows: Vec<(String, i64)> = query.bind(business.as_uuid()).fetch_all(&self.pool).await?;
        Ok(rows.into_iter().collect())
    }

    /// Writes how a match stands. What was refused is only ever accepted by a user.
    pub async fn put(&self, business: BusinessId, kept: &Kept) -> Result<(), sqlx::Error> {
        let mut tx = self.pool.begin().await?;
        let found = serde_json::to_string(&kept.found).map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
        sqlx::query(
            "insert into meaning.match as m (business, id, relation, percent, state, day, amount, currency, found)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             on conflict (business, id) do update set percent = excluded.percent, state = excluded.state,
                 day = excluded.day, found = excluded.found
             where excluded.state in ('accepted', 'refused') or m.state = 'proposed'",
        )
        .bind(business.as_uuid())
        .bind(kept.found.id.as_uuid())
        .bind(kept.found.relation.as_str())
        .bind(i32::from(kept.found.percent))
        .bind(kept.state.as_str())
        .bind(kept.day)
        .bind(kept.amount)
        .bind(kept.currency.code())
        .bind(found)
        .execute(&mut *tx)
        .await?;
        let legs: Vec<_> = kept.found.legs.iter().map(|leg| leg.id.as_uuid()).collect();
        sqlx::query(
            "insert into meaning.match_leg (business, transaction, match) select $1, unnest($2::uuid[]), $3
             on conflict do nothing",
        )
        .bind(business.as_uuid())
        .bind(legs)
        .bind(kept.found.id.as_uuid())
        .execute(&mut *tx)
        .await?;
        tx.commit().await
    }

    /// Writes what a match that stands is the sum of: its legs and what was decided of it stay.
    pub async fn explain(&self, business: BusinessId, found: &Match) -> Result<(), sqlx::Error> {
        let text = serde_json::to_string(found).map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
        let update = "update meaning.match set percent = $3, found = $4
            where business = $1 and id = $2 and state in ('applied', 'accepted')";
        let query = sqlx::query(update).bind(business.as_uuid()).bind(found.id.as_uuid());
        query.bind(i32::from(found.percent)).bind(text).execute(&self.pool).await.map(drop)
    }

    /// Forgets matches: what they were found by is no longer so.
    pub async fn forget(&self, business: BusinessId, ids: &[MatchId]) -> Result<(), sqlx::Error> {
        let ids: Vec<_> = ids.iter().map(|id| id.as_uuid()).collect();
        for text in [
            "delete from meaning.match_leg where business = $1 and match = any($2)",
            "delete from meaning.match where business = $1 and id = any($2)",
        ] {
            sqlx::query(text).bind(business.as_uuid()).bind(&ids).execute(&self.pool).await?;
        }
        Ok(())
    }
}

/// Of a row with its columns.
///
/// # Errors
/// Where a column is missing or unreadable.
pub fn kept_of(row: &PgRow) -> Result<Kept, sqlx::Error> {
    let decode = |column: &str, source: Box<dyn std::error::Error + Send + Sync>| sqlx::Error::ColumnDecode {
        index: column.to_owned(),
        source,
    };
    let (found, state, currency): (&str, &str, &str) =
        (row.try_get("found")?, row.try_get("state")?, row.try_get("currency")?);
    let known = State::ALL.into_iter().find(|known| known.as_str() == state);
    Ok(Kept {
        found: serde_json::from_str(found).map_err(|error| decode("found", Box::new(error)))?,
        state: known.ok_or_else(|| decode("state", state.to_owned().into()))?,
        day: row.try_get("day")?,
        amount: row.try_get("amount")?,
        currency: currency.parse().map_err(|error: domain::UnknownCurrency| decode("currency", Box::new(error)))?,
    })
}

/// Decisions of legs by account.
pub type ByAccount = BTreeMap<AccountId, Vec<Decision>>;

/// What a match makes of its legs.
pub fn decisions(found: &Match, accepted: bool, into: &mut ByAccount) {
    for leg in found.legs.iter().filter(|leg| leg.to.is_some()) {
        let by = By::Match { found: Box::new(found.clone()), accepted };
        into.entry(leg.account).or_default().push(Decision { id: leg.id, by, to: leg.to.clone() });
    }
}

/// What it takes to give a match up: its legs mean what they meant without it. Only a user gives up what one accepted.
pub fn given_up(found: &Match, by_user: bool, into: &mut ByAccount) {
    for leg in found.legs.iter().filter(|leg| leg.to.is_some()) {
        let by = By::Match { found: Box::new(found.clone()), accepted: by_user };
        into.entry(leg.account).or_default().push(Decision { id: leg.id, by, to: None });
    }
}

/// Records decisions, at most [`Synced::MOST`] in one event; the newest position.
///
/// # Errors
/// The first that an account refuses; what stands by then stands, and the rest is recorded by the next try.
pub async fn record(commands: &Commands, decisions: ByAccount, meta: &Meta) -> Result<i64, CommandError> {
    let mut position = 0;
    for (account, decisions) in decisions {
        for decisions in decisions.chunks(Synced::MOST) {
            let command = AccountCommand::Recategorise { decisions: decisions.to_vec(), note: None };
            let receipt = commands.account(account, command, meta).await?;
            if let Some(positions) = commands.position_of(&receipt).await? {
                position = position.max(positions.last);
            }
        }
    }
    Ok(position)
}

/// A user says of a match whether it is one; the position at which it shows, 0 where nothing had to change.
///
/// # Errors
/// Where there is no such match, or it cannot be recorded now. Saying it again goes on where it stopped.
pub async fn say(commands: &Commands, id: MatchId, say: Say, meta: &Meta) -> Result<i64, SayError> {
    let said = try_say(commands, id, say, meta).await;
    if matches!(said, Err(SayError::NotThere)) {
        commands.declined(("match", id.as_uuid()), &variant_name(&say), Code::NotFound, meta).await;
    }
    said
}

async fn try_say(commands: &Commands, id: MatchId, say: Say, meta: &Meta) -> Result<i64, SayError> {
    let (matches, business) = (commands.matches(), meta.business);
    let kept = matches.find(business, id).await?.ok_or(SayError::NotThere)?;
    let mut changes = ByAccount::new();
    let mut position = 0;
    let state = match say {
        Say::Accept => {
            // What one of its legs was taken for is what a user now says that it is not.
            let legs: Vec<_> = kept.found.legs.iter().map(|leg| leg.id).collect();
            let slot = kept.found.relation.slot();
            for other in matches.with(business, &legs).await? {
                if other.state.stands() && other.found.id != id && other.found.relation.slot() == slot {
                    position = position.max(refuse(commands, &other, meta).await?);
                }
            }
            decisions(&kept.found, true, &mut changes);
            State::Accepted
        }
        Say::Refuse => {
            position = refuse(commands, &kept, meta).await?;
            State::Refused
        }
    };
    position = position.max(record(commands, changes, meta).await?);
    matches.put(business, &Kept { state, ..kept }).await?;
    Ok(position)
}

/// The refusal stands first: whatever is cut off after it, the worker takes the legs back.
async fn refuse(commands: &Commands, kept: &Kept, meta: &Meta) -> Result<i64, SayError> {
    let mut position = 0;
    if kept.state != State::Refused
        && let Some(keeper) = kept.found.keeper()
    {
        let command = AccountCommand::RefuseMatch { found: Box::new(kept.found.clone()) };
        let receipt = commands.account(keeper.account, command, meta).await?;
        position = commands.position_of(&receipt).await?.map_or(0, |positions| positions.last);
    }
    let mut changes = ByAccount::new();
    given_up(&kept.found, true, &mut changes);
    let recorded = record(commands, changes, meta).await?;
    commands.matches().put(meta.business, &Kept { state: State::Refused, ..kept.clone() }).await?;
    Ok(position.max(recorded))
}
