//! `workdock serve --role …`: single roles, against given servers. This is how users outgrow one machine.

use std::process::ExitCode;

use clap::ValueEnum;

use super::serving::{Plan, serve};
use super::{output, sign_in};
use crate::compose::Work;
use crate::config::Config;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// What this process does; several may be given. Any number of processes may have the same role.
    #[arg(long = "role", value_enum, required = true, value_delimiter = ',')]
    roles: Vec<Role>,
    /// Port of what it serves (every role: health and metrics); 0: any free one [default: 8080]
    #[arg(long)]
    port: Option<u16>,
    /// Replace a message stream that holds more than the store (after a restore of the store)
    #[arg(long)]
    accept_truncation: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Role {
    /// Gives events their positions and publishes them; one leads, others stand by
    Sequencer,
    /// Keeps every projection up with the log
    Projector,
    /// Keeps connected providers up
    Worker,
    /// The page, GraphQL, REST, imports and sessions
    Api,
}

pub async fn run(arguments: Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(
        config.postgres.url.is_some(),
        "`serve` works on given servers: set WORKDOCK_POSTGRES__URL, WORKDOCK_POSTGRES__OWNER_URL and WORKDOCK_NATS__URL; `workdock up` brings its own"
    );
    let has = |role: Role| arguments.roles.contains(&role);
    let mut config = config.clone();
    config.http.port = arguments.port.unwrap_or(config.http.port);
    let work = Work {
        sequencer: has(Role::Sequencer),
        projections: has(Role::Projector),
        sources: has(Role::Worker),
        accept_truncation: arguments.accept_truncation,
    };
    let plan = Plan { command: "serve", work, api: has(Role::Api) };
    serve(&config, &plan, async |system, url, _stop| {
        output::line(&format!("Workdock serves {url} (stop with Ctrl-C)"))?;
        if plan.api {
            sign_in::print_link(system, url).await?;
        }
        Ok(())
    })
    .await
}
