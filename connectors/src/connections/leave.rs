//! The end of a connection: the access is given back, and its transactions stay or go.

use std::time::Duration;

use domain::account::{AccountCommand, AccountError, Documents, Synced};
use domain::{AccountId, BatchId, BusinessId, Code, Problem, SourceId, TransactionId};
use streams::{CommandError, Meta};
use uuid::Uuid;

use super::failure::{of_database, of_sync};
use super::{Asker, Connections, store};
use crate::provider::sync::SourceAt;

/// How long a worker may take to notice; its lease is looked at each second.
const PATIENCE: Duration = Duration::from_secs(20);
/// Pages that are recorded together.
const TOGETHER: usize = 20;

/// What becomes of the transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Data {
    Keep,
    /// They count nowhere any more; that they were there stays in the history, sealed.
    Erase,
}

impl Connections {
    /// How many transactions were taken out of the figures.
    pub async fn disconnect(
        &self,
        who: &Asker,
        business: BusinessId,
        source: SourceId,
        data: Data,
    ) -> Result<u64, Problem> {
        let meta = self.meta(who, business)?;
        let at = SourceAt { business, source };
        let provider = self.provider_of(at).await?;
        let connector = self.connector(&provider)?.clone();
        let accounts = store::ever_read(&self.pool, at).await.map_err(of_database)?;
        if data == Data::Erase {
            self.quiet(at).await?;
            let erased = self.erase(&accounts, &meta).await?;
            self.syncer(connector.as_ref())
                .disconnect_as(at, "asked for, with its data", &meta)
                .await
                .map_err(of_sync)?;
            store::end(&self.pool, at, true).await.map_err(of_database)?;
            return Ok(erased);
        }
        self.syncer(connector.as_ref()).disconnect_as(at, "asked for", &meta).await.map_err(of_sync)?;
        store::end(&self.pool, at, false).await.map_err(of_database)?;
        Ok(0)
    }

    /// Waits until no worker is at it, so that nothing is brought behind the eraser.
    pub(super) async fn quiet(&self, at: SourceAt) -> Result<(), Problem> {
        const PAUSE: &str = "
            update connectors.connection set state = 'choosing'
            where source = $1 and business = $2 and state <> 'ended'";
        let query = sqlx::query(PAUSE).bind(at.source.as_uuid()).bind(at.business.as_uuid());
        query.execute(&self.pool).await.map_err(of_database)?;
        let waiting = async {
            while store::is_leased(&self.pool, at.source).await? {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            Ok::<_, sqlx::Error>(())
        };
        match tokio::time::timeout(PATIENCE, waiting).await {
            Ok(quiet) => quiet.map_err(of_database),
            Err(_) => Err(Problem::new(Code::Unavailable, "It is just being read; try again in a minute.")),
        }
    }

    async fn erase(&self, accounts: &[Uuid], meta: &Meta) -> Result<u64, Problem> {
        let mut erased = 0;
        for account in accounts {
            let id = AccountId::from_uuid(*account);
            // The index may be behind its account until the next command, so it is asked until nothing is left.
            loop {
                let known = self.known(id).await?;
                if known.is_empty() {
                    break;
                }
                let (batch, cursor) = (BatchId::new(), self.commands.account_cursor(id).await);
                let cursor = cursor.map_err(|error| error.problem())?;
                let page = |removed: &[TransactionId]| AccountCommand::Sync {
                    batch,
                    to_cursor: cursor.clone(),
                    reported: Vec::new(),
                    removed: removed.to_vec(),
                    told: vec![],
                };
                let receipt = self.commands.account_pages(id, known.chunks(Synced::MOST).map(page).collect(), meta);
                erased += receipt.await.map_err(|error| error.problem())?.counts.removed;
            }
            let documents = streams::documents::take_back(&self.pool, id).await.map_err(of_database)?;
            if documents != Documents::default() {
                let told = self.commands.account(id, AccountCommand::TellDocuments(documents), meta).await;
                told.map_err(|error| error.problem())?;
            }
            match self.commands.account(id, AccountCommand::Close, meta).await {
                Ok(_) | Err(CommandError::Account(AccountError::Closed | AccountError::NotOpen)) => {}
                Err(error) => return Err(error.problem()),
            }
        }
        Ok(erased)
    }

    async fn known(&self, account: AccountId) -> Result<Vec<TransactionId>, Problem> {
        const KNOWN: &str = "select id from store.account_known where account = $1 limit $2";
        let most = i64::try_from(TOGETHER * Synced::MOST).unwrap_or(i64::MAX);
        let query = sqlx::query_scalar(KNOWN).bind(account.as_uuid()).bind(most);
        let ids: Vec<Uuid> = query.fetch_all(&self.pool).await.map_err(of_database)?;
        Ok(ids.into_iter().map(TransactionId::from_uuid).collect())
    }
}
