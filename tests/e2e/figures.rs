//! The figures as the shell prints them, and over REST with the tags by which a caller sees that nothing changed.

use anyhow::{Context, Result, ensure};
use reqwest::header::{ETAG, IF_NONE_MATCH};
use reqwest::{Response, StatusCode};
use serde_json::json;

use crate::harness::{Folder, Up};

/// Two accounts of a business, the second one imported later.
struct Books {
    folder: Folder,
    id: String,
    /// The last position of the first import.
    first: i64,
    /// And of the second.
    second: i64,
}

impl Books {
    fn keep() -> Result<Self> {
        let folder = Folder::new();
        let id = folder.business("Shop", "EUR", "Europe/Berlin")?;
        let mut books = Self { folder, id, first: 0, second: 0 };
        books.first = books.import("Current", "2024-01-31;Sale;1000.10\n2024-02-01;Rent;-900.00\n")?;
        books.second = books.import("Savings", "2024-02-03;Interest;0.05\n")?;
        Ok(books)
    }

    fn import(&self, account: &str, lines: &str) -> Result<i64> {
        let file = tempfile::Builder::new().suffix(".csv").tempfile()?;
        std::fs::write(file.path(), format!("Date;Text;Amount\n{lines}"))?;
        let path = file.path().to_str().context("an odd folder")?;
        let arguments = ["import", "--business", &self.id, "--account", account, "--currency", "EUR", "--json", path];
        let report = self.folder.json(&arguments)?;
        report[0]["positions"]["last"].as_i64().with_context(|| format!("no position: {}", report[0]))
    }

    fn metrics(&self, more: &[&str]) -> Result<String> {
        let output = self.folder.run(&[&["metrics", "--business", &self.id], more].concat());
        ensure!(output.status.success(), "{more:?}: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?)
    }
}

const BY_ACCOUNT: &str = "\
from        to          name     currency  count  money in  money out      net  revenue  expenses   profit  profit margin  cash in  cash out  cash net  average sale  partial
2024-01-01  2024-01-31  Current  EUR           1   1000.10       0.00  1000.10  1000.10      0.00  1000.10              1  1000.10      0.00   1000.10       1000.10    false
2024-02-01  2024-02-29  Current  EUR           1      0.00     900.00  -900.00     0.00    900.00  -900.00                    0.00    900.00   -900.00                  false
2024-02-01  2024-02-29  Savings  EUR           1      0.05       0.00     0.05     0.05      0.00     0.05              1     0.05      0.00      0.05          0.05    false
";
const HEADER: &str = "from,to,key,name,currency,count,money_in,money_out,net,revenue,expenses,profit,profit_margin,\
                      cash_in,cash_out,cash_net,average_sale,balance,burn_rate,runway,partial";
const JANUARY: &str = "2024-01-01,2024-01-31,,,EUR,1,1000.10,0.00,1000.10,1000.10,0.00,1000.10,1,1000.10,0.00,1000.10,\
                       1000.10,1000.10,,,false";
const FEBRUARY: &str = "2024-02-01,2024-02-29,,,EUR,2,0.05,900.00,-899.95,0.05,900.00,-899.95,-17999,0.05,900.00,\
                        -899.95,0.05,100.15,,,false";
const FEBRUARY_BEFORE: &str =
    "2024-02-01,2024-02-29,,,EUR,1,0.00,900.00,-900.00,0.00,900.00,-900.00,,0.00,900.00,-900.00,,100.10,,,false";

#[test]
fn the_shell_prints_exact_amounts_by_account_and_as_known_before() -> Result<()> {
    let books = Books::keep()?;
    let csv = |more: &[&str]| books.metrics(&[&["--format", "csv"], more].concat());
    let known = |february: &str| format!("{HEADER}\n{JANUARY}\n{february}\n");
    assert_eq!(csv(&[])?, known(FEBRUARY));
    assert_eq!(csv(&["--as-of", &books.first.to_string()])?, known(FEBRUARY_BEFORE));
    // People read names; programs have the ids beside them.
    assert_eq!(books.metrics(&["--by", "account"])?, BY_ACCOUNT);
    let by_account = csv(&["--by", "account"])?;
    let mut rows = csv::Reader::from_reader(by_account.as_bytes());
    let accounts: Vec<(String, String)> =
        rows.records().map(|row| row.map(|row| (row[2].to_owned(), row[3].to_owned()))).collect::<Result<_, _>>()?;
    assert_eq!(accounts.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>(), ["Current", "Current", "Savings"]);
    assert!(accounts[0].0 == accounts[1].0 && accounts[1].0 != accounts[2].0 && accounts[0].0.len() == 36);
    Ok(())
}

/// The question asked again with the tag of its answer.
async fn again(up: &Up, path: &str, tag: &str) -> Result<Response> {
    Ok(up.client.get(format!("{}{path}", up.url)).header(IF_NONE_MATCH, tag).send().await?)
}

fn tag(answer: &Response) -> Result<String> {
    Ok(answer.headers().get(ETAG).context("no tag")?.to_str()?.to_owned())
}

const KNOWN: &str =
    "query ($id: UUID!, $position: Position!) { business(id: $id) { known(minPosition: $position) { position } } }";

#[tokio::test]
async fn an_answer_that_a_caller_has_is_not_sent_again_until_something_is_new() -> Result<()> {
    let books = Books::keep()?;
    let (id, first) = (&books.id, books.first);
    let days = "from=2024-01-01&to=2024-03-31";
    let present = [
        format!("/api/v1/businesses/{id}/explain?metric=money_in&{days}"),
        format!("/api/v1/businesses/{id}/changes?metric=money_in&{days}&known_from={first}"),
        format!("/api/v1/businesses/{id}/transactions?{days}"),
    ];
    let past = format!("{}&as_of={first}", present[0]);
    let up = books.folder.up(&[]).await?;
    // That a link was printed, that somebody signed in with it and looked at descriptions are events as well, written
    // behind the answers.
    ensure!(up.get(&present[2]).await?.status() == StatusCode::OK);
    up.graphql(KNOWN, json!({ "id": id, "position": books.second + 3 })).await?;
    let mut held = Vec::new();
    for path in present.iter().chain([&past]) {
        let answer = up.get(path).await?;
        ensure!(answer.status() == StatusCode::OK, "{path}: {}", answer.text().await?);
        let held_tag = tag(&answer)?;
        let body = answer.text().await?;
        let unchanged = again(&up, path, &held_tag).await?;
        assert_eq!((unchanged.status(), tag(&unchanged)?), (StatusCode::NOT_MODIFIED, held_tag.clone()), "{path}");
        assert!(unchanged.bytes().await?.is_empty());
        assert_eq!(again(&up, path, "W/\"another\"").await?.text().await?, body, "{path}");
        held.push((path, held_tag, body));
    }
    let position = books.import("Savings", "2024-02-05;Gift;7.00\n")?;
    up.graphql(KNOWN, json!({ "id": id, "position": position })).await?;
    for (path, held_tag, body) in held {
        let answer = again(&up, path, &held_tag).await?;
        if *path == past {
            assert_eq!(answer.status(), StatusCode::NOT_MODIFIED, "what was known then does not change");
            continue;
        }
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert_ne!(tag(&answer)?, held_tag);
        let newer = answer.text().await?;
        assert_ne!(newer, body);
        assert!(["1007.15", "\"7.05\"", "\"7.00\""].iter().any(|new| newer.contains(new)), "{path}: {newer}");
    }
    Ok(())
}
