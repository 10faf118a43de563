//! `workdock sign-in`: a new one-time link for the local owner of a running `up`.

use std::process::ExitCode;

use anyhow::Context;
use command_api::session::issue_link;

use super::context::within;
use super::output;
use crate::compose::System;
use crate::config::Config;
use crate::servers::Folder;

/// Prints a link and returns it.
pub async fn print_link(system: &System, url: &str) -> anyhow::Result<String> {
    let link = issue_link(&system.platform.app, url).await.context("no sign-in link can be made")?;
    output::line(&format!("Sign in: {link}"))?;
    Ok(link)
}

pub async fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let running = Folder::open(&config.data)?.read_run();
    let url = running.and_then(|run| run.http).context("nothing runs on this data folder; start `workdock up`")?;
    within(config, "sign-in", async |context| {
        let link = issue_link(&context.platform.app, &url).await.context("no sign-in link can be made")?;
        output::line(&format!("Sign in: {link}"))?;
        Ok(ExitCode::SUCCESS)
    })
    .await
}
