//! Letters: written into a table with what caused them, sent from there until the server has taken them.
//!
//! A letter is sealed while it waits: it holds a link that signs in. One that the server will never take is dropped
//! and said in the log; one that cannot be sent now is tried again, later each time, for two days.

mod letters;
mod transport;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::Email;
use sqlx::PgConnection;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::failure::Failure;
use super::{Core, Identity};
use crate::mail::{Mail, MailError, Mailer};

pub use letters::{Certificate, Letter};
pub use transport::{Security, Smtp, Transport, TransportError};

/// Letters of other processes are found by looking.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Wakes the sender of this process.
#[derive(Debug, Default, Clone)]
pub struct Bell(Arc<Notify>);

/// A letter as it lies in the table.
pub struct Sealed {
    id: Uuid,
    sealed: Vec<u8>,
}

impl Sealed {
    /// To be sent once the transaction is committed; then [`ring`].
    pub async fn put_in_tx(self, tx: &mut PgConnection) -> Result<(), Failure> {
        sqlx::query("insert into access.letter (id, sealed) values ($1, $2)")
            .bind(self.id)
            .bind(self.sealed)
            .execute(tx)
            .await?;
        Ok(())
    }
}

/// To be put into the transaction of what it tells of.
pub async fn write(core: &Core, to: &Email, letter: Letter<'_>) -> Result<Sealed, Failure> {
    seal(core, &letter.to(to, &core.settings.base_url)).await
}

async fn seal(core: &Core, mail: &Mail) -> Result<Sealed, Failure> {
    let id = Uuid::now_v7();
    let json = serde_json::to_vec(mail).map_err(|error| Failure::internal(&error, "a letter cannot be written"))?;
    Ok(Sealed { id, sealed: core.sealer.seal(&context(id), &json).await? })
}

/// Into the table at once.
async fn enqueue(core: &Core, mail: &Mail) -> Result<(), Failure> {
    let letter = seal(core, mail).await?;
    let mut connection = core.pool.acquire().await?;
    letter.put_in_tx(&mut connection).await?;
    ring(core);
    Ok(())
}

pub fn ring(core: &Core) {
    core.bell.0.notify_one();
}

fn context(id: Uuid) -> String {
    format!("letter:{id}")
}

/// Drops every letter to this address that waits.
pub async fn forget_in_tx(core: &Core, tx: &mut PgConnection, to: &Email) -> Result<(), Failure> {
    let waiting: Vec<(Uuid, Vec<u8>)> =
        sqlx::query_as("select id, sealed from access.letter").fetch_all(&mut *tx).await?;
    let mut theirs = Vec::new();
    for (id, sealed) in waiting {
        let Ok(json) = core.sealer.open(&context(id), &sealed).await else { continue };
        let letter = serde_json::from_slice(&json);
        theirs.extend(letter.is_ok_and(|letter: Mail| letter.to.key() == to.key()).then_some(id));
    }
    sqlx::query("delete from access.letter where id = any($1)").bind(theirs).execute(tx).await?;
    Ok(())
}

/// Sends what is due, until `stop`.
pub async fn run(core: &Core, stop: CancellationToken) {
    loop {
        match deliver(core).await {
            Ok(sent) if sent > 0 => tracing::debug!(sent, "letters were sent"),
            Ok(_) => {}
            Err(failure) => tracing::warn!(error = %failure.problem, "letters wait"),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = core.bell.0.notified() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// Sends every letter that is due; how many were taken.
pub async fn deliver(core: &Core) -> Result<u64, Failure> {
    let mut taken = 0;
    while let Some(sent) = deliver_one(core).await? {
        taken += u64::from(sent);
    }
    Ok(taken)
}

/// `None`: none is due. The row is locked while it is sent, so that two processes do not send it twice.
async fn deliver_one(core: &Core) -> Result<Option<bool>, Failure> {
    const DUE: &str = "
select id, sealed, attempts from access.letter where next_at <= now() order by next_at limit 1 for update skip locked";
    const LATER: &str = "
update access.letter set attempts = attempts + 1,
    next_at = now() + least(interval '1 hour', interval '30 seconds' * power(2, least(attempts, 10))) where id = $1";
    let mut tx = core.pool.begin().await?;
    let due: Option<(Uuid, Vec<u8>, i32)> = sqlx::query_as(DUE).fetch_optional(&mut *tx).await?;
    let Some((id, sealed, attempts)) = due else { return Ok(None) };
    let sent = send(core, id, &sealed).await;
    let gone = match &sent {
        Ok(()) => true,
        Err(MailError::Refused(error)) => {
            tracing::error!(%error, %id, "the mail server refuses a letter; it is dropped");
            true
        }
        Err(MailError::Unavailable(error)) => {
            tracing::warn!(%error, %id, attempts, "a letter could not be sent; it is tried again");
            attempts >= 50
        }
    };
    let statement = if gone { "delete from access.letter where id = $1" } else { LATER };
    sqlx::query(statement).bind(id).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(Some(sent.is_ok()))
}

async fn send(core: &Core, id: Uuid, sealed: &[u8]) -> Result<(), MailError> {
    let json = core.sealer.open(&context(id), sealed).await.map_err(|error| MailError::Refused(Box::new(error)))?;
    let letter = serde_json::from_slice(&json).map_err(|error| MailError::Refused(Box::new(error)))?;
    core.transport.send(letter).await
}

#[async_trait]
impl Mailer for Identity {
    async fn send(&self, mail: Mail) -> Result<(), MailError> {
        enqueue(self.core(), &mail).await.map_err(|failure| MailError::Unavailable(Box::new(failure.problem)))
    }
}
