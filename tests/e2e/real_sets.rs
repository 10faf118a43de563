//! Both real sets through the program, against their truth to the last digit: the shell, GraphQL, REST, the past, and
//! a replay.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::harness::{Folder, Up, shared};

/// Count, money in and money out of a key.
type Sums = BTreeMap<String, (i64, Decimal, Decimal)>;

struct Set {
    business: &'static str,
    currency: &'static str,
    zone: &'static str,
    file: &'static str,
    monthly: &'static str,
    categories: &'static str,
    /// By account over the whole period, where the set has several.
    accounts: Option<&'static str>,
    rows: i64,
    period: (&'static str, &'static str),
}

const RETAIL: Set = Set {
    business: "Shop",
    currency: "GBP",
    zone: "Europe/London",
    file: "transactions/uk_online_retail_2010_2011.csv.gz",
    monthly: "transactions/truth_uk_online_retail_monthly.csv",
    categories: "transactions/truth_uk_online_retail_categories.csv",
    accounts: None,
    rows: 541_909,
    period: ("2010-12-01", "2011-12-31"),
};

const BANK: Set = Set {
    business: "Bank",
    currency: "CZK",
    zone: "Europe/Prague",
    file: "transactions/czech_bank_1995_1998.csv.gz",
    monthly: "transactions/truth_czech_bank_1995_1998_monthly.csv",
    categories: "transactions/truth_czech_bank_1995_1998_categories.csv",
    accounts: Some("transactions/truth_czech_bank_1995_1998_accounts.csv"),
    rows: 21_098,
    period: ("1995-01-01", "1998-12-31"),
};

/// Reads a truth file: rows with a TOTAL are left out, the key is of these columns.
fn truth(file: &str, key: &[&str]) -> Result<Sums> {
    let mut reader = csv::Reader::from_path(shared(file))?;
    let headers = reader.headers()?.clone();
    let place = |names: &[&str]| headers.iter().position(|header| names.contains(&header)).context("no such column");
    let count = place(&["tx_count", "line_count"])?;
    let (inflow, outflow) = (place(&["inflow"])?, place(&["outflow"])?);
    let mut sums = Sums::new();
    for record in reader.records() {
        let record = record?;
        if record.iter().any(|cell| cell == "TOTAL") {
            continue;
        }
        let key = key.iter().map(|name| Ok(&record[place(&[name])?])).collect::<Result<Vec<_>>>()?;
        sums.insert(key.join(" "), (record[count].parse()?, record[inflow].parse()?, record[outflow].parse()?));
    }
    Ok(sums)
}

/// What `workdock metrics` prints; buckets without transactions are left out.
fn printed(folder: &Folder, set: &Set, by: Option<&str>) -> Result<Sums> {
    let mut arguments = vec!["metrics", "--business", set.business, "--bucket", "month", "--format", "json"];
    arguments.extend(by.into_iter().flat_map(|by| ["--by", by]));
    let printed = folder.json(&arguments)?;
    let mut sums = Sums::new();
    for row in printed[0].as_array().context("no rows")? {
        let count = row["count"].as_i64().context("no count")?;
        if count == 0 {
            continue;
        }
        let month = &row["from"].as_str().context("no month")?[..7];
        let key = match by {
            // Over all months: an account is told by its name, which has its number in the file.
            Some("account") => number(row["name"].as_str().context("no name")?),
            Some(_) => format!("{month} {}", row["key"].as_str().context("no key")?),
            None => month.to_owned(),
        };
        add(&mut sums, key, (count, decimal(&row["money_in"])?, decimal(&row["money_out"])?));
    }
    Ok(sums)
}

fn number(account: &str) -> String {
    account.trim_start_matches("Czech account ").to_owned()
}

fn add(sums: &mut Sums, key: String, more: (i64, Decimal, Decimal)) {
    let sum = sums.entry(key).or_default();
    *sum = (sum.0 + more.0, sum.1 + more.1, sum.2 + more.2);
}

fn decimal(value: &Value) -> Result<Decimal> {
    Ok(value.as_str().with_context(|| format!("{value} is no decimal"))?.parse()?)
}

fn import(folder: &Folder, set: &Set) -> Result<String> {
    let id = folder.business(set.business, set.currency, set.zone)?;
    let file = shared(set.file);
    let report = folder.json(&["import", "--business", set.business, "--json", file.to_str().unwrap()])?;
    assert_eq!((report[0]["added"].as_i64(), report[0]["refused_count"].as_i64()), (Some(set.rows), Some(0)));
    Ok(id)
}

#[tokio::test]
async fn both_sets_give_their_totals_to_the_last_digit_everywhere() -> Result<()> {
    let folder = Folder::new();
    for set in [BANK, RETAIL] {
        import(&folder, &set)?;
    }
    let up = folder.up(&[]).await?;
    for set in [BANK, RETAIL] {
        let (monthly, categories) = (truth(set.monthly, &["month"])?, truth(set.categories, &["month", "category"])?);
        assert_eq!(printed(&folder, &set, None)?, monthly, "{} by month", set.business);
        assert_eq!(printed(&folder, &set, Some("category"))?, categories, "{} by category", set.business);
        let businesses = up.graphql("{ businesses { id name } }", json!({})).await?;
        let named = |business: &&Value| business["name"] == set.business;
        let business = businesses["businesses"].as_array().unwrap().iter().find(named).unwrap();
        let id = business["id"].as_str().unwrap();
        assert_eq!(asked(&up, &set, id, None).await?, monthly, "{} by GraphQL", set.business);
        assert_eq!(asked(&up, &set, id, Some("CATEGORY")).await?, categories, "{} by GraphQL", set.business);
        if let Some(accounts) = set.accounts {
            let accounts = truth(accounts, &["account_id"])?;
            assert_eq!(printed(&folder, &set, Some("account"))?, accounts, "{} by account", set.business);
            assert_eq!(asked(&up, &set, id, Some("ACCOUNT")).await?, accounts, "{} by GraphQL", set.business);
        }
        assert_past(&up, &set, id).await?;
        assert_explained(&up, &set, id).await?;
    }
    drop(up);
    let verified = folder.json(&["replay", "--verify", "--json"])?;
    assert!(verified.iter().all(|report| report["equal"] == true), "{verified:?}");
    Ok(())
}

async fn asked(up: &Up, set: &Set, id: &str, by: Option<&str>) -> Result<Sums> {
    let query = "query ($id: UUID!, $period: PeriodInput!, $bucket: Bucket!, $by: Dimension) { business(id: $id) {
        accounts { id name }
        series(period: $period, bucket: $bucket, by: $by) { points { from key count moneyIn moneyOut } } } }";
    let bucket = if by == Some("ACCOUNT") { "YEAR" } else { "MONTH" };
    let variables = json!({ "id": id, "period": period(set), "bucket": bucket, "by": by });
    let answer = up.graphql(query, variables).await?;
    let named = |key: &Value| {
        let accounts = answer["business"]["accounts"].as_array()?;
        accounts.iter().find(|account| account["id"] == *key)?["name"].as_str().map(str::to_owned)
    };
    let mut sums = Sums::new();
    for point in answer["business"]["series"]["points"].as_array().context("no points")? {
        let count = point["count"].as_i64().context("no count")?;
        let month = point["from"].as_str().context("no month")?[..7].to_owned();
        let key = match by {
            Some("ACCOUNT") => number(&named(&point["key"]).context("an account without a name")?),
            Some(_) => format!("{month} {}", point["key"].as_str().context("no key")?),
            None => month,
        };
        if count > 0 {
            add(&mut sums, key, (count, decimal(&point["moneyIn"])?, decimal(&point["moneyOut"])?));
        }
    }
    Ok(sums)
}

fn period(set: &Set) -> Value {
    json!({ "from": set.period.0, "to": set.period.1 })
}

/// Before anything was known there is nothing; what came since is what there is now.
async fn assert_past(up: &Up, set: &Set, id: &str) -> Result<()> {
    let query = "query ($id: UUID!, $period: PeriodInput!) { business(id: $id) {
        changes(metric: NET, period: $period, from: { position: 0 }) { start end causes { cause value count } } } }";
    let answer = up.graphql(query, json!({ "id": id, "period": period(set) })).await?;
    let changes = &answer["business"]["changes"];
    let causes = changes["causes"].as_array().context("no causes")?;
    let sum: Decimal = causes.iter().map(|cause| decimal(&cause["value"])).sum::<Result<_>>()?;
    let count: i64 = causes.iter().filter_map(|cause| cause["count"].as_i64()).sum();
    assert_eq!((decimal(&changes["start"])?, decimal(&changes["end"])?), (Decimal::ZERO, sum));
    assert_eq!(count, set.rows);
    Ok(())
}

/// The figure's parts sum to it, and its largest transactions name their events.
async fn assert_explained(up: &Up, set: &Set, id: &str) -> Result<()> {
    let query = "query ($id: UUID!, $period: PeriodInput!) { business(id: $id) {
        explain(metric: REVENUE, period: $period) { figure { value } parts { value } }
        transactions(period: $period, order: AMOUNT, first: 5) { nodes { amount event { position type hash line } } } } }";
    let answer = up.graphql(query, json!({ "id": id, "period": period(set) })).await?;
    let explain = &answer["business"]["explain"];
    let parts = explain["parts"].as_array().context("no parts")?;
    let sum: Decimal = parts.iter().map(|part| decimal(&part["value"])).sum::<Result<_>>()?;
    assert_eq!(sum, decimal(&explain["figure"]["value"])?);
    for node in answer["business"]["transactions"]["nodes"].as_array().context("no transactions")? {
        let event = &node["event"];
        assert_eq!(event["type"], "account.synced.v2");
        assert!(event["position"].as_i64() > Some(0) && event["line"].as_i64() > Some(1), "{event}");
        assert_eq!(event["hash"].as_str().map(str::len), Some(64), "{event}");
    }
    Ok(())
}
