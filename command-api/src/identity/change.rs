//! What changes an account or a key, and what tells of it: an event, and often a letter. All of it stands, or nothing.
//!
//! Whatever may ask for a key is done before a change begins: the sequencer waits for every transaction that has written,
//! and with it everybody who reads.

use std::ops::{Deref, DerefMut};

use domain::UserId;
use domain::access::{Origin, Subject};
use domain::security::SecurityEvent;
use sqlx::{PgConnection, Postgres, Transaction};
use streams::Meta;
use streams::security::Prepared;

use super::Core;
use super::failure::Failure;
use super::mail::{self, Sealed};

/// A transaction that is given up unless it is committed.
pub struct Change<'a> {
    core: &'a Core,
    tx: Transaction<'static, Postgres>,
    by: Prepared,
    has_letters: bool,
}

/// What is recorded of who did something, and where.
pub fn met(mut meta: Meta, origin: &Origin) -> Meta {
    meta.address = origin.address.map(|address| address.to_string());
    meta.agent.clone_from(&origin.agent);
    meta.traceparent.clone_from(&origin.traceparent);
    if !origin.request.is_empty() {
        meta.correlation.clone_from(&origin.request);
    }
    meta
}

impl Core {
    /// Of what is a person's own, or (none) the local owner's, by themselves.
    pub async fn change(&self, user: Option<UserId>, origin: &Origin) -> Result<Change<'_>, Failure> {
        let subject = user.map_or(Subject::LocalOwner, Subject::User);
        self.change_as(Meta::installation(subject.to_string()), origin).await
    }

    pub async fn change_as(&self, meta: Meta, origin: &Origin) -> Result<Change<'_>, Failure> {
        let by = self.journal.prepare(met(meta, origin)).await?;
        Ok(Change { core: self, tx: self.pool.begin().await?, by, has_letters: false })
    }
}

impl Change<'_> {
    pub async fn record(&mut self, event: SecurityEvent) -> Result<(), Failure> {
        Ok(self.core.journal.record_in_tx(&mut self.tx, event, &self.by).await?)
    }

    pub async fn send(&mut self, letter: Sealed) -> Result<(), Failure> {
        self.has_letters = true;
        letter.put_in_tx(&mut self.tx).await
    }

    pub async fn commit(self) -> Result<(), Failure> {
        self.tx.commit().await?;
        if self.has_letters {
            mail::ring(self.core);
        }
        Ok(())
    }
}

impl Deref for Change<'_> {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.tx
    }
}

impl DerefMut for Change<'_> {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.tx
    }
}
