//! Texts that occur nowhere else, through every way in, and then looked for in everything that is left behind.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::Result;
use rand::Rng;
use serde_json::json;

use crate::harness::{Folder, Up};

const RENAME: &str = "mutation ($id: UUID!, $name: String!) { renameBusiness(id: $id, name: $name) { position } }";
const RATE: &str = r#"mutation ($id: UUID!, $note: String!) { recordRate(business: $id,
  rate: { day: "2026-03-02", base: "EUR", quote: "GBP", rate: "0.85", note: $note }) { position } }"#;
const RATES: &str =
    "query ($id: UUID!, $position: Position!) { business(id: $id) { exchangeRates(minPosition: $position) { note } } }";
const SPLIT: &str = r#"mutation ($id: UUID!, $account: UUID!, $of: UUID!, $amount: Decimal!, $note: String!) {
  splitTransaction(business: $id, account: $account, transaction: $of, parts: [
    { amount: "0.20", category: "sales", note: $note }, { amount: $amount, category: "owner_contribution" }]) { position } }"#;
const KNOWN: &str = "query ($id: UUID!, $position: Position!) { business(id: $id) {
  known(minPosition: $position) { position } } }";
const PARTS: &str = r#"query ($id: UUID!) { business(id: $id) {
  transactions(category: "owner_contribution") { nodes { parts { note } } } } }"#;
const FIRST: &str = r#"query ($id: UUID!) { business(id: $id) {
  transactions(period: { from: "2026-01-01", to: "2026-12-31" }, order: AMOUNT, first: 1) {
    nodes { id account { id } } } } }"#;
const SEARCH: &str = r#"query ($id: UUID!, $words: String!) { business(id: $id) {
  accounts { name }
  transactions(period: { from: "2026-01-01", to: "2026-12-31" }, search: $words) {
    nodes { description counterparty reference } } } }"#;

const MAPPING: &str = r#"
name = "Canaries"
[file]
delimiter = ","
encoding = "utf-8"
columns = ["date", "amount", "text", "party", "number"]
[date]
column = "date"
format = "%Y-%m-%d"
[amount]
column = "amount"
decimal = "."
thousands = "none"
[currency]
always = "GBP"
[columns]
description = "text"
counterparty = "party"
reference = "number"
"#;

/// Letters that no dictionary and no random file has.
pub fn canary(what: &str) -> String {
    format!("Zq{what}{:016x}", rand::thread_rng().r#gen::<u64>())
}

/// Which canaries are in the bytes of which files.
pub fn found(folder: &Path, canaries: &[impl AsRef<[u8]>]) -> Vec<String> {
    let mut places = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                let bytes = std::fs::read(entry.path()).unwrap();
                let canaries = canaries.iter().map(AsRef::as_ref);
                let here = canaries.filter(|canary| memchr::memmem::find(&bytes, canary).is_some());
                places.extend(
                    here.map(|canary| format!("{}: {}", entry.path().display(), String::from_utf8_lossy(canary))),
                );
            }
        }
    }
    places
}

/// Runs a command with everything logged, its standard error kept beside the data.
pub fn logged(folder: &Folder, log: &Path, arguments: &[&str]) -> std::process::Output {
    let mut command = folder.command(&[&["-vv"], arguments].concat());
    command.stderr(File::options().create(true).append(true).open(log).unwrap()).output().unwrap()
}

#[tokio::test]
async fn no_text_is_readable_in_any_file_or_log() -> Result<()> {
    let (folder, beside) = (Folder::new(), tempfile::tempdir()?);
    let fields =
        ["business", "renamed", "account", "text", "party", "number", "later", "broken", "note", "part", "demo"];
    let canaries: Vec<String> = fields.iter().map(|field| canary(field)).collect();
    let [business, renamed, account, text, party, number, later, broken, note, part, missing] =
        <[&str; 11]>::try_from(canaries.iter().map(String::as_str).collect::<Vec<_>>()).unwrap();
    let (mapping, file, log) = (beside.path().join("m.toml"), beside.path().join("f.csv"), beside.path().join("log"));
    std::fs::write(&mapping, MAPPING)?;
    // Half a page, so that its texts are stored out of line and compressed where anything still compresses.
    let many: String = (0..250).map(|n| format!("2026-03-0{},{n}.50,{text},{party},{number}\n", n % 9 + 1)).collect();
    std::fs::write(&file, format!("date,amount,text,party,number\n{many}2026-03-01,{broken},{broken},,\n"))?;

    let id = folder.business(business, "GBP", "Europe/London")?;
    let (mapping, file) = (mapping.to_str().unwrap(), file.to_str().unwrap());
    let import = ["import", "--mapping", mapping, "--account", account, "--json", file];
    let output = logged(&folder, &log, &import);
    assert!(output.status.success(), "{}", std::fs::read_to_string(&log)?);
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&output.stdout)?["added"], 250);

    let mut command = folder.command(&["-vv", "up", "--port", "0"]);
    command.stderr(File::options().append(true).open(&log)?);
    let up = Up::start(command).await?;
    up.ready().await?;
    up.graphql(RENAME, json!({ "id": id, "name": renamed })).await?;
    let position = up.graphql(RATE, json!({ "id": id, "note": note })).await?["recordRate"]["position"].take();
    let rates = up.graphql(RATES, json!({ "id": id, "position": position })).await?;
    assert_eq!(rates["business"]["exchangeRates"][0]["note"], note);
    let answer = up.graphql(SEARCH, json!({ "id": id, "words": text })).await?["business"].take();
    assert_eq!(answer["accounts"][0]["name"], account);
    let shown = json!({ "description": text, "counterparty": party, "reference": number });
    assert_eq!(answer["transactions"]["nodes"][0], shown);
    let first = up.graphql(FIRST, json!({ "id": id })).await?["business"]["transactions"]["nodes"][0].take();
    let of =
        json!({ "id": id, "account": first["account"]["id"], "of": first["id"], "amount": "249.30", "note": part });
    let position = up.graphql(SPLIT, of).await?["splitTransaction"]["position"].take();
    up.graphql(KNOWN, json!({ "id": id, "position": position })).await?;
    let parts = up.graphql(PARTS, json!({ "id": id })).await?;
    assert_eq!(parts["business"]["transactions"]["nodes"][0]["parts"][0]["note"], part);
    // Refused in every layer, with the canary in what was asked.
    assert!(up.graphql(RENAME, json!({ "id": missing, "name": later })).await.is_err());
    assert!(up.graphql(RENAME, json!({ "id": id, "name": later.repeat(50) })).await.is_err());
    assert!(up.graphql("mutation ($name: String!) { x(a: $name) }", json!({ "name": later })).await.is_err());
    up.get(&format!("/api/v1/businesses/{id}/transactions?search={later}&from={later}")).await?;
    let (code, _) = up.stop()?;
    assert_eq!(code, Some(0));

    for arguments in [&["replay", "--verify", "--json"][..], &["metrics", "--format", "json"]] {
        let output = logged(&folder, &log, arguments);
        assert!(output.status.success(), "{arguments:?}: {}", std::fs::read_to_string(&log)?);
        let printed = PathBuf::from(beside.path()).join("printed");
        std::fs::create_dir_all(&printed)?;
        std::fs::write(printed.join("out"), output.stdout)?;
        assert_eq!(found(&printed, &canaries), Vec::<String>::new(), "{arguments:?}");
    }
    let logged = std::fs::read_to_string(&log)?;
    let said: Vec<_> = canaries.iter().filter(|canary| logged.contains(canary.as_str())).collect();
    assert_eq!(said, Vec::<&String>::new());
    assert!(logged.contains("DEBUG"), "nothing was logged, so nothing was tested");

    // What is not sealed is found, so the search finds what is there.
    assert!(!found(folder.path(), &["account.synced".to_owned()]).is_empty());
    assert_eq!(found(folder.path(), &canaries), Vec::<String>::new());
    Ok(())
}
