//! Letters to the owners of a business that is to be erased: when it was asked for, three days before, when it was
//! withdrawn, and when it is done.
//!
//! What is to be told stands in a table, written with the event that it tells of; a line goes when its letters are taken.
//! A process that dies between writes a letter twice rather than not at all.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::access::{People, Role};
use domain::{BusinessId, Email, UserId};
use sqlx::{FromRow, PgPool};
use streams::Commands;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::identity::Identity;
use crate::mail::{Mail, Mailer};

/// Between looks at what is to be told.
const EVERY: Duration = Duration::from_secs(10);

#[derive(Debug, FromRow)]
struct Telling {
    id: i64,
    business: Uuid,
    what: String,
    due_at: Option<DateTime<Utc>>,
}

#[derive(Debug, thiserror::Error)]
pub enum TellError {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Command(#[from] streams::CommandError),
    #[error(transparent)]
    People(#[from] domain::access::PeopleError),
    #[error(transparent)]
    Mail(#[from] crate::mail::MailError),
}

/// Writes letters until `stop`.
pub async fn run(pool: PgPool, commands: Commands, identity: Identity, stop: CancellationToken) {
    loop {
        if let Err(error) = tell(&pool, &commands, &identity, Utc::now()).await {
            tracing::warn!(%error, "owners wait to be told of an erasure");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Tells what is to be told now; how many letters.
pub async fn tell(
    pool: &PgPool,
    commands: &Commands,
    identity: &Identity,
    now: DateTime<Utc>,
) -> Result<u64, TellError> {
    const REMIND: &str = "
with due as (
    insert into erasure.telling (business, what, due_at)
    select business, 'due_soon', due_at from erasure.telling
    where what = 'requested' and reminded_at is null and due_at between $1 and $1 + interval '3 days'
    returning business)
update erasure.telling set reminded_at = $1
where what = 'requested' and reminded_at is null and due_at between $1 and $1 + interval '3 days'";
    // Locked, so that two processes do not tell it twice.
    const NEXT: &str = "
select id, business, what, due_at from erasure.telling
where what <> 'requested' or not told order by id limit 1 for update skip locked";
    sqlx::query(REMIND).bind(now).execute(pool).await?;
    let mut letters = 0;
    loop {
        let mut tx = pool.begin().await?;
        let Some(telling) = sqlx::query_as::<_, Telling>(NEXT).fetch_optional(&mut *tx).await? else {
            return Ok(letters);
        };
        let business = BusinessId::from_uuid(telling.business);
        let (name, owners) = addressees(pool, commands, business, &telling.what).await?;
        for person in identity.people(&owners).await? {
            let mail = letter(&telling, person.email, name.as_deref(), identity.base_url());
            Mailer::send(identity, mail).await?;
            letters += 1;
        }
        // The request stays for the reminder.
        let done = match telling.what.as_str() {
            "requested" => "update erasure.telling set told = true where id = $1",
            _ => "delete from erasure.telling where id = $1",
        };
        sqlx::query(done).bind(telling.id).execute(&mut *tx).await?;
        tx.commit().await?;
    }
}

/// The name of the business, where it still has one, and whose it is or was.
async fn addressees(
    pool: &PgPool,
    commands: &Commands,
    business: BusinessId,
    what: &str,
) -> Result<(Option<String>, Vec<UserId>), TellError> {
    if what == "erased" {
        let owners = "select user_id from erasure.owner where business = $1";
        let owners: Vec<Uuid> = sqlx::query_scalar(owners).bind(business.as_uuid()).fetch_all(pool).await?;
        return Ok((None, owners.into_iter().map(UserId::from_uuid).collect()));
    }
    let now = commands.business_now(business).await?;
    let owners = now.team().members.iter().filter(|(_, role)| *role == Role::Owner).map(|(user, _)| user).collect();
    Ok((now.name().map(ToOwned::to_owned), owners))
}

fn letter(telling: &Telling, to: Email, name: Option<&str>, base: &str) -> Mail {
    let (id, name) = (telling.business, one_line(name.unwrap_or_default()));
    let day = telling.due_at.map(|at| at.format("%-d %B %Y, %H:%M UTC").to_string()).unwrap_or_default();
    let settings = format!("{base}/b/{id}/settings#erasure");
    let back = format!("Any owner can take that back until then, under Settings:\n\n{settings}");
    let (subject, body) = match telling.what.as_str() {
        "requested" => (
            "A business of yours is to be erased",
            format!(
                "An owner asked for \"{name}\" to be erased. Everything of it goes for good on {day}. Until then it can \
                 be read and exported, and takes nothing new in.\n\n{back}"
            ),
        ),
        "due_soon" => (
            "A business of yours is erased in three days",
            format!("\"{name}\" is erased for good on {day}. Export what you need before.\n\n{back}"),
        ),
        "withdrawn" => (
            "A business of yours stays",
            format!("An owner took the erasure of \"{name}\" back. Nothing was erased; it goes on as before."),
        ),
        _ => (
            "A business of yours was erased",
            format!(
                "The business with the id {id} was erased. The certificate says what that means; you can load it for 90 \
                 days:\n\n{base}/api/v1/erasures/{id}/certificate"
            ),
        ),
    };
    Mail::new(to, format!("Workdock: {subject}"), format!("{body}\n"))
}

/// The name is an owner's word; a letter's lines are ours.
fn one_line(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
