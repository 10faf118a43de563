//! Pages through the commands that real data takes.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::BusinessId;
use domain::account::{AccountCommand, AccountError};
use domain::business::{BusinessCommand, BusinessError};
use domain::source::{SourceCommand, SourceError, SourceKind};
use sqlx::PgPool;
use streams::{CommandError, Commands, Meta, Receipt};
use uuid::Uuid;

use super::calendar::{first_day, midnight};
use super::{Cursor, InvalidCursor, Ledger, Page, Seed, settings};

/// A business with the demo's settings, where it is not there yet.
pub(super) async fn register(commands: &Commands, id: BusinessId, name: &str, meta: &Meta) -> Result<(), CommandError> {
    let settings = settings();
    let register = BusinessCommand::Register {
        id,
        name: name.to_owned(),
        base_currency: settings.currency,
        time_zone: settings.time_zone,
        fiscal_year_first_month: settings.fiscal_month,
        founder: None,
    };
    match commands.business(id, register, meta).await {
        Ok(_) | Err(CommandError::Business(BusinessError::AlreadyRegistered)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// The newest cursor of an account, as its events keep it.
const CURSOR: &str = "
select payload ->> 'to_cursor' from store.events
where aggregate_type = 'account' and aggregate_id = $1 and event_type = 'account.synced'
order by sequence desc limit 1";

/// Where a demo business stands.
#[derive(Debug)]
pub(super) struct Standing {
    /// The first day of its history.
    pub start: NaiveDate,
    /// The moments before which accounts have had everything.
    pub delivered: HashMap<Ledger, DateTime<Utc>>,
}

/// Sends what a demo business reports.
#[derive(Debug, Clone)]
pub(super) struct Delivery<'a> {
    commands: &'a Commands,
    pool: &'a PgPool,
    seed: Seed,
    /// Joins everything of one run.
    correlation: String,
}

impl<'a> Delivery<'a> {
    pub fn new(commands: &'a Commands, pool: &'a PgPool, seed: Seed) -> Self {
        Self { commands, pool, seed, correlation: Uuid::now_v7().to_string() }
    }

    fn business(&self) -> BusinessId {
        self.seed.business()
    }

    /// Now, or when it became known.
    fn meta(&self, recorded_at: Option<DateTime<Utc>>) -> Meta {
        Meta { correlation: self.correlation.clone(), recorded_at, ..Meta::new(self.business(), "demo") }
    }

    /// The business, its source and its accounts, where they are not there yet: known since the history's first day.
    pub async fn set_up(&self, today: NaiveDate) -> Result<(), CommandError> {
        let meta = self.meta(Some(midnight(first_day(today))));
        register(self.commands, self.business(), Seed::NAME, &meta).await?;
        let connect = SourceCommand::Connect {
            id: self.seed.source(),
            business: self.business(),
            kind: SourceKind::Demo,
            name: Seed::SOURCE_NAME.to_owned(),
        };
        match self.commands.source(self.seed.source(), connect, &meta).await {
            Ok(_) | Err(CommandError::Source(SourceError::AlreadyConnected | SourceError::Disconnected)) => {}
            Err(error) => return Err(error),
        }
        for ledger in Ledger::ALL {
            self.open(ledger, &meta).await?;
        }
        Ok(())
    }

    async fn open(&self, ledger: Ledger, meta: &Meta) -> Result<(), CommandError> {
        let id = self.seed.account(ledger);
        let open = AccountCommand::Open {
            id,
            business: self.business(),
            source: self.seed.source(),
            name: ledger.name().to_owned(),
            currency: settings().currency,
            external_id: Some(ledger.external_id().to_owned()),
        };
        match self.commands.account(id, open, meta).await {
            Ok(_) | Err(CommandError::Account(AccountError::AlreadyOpen)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Pages of one account, appended together or not at all. An account that its owner has closed takes no more:
    /// what is for it is dropped.
    pub async fn send(&self, ledger: Ledger, pages: &[Page]) -> Result<Option<Receipt>, CommandError> {
        self.send_at(None, ledger, pages).await
    }

    /// The same, of a moment when it became known.
    pub async fn send_at(
        &self,
        known: Option<DateTime<Utc>>,
        ledger: Ledger,
        pages: &[Page],
    ) -> Result<Option<Receipt>, CommandError> {
        let commands = pages.iter().map(|page| AccountCommand::Sync {
            batch: page.batch,
            to_cursor: Some(page.cursor.to_string()),
            reported: page.reported.clone(),
            removed: page.removed.clone(),
            told: vec![],
        });
        match self.commands.account_pages(self.seed.account(ledger), commands.collect(), &self.meta(known)).await {
            Ok(receipt) => Ok(Some(receipt)),
            Err(CommandError::Account(AccountError::Closed)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// How far the accounts have been delivered; a history that was not begun begins as of `today`.
    pub async fn standing(&self, today: NaiveDate) -> Result<Standing, CommandError> {
        let mut standing = Standing { start: first_day(today), delivered: HashMap::new() };
        for ledger in Ledger::ALL {
            if let Some(cursor) = self.cursor(ledger).await? {
                standing.start = cursor.start;
                standing.delivered.insert(ledger, cursor.through);
            }
        }
        Ok(standing)
    }

    async fn cursor(&self, ledger: Ledger) -> Result<Option<Cursor>, CommandError> {
        let account = self.seed.account(ledger).to_string();
        let text: Option<String> = sqlx::query_scalar(CURSOR).bind(account).fetch_optional(self.pool).await?.flatten();
        let cursor = text.map(|text| text.parse()).transpose();
        cursor.map_err(|error: InvalidCursor| CommandError::Failed(Box::new(error)))
    }
}
