//! The rows of an account that is over, and the last letter.

use std::collections::BTreeMap;

use domain::Email;
use sqlx::PgConnection;
use streams::erasure::person::{self, Facts};
use streams::proof;
use uuid::Uuid;

use crate::identity::failure::Failure;
use crate::identity::mail::{self, Certificate, Letter};
use crate::identity::users::Profile;
use crate::identity::{Core, lockout, users};

/// Tables of a person that are told of; others hang on the account.
const TOLD: &[&str] = &[
    "session",
    "totp",
    "recovery_code",
    "passkey",
    "mail_token",
    "pending_sign_in",
    "ceremony",
    "former_address",
    "leaving",
];

/// In one transaction. Addresses are known by their keys alone afterwards, and the address of the last letter.
pub async fn delete(core: &Core, profile: &Profile, addresses: &[Email]) -> Result<(), Failure> {
    let user = profile.id;
    let letter_to = core.sealer.seal(&letter_context(user.as_uuid()), profile.email.expose().as_bytes()).await?;
    let mut tx = core.pool.begin().await?;
    let mut facts = Facts::default();
    facts.addressees = forget_addresses_in_tx(core, &mut tx, addresses).await?;
    lockout::forget_in_tx(core, &mut tx, user, addresses).await?;
    facts.rows = count_in_tx(&mut tx, user.as_uuid()).await?;
    sqlx::query("delete from erasure.owner where user_id = $1").bind(user.as_uuid()).execute(&mut *tx).await?;
    // Sessions, factors, links and ceremonies go with it.
    sqlx::query("delete from access.user_account where id = $1").bind(user.as_uuid()).execute(&mut *tx).await?;
    person::deleted_in_tx(&mut tx, user, &facts, Some(letter_to)).await?;
    Ok(tx.commit().await?)
}

/// Letters that wait, registrations, and the ids by which the addresses were written to: those come back.
async fn forget_addresses_in_tx(core: &Core, tx: &mut PgConnection, addresses: &[Email]) -> Result<Vec<Uuid>, Failure> {
    let hashes: Vec<_> = addresses.iter().map(|email| users::email_hash(&*core.sealer, email).to_vec()).collect();
    sqlx::query("delete from access.registration where email_hash = any($1)").bind(&hashes).execute(&mut *tx).await?;
    for email in addresses {
        mail::forget_in_tx(core, tx, email).await?;
    }
    let gone = "delete from access.addressee where email_hash = any($1) returning id";
    Ok(sqlx::query_scalar(gone).bind(&hashes).fetch_all(tx).await?)
}

async fn count_in_tx(tx: &mut PgConnection, user: Uuid) -> Result<BTreeMap<String, i64>, Failure> {
    let mut rows = BTreeMap::new();
    for table in TOLD {
        let count = format!("select count(*) from access.{table} where user_id = $1");
        rows.insert(format!("access.{table}"), sqlx::query_scalar(&count).bind(user).fetch_one(&mut *tx).await?);
    }
    Ok(rows)
}

fn letter_context(user: Uuid) -> String {
    format!("erasure.letter_to:{user}")
}

/// Whether there was a certificate to send.
pub async fn say_farewell(core: &Core) -> Result<bool, Failure> {
    const NEXT: &str = "
select person, letter_to, certificate from erasure.person
where certificate is not null and letter_to is not null limit 1 for update skip locked";
    let mut tx = core.pool.begin().await?;
    let next: Option<(Uuid, Vec<u8>, String)> = sqlx::query_as(NEXT).fetch_optional(&mut *tx).await?;
    let Some((user, letter_to, json)) = next else { return Ok(false) };
    let to = core.sealer.open(&letter_context(user), &letter_to).await?;
    let to = String::from_utf8_lossy(&to).parse().map_err(|error| Failure::internal(&error, "an address is none"))?;
    let read = proof::Certificate::read(&json);
    let text = read.map_err(|error| Failure::internal(&error, "a certificate cannot be read"))?.statement.to_string();
    mail::write(core, &to, Letter::AccountErased(&Certificate { text, json })).await?.put_in_tx(&mut tx).await?;
    sqlx::query("update erasure.person set letter_to = null where person = $1").bind(user).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(true)
}
