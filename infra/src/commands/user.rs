//! `workdock user import FILE`: accounts of another program, with their password hashes.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use command_api::identity::Imported;
use domain::Email;
use serde::Deserialize;
use serde_json::json;

use super::context::{Context, within};
use super::output;
use crate::compose;
use crate::config::Config;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Add the accounts of a file; an address that has an account already is left alone
    Import {
        /// One JSON object a line: {"email": "…", "name": "…", "passwordHash": "…"} with a hash of Argon2 or bcrypt
        file: PathBuf,
        /// For machines: a JSON object
        #[arg(long)]
        json: bool,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Line {
    email: Email,
    name: String,
    password_hash: String,
}

pub async fn run(arguments: Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    let Command::Import { file, json } = arguments.command;
    // Read whole first: a file with a fault adds nobody.
    let users = read(&file)?;
    within(config, "user", async |context| import(context, config, &users, json).await).await
}

fn read(file: &Path) -> anyhow::Result<Vec<Imported>> {
    let open = File::open(file).with_context(|| format!("{} cannot be opened", file.display()))?;
    let mut users = Vec::new();
    for (at, line) in BufReader::new(open).lines().enumerate() {
        let line = line.with_context(|| format!("{} cannot be read", file.display()))?;
        if line.trim().is_empty() {
            continue;
        }
        // What is wrong is not repeated: the line holds a password hash.
        let Ok(Line { email, name, password_hash }) = serde_json::from_str(&line) else {
            anyhow::bail!("line {} of {} is not an account: see `workdock user import --help`", at + 1, file.display());
        };
        users.push(Imported { email, name, password_hash });
    }
    Ok(users)
}

async fn import(context: &Context, config: &Config, users: &[Imported], json: bool) -> anyhow::Result<ExitCode> {
    let identity = compose::open_identity(config, &context.platform, "http://localhost", None).await?;
    let (mut added, mut known) = (0_u64, 0_u64);
    for (at, user) in users.iter().enumerate() {
        match identity.import_user(user).await.with_context(|| format!("account {}", at + 1))? {
            Some(_) => added += 1,
            None => known += 1,
        }
    }
    if json {
        output::json(&json!({ "added": added, "known": known }))?;
    } else {
        output::line(&format!("{added} accounts added, {known} were there already"))?;
    }
    Ok(ExitCode::SUCCESS)
}
