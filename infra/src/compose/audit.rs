//! The signer of checkpoints of this installation, and who witnesses them.

use std::path::PathBuf;

use anyhow::Context;
use async_trait::async_trait;
use sqlx::PgPool;
use streams::proof::{Notary, Signer, Witness, WitnessFile};
use uuid::Uuid;

use crate::config::{Config, Secret};

/// Opens the signer's key, made where absent.
pub async fn notary(config: &Config, pool: &PgPool) -> anyhow::Result<Notary> {
    let log = streams::proof::log_id(pool).await.context("the log has no name")?;
    let path = key_path(config, log)?;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    let signer = Signer::open(&path, || name(config, log))?;
    Ok(Notary::new(pool.clone(), signer, &path, witnesses(config)?))
}

/// Beside the folder of the master keys, which is never inside the data: one file for each log.
fn key_path(config: &Config, log: Uuid) -> anyhow::Result<PathBuf> {
    match &config.audit.key {
        Some(path) => Ok(path.clone()),
        None => Ok(crate::keys::folder(config)?.with_file_name("checkpoints").join(format!("{log}.key"))),
    }
}

/// A log's name tells it from every other.
fn name(config: &Config, log: Uuid) -> String {
    config.audit.origin.clone().unwrap_or_else(|| format!("workdock/{}", log.simple()))
}

fn witnesses(config: &Config) -> anyhow::Result<Vec<Box<dyn Witness>>> {
    let mut witnesses: Vec<Box<dyn Witness>> = Vec::new();
    if let Some(file) = &config.audit.witness_file {
        witnesses.push(Box::new(WitnessFile(file.clone())));
    }
    if let Some(url) = &config.audit.witness_url {
        let client = reqwest::Client::builder().timeout(std::time::Duration::from_secs(20)).build()?;
        witnesses.push(Box::new(WitnessServer { client, url: url.clone() }));
    }
    Ok(witnesses)
}

/// A server that takes signed notes as the body of a POST.
#[derive(Debug)]
struct WitnessServer {
    client: reqwest::Client,
    url: Secret,
}

#[async_trait]
impl Witness for WitnessServer {
    /// Its address may hold a password.
    fn name(&self) -> String {
        "audit.witness_url".to_owned()
    }

    async fn hand(&self, note: &str) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let request = self.client.post(self.url.expose()).header("content-type", "text/plain; charset=utf-8");
        let answer = request.body(note.to_owned()).send().await.map_err(reqwest::Error::without_url)?;
        answer.error_for_status().map_err(reqwest::Error::without_url)?;
        Ok(())
    }
}
