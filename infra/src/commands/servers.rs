//! `workdock servers -- CMD…`: a command with both servers beside it, for tests and benches.
//!
//! The command finds them in `WORKDOCK_TEST_POSTGRES` (a superuser's URL) and `WORKDOCK_TEST_NATS`. They are stopped
//! when it ends, and its exit status is ours.

use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitCode, ExitStatus};

use anyhow::Context;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::config::Config;
use crate::servers::{Folder, Options, Servers};
use crate::shutdown;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Data that lasts only as long as the command, without fsync
    #[arg(long)]
    ephemeral: bool,
    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "CMD")]
    command: Vec<OsString>,
}

pub async fn run(arguments: Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    let temporary = arguments.ephemeral.then(|| tempfile::Builder::new().prefix("workdock-").tempdir()).transpose()?;
    let folder = Folder::open(temporary.as_ref().map_or(config.data.as_path(), |folder| folder.path()))?;
    let lock = folder.try_own()?.ok_or_else(|| folder.in_use())?;
    let options =
        Options { cache: config.cache(), ephemeral: arguments.ephemeral, open_nats: true, command: "servers".into() };
    let mut stop = shutdown::Signals::listen()?;
    let servers = tokio::select! {
        servers = Servers::start(folder, lock, &options) => servers?,
        signal = stop.received() => return Ok(exit_code(128 + signal as i32)),
    };
    let status = run_command(&arguments.command, &servers, &mut stop).await;
    servers.stop().await;
    drop(temporary);
    let status = status?;
    Ok(exit_code(status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0))))
}

/// The terminal's Ctrl-C reaches the command by itself; other signals are passed on.
async fn run_command(
    words: &[OsString],
    servers: &Servers,
    stop: &mut shutdown::Signals,
) -> anyhow::Result<ExitStatus> {
    let mut child = tokio::process::Command::new(&words[0])
        .args(&words[1..])
        .env("WORKDOCK_TEST_POSTGRES", servers.addresses.superuser.expose())
        .env("WORKDOCK_TEST_NATS", servers.addresses.nats.expose())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("{}: cannot be started", words[0].to_string_lossy()))?;
    loop {
        tokio::select! {
            status = child.wait() => return Ok(status?),
            signal = stop.received() => {
                let pid = child.id().and_then(|pid| i32::try_from(pid).ok());
                if signal != Signal::SIGINT && let Some(pid) = pid && let Err(error) = kill(Pid::from_raw(pid), signal) {
                    tracing::debug!(%error, "the command is already gone");
                }
            }
        }
    }
}

fn exit_code(code: i32) -> ExitCode {
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}
