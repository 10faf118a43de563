//! What an operator does when something has to be made anew, and what they are told meanwhile.

use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use sqlx::Executor;

use crate::harness::{Folder, Up, server_pid, signal};
use crate::roles::{CSV, net, upload};

#[tokio::test]
async fn a_projection_is_rebuilt_while_it_serves() -> Result<()> {
    let folder = Folder::new();
    let id = folder.business("Shop", "EUR", "Europe/Berlin")?;
    let up = folder.up(&[]).await?;
    let report = upload(&up, &id, CSV).await?;
    let last = &report["positions"]["last"];
    assert_eq!(net(&up, &id, last).await?, "-898.50");
    // Rows that no event gave.
    let mut owner = folder.store("workdock_owner").await.context("no store")?;
    let schema: String = sqlx::query_scalar("select schema from streams.checkpoint where projection = 'metrics'")
        .fetch_one(&mut owner)
        .await?;
    owner.execute(format!("update {schema}.metric_version set amount_in = amount_in + 1").as_str()).await?;
    let verified = folder.run(&["replay", "--verify"]);
    let said = String::from_utf8(verified.stdout)?;
    assert!(!verified.status.success() && said.contains("DIFFERENT"), "{said}");
    assert!(said.contains("second count: DIFFERENT from 2024-01-31 on"), "{said}");

    let rebuilt = folder.json(&["replay", "--rebuild", "metrics", "--json"])?;
    assert_eq!(rebuilt[0]["projection"], "metrics");
    assert!(rebuilt[0]["position"].as_i64() >= last.as_i64(), "{rebuilt:?}");
    assert_eq!(net(&up, &id, last).await?, "-898.50", "the swapped rows serve");
    let verified = folder.json(&["replay", "--verify", "--json"])?;
    assert!(verified.iter().all(|report| report["equal"] == true), "{verified:?}");
    let more = upload(&up, &id, "Date;Text;Amount;Currency\n2024-02-02;sale;1000.00;EUR\n").await?;
    assert_eq!(net(&up, &id, &more["positions"]["last"]).await?, "101.50", "and are kept up");

    let unknown = folder.run(&["replay", "--rebuild", "metrix"]);
    let said = String::from_utf8(unknown.stderr)?;
    assert!(!unknown.status.success() && said.contains("there is no projection \"metrix\""), "{said}");
    Ok(())
}

/// As after a restore from a backup that is older than the stream.
#[tokio::test]
async fn a_stream_ahead_of_the_store_is_dropped_only_when_that_is_accepted() -> Result<()> {
    let folder = Folder::new();
    let id = folder.business("Shop", "EUR", "Europe/Berlin")?;
    let up = folder.up(&[]).await?;
    let kept = upload(&up, &id, CSV).await?["positions"]["last"].clone();
    assert_eq!(net(&up, &id, &kept).await?, "-898.50");
    up.stop()?;
    let (store, backup) = (folder.path().join("pg"), folder.path().join("pg.backup"));
    let copied = Command::new("cp").arg("-a").args([&store, &backup]).status()?;
    assert!(copied.success());

    let up = folder.up(&[]).await?;
    let lost = upload(&up, &id, "Date;Text;Amount;Currency\n2024-02-02;sale;1000.00;EUR\n").await?;
    assert_eq!(net(&up, &id, &lost["positions"]["last"]).await?, "101.50");
    up.stop()?;
    std::fs::remove_dir_all(&store)?;
    std::fs::rename(&backup, &store)?;

    let mut command = folder.command(&["up", "--port", "0"]);
    let refused = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?.wait_with_output()?;
    let said = String::from_utf8(refused.stderr)?;
    assert!(!refused.status.success(), "{said}");
    assert!(said.contains("--accept-truncation"), "it says what would be accepted: {said}");
    let first_lost = kept.as_i64().context("no position")? + 1;
    assert!(said.contains(&first_lost.to_string()), "and what would be dropped: {said}");

    let up = folder.up(&["--accept-truncation"]).await?;
    up.ready().await?;
    assert_eq!(net(&up, &id, &kept).await?, "-898.50");
    let again = upload(&up, &id, "Date;Text;Amount;Currency\n2024-02-03;sale;1.50;EUR\n").await?;
    assert_eq!(net(&up, &id, &again["positions"]["last"]).await?, "-897.00");
    Ok(())
}

async fn health(up: &Up) -> Result<(u16, Value)> {
    let answer = up.get("/health/ready").await?;
    Ok((answer.status().as_u16(), answer.json().await?))
}

#[tokio::test]
async fn readiness_names_what_is_missing() -> Result<()> {
    let folder = Folder::new();
    let up = folder.up(&[]).await?;
    up.ready().await?;
    assert_eq!(health(&up).await?, (200, json!({ "status": "ready", "missing": [], "degraded": [] })));
    // It is started again within moments, so it is killed until somebody saw that it was gone.
    let seen = async {
        loop {
            if let Some(pid) = server_pid(&folder, "nats") {
                signal(pid, Signal::SIGKILL);
            }
            for _ in 0..50 {
                let (status, report) = health(&up).await?;
                let missing = report["missing"].as_array().context("no list")?;
                if let Some(part) = missing.iter().find(|missing| missing["part"] == "message stream") {
                    assert_eq!((status, &report["status"]), (503, &json!("not_ready")), "{report}");
                    assert_eq!(part["state"], "not connected");
                    return anyhow::Ok(());
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), seen).await??;
    up.ready().await
}

/// Whoever holds the program's own password to the store can add to the log, and neither change nor cut it.
#[tokio::test]
async fn the_programs_role_may_not_change_the_log() -> Result<()> {
    let folder = Folder::new();
    let id = folder.business("Shop", "EUR", "Europe/Berlin")?;
    let up = folder.up(&[]).await?;
    let written = upload(&up, &id, CSV).await?;
    net(&up, &id, &written["positions"]["last"]).await?;
    let mut program = folder.store("workdock").await.context("no store")?;
    for (table, column) in [("store.events", "event_version"), ("store.log", "event_version")] {
        for statement in [
            format!("update {table} set {column} = 'x'"),
            format!("delete from {table}"),
            format!("truncate {table}"),
            format!("alter table {table} disable trigger all"),
            format!("drop table {table}"),
        ] {
            let error = program.execute(statement.as_str()).await.unwrap_err();
            let code = error.as_database_error().and_then(|error| error.code().map(String::from));
            // Insufficient privilege: the grants refuse it before any trigger is asked.
            assert_eq!(code.as_deref(), Some("42501"), "{statement}: {error}");
        }
    }
    let events: i64 = sqlx::query_scalar("select count(*) from store.events").fetch_one(&mut program).await?;
    assert!(events > 2);
    Ok(())
}
