//! Every operation of the page, asked as large as the page asks it, passes the limits.

use std::collections::BTreeMap;
use std::path::Path;

use async_graphql::{EmptyMutation, Request, Variables};
use futures::StreamExt;
use serde_json::{Value, json};

use super::{Limits, finished, merged};

const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../ui/src");
const KEYWORDS: [&str; 4] = ["query ", "mutation ", "subscription ", "fragment "];

/// Operations and fragments by name, each with its text.
type Definitions = BTreeMap<String, String>;

fn read(folder: &Path, found: &mut Definitions) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "graphql") {
            split(&std::fs::read_to_string(path).unwrap(), found);
        }
    }
}

fn split(file: &str, found: &mut Definitions) {
    let mut last = String::new();
    for line in file.lines() {
        if let Some(keyword) = KEYWORDS.iter().find(|keyword| line.starts_with(**keyword)) {
            let name = line[keyword.len()..].split([' ', '(']).next().unwrap();
            assert!(found.insert(name.to_owned(), String::new()).is_none(), "{name} is there twice");
            name.clone_into(&mut last);
        }
        if let Some(text) = found.get_mut(&last) {
            *text += &format!("{line}\n");
        }
    }
}

/// A definition and, each once, the fragments that it spreads: as the page sends it.
fn document(all: &Definitions, name: &str) -> String {
    let mut names = vec![name];
    let mut at = 0;
    while let Some(name) = names.get(at).copied() {
        for spread in all[name].split("...").skip(1).filter_map(|rest| rest.split_whitespace().next()) {
            if !names.contains(&spread) {
                names.push(spread);
            }
        }
        at += 1;
    }
    names.into_iter().map(|name| all[name].as_str()).collect()
}

/// The largest that the page asks for: "Everything", where one day is mistyped; a long list that is read again.
fn variables(operation: &str) -> Value {
    let id = "019a0000-0000-7000-8000-000000000000";
    // So many days as balances are given for.
    let from = if operation == "Balances" { "2016-01-19" } else { "1900-01-01" };
    json!({
        "id": id, "business": id, "account": id, "source": id, "transaction": id, "position": 1, "minPosition": 1,
        "period": { "from": from, "to": "2026-12-31" }, "bucket": "MONTH", "by": "CATEGORY", "currency": "BASE",
        "category": "rent", "metric": "REVENUE", "of": "USD", "first": 200, "days": 400, "rules": [],
        "from": { "date": "2026-01-01" }, "asOf": { "date": "2026-11-01" }, "invitations": true,
    })
}

/// What is answered to somebody who is not signed in: nothing is read, and a refusal is told before.
async fn answer(request: Request) -> Vec<String> {
    let schema = Limits::default().apply(merged(EmptyMutation)).finish();
    let response = finished(schema.execute_stream(request).next().await.unwrap());
    response.errors.into_iter().map(|error| error.message).collect()
}

#[tokio::test]
async fn whatever_the_page_asks_passes_the_limits() {
    let mut all = Definitions::new();
    read(Path::new(SOURCES), &mut all);
    let asked: Vec<_> =
        all.iter().filter(|(_, text)| text.starts_with("query ") || text.starts_with("subscription ")).collect();
    assert!(asked.len() > 30, "{} operations", asked.len());
    for (name, _) in asked {
        let request = Request::new(document(&all, name)).variables(Variables::from_json(variables(name)));
        assert_eq!(answer(request).await, ["Sign in first."], "{name}");
    }
}

#[tokio::test]
async fn beside_the_asked_operation_others_may_lack_their_variables() {
    let query = "query Asked { viewer { name } }
        query Other($period: PeriodInput!) { businesses { series(period: $period, bucket: DAY) { ...Code } } }
        fragment Code on Series { currency }";
    assert_eq!(answer(Request::new(query).operation_name("Asked")).await, ["Sign in first."]);
    let unknown = answer(Request::new(query).operation_name("Third")).await;
    assert_eq!(unknown, [r#"Unknown operation named "Third""#]);
}
