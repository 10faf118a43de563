//! `workdock export`: everything about a business as one archive.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use domain::access::Principal;
use domain::security::WhatIsExported;
use query_api::export::{Exports, Whose, export};
use streams::Meta;
use streams::security::{Journal, SecurityEvent};

use super::business::{businesses, find};
use super::context::within;
use super::output;
use crate::compose;
use crate::config::Config;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Name or id [default: the only one]
    #[arg(long, value_name = "NAME")]
    business: Option<String>,
    /// The archive, a tar file that must not exist yet
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// For machines: the archive's manifest
    #[arg(long)]
    json: bool,
}

pub async fn run(arguments: Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    within(config, "export", async |context| {
        context.platform.caught_up().await?;
        let business = find(&businesses(context).await?, arguments.business.as_deref())?.id;
        let people = Arc::new(compose::open_identity(config, &context.platform, "http://localhost", None).await?);
        let exports = Exports { reader: context.reader(), commands: context.commands(), people };
        let gathered = export(&exports, &Principal::local_owner(), business).await?;
        let manifest = gathered.save(&arguments.out).await?;
        let exported = SecurityEvent::Exported { what: WhatIsExported::Business, rows: manifest.rows() };
        exports.commands.journal().record(exported, &Meta::new(business, "owner")).await?;
        if arguments.json {
            output::json(&manifest)?;
        } else {
            let (out, Whose { name, position, .. }) = (arguments.out.display(), &manifest.of);
            output::line(&format!("{out} holds everything about {name} up to position {position}:"))?;
            let rows: Vec<_> = manifest
                .files
                .iter()
                .map(|part| vec![format!("  {}", part.path), part.rows.to_string(), part.sha256.clone()])
                .collect();
            output::table(&["  file", "rows", "SHA-256"], &rows)?;
        }
        Ok(ExitCode::SUCCESS)
    })
    .await
}
