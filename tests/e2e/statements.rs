//! Every statement file beside the project through `workdock import --json`.

use std::collections::HashMap;

use anyhow::{Context, Result, ensure};
use rust_decimal::Decimal;
use serde_json::Value;

use crate::harness::{Folder, shared};

/// Imports all of them with one command; each prints one line, those that are refused too.
#[test]
fn every_statement_file_says_what_it_must() -> Result<()> {
    let mut reader = csv::Reader::from_path(shared("statements/expected.csv"))?;
    let expected: Vec<HashMap<String, String>> = reader.deserialize().collect::<Result<_, _>>()?;
    let paths: Vec<String> =
        expected.iter().map(|row| shared("statements").join(&row["file"]).display().to_string()).collect();
    let folder = Folder::new();
    let mut arguments = vec!["import", "--business", "Shop", "--currency", "EUR", "--json"];
    arguments.extend(paths.iter().map(String::as_str));
    let output = folder.run(&arguments);
    ensure!(!output.status.success(), "some files are refused, so the command fails");
    let text = String::from_utf8(output.stdout)?;
    let reports: Vec<Value> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    ensure!(reports.len() == expected.len(), "{} lines for {} files", reports.len(), expected.len());
    for (report, expected) in reports.iter().zip(&expected) {
        compare(report, expected).with_context(|| format!("{}: {report}", expected["file"]))?;
    }
    let again: Vec<&str> = arguments.clone();
    let second = String::from_utf8(folder.run(&again).stdout)?;
    for line in second.lines() {
        let report: Value = serde_json::from_str(line)?;
        ensure!(report["added"] == 0, "the same file again adds nothing: {report}");
    }
    Ok(())
}

fn compare(report: &Value, expected: &HashMap<String, String>) -> Result<()> {
    ensure!(report["file"] == expected["file"].as_str());
    if expected["outcome"] == "error" {
        let message = report["error"]["message"].as_str().context("it is taken")?;
        ensure!(!message.is_empty() && report["added"] == 0);
        return Ok(());
    }
    let count: u64 = expected["tx_count"].parse()?;
    ensure!(report["rows"] == count && report["refused_count"] == 0, "{count} rows are expected");
    let known = if expected["file"].contains("overlap_2_of_2") { 35 } else { 0 };
    ensure!(report["added"] == count - known, "{} are new", count - known);
    for sum in expected["sum_by_currency"].split(';') {
        let (code, sum) = sum.split_once(':').context("a sum")?;
        let currency = if code == "?" { "EUR" } else { code };
        let net: Decimal = report["sums"][currency]["net"].as_str().context("no such currency")?.parse()?;
        ensure!(net == sum.parse()?, "{currency} {net}, not {sum}");
    }
    for (name, expected) in [("opening", &expected["opening_balance"]), ("closing", &expected["closing_balance"])] {
        if !expected.is_empty() {
            let found: Decimal = report[name].as_str().context("no balance")?.parse()?;
            ensure!(found == expected.parse()?, "{name} {found}, not {expected}");
        }
    }
    Ok(())
}

const REFUSED: &str = "Date;Text;Amount\n2024-01-31;a;1.50\n2024-02-30;b;2.00\n2024-02-01;Rent;-900.00\n";

#[test]
fn a_refused_file_has_every_field_and_names_its_lines() -> Result<()> {
    let folder = Folder::new();
    let file = folder.path().join("feb.csv");
    std::fs::write(&file, REFUSED)?;
    let file = file.to_str().context("a path")?;
    let arguments = ["import", "--business", "Shop", "--currency", "EUR", "--strict", file];
    let output = folder.run(&[&arguments[..], &["--json"]].concat());
    ensure!(output.status.code() == Some(1), "{:?}", output.status);
    let refused: Value = serde_json::from_slice(&output.stdout)?;
    ensure!(refused["file"] == "feb.csv" && refused["format"] == "csv", "{refused}");
    let counts = ["rows", "added", "known", "refused_count"].map(|name| refused[name].as_u64());
    ensure!(counts == [3, 0, 0, 1].map(Some), "{refused}");
    ensure!(refused["refused"][0]["line"] == 3, "{refused}");
    ensure!(refused["refused"][0]["reason"].as_str().context("no reason")?.contains("2024-02-30"), "{refused}");
    ensure!(refused["sums"]["EUR"]["net"] == "-898.50" && refused["first"] == "2024-01-31", "{refused}");
    ensure!(refused["error"]["code"] == "REFUSED" && refused["positions"].is_null(), "{refused}");
    for name in ["last", "opening", "closing"] {
        ensure!(refused.get(name).is_some(), "{name} is missing: {refused}");
    }
    let output = folder.run(&arguments);
    let said = String::from_utf8(output.stderr)?;
    ensure!(output.status.code() == Some(1) && said.contains("line 3: "), "{said}");

    // A file of which no row was read has the same fields.
    std::fs::write(file, "")?;
    let output = folder.run(&[&arguments[..], &["--json"]].concat());
    let empty: Value = serde_json::from_slice(&output.stdout)?;
    ensure!(output.status.code() == Some(1) && empty["rows"] == 0, "{empty}");
    let taken = ["import", "--business", "Shop", "--dry-run", "--json", file];
    std::fs::write(file, REFUSED)?;
    let taken = folder.json(&taken)?;
    let names = |value: &Value| value.as_object().map(|fields| fields.keys().cloned().collect::<Vec<_>>());
    let mut expected = names(&taken[0]).context("no object")?;
    expected.push("error".to_owned());
    expected.sort();
    ensure!(names(&empty) == Some(expected), "{empty}");
    Ok(())
}
