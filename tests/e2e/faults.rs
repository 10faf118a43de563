//! What must survive: every process killed at any moment, JetStream's folder deleted, a full disk.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::signal::Signal;
use rand::Rng;
use reqwest::multipart::{Form, Part};
use rust_decimal::Decimal;
use serde_json::Value;

use crate::harness::{Folder, preset, server_pid, shared, signal};

const FILE: &str = "transactions/czech_bank_1995_1998.csv.gz";
/// Of the truth file: lines, money in, money out.
const TOTALS: (i64, &str, &str) = (21_098, "97977309.90", "87587315.90");

fn import_arguments(file: &str, mapping: &str) -> Vec<String> {
    ["import", "--business", "Bank", "--mapping", mapping, "--json", file].map(str::to_owned).to_vec()
}

pub fn import(folder: &Folder) -> Command {
    let (file, mapping) = (shared(FILE), preset("czech_bank.toml"));
    let arguments = import_arguments(file.to_str().unwrap(), mapping.to_str().unwrap());
    folder.command(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Imports once more, which adds what is missing, and compares the totals.
pub fn assert_totals(folder: &Folder) -> Result<()> {
    let output = import(folder).output()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let again: Value = serde_json::from_slice(&import(folder).output()?.stdout)?;
    assert_eq!(again["added"], 0, "the same file again adds nothing");
    assert_eq!(again["known"], TOTALS.0);
    let rows = folder.json(&["metrics", "--business", "Bank", "--bucket", "month", "--format", "json"])?;
    let rows = rows[0].as_array().context("no rows")?;
    let sum = |field: &str| -> Decimal {
        rows.iter().map(|row| row[field].as_str().unwrap().parse::<Decimal>().unwrap()).sum()
    };
    let count: i64 = rows.iter().map(|row| row["count"].as_i64().unwrap()).sum();
    assert_eq!(count, TOTALS.0);
    assert_eq!(sum("money_in"), TOTALS.1.parse()?);
    assert_eq!(sum("money_out"), TOTALS.2.parse()?);
    Ok(())
}

/// Kills that must fall into an import.
const KILLS: usize = 10;
/// A machine may be so busy that an import ends before its kill arrives: that round does not count.
const MOST_ROUNDS: usize = 30;
/// Of a round's file.
const LINES: u32 = 1_500;
/// Each account's lines are one event, and written by themselves.
const ACCOUNTS: u32 = 150;
const MAPPING: &str = "[account]\ncolumn = \"Account\"\n";
const WRITTEN: &str = "select count(*) from store.events where business = $1 and event_type = 'account.synced'";

/// Businesses, each with a file of its own: whatever one round leaves behind, the next imports what is new.
struct Rounds {
    folder: Folder,
    ids: Vec<String>,
    landed: usize,
}

impl Rounds {
    fn new() -> Result<Self> {
        let folder = Folder::new();
        std::fs::write(folder.path().join("mapping.toml"), MAPPING)?;
        Ok(Self { folder, ids: Vec::new(), landed: 0 })
    }

    /// The next round, as long as too few kills fell into an import.
    fn next(&mut self) -> Result<Option<usize>> {
        let round = self.ids.len();
        if self.landed == KILLS {
            return Ok(None);
        }
        anyhow::ensure!(round < MOST_ROUNDS, "only {} of {round} kills fell into an import", self.landed);
        self.ids.push(self.folder.business(&format!("Bank {round}"), "CZK", "Europe/Prague")?);
        std::fs::write(self.file(round), text(round))?;
        Ok(Some(round))
    }

    fn file(&self, round: usize) -> PathBuf {
        self.folder.path().join(format!("{round}.csv"))
    }

    fn import(&self, round: usize) -> Command {
        let mapping = self.folder.path().join("mapping.toml");
        let (file, mapping) = (self.file(round), mapping.to_str().unwrap());
        let file = file.to_str().unwrap();
        let arguments = ["import", "--business", &self.ids[round], "--mapping", mapping, "--json", file];
        let mut command = self.folder.command(&arguments);
        command.stderr(Stdio::null()).stdout(Stdio::piped());
        command
    }

    /// Waits until the import has written some of its events, or none yet; counts the kill that comes now if more are
    /// to follow.
    async fn wait_for_some(&mut self, round: usize, mut is_running: impl FnMut() -> Result<bool>) -> Result<()> {
        let some = rand::thread_rng().gen_range(0..i64::from(ACCOUNTS));
        let mut store = None;
        while is_running()? {
            if store.is_none() {
                store = self.folder.store("workdock").await;
            }
            if let Some(connection) = &mut store {
                let written = sqlx::query_scalar::<_, i64>(WRITTEN).bind(&self.ids[round]).fetch_one(connection).await;
                match written {
                    Ok(written) if written >= some => {
                        self.landed += usize::from(written < i64::from(ACCOUNTS) && is_running()?);
                        return Ok(());
                    }
                    Ok(_) => {}
                    // Migrating, or another server's port.
                    Err(_) => store = None,
                }
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Ok(())
    }

    /// Each import comes to its end, whatever its kill left of it, and the figures are those of its file.
    async fn settle(&self) -> Result<()> {
        let up = self.folder.up(&[]).await?;
        let (mut inflow, mut outflow) = (Decimal::ZERO, Decimal::ZERO);
        for amount in (0..LINES).map(|nth| format!("{}.25", amount(nth)).parse::<Decimal>().unwrap()) {
            *(if amount.is_sign_negative() { &mut outflow } else { &mut inflow }) += amount.abs();
        }
        for (round, id) in self.ids.iter().enumerate() {
            let again = self.import(round).output()?;
            let report: Value = serde_json::from_slice(&again.stdout).context("no report")?;
            let counted = report["added"].as_u64().unwrap_or(0) + report["known"].as_u64().unwrap_or(0);
            assert_eq!((again.status.success(), counted), (true, LINES.into()), "{report}");
            let rows = self.folder.json(&["metrics", "--business", id, "--bucket", "year", "--format", "json"])?;
            let sum = |field: &str| rows[0][0][field].as_str().unwrap().parse::<Decimal>().unwrap();
            assert_eq!((sum("money_in"), sum("money_out")), (inflow, outflow), "round {round}");
            assert_eq!(rows[0][0]["count"], LINES, "round {round}");
        }
        up.ready().await
    }
}

fn text(round: usize) -> String {
    let line = |nth: u32| {
        let (day, account) = (nth % 28 + 1, nth % ACCOUNTS);
        format!("2024-01-{day:02};line {nth} of {round};{}.25;account {account}\n", amount(nth))
    };
    std::iter::once("Date;Text;Amount;Account\n".to_owned()).chain((0..LINES).map(line)).collect()
}

/// Every third is money out.
fn amount(line: u32) -> i64 {
    let amount = i64::from(line) + 1;
    if line.is_multiple_of(3) { -amount } else { amount }
}

#[tokio::test]
async fn imports_killed_ten_times_give_the_same_totals() -> Result<()> {
    let mut rounds = Rounds::new()?;
    while let Some(round) = rounds.next()? {
        let mut child = rounds.import(round).spawn()?;
        rounds.wait_for_some(round, || Ok(child.try_wait()?.is_none())).await?;
        child.kill()?;
        child.wait()?;
    }
    rounds.settle().await
}

/// What was uploaded is not sent again by whoever was killed: the same file, imported once more, adds what is missing.
#[tokio::test]
async fn the_whole_program_killed_ten_times_during_uploads_gives_the_same_totals() -> Result<()> {
    let mut rounds = Rounds::new()?;
    while let Some(round) = rounds.next()? {
        let up = rounds.folder.up(&[]).await?;
        let form = Form::new().text("mapping", MAPPING).part("file", Part::text(text(round)).file_name("bank.csv"));
        let path = format!("{}/api/v1/businesses/{}/imports", up.url, rounds.ids[round]);
        let request = up.client.post(path).header("origin", &up.url).multipart(form);
        let upload = tokio::spawn(request.send());
        rounds.wait_for_some(round, || Ok(!upload.is_finished())).await?;
        up.kill();
        upload.await?.ok();
    }
    rounds.settle().await
}

#[tokio::test]
async fn two_programs_that_import_one_file_at_once_count_it_once() -> Result<()> {
    let folder = Folder::new();
    folder.business("Bank", "CZK", "Europe/Prague")?;
    let _up = folder.up(&[]).await?;
    let mut both = Vec::new();
    for _ in 0..2 {
        both.push(import(&folder).stdout(Stdio::piped()).spawn()?);
    }
    let mut added = 0;
    for child in both {
        let output = child.wait_with_output()?;
        let report: Value = serde_json::from_slice(&output.stdout)?;
        let taken = report["added"].as_i64().zip(report["known"].as_i64()).with_context(|| report.to_string())?;
        assert_eq!((output.status.success(), taken.0 + taken.1), (true, TOTALS.0));
        added += taken.0;
    }
    assert_eq!(added, TOTALS.0);
    assert_totals(&folder)
}

/// Kills a server of a running `up` while an import talks to it, ten times.
async fn kill_a_server_while_importing(server: &str) -> Result<()> {
    let mut rounds = Rounds::new()?;
    let up = rounds.folder.up(&[]).await?;
    while let Some(round) = rounds.next()? {
        let mut child = rounds.import(round).spawn()?;
        rounds.wait_for_some(round, || Ok(child.try_wait()?.is_none())).await?;
        let pid = server_pid(&rounds.folder, server).with_context(|| format!("{server} has no pid"))?;
        signal(pid, Signal::SIGKILL);
        // It may fail with a clear error or wait for the server: both leave the log whole.
        child.wait()?;
        up.ready().await?;
    }
    up.stop()?;
    rounds.settle().await
}

#[tokio::test]
async fn postgresql_killed_ten_times_during_imports_gives_the_same_totals() -> Result<()> {
    kill_a_server_while_importing("postgres").await
}

#[tokio::test]
async fn nats_killed_ten_times_during_imports_gives_the_same_totals() -> Result<()> {
    kill_a_server_while_importing("nats").await
}

#[tokio::test]
async fn jetstreams_folder_deleted_is_refilled_from_the_store() -> Result<()> {
    let folder = Folder::new();
    folder.business("Bank", "CZK", "Europe/Prague")?;
    assert_totals(&folder)?;
    let nats = folder.path().join("nats");
    std::fs::remove_dir_all(nats.join("jetstream"))?;
    let up = folder.up(&[]).await?;
    up.ready().await?;
    assert_totals(&folder)?;
    let verified = folder.json(&["replay", "--verify", "--json"])?;
    assert!(verified.iter().all(|report| report["equal"] == true), "{verified:?}");
    Ok(())
}
