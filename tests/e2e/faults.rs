//! What must survive: every process killed at any moment, JetStream's folder deleted, a full disk.

use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::signal::Signal;
use rand::Rng;
use serde_json::Value;

use crate::harness::{Folder, preset, server_pid, shared, signal};

const FILE: &str = "transactions/czech_bank_1995_1998.csv.gz";
/// Of the truth file: lines, money in, money out.
const TOTALS: (i64, &str, &str) = (21_098, "97977309.90", "87587315.90");

fn import_arguments(file: &str, mapping: &str) -> Vec<String> {
    ["import", "--business", "Bank", "--mapping", mapping, "--json", file].map(str::to_owned).to_vec()
}

pub fn import(folder: &Folder) -> std::process::Command {
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
    let sum = |field: &str| -> rust_decimal::Decimal {
        rows.iter().map(|row| row[field].as_str().unwrap().parse::<rust_decimal::Decimal>().unwrap()).sum()
    };
    let count: i64 = rows.iter().map(|row| row["count"].as_i64().unwrap()).sum();
    assert_eq!(count, TOTALS.0);
    assert_eq!(sum("money_in"), TOTALS.1.parse()?);
    assert_eq!(sum("money_out"), TOTALS.2.parse()?);
    Ok(())
}

#[test]
fn an_import_killed_ten_times_gives_the_same_totals() -> Result<()> {
    let folder = Folder::new();
    folder.business("Bank", "CZK", "Europe/Prague")?;
    for _ in 0..10 {
        let mut child = import(&folder).spawn()?;
        std::thread::sleep(Duration::from_millis(rand::thread_rng().gen_range(200..4_000)));
        child.kill()?;
        child.wait()?;
    }
    assert_totals(&folder)
}

/// Kills a server of a running `up` while an import talks to it, ten times.
async fn kill_a_server_while_importing(server: &str) -> Result<()> {
    let folder = Folder::new();
    folder.business("Bank", "CZK", "Europe/Prague")?;
    let up = folder.up(&[]).await?;
    for _ in 0..10 {
        let mut child = import(&folder).stderr(std::process::Stdio::null()).spawn()?;
        tokio::time::sleep(Duration::from_millis(rand::thread_rng().gen_range(50..2_000))).await;
        if let Some(pid) = server_pid(&folder, server) {
            signal(pid, Signal::SIGKILL);
        }
        // It may fail with a clear error or wait for the server: both leave the log whole.
        child.wait()?;
        up.ready().await?;
    }
    assert_totals(&folder)
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
