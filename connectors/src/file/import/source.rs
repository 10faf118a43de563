//! The source and the accounts of statement files. Their ids follow from their names, so that two imports at once
//! open one account and not two.

use std::collections::HashSet;
use std::io;
use std::sync::Arc;

use domain::account::{AccountCommand, AccountError};
use domain::source::{SourceCommand, SourceError, SourceKind};
use domain::{AccountId, BatchId, BusinessId, Currency, SourceId, TransactionId};
use sha2::{Digest, Sha256};
use sqlx::PgPool;
use streams::sealing::Keys;
use streams::{CommandError, Commands, Meta};
use tokio::sync::Mutex;

use super::{Request, blocking};
use crate::file::error::{ImportError, ReadError};
use crate::file::plan::Defaults;
use crate::file::read::Settled;

const NAME: &str = "Statement files";
/// From the log itself, so that a business that was registered a moment ago is found.
const SETTINGS: &str = "
select payload ->> 'base_currency', payload ->> 'time_zone' from store.events
where aggregate_type = 'business' and aggregate_id = $1 order by sequence";

/// What the business adds to a mapping: its currency and its time zone.
pub async fn defaults_of(
    pool: &PgPool,
    keys: &Keys,
    business: BusinessId,
    account: Option<String>,
) -> Result<Defaults, ImportError> {
    let unavailable = |error: Box<dyn std::error::Error + Send + Sync>| ImportError::Unavailable(error);
    let settings: Vec<(Option<String>, Option<String>)> = sqlx::query_as(SETTINGS)
        .bind(business.to_string())
        .fetch_all(pool)
        .await
        .map_err(|error| unavailable(error.into()))?;
    let currency =
        settings.iter().rev().find_map(|(currency, _)| currency.as_deref()).ok_or(ImportError::NoBusiness)?;
    let zone = settings.iter().rev().find_map(|(_, zone)| zone.as_deref()).ok_or(ImportError::NoBusiness)?;
    let remembered = super::remembered::recall(pool, keys, business, account.as_deref()).await?;
    Ok(Defaults {
        remembered,
        currency: currency.parse().map_err(|error| unavailable(Box::new(error)))?,
        zone: zone.parse().map_err(|error| unavailable(Box::new(error)))?,
        account,
    })
}

/// The batch of a file under a mapping. It follows from both, so that an import that was interrupted goes on in its
/// own batch: what a later run adds is not late because an earlier run got further.
pub(super) fn batch_of(request: &Request, settled: &Settled, digest: &[u8]) -> BatchId {
    let business = request.business.as_uuid();
    let mapping = settled.mapping().to_toml();
    let id = TransactionId::derive([b"batch".as_slice(), business.as_bytes(), digest, mapping.as_bytes()]);
    BatchId::from_uuid(id.as_uuid())
}

/// SHA-256 of the file's bytes.
pub(super) async fn digest_of(request: &Request) -> Result<[u8; 32], ImportError> {
    let path = request.path.clone();
    blocking(move || {
        let unreadable = |error: io::Error| ImportError::from(ReadError::from_io(&error));
        let mut file = std::fs::File::open(&path).map_err(unreadable)?;
        let mut hash = Sha256::new();
        io::copy(&mut file, &mut hash).map_err(unreadable)?;
        Ok(hash.finalize().into())
    })
    .await
}

pub(super) struct Accounts<'a> {
    commands: &'a Commands,
    request: &'a Request,
    meta: Meta,
    source: SourceId,
    known: Mutex<Known>,
}

/// What this import has seen to be there.
#[derive(Default)]
struct Known {
    connected: bool,
    open: HashSet<Arc<str>>,
}

impl<'a> Accounts<'a> {
    pub fn new(commands: &'a Commands, request: &'a Request, meta: Meta) -> Self {
        let business = request.business.as_uuid();
        let id = TransactionId::derive([b"source".as_slice(), business.as_bytes(), b"file"]);
        let source = SourceId::from_uuid(id.as_uuid());
        Self { commands, request, meta, source, known: Mutex::default() }
    }

    pub fn source(&self) -> SourceId {
        self.source
    }

    pub fn id(&self, label: &str) -> AccountId {
        let source = self.source.as_uuid();
        let parts: [&[u8]; 3] = [b"account", source.as_bytes(), label.as_bytes()];
        AccountId::from_uuid(TransactionId::derive(parts).as_uuid())
    }

    /// Opens the account where it is not open yet.
    pub async fn opened(&self, label: &Arc<str>, currency: Currency) -> Result<AccountId, ImportError> {
        let id = self.id(label);
        {
            let mut known = self.known.lock().await;
            if known.open.contains(label) {
                return Ok(id);
            }
            if !known.connected {
                self.connect().await?;
                known.connected = true;
            }
        }
        let open = AccountCommand::Open {
            id,
            business: self.request.business,
            source: self.source,
            name: label.to_string(),
            currency,
            external_id: Some(label.to_string()),
        };
        match self.commands.account(id, open, &self.meta).await {
            Ok(_) | Err(CommandError::Account(AccountError::AlreadyOpen)) => {}
            Err(error) => return Err(error.into()),
        }
        self.known.lock().await.open.insert(label.clone());
        Ok(id)
    }

    async fn connect(&self) -> Result<(), ImportError> {
        let connect = SourceCommand::Connect {
            id: self.source,
            business: self.request.business,
            kind: SourceKind::File,
            name: NAME.to_owned(),
        };
        match self.commands.source(self.source, connect, &self.meta).await {
            Ok(_) | Err(CommandError::Source(SourceError::AlreadyConnected | SourceError::Disconnected)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

pub(super) fn is_not_open(error: &CommandError) -> bool {
    matches!(error, CommandError::Account(AccountError::NotOpen))
}
