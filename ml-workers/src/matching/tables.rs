//! How far it has come, and the rows that it looks at.

use chrono::{Days, NaiveDate};
use domain::matching::{Leg, Match, Role, Words};
use domain::meaning::{By, Decided, Meaning};
use domain::source::SourceKind;
use domain::{AccountId, Booked, BusinessId, Currency, MatchId, SourceId, TransactionId};
use rust_decimal::Decimal;
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row as _};
use streams::matches::{Kept, State};
use uuid::Uuid;

use super::pass::Accounts;

pub(super) async fn looked_to(pool: &PgPool) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("select looked_to from meaning.match_followed").fetch_one(pool).await
}

pub(super) async fn set_looked_to(pool: &PgPool, position: i64) -> Result<(), sqlx::Error> {
    sqlx::query("update meaning.match_followed set looked_to = $1").bind(position).execute(pool).await.map(drop)
}

/// What accounts of a source are; the demo business says itself what is the same money.
pub(super) const fn role_of(kind: SourceKind) -> Option<Role> {
    match kind {
        SourceKind::Plaid | SourceKind::Feed => Some(Role::Bank),
        SourceKind::File => Some(Role::File),
        SourceKind::Stripe => Some(Role::Processor),
        SourceKind::Shopify => Some(Role::Shop),
        SourceKind::QuickBooks => Some(Role::Books),
        SourceKind::Demo => None,
    }
}

const ROLES: [(Role, &str); 5] = [
    (Role::Bank, "bank"),
    (Role::File, "file"),
    (Role::Processor, "processor"),
    (Role::Shop, "shop"),
    (Role::Books, "books"),
];

pub(super) async fn put_source(
    pool: &PgPool,
    business: BusinessId,
    source: Uuid,
    role: Role,
) -> Result<(), sqlx::Error> {
    let name = ROLES.iter().find(|(known, _)| *known == role).map(|(_, name)| *name);
    let text = "insert into meaning.match_source (source, business, role) values ($1, $2, $3) on conflict do nothing";
    sqlx::query(text).bind(source).bind(business.as_uuid()).bind(name).execute(pool).await.map(drop)
}

pub(super) async fn put_account(
    pool: &PgPool,
    business: BusinessId,
    account: AccountId,
    source: SourceId,
) -> Result<(), sqlx::Error> {
    let text = "insert into meaning.match_account (account, business, role)
        select $1, business, role from meaning.match_source where source = $2 and business = $3
        on conflict do nothing";
    let query = sqlx::query(text).bind(account.as_uuid()).bind(source.as_uuid()).bind(business.as_uuid());
    query.execute(pool).await.map(drop)
}

pub(super) async fn accounts(pool: &PgPool, business: BusinessId) -> Result<Accounts, sqlx::Error> {
    let query = sqlx::query_as("select account, role from meaning.match_account where business = $1 order by account");
    let rows: Vec<(Uuid, String)> = query.bind(business.as_uuid()).fetch_all(pool).await?;
    let known = |name: &str| ROLES.iter().find(|(_, known)| *known == name).map(|(role, _)| *role);
    Ok(rows.into_iter().filter_map(|(id, role)| Some((AccountId::from_uuid(id), known(&role)?))).collect())
}

/// Days of a business that are to be looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pass {
    id: Uuid,
    pub business: BusinessId,
    pub asked_at: i64,
    pub from: NaiveDate,
    pub to: NaiveDate,
}

/// A pass that has these days, or ends beside them, becomes one with them: its days not yet looked at are few or are
/// these. Others go on as they are.
const ASK: &str = "
with joined as (
    delete from meaning.match_pass where business = $1 and from_day <= $3::date + 1 and to_day >= $2::date - 1
    returning from_day, to_day, asked_at, turn
)
insert into meaning.match_pass (business, from_day, to_day, asked_at, turn)
select $1, least($2::date, min(from_day)), greatest($3::date, max(to_day)), greatest($4, max(asked_at)),
       coalesce(min(turn), nextval('meaning.match_turn'))
from joined";

pub(super) async fn ask_for_pass(
    pool: &PgPool,
    business: BusinessId,
    (from, to): (NaiveDate, NaiveDate),
    at: i64,
) -> Result<(), sqlx::Error> {
    // A day more on either side: a business's day may be another than UTC's.
    let (from, to) = (from - Days::new(1), to + Days::new(1));
    sqlx::query(ASK).bind(business.as_uuid()).bind(from).bind(to).bind(at).execute(pool).await.map(drop)
}

/// Whose turn it is, of those whose rows show what they were asked for.
const READY: &str = "
select id, business, asked_at, from_day, to_day from meaning.match_pass
where asked_at <= (select position from read.position where projection = 'metrics')
order by turn limit 1";

pub(super) async fn ready_pass(pool: &PgPool) -> Result<Option<Pass>, sqlx::Error> {
    let row = sqlx::query(READY).fetch_optional(pool).await?;
    row.map(|row| {
        Ok(Pass {
            id: row.try_get(0)?,
            business: BusinessId::from_uuid(row.try_get(1)?),
            asked_at: row.try_get(2)?,
            from: row.try_get(3)?,
            to: row.try_get(4)?,
        })
    })
    .transpose()
}

/// Everything from a day on was looked at; the rest waits for its next turn.
pub(super) async fn advance_pass(pool: &PgPool, pass: &Pass, from: NaiveDate) -> Result<(), sqlx::Error> {
    let text = if from <= pass.from {
        "delete from meaning.match_pass where id = $1 and $2::date is not null"
    } else {
        "update meaning.match_pass set to_day = $2::date - 1, turn = nextval('meaning.match_turn') where id = $1"
    };
    sqlx::query(text).bind(pass.id).bind(from).execute(pool).await.map(drop)
}

/// What users decided and what stands, of these days.
pub(super) async fn decided(
    pool: &PgPool,
    business: BusinessId,
    (from, to): (NaiveDate, NaiveDate),
) -> Result<Vec<Kept>, sqlx::Error> {
    let text = "select found, state, day, amount, currency from meaning.match
        where business = $1 and state in ('applied', 'accepted', 'refused') and day between $2 and $3";
    let query = sqlx::query(text).bind(business.as_uuid()).bind(from).bind(to);
    query.fetch_all(pool).await?.iter().map(streams::matches::kept_of).collect()
}

/// Forgets what was proposed of these days, but for these.
pub(super) async fn forget_proposals(
    pool: &PgPool,
    business: BusinessId,
    (from, to): (NaiveDate, NaiveDate),
    but: &[MatchId],
) -> Result<(), sqlx::Error> {
    let text = "with gone as (delete from meaning.match where business = $1 and state = 'proposed'
            and day between $2 and $3 and id <> all($4) returning id)
        delete from meaning.match_leg where business = $1 and match in (select id from gone)";
    let but: Vec<_> = but.iter().map(|id| id.as_uuid()).collect();
    sqlx::query(text).bind(business.as_uuid()).bind(from).bind(to).bind(but).execute(pool).await.map(drop)
}

/// A refusal of what is not known here any more: its day is that of its legs, where they are.
pub(super) async fn put_refused(pool: &PgPool, business: BusinessId, found: &Match) -> Result<(), sqlx::Error> {
    let legs: Vec<_> = found.legs.iter().map(|leg| leg.id.as_uuid()).collect();
    let text = "select max(day), abs(max(amount)), max(currency) from read.transaction
        where business = $1 and id = any($2) and valid_to = 9223372036854775807";
    let row = sqlx::query(text).bind(business.as_uuid()).bind(legs).fetch_one(pool).await?;
    let (day, amount): (Option<NaiveDate>, Option<Decimal>) = (row.try_get(0)?, row.try_get(1)?);
    let currency: Option<&str> = row.try_get(2)?;
    let currency: Option<Currency> = currency.and_then(|code| code.parse().ok());
    if let (Some(day), Some(amount), Some(currency)) = (day, amount, currency) {
        let kept = Kept { found: found.clone(), state: State::Refused, day, amount, currency };
        streams::matches::Matches::new(pool.clone()).put(business, &kept).await?;
    }
    Ok(())
}

/// A transaction as it stands.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub id: TransactionId,
    account: AccountId,
    role: Role,
    day: NaiveDate,
    booked: Booked,
    amount: Decimal,
    currency: Currency,
    meaning: Meaning,
    pub decided: Option<Decided>,
    /// Where its texts stand: the event, and its number among the event's transactions.
    pub position: i64,
    pub place: i32,
}

impl Row {
    /// By a user, as a whole or in parts.
    pub fn is_chosen(&self) -> bool {
        self.decided.as_ref().is_some_and(|decided| matches!(decided.by, By::Choice | By::Split(_)))
    }

    pub fn matched(&self) -> Option<MatchId> {
        self.decided.as_ref().and_then(Decided::matched)
    }

    /// Without texts.
    pub fn leg(&self) -> Leg {
        Leg {
            account: self.account,
            id: self.id,
            role: self.role,
            day: self.day,
            at: match self.booked {
                Booked::Instant(at) => Some(at),
                Booked::Day(_) => None,
            },
            amount: self.amount,
            currency: self.currency,
            reported: self.decided.as_ref().map_or(&self.meaning, |decided| &decided.reported).clone(),
            chosen: self.is_chosen(),
            words: Words::default(),
        }
    }
}

const ROWS: &str = "
select id, account, day, booked, amount, currency, kind, category, decided, valid_from, place
from read.transaction
where business = $1 and valid_to = 9223372036854775807 and day between $2 and $3 and account = any($4)
order by day desc, id desc
limit $5";

pub(super) async fn rows(
    pool: &PgPool,
    business: BusinessId,
    (from, to): (NaiveDate, NaiveDate),
    accounts: &Accounts,
    limit: usize,
) -> Result<Vec<Row>, sqlx::Error> {
    let ids: Vec<_> = accounts.iter().map(|(id, _)| id.as_uuid()).collect();
    let query = sqlx::query(ROWS)
        .bind(business.as_uuid())
        .bind(from)
        .bind(to)
        .bind(ids)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX));
    query.fetch_all(pool).await?.iter().filter_map(|row| row_of(row, accounts).transpose()).collect()
}

fn row_of(row: &PgRow, accounts: &Accounts) -> Result<Option<Row>, sqlx::Error> {
    fn parsed<T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>>(
        row: &PgRow,
        column: &str,
    ) -> Result<T, sqlx::Error> {
        row.try_get::<&str, _>(column)?.parse().map_err(|error: T::Err| sqlx::Error::Decode(Box::new(error)))
    }
    let account = AccountId::from_uuid(row.try_get("account")?);
    let Some((_, role)) = accounts.iter().find(|(id, _)| *id == account) else { return Ok(None) };
    let decided: Option<&str> = row.try_get("decided")?;
    let decided = decided.map(serde_json::from_str).transpose();
    Ok(Some(Row {
        id: TransactionId::from_uuid(row.try_get("id")?),
        account,
        role: *role,
        day: row.try_get("day")?,
        booked: parsed(row, "booked")?,
        amount: row.try_get("amount")?,
        currency: parsed(row, "currency")?,
        meaning: Meaning { kind: parsed(row, "kind")?, category: parsed(row, "category")? },
        decided: decided.map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
        position: row.try_get("valid_from")?,
        place: row.try_get("place")?,
    }))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use streams::projection::{self, Projection};
    use streams::testing::Database;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[tokio::test]
    async fn no_history_keeps_what_is_new_waiting_and_nothing_new_keeps_a_history_waiting() {
        let database = Database::create().await;
        let pool = database.pool();
        let metrics: Vec<Arc<dyn Projection>> = vec![Arc::new(projectors::Metrics::new())];
        projection::prepare(&pool, &metrics).await.unwrap();
        let (one, other) = (BusinessId::new(), BusinessId::new());
        let ask = async |business, from, to| ask_for_pass(&pool, business, (day(from), day(to)), 0).await.unwrap();
        let next = async || ready_pass(&pool).await.unwrap().unwrap();

        ask(one, "2020-01-02", "2026-03-01").await;
        ask(other, "2026-03-01", "2026-03-01").await;
        let history = next().await;
        assert_eq!((history.business, history.from, history.to), (one, day("2020-01-01"), day("2026-03-02")));
        advance_pass(&pool, &history, day("2026-01-31")).await.unwrap();
        // Today's days are not put before those that are left.
        ask(one, "2026-03-01", "2026-03-01").await;
        let news = next().await;
        assert_eq!(news.business, other);
        advance_pass(&pool, &news, news.from).await.unwrap();
        let left = next().await;
        assert_eq!((left.from, left.to), (day("2020-01-01"), day("2026-01-30")));
        advance_pass(&pool, &left, day("2025-12-31")).await.unwrap();
        // Asked for again, they keep their turn.
        ask(one, "2026-03-02", "2026-03-02").await;
        let today = next().await;
        assert_eq!((today.business, today.from, today.to), (one, day("2026-02-28"), day("2026-03-03")));
        // What is asked for again while it is looked at stays.
        ask(one, "2026-03-02", "2026-03-02").await;
        advance_pass(&pool, &today, today.from).await.unwrap();
        let left = next().await;
        assert_eq!(left.from, today.from);
        advance_pass(&pool, &left, left.from).await.unwrap();
        // Days beside those that are left are looked at with them.
        ask(one, "2025-12-31", "2026-01-03").await;
        let all = next().await;
        assert_eq!((all.from, all.to), (day("2020-01-01"), day("2026-01-04")));
        advance_pass(&pool, &all, all.from).await.unwrap();
        assert!(ready_pass(&pool).await.unwrap().is_none());
    }
}
