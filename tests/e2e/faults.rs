//! What must survive: every process killed at any moment, JetStream's folder deleted, a full disk.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::signal::Signal;
use rand::Rng;
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

const ROUNDS: usize = 10;
/// Of a round's file.
const LINES: u32 = 6_000;
/// Each account's lines are one event, and written by themselves.
const ACCOUNTS: u32 = 150;
/// The machine may be so busy that an import ends before its kill arrives.
const LEAST_LANDED: usize = 7;
const WRITTEN: &str = "select count(*) from store.events where business = $1 and event_type = 'account.synced'";

/// Ten businesses, each with a file of its own: whatever one round leaves behind, the next imports what is new.
struct Rounds {
    folder: Folder,
    ids: Vec<String>,
    landed: usize,
}

impl Rounds {
    fn new() -> Result<Self> {
        let folder = Folder::new();
        let mut ids = Vec::new();
        for round in 0..ROUNDS {
            ids.push(folder.business(&format!("Bank {round}"), "CZK", "Europe/Prague")?);
            let line = |nth: u32| {
                let (day, account) = (nth % 28 + 1, nth % ACCOUNTS);
                format!("2024-01-{day:02};line {nth} of {round};{}.25;account {account}\n", amount(nth))
            };
            let header = "Date;Text;Amount;Account\n".to_owned();
            let text: String = std::iter::once(header).chain((0..LINES).map(line)).collect();
            std::fs::write(folder.path().join(format!("{round}.csv")), text)?;
        }
        std::fs::write(folder.path().join("mapping.toml"), "[account]\ncolumn = \"Account\"\n")?;
        Ok(Self { folder, ids, landed: 0 })
    }

    fn import(&self, round: usize) -> Command {
        let file = self.folder.path().join(format!("{round}.csv"));
        let mapping = self.folder.path().join("mapping.toml");
        let (file, mapping) = (file.to_str().unwrap(), mapping.to_str().unwrap());
        let arguments = ["import", "--business", &self.ids[round], "--mapping", mapping, "--json", file];
        let mut command = self.folder.command(&arguments);
        command.stderr(Stdio::null()).stdout(Stdio::piped());
        command
    }

    /// Waits until the import has written some of its events; counts the kill that comes now if more are to follow.
    async fn wait_for_some(&mut self, round: usize, child: &mut Child) -> Result<()> {
        let some = rand::thread_rng().gen_range(1..i64::from(ACCOUNTS) * 3 / 4);
        let mut store = None;
        while child.try_wait()?.is_none() {
            if store.is_none() {
                store = self.folder.store("workdock").await;
            }
            if let Some(connection) = &mut store {
                let written = sqlx::query_scalar::<_, i64>(WRITTEN).bind(&self.ids[round]).fetch_one(connection).await;
                match written {
                    Ok(written) if written >= some => {
                        self.landed += usize::from(written < i64::from(ACCOUNTS) && child.try_wait()?.is_none());
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
        assert!(self.landed >= LEAST_LANDED, "only {} of {ROUNDS} kills fell into an import", self.landed);
        let up = self.folder.up(&[]).await?;
        let (mut inflow, mut outflow) = (Decimal::ZERO, Decimal::ZERO);
        for amount in (0..LINES).map(|nth| format!("{}.25", amount(nth)).parse::<Decimal>().unwrap()) {
            *(if amount.is_sign_negative() { &mut outflow } else { &mut inflow }) += amount.abs();
        }
        for round in 0..ROUNDS {
            let again = self.import(round).output()?;
            let report: Value = serde_json::from_slice(&again.stdout).context("no report")?;
            let counted = report["added"].as_u64().unwrap_or(0) + report["known"].as_u64().unwrap_or(0);
            assert_eq!((again.status.success(), counted), (true, LINES.into()), "{report}");
            let id = &self.ids[round];
            let rows = self.folder.json(&["metrics", "--business", id, "--bucket", "year", "--format", "json"])?;
            let sum = |field: &str| rows[0][0][field].as_str().unwrap().parse::<Decimal>().unwrap();
            assert_eq!((sum("money_in"), sum("money_out")), (inflow, outflow), "round {round}");
            assert_eq!(rows[0][0]["count"], LINES, "round {round}");
        }
        up.ready().await
    }
}

/// Every third is money out.
fn amount(line: u32) -> i64 {
    let amount = i64::from(line) + 1;
    if line.is_multiple_of(3) { -amount } else { amount }
}

#[tokio::test]
async fn imports_killed_ten_times_give_the_same_totals() -> Result<()> {
    let mut rounds = Rounds::new()?;
    for round in 0..ROUNDS {
        let mut child = rounds.import(round).spawn()?;
        rounds.wait_for_some(round, &mut child).await?;
        child.kill()?;
        child.wait()?;
    }
    rounds.settle().await
}

/// Kills a server of a running `up` while an import talks to it, ten times.
async fn kill_a_server_while_importing(server: &str) -> Result<()> {
    let mut rounds = Rounds::new()?;
    let up = rounds.folder.up(&[]).await?;
    for round in 0..ROUNDS {
        let mut child = rounds.import(round).spawn()?;
        rounds.wait_for_some(round, &mut child).await?;
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
