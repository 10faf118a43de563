//! A log of several businesses, a key, and what leaves as a file.

use std::path::PathBuf;

use domain::BusinessId;
use serde_json::Value;
use sqlx::PgPool;
use streams::proof::{Expected, Export, Fault, Notary, Proven, Signatory, Signer, Verifier, WitnessFile, examine};
use streams::sequencer::Config;
use streams::testing::{Database, Nats};
use tempfile::TempDir;

use crate::running::{config, start, until};

pub struct World {
    pub pool: PgPool,
    pub notary: Notary,
    pub key: PathBuf,
    pub folder: TempDir,
    database: Database,
    nats: Nats,
}

impl World {
    pub async fn new() -> Self {
        let (database, nats) = (Database::create().await, Nats::connect().await);
        let (pool, folder) = (database.pool(), tempfile::tempdir().unwrap());
        let key = folder.path().join("checkpoint.key");
        let signer = Signer::open(&key, || "example.com/log".into()).unwrap();
        let witness = WitnessFile(folder.path().join("witness"));
        let notary = Notary::new(pool.clone(), signer, &key, vec![Box::new(witness)]);
        Self { pool, notary, key, folder, database, nats }
    }

    /// Appends so many events, of each business in turn, and waits for their positions.
    pub async fn append(&self, businesses: &[BusinessId], count: i64) {
        let before = self.notary.tree().head().await.unwrap();
        let businesses: Vec<String> = businesses.iter().map(ToString::to_string).collect();
        let insert = "
            insert into store.events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata)
            select 'security', gen_random_uuid()::text, 1, 'security.support_access', '1',
                   format('{\"event\":\"security.support_access\",\"reason\":\"n%s\"}', n)::json,
                   format('{\"actor\":\"owner\",\"business\":\"%s\"}', $1[1 + (n % array_length($1, 1))])::json
            from generate_series(0, $2 - 1) n";
        sqlx::query(insert).bind(businesses).bind(count).execute(&self.pool).await.unwrap();
        // The stream is not what is under test: a store that was rewritten replaces it.
        let config = Config { accept_truncation: true, ..config(&self.database, &self.nats) };
        let sequencer = start(config);
        let expected = before + count.unsigned_abs();
        until(async || self.notary.tree().head().await.unwrap() == expected).await;
        sequencer.stop().await.unwrap();
    }

    /// Another notary over the same log with another key of the same name.
    pub fn impostor(&self) -> Notary {
        let key = self.folder.path().join("impostor.key");
        Notary::new(self.pool.clone(), Signer::generate("example.com/log").unwrap(), &key, Vec::new())
    }

    pub async fn file(&self, notary: &Notary, business: BusinessId, earlier: &[u64]) -> File {
        let mut bytes = Vec::new();
        let signatory = Signatory::Here(notary.clone());
        let prepared = Export::prepare(&self.pool, &signatory, business, earlier).await.unwrap();
        prepared.write(&mut bytes, |_, _| {}).await.unwrap();
        let lines = String::from_utf8(bytes).unwrap();
        File { lines: lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect() }
    }

    pub async fn behind_the_triggers(&self, change: &str) {
        let change = format!("set session_replication_role = replica; {change}; reset session_replication_role");
        sqlx::raw_sql(&change).execute(&self.pool).await.unwrap();
    }
}

/// An exported file, open to tampering.
#[derive(Clone)]
pub struct File {
    pub lines: Vec<Value>,
}

impl File {
    pub fn examine(&self, expected: &Expected) -> Result<Proven, Fault> {
        let text: Vec<String> = self.lines.iter().map(|line| format!("{line}\n")).collect();
        let mut seen = 0;
        let proven = examine(text.concat().as_bytes(), expected, |events| {
            for event in events {
                seen += 1;
                assert_eq!(event.business_sequence, seen);
                assert!(event.decode().is_ok());
            }
            Ok(())
        })?;
        assert_eq!(seen, proven.events);
        Ok(proven)
    }

    pub fn position(&self, line: usize) -> i64 {
        self.lines[line]["position"].as_i64().unwrap()
    }

    /// The fault's position and words; position 0 for the file's head.
    pub fn fault(&self, key: &Verifier) -> (i64, String) {
        let expected = Expected { key: Some(key.clone()), ..Expected::default() };
        match self.examine(&expected).unwrap_err() {
            Fault::Event { position, reason } => (position, reason),
            other => (0, other.to_string()),
        }
    }
}
