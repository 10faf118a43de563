//! An auditor's work: a log that leaves as a file, and its check on a machine with nothing else.

use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::harness::Folder;

const STATEMENT: &str = "Date,Description,Amount\n2024-01-03,Sale,120.50\n2024-01-31,Rent,-80\n2024-02-02,Sale,10\n";

struct Given {
    folder: Folder,
    id: String,
    key: String,
    file: std::path::PathBuf,
}

fn given() -> Result<Given> {
    let folder = Folder::new();
    let id = folder.business("Shop", "GBP", "Europe/London")?;
    folder.business("Other", "EUR", "Europe/Paris")?;
    let statement = folder.path().join("statement.csv");
    std::fs::write(&statement, STATEMENT)?;
    let statement = statement.to_str().context("a path")?.to_owned();
    folder.json(&["import", "--business", "Shop", "--json", &statement])?;
    let key = String::from_utf8(folder.run(&["audit", "key"]).stdout)?.trim().to_owned();
    let file = folder.path().join("shop.audit");
    let output = file.to_str().context("a path")?.to_owned();
    let exported = folder.run(&["audit", "export", "--business", "Shop", "-o", &output]);
    assert!(exported.status.success(), "{}", String::from_utf8_lossy(&exported.stderr));
    Ok(Given { folder, id, key, file })
}

/// Without a data folder, servers or variables.
fn verify(given: &Given, file: &std::path::Path, more: &[&str]) -> Result<(Option<i32>, Value)> {
    let elsewhere = tempfile::tempdir()?;
    let program = given.folder.command(&[]).get_program().to_owned();
    let output = Command::new(program)
        .args(["audit", "verify", "--json", "--key", &given.key])
        .args(more)
        .arg(file)
        .current_dir(elsewhere.path())
        .env_clear()
        .output()?;
    let text = String::from_utf8(output.stdout)?;
    let json = serde_json::from_str(&text).with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
    assert_eq!(std::fs::read_dir(elsewhere.path())?.count(), 0, "it needs nothing and leaves nothing");
    Ok((output.status.code(), json))
}

#[test]
fn a_business_leaves_as_a_file_that_proves_itself_and_its_figures() -> Result<()> {
    let given = given()?;
    let (code, proven) = verify(&given, &given.file, &["--business", &given.id])?;
    assert_eq!((code, &proven["unaltered"]), (Some(0), &Value::Bool(true)), "{proven}");
    let months: Vec<String> = proven["months"]
        .as_array()
        .context("no months")?
        .iter()
        .map(|month| {
            format!("{} {} {}", month["month"].as_str().unwrap(), month["net"].as_str().unwrap(), month["transactions"])
        })
        .collect();
    assert_eq!(months.len(), 3, "{months:?}");
    assert!(months.iter().any(|month| month.starts_with("2024-01 120.5 ")), "{months:?}");
    assert!(months.iter().any(|month| month.starts_with("2024-01 -80 ")), "{months:?}");

    // A changed amount is named by its position, and nobody's key but the log's is taken.
    let changed = given.folder.path().join("changed.audit");
    let text = std::fs::read_to_string(&given.file)?;
    assert!(text.contains("120.50"));
    std::fs::write(&changed, text.replace("120.50", "920.50"))?;
    let (code, fault) = verify(&given, &changed, &[])?;
    assert_eq!((code, &fault["unaltered"]), (Some(1), &Value::Bool(false)));
    assert!(fault["position"].as_i64().is_some_and(|position| position > 1), "{fault}");

    // A checkpoint that was kept.
    let note = given.folder.path().join("kept");
    std::fs::write(&note, given.folder.run(&["audit", "checkpoint"]).stdout)?;
    let kept = note.to_str().context("a path")?;
    let (code, _) = verify(&given, &given.file, &["--checkpoint", kept])?;
    let again = given.folder.path().join("again.audit");
    let output = again.to_str().context("a path")?;
    let exported = given.folder.run(&["audit", "export", "--business", "Shop", "--checkpoint", kept, "-o", output]);
    assert!(exported.status.success(), "{}", String::from_utf8_lossy(&exported.stderr));
    let (later, proven) = verify(&given, &again, &["--checkpoint", kept])?;
    assert_eq!((later, proven["checkpoints_compared"].as_i64()), (Some(0), Some(1)), "{code:?} {proven}");
    Ok(())
}

/// What was done to keys and links stands in the history of the installation, and a business is told of its own key.
#[tokio::test]
async fn new_keys_and_links_are_in_the_history() -> Result<()> {
    let folder = Folder::new();
    let business = folder.business("Harbour", "GBP", "Europe/London")?;
    let rotated = folder.json(&["keys", "rotate", "--data-keys", "--json"])?;
    assert_eq!(rotated[0]["newDataKeys"], 1, "{rotated:?}");
    let up = folder.up(&[]).await?;
    up.ready().await?;
    let expected = ["Signed in", "Link issued", "1 data keys wrapped anew", "Master key rotated"];
    let mut told = Vec::new();
    for _ in 0..100 {
        let history: Value = up.get("/api/v1/audit?kind=security").await?.json().await?;
        let entries = history["entries"].as_array().unwrap();
        let summaries = entries.iter().map(|entry| entry["summary"].as_str().unwrap().to_owned());
        // Whoever reads the history opens addresses, which is in it too.
        told = summaries.filter(|summary| summary != "Sealed address opened").collect();
        if told.len() >= expected.len() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(told, expected);
    let path = format!("/api/v1/businesses/{business}/audit?kind=security.data_key_renewed");
    let history: Value = up.get(&path).await?.json().await?;
    assert_eq!(history["entries"].as_array().unwrap().len(), 1, "{history}");
    Ok(())
}

#[test]
fn everything_about_a_business_leaves_as_an_archive_and_what_is_changed_in_it_is_named() -> Result<()> {
    let given = given()?;
    let archive = given.folder.path().join("shop.tar");
    let out = archive.to_str().context("a path")?;
    let manifest = given.folder.json(&["export", "--business", "Shop", "--json", "--out", out])?.remove(0);
    assert_eq!((&manifest["business"], &manifest["name"]), (&given.id.as_str().into(), &"Shop".into()));
    let (code, checked) = verify(&given, &archive, &["--business", &given.id])?;
    assert_eq!((code, &checked["unaltered"]), (Some(0), &Value::Bool(true)), "{checked}");
    assert_eq!(checked["manifest"], manifest);
    let (code, other) = verify(&given, &archive, &["--business", "0196a000-0000-7000-8000-000000000000"])?;
    assert_eq!((code, &other["reason"]), (Some(1), &"it is of another business".into()));

    let mut bytes = std::fs::read(&archive)?;
    let sale = b"2024-01-03,,false,120.50,GBP";
    let amount = memchr::memmem::find(&bytes, sale).context("no sale")? + sale.len() - "120.50,GBP".len();
    bytes[amount] = b'9';
    std::fs::write(&archive, bytes)?;
    let (code, fault) = verify(&given, &archive, &[])?;
    assert_eq!((code, &fault["reason"]), (Some(1), &"transactions.csv is not what the manifest says".into()));
    Ok(())
}
