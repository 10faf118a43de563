//! `workdock sign-in`: a new one-time link for the local owner of a running `up`, or of what serves on given servers.

use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::Context;
use command_api::identity::issue_link;

use super::context::within;
use super::output;
use crate::compose::{Platform, System};
use crate::config::Config;
use crate::servers::Folder;

/// Prints a link and returns it.
pub async fn print_link(system: &System, url: &str) -> anyhow::Result<String> {
    let link = issue(&system.platform, url).await?;
    output::line(&format!("Sign in: {link}"))?;
    Ok(link)
}

async fn issue(platform: &Platform, url: &str) -> anyhow::Result<String> {
    issue_link(&platform.app, &platform.commands.journal(), url).await.context("no sign-in link can be made")
}

#[derive(Debug, clap::Args)]
#[group(skip)]
pub struct Arguments {
    /// Address of the page, as the browser reaches it [default: where `up` serves; on given servers http.listen and
    /// http.port of the configuration]
    #[arg(long)]
    url: Option<String>,
}

pub async fn run(arguments: Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    let url = match arguments.url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => served(config)?,
    };
    within(config, "sign-in", async |context| {
        let link = issue(&context.platform, &url).await?;
        output::line(&format!("Sign in: {link}"))?;
        Ok(ExitCode::SUCCESS)
    })
    .await
}

fn served(config: &Config) -> anyhow::Result<String> {
    if config.postgres.url.is_some() {
        let address = SocketAddr::new(config.http.listen, config.http.port);
        return Ok(format!("http://{address}"));
    }
    let running = Folder::open(&config.data)?.read_run();
    running.and_then(|run| run.http).context("nothing runs on this data folder; start `workdock up`")
}
