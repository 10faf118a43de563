//! `workdock migrate`: every table brought up to date, for whoever owns the database.

use std::process::ExitCode;

use super::context::within;
use super::output;
use crate::config::Config;

pub async fn run(config: &Config) -> anyhow::Result<ExitCode> {
    within(config, "migrate", async |context| {
        context.platform.migrate().await?;
        output::line("Every table is up to date.")?;
        Ok(ExitCode::SUCCESS)
    })
    .await
}
