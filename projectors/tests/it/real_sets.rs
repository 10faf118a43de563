//! The two real sets against totals that were not computed by this program.
//!
//! Their folder is named by `WORKDOCK_DATA`, or is `../shared/data` beside the repository.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;
use std::path::PathBuf;

use chrono::NaiveDate;
use domain::account::Synced;
use domain::{AccountId, Kind, Transaction, TransactionId};
use projectors::Metrics;
use rust_decimal::Decimal;
use streams::projection::Projection;
use streams::testing::Database;

use crate::log::{Log, account, business, currency, page};
use crate::schema::Schema;

type Sums = (Decimal, Decimal, i64);

fn open(name: &str) -> csv::Reader<Box<dyn Read>> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let folder = std::env::var_os("WORKDOCK_DATA").map_or_else(beside, PathBuf::from);
    let path = folder.join("transactions").join(name);
    let file = std::fs::File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let packed = name.ends_with(".gz");
    let content: Box<dyn Read> = if packed { Box::new(flate2::read::GzDecoder::new(file)) } else { Box::new(file) };
    csv::ReaderBuilder::new()
        .delimiter(if name.starts_with("czech_bank_1995") { b';' } else { b',' })
        .from_reader(content)
}

fn transaction(line: usize, booked: &str, amount: Decimal, code: &str, category: &str) -> Transaction {
    let kind = match category {
        "refund" => Kind::Refund,
        "cash_deposit" | "product_sale" => Kind::Revenue,
        _ => Kind::Expense,
    };
    Transaction {
        id: TransactionId::derive([line.to_be_bytes().as_slice()]),
        booked: booked.parse().unwrap(),
        value_date: None,
        pending: false,
        amount,
        currency: currency(code),
        kind,
        category: category.parse().unwrap(),
        provider_category: None,
        decided: None,
        description: None,
        counterparty: None,
        reference: None,
        line: u32::try_from(line).ok(),
    }
}

fn retail_category(invoice: &str, code: &str) -> &'static str {
    match code {
        "POST" | "DOT" | "C2" => "shipping",
        "M" | "m" => "manual",
        "D" => "discount",
        "S" => "samples",
        "BANK CHARGES" => "bank_charges",
        "AMAZONFEE" => "marketplace_fee",
        "CRUK" => "commission",
        "B" => "bad_debt_adjustment",
        code if code.starts_with("gift_") => "gift_voucher",
        _ if invoice.starts_with('C') => "refund",
        _ => "product_sale",
    }
}

fn retail() -> Log {
    let mut log = Log::default();
    log.register(business(1), "UTC");
    log.open(business(1), account(1), "GBP");
    let mut lines = Vec::new();
    for (n, record) in open("uk_online_retail_2010_2011.csv.gz").records().enumerate() {
        let record = record.unwrap();
        let amount = record[3].parse::<Decimal>().unwrap() * record[5].parse::<Decimal>().unwrap();
        let booked = format!("{}Z", record[4].replace(' ', "T"));
        let mut line = transaction(n, &booked, amount, "GBP", retail_category(&record[0], &record[1]));
        line.description = Some(record[2].to_owned()).filter(|text| !text.is_empty());
        line.counterparty = Some(record[6].to_owned()).filter(|text| !text.is_empty());
        line.reference = Some(record[0].to_owned());
        lines.push(line);
    }
    for added in lines.chunks(Synced::MOST) {
        log.sync(business(1), account(1), Synced { added: added.to_vec(), ..page() });
    }
    log
}

fn bank_category(symbol: &str, operation: &str) -> &'static str {
    match (symbol.trim(), operation) {
        ("interest credited", _) => "interest_income",
        ("payment for statement", _) => "bank_fee",
        ("household", _) => "household",
        ("insurrance payment", _) => "insurance",
        (symbol, _) if symbol.starts_with("sanction interest") => "overdraft_interest",
        (_, "credit in cash") => "cash_deposit",
        (_, "withdrawal in cash") => "cash_withdrawal",
        (_, "remittance to another bank") => "transfer_out",
        (_, "collection from another bank") => "transfer_in",
        (_, "credit card withdrawal") => "card_withdrawal",
        other => panic!("{other:?}"),
    }
}

fn bank() -> Log {
    let mut log = Log::default();
    log.register(business(1), "Europe/Prague");
    let mut accounts: BTreeMap<u32, Vec<Transaction>> = BTreeMap::new();
    for (n, record) in open("czech_bank_1995_1998.csv.gz").records().enumerate() {
        let record = record.unwrap();
        let booked = format!("19{}-{}-{}", &record[2][..2], &record[2][2..4], &record[2][4..]);
        let amount: Decimal = record[5].parse().unwrap();
        let amount = if &record[3] == "credit" { amount } else { -amount };
        let line = transaction(n, &booked, amount, "CZK", bank_category(&record[7], &record[4]));
        accounts.entry(record[1].parse().unwrap()).or_default().push(line);
    }
    for (number, lines) in accounts {
        log.open(business(1), account(number), "CZK");
        for added in lines.chunks(Synced::MOST) {
            log.sync(business(1), account(number), Synced { added: added.to_vec(), ..page() });
        }
    }
    log
}

/// Figures of a grain and dimension by bucket and key, over all kinds.
async fn figures(schema: &Schema, grain: &str, dim: &str) -> BTreeMap<(String, String), Sums> {
    let statement = format!(
        "select c.bucket, c.key, sum(v.amount_in), sum(v.amount_out), sum(v.count)::bigint
         from {0}.metric_cell c cross join lateral (
            select * from {0}.metric_version w where w.cell = c.id order by w.position desc limit 1) v
         where c.grain = $1 and c.dim = $2 group by 1, 2",
        schema.name
    );
    let rows: Vec<(NaiveDate, String, Decimal, Decimal, i64)> =
        sqlx::query_as(&statement).bind(grain).bind(dim).fetch_all(&schema.pool).await.unwrap();
    rows.into_iter()
        .map(|(bucket, key, inflow, outflow, count)| {
            ((bucket.format("%Y-%m").to_string(), key), (inflow, outflow, count))
        })
        .collect()
}

/// The truth by (month or empty, key or empty), from columns by name; total rows excepted.
fn truth(name: &str, month: Option<&str>, key: Option<&str>, count: &str) -> BTreeMap<(String, String), Sums> {
    let mut reader = open(name);
    let columns: HashMap<String, usize> =
        reader.headers().unwrap().iter().enumerate().map(|(n, column)| (column.to_owned(), n)).collect();
    let mut truth = BTreeMap::new();
    for record in reader.records() {
        let record = record.unwrap();
        let value = |column: &str| record[columns[column]].to_owned();
        let place = (month.map(value).unwrap_or_default(), key.map(value).unwrap_or_default());
        let decimal = |column| value(column).parse::<Decimal>().unwrap();
        if place.0 != "TOTAL" {
            truth.insert(place, (decimal("inflow"), decimal("outflow"), value(count).parse().unwrap()));
        }
    }
    truth
}

async fn written(log: &Log, pool: &sqlx::PgPool) -> Schema {
    let metrics = Metrics::new();
    let schema = Schema::create(pool, "metrics", &metrics).await;
    schema.serve(&metrics).await;
    schema.write_by(&metrics, &log.events, 100).await;
    assert_eq!(projectors::reconcile(pool).await.unwrap(), []);
    schema
}

#[tokio::test]
async fn the_retail_set_gives_the_truth_to_the_last_digit() {
    let database = Database::create().await;
    let schema = written(&retail(), &database.pool()).await;
    let monthly = truth("truth_uk_online_retail_monthly.csv", Some("month"), None, "line_count");
    assert_eq!(monthly.len(), 13);
    assert_eq!(figures(&schema, "month", "all").await, monthly);
    let categories = truth("truth_uk_online_retail_categories.csv", Some("month"), Some("category"), "line_count");
    assert_eq!(figures(&schema, "month", "category").await, categories);
    let rows: i64 =
        sqlx::query_scalar("select count(*) from metrics.transaction").fetch_one(&schema.pool).await.unwrap();
    assert_eq!(rows, 541_909);
}

#[tokio::test]
async fn the_bank_set_gives_the_truth_to_the_last_digit() {
    let database = Database::create().await;
    let log = bank();
    let schema = written(&log, &database.pool()).await;
    let monthly = truth("truth_czech_bank_1995_1998_monthly.csv", Some("month"), None, "tx_count");
    assert_eq!(figures(&schema, "month", "all").await, monthly);
    let categories = truth("truth_czech_bank_1995_1998_categories.csv", Some("month"), Some("category"), "tx_count");
    assert_eq!(figures(&schema, "month", "category").await, categories);

    let mut accounts: BTreeMap<(String, String), Sums> = BTreeMap::new();
    for ((_, key), (inflow, outflow, count)) in figures(&schema, "year", "account").await {
        let sums = accounts.entry((String::new(), key)).or_default();
        *sums = (sums.0 + inflow, sums.1 + outflow, sums.2 + count);
    }
    let by_number = truth("truth_czech_bank_1995_1998_accounts.csv", None, Some("account_id"), "tx_count");
    let expected: BTreeMap<_, _> = by_number
        .into_iter()
        .map(|((_, number), sums)| {
            let id: AccountId = account(number.parse().unwrap());
            ((String::new(), id.to_string()), sums)
        })
        .collect();
    assert_eq!(accounts, expected);

    // The same log by other batches, without COPY and from nothing: the same rows.
    let metrics = Metrics::new().without_copy();
    let rebuilt = Schema::create(&database.pool(), "rebuilt", &metrics).await;
    rebuilt.write_by(&metrics, &log.events, 7).await;
    for table in metrics.tables() {
        assert!(rebuilt.rows(table).await == schema.rows(table).await, "{table} differs");
    }
}
