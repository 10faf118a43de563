//! A small real projection: entries, and a balance that it also keeps in memory, so that a runtime which forgets to
//! make it forget gives wrong sums.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use domain::account::AccountEvent;
use rust_decimal::Decimal;
use sqlx::{PgConnection, PgPool};
use streams::projection::{Notice, Projection, ProjectionError};
use streams::{DomainEvent, Event};
use uuid::Uuid;

/// Descriptions that it cannot fold until it is mended.
pub const POISON: &str = "poison";
pub const PANIC: &str = "panic";
/// The tables cannot hold it.
pub const NUL: &str = "a\0b";

#[derive(Default)]
pub struct Ledger {
    version: Option<u32>,
    mended: AtomicBool,
    balances: Mutex<HashMap<Uuid, (i64, Decimal)>>,
}

impl Ledger {
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    pub fn of_version(version: u32) -> Arc<Self> {
        Arc::new(Self { version: Some(version), ..Self::default() })
    }

    /// Folds what it refused before.
    pub fn mended() -> Arc<Self> {
        Arc::new(Self { mended: AtomicBool::new(true), ..Self::default() })
    }

    async fn load(&self, tx: &mut PgConnection, accounts: &[Uuid]) -> Result<(), sqlx::Error> {
        let unknown: Vec<Uuid> = {
            let balances = self.balances.lock().unwrap();
            accounts.iter().filter(|account| !balances.contains_key(account)).copied().collect()
        };
        let rows: Vec<(Uuid, i64, Decimal)> =
            sqlx::query_as("select account, count, total from balance where account = any($1)")
                .bind(unknown)
                .fetch_all(tx)
                .await?;
        let mut balances = self.balances.lock().unwrap();
        balances.extend(rows.into_iter().map(|(account, count, total)| (account, (count, total))));
        Ok(())
    }

    fn description(&self, text: Option<&str>, position: i64) -> Result<String, ProjectionError> {
        let text = text.unwrap_or_default();
        match text {
            _ if self.mended.load(Ordering::SeqCst) => Ok(text.replace('\0', "")),
            POISON => Err(ProjectionError::Poison { position, reason: "it says so".to_owned() }),
            PANIC => panic!("the fold is broken"),
            _ => Ok(text.to_owned()),
        }
    }
}

struct Entry {
    position: i64,
    line: i32,
    business: Uuid,
    account: Uuid,
    amount: Decimal,
    description: String,
}

#[async_trait]
impl Projection for Ledger {
    fn name(&self) -> &'static str {
        "ledger"
    }

    fn version(&self) -> u32 {
        self.version.unwrap_or(1)
    }

    fn tables(&self) -> &'static [&'static str] {
        &["entry", "balance"]
    }

    async fn create_in_tx(&self, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        for table in [
            "create table entry (position bigint, line int, business uuid, account uuid, amount numeric,
                description text, primary key (position, line))",
            "create table balance (account uuid primary key, business uuid, count bigint, total numeric)",
        ] {
            sqlx::query(table).execute(&mut *tx).await?;
        }
        Ok(())
    }

    async fn erase_in_tx(&self, tx: &mut PgConnection, business: domain::BusinessId) -> Result<(), ProjectionError> {
        for table in ["entry", "balance"] {
            let delete = format!("delete from {table} where business = $1");
            sqlx::query(&delete).bind(business.as_uuid()).execute(&mut *tx).await?;
        }
        Ok(())
    }

    fn forget(&self) {
        self.balances.lock().unwrap().clear();
    }

    async fn write_in_tx(&self, tx: &mut PgConnection, events: &[Event]) -> Result<Vec<Notice>, ProjectionError> {
        let accounts: Vec<Uuid> = events.iter().map(|event| event.aggregate_id).collect();
        self.load(tx, &accounts).await?;
        let mut entries = Vec::new();
        let mut notices = Vec::new();
        for event in events {
            let decoded = event
                .decode()
                .map_err(|error| ProjectionError::Poison { position: event.position, reason: error.to_string() })?;
            let DomainEvent::Account(AccountEvent::Synced(page)) = decoded else { continue };
            for (line, transaction) in page.added.iter().enumerate() {
                let description = self.description(transaction.description.as_deref(), event.position)?;
                let mut balances = self.balances.lock().unwrap();
                let balance = balances.entry(event.aggregate_id).or_default();
                *balance = (balance.0 + 1, balance.1 + transaction.amount);
                entries.push(Entry {
                    position: event.position,
                    line: i32::try_from(line).unwrap(),
                    business: event.business.as_uuid(),
                    account: event.aggregate_id,
                    amount: transaction.amount,
                    description,
                });
            }
            let transactions = u32::try_from(page.added.len()).unwrap();
            notices.push(Notice { business: event.business, position: event.position, events: 1, transactions });
        }
        write_entries(tx, &entries).await?;
        let touched: BTreeMap<Uuid, Uuid> = entries.iter().map(|entry| (entry.account, entry.business)).collect();
        for (account, business) in touched {
            let (count, total) = self.balances.lock().unwrap()[&account];
            sqlx::query(
                "insert into balance values ($1, $2, $3, $4)
                 on conflict (account) do update set count = $3, total = $4",
            )
            .bind(account)
            .bind(business)
            .bind(count)
            .bind(total)
            .execute(&mut *tx)
            .await?;
        }
        Ok(notices)
    }
}

async fn write_entries(tx: &mut PgConnection, entries: &[Entry]) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into entry select * from unnest($1::bigint[], $2::int[], $3::uuid[], $4::uuid[], $5::numeric[], $6::text[])",
    )
    .bind(entries.iter().map(|entry| entry.position).collect::<Vec<_>>())
    .bind(entries.iter().map(|entry| entry.line).collect::<Vec<_>>())
    .bind(entries.iter().map(|entry| entry.business).collect::<Vec<_>>())
    .bind(entries.iter().map(|entry| entry.account).collect::<Vec<_>>())
    .bind(entries.iter().map(|entry| entry.amount).collect::<Vec<_>>())
    .bind(entries.iter().map(|entry| entry.description.as_str()).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

/// All rows of a schema's tables, as text, in order.
pub async fn rows(pool: &PgPool, schema: &str) -> Vec<String> {
    let mut rows: Vec<String> = Vec::new();
    for select in [
        format!("select 'entry ' || t::text from {schema}.entry t order by position, line"),
        format!("select 'balance ' || t::text from {schema}.balance t order by account"),
    ] {
        rows.extend(sqlx::query_scalar::<_, String>(&select).fetch_all(pool).await.unwrap());
    }
    rows
}
