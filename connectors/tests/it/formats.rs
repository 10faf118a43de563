//! Every statement file beside the project, through the real import into an event store, against what it must give.

use std::collections::{BTreeMap, HashMap};

use connectors::file::{ImportError, Report};
use rust_decimal::Decimal;

use crate::files::{read_path, shared, written};
use crate::servers::World;

type Cells = HashMap<String, String>;

fn table(name: &str) -> Vec<Cells> {
    let mut reader = csv::Reader::from_path(shared("statements").join(name)).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

fn number(text: &str) -> Decimal {
    text.parse().unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

/// A day that no calendar has is the day of booking.
fn day(text: &str) -> &str {
    if text.ends_with("(invalid)") { "2016-03-01" } else { text }
}

/// Day, amount and currency of what the store holds, in no order.
async fn stored(world: &World) -> Vec<(String, String, String)> {
    let select = "select t ->> 'booked', t ->> 'amount', t ->> 'currency' from store.events, \
                  json_array_elements(payload -> 'added') t where event_type = 'account.synced'";
    let rows: Vec<(String, String, String)> = sqlx::query_as(select).fetch_all(&world.pool).await.unwrap();
    let usual = |amount: String| number(&amount).normalize().to_string();
    rows.into_iter().map(|(day, amount, currency)| (day[..10].to_owned(), usual(amount), currency)).collect()
}

fn wanted(rows: &[Cells], file: &str, assumed: &str) -> Vec<(String, String, String)> {
    let mine = rows.iter().filter(|row| row["file"] == file);
    let currency = |row: &Cells| if row["currency"].is_empty() { assumed.to_owned() } else { row["currency"].clone() };
    mine.map(|row| (day(&row["date"]).to_owned(), number(&row["amount"]).normalize().to_string(), currency(row)))
        .collect()
}

fn assert_report(report: &Report, expected: &Cells, count: u64) {
    let file = &expected["file"];
    assert_eq!((report.rows, report.added, report.refused_count), (count, count, 0), "{file}: {report:?}");
    for sum in expected["sum_by_currency"].split(';') {
        let (code, sum) = sum.split_once(':').unwrap();
        let currency = if code == "?" { "EUR" } else { code };
        assert_eq!(report.sums[&currency.parse().unwrap()].net, number(sum), "{file}: {code}");
    }
    if report.sums.len() == 1 {
        let total = report.sums.values().next().unwrap();
        let (inflow, outflow) = (number(&expected["inflow"]), number(&expected["outflow"]));
        assert_eq!((total.inflow, total.outflow), (inflow, outflow), "{file}");
    }
    let days = [report.first, report.last].map(|day| day.unwrap().to_string());
    assert_eq!(days, [day(&expected["first_date"]), day(&expected["last_date"])], "{file}");
    for (name, balance) in [("opening_balance", report.opening), ("closing_balance", report.closing)] {
        if !expected[name].is_empty() {
            assert_eq!(balance, Some(number(&expected[name])), "{file}: {name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_file_gives_what_it_must() {
    let (files, rows) = (table("expected.csv"), table("expected_rows.csv"));
    assert!(files.len() >= 42 && rows.len() >= 2_796);
    let world = World::new().await;
    let mut all: Vec<(String, String, String)> = Vec::new();
    for expected in &files {
        let file = &expected["file"];
        let path = shared("statements").join(file);
        // Each into accounts of its own, so that what it adds is its own.
        let mut request = world.request(&path, None).await;
        request.defaults.account = Some(file.clone());
        let outcome = world.import(&request).await;
        if expected["outcome"] == "error" {
            let error = outcome.expect_err(file);
            assert!(matches!(error, ImportError::Read(_)), "{file}: {error}");
            assert!(
                error.to_string().contains("line ")
                    || error.to_string().contains("empty")
                    || error.to_string().contains("no statement"),
                "{file}: {error}"
            );
            continue;
        }
        let report = outcome.unwrap_or_else(|error| panic!("{file}: {error}"));
        let own = wanted(&rows, file, "EUR");
        assert_report(&report, expected, own.len() as u64);
        all.extend(own);
        let again = world.import(&request).await.unwrap();
        assert_eq!((again.added, again.amended, again.positions), (0, 0, None), "{file}, a second time");
    }
    let mut stored = stored(&world).await;
    stored.sort();
    all.sort();
    assert_eq!(stored, all);
}

#[test]
fn accounts_of_a_file_are_told_apart_by_their_numbers() {
    let outcome = read_path(&shared("statements/mt940_three_currencies.sta"), None).unwrap();
    let mut by_account: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for row in &outcome.rows {
        by_account.entry(row.account.to_string()).or_default().push(row.currency.code());
    }
    let counts: Vec<_> = by_account.iter().map(|(account, codes)| (account.as_str(), codes[0], codes.len())).collect();
    assert_eq!(
        counts,
        [("10020030/1234567", "EUR", 2), ("45050050/76198810", "DEM", 11), ("BPHKPLPK/320000546101", "PLN", 3),]
    );
}

const OFX: &str = "<OFX><SIGNONMSGSRSV1></SIGNONMSGSRSV1><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR<BANKACCTFROM>\
                   <ACCTID>1</BANKACCTFROM><BANKTRANLIST>ROWS</BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>";

fn ofx(rows: &[(&str, &str, &str)]) -> tempfile::NamedTempFile {
    let row = |(id, amount, name): &(&str, &str, &str)| {
        format!("<STMTTRN><DTPOSTED>20240105<TRNAMT>{amount}<FITID>{id}<NAME>{name}</STMTTRN>\n")
    };
    written(OFX.replace("ROWS", &rows.iter().map(row).collect::<String>()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_is_one_transaction_unless_the_bank_gave_it_twice() {
    let world = World::new().await;
    let first =
        ofx(&[("A", "-1.00", "x"), ("B", "-2.00", "y"), ("A", "-1.00", "x"), ("A", "-7.00", "z"), ("0", "-3.00", "n")]);
    let report = world.import_path(first.path()).await;
    assert_eq!((report.added, report.skipped, report.refused_count), (4, 1, 0), "{report:?}");
    assert_eq!(report.warnings.len(), 2, "{report:?}");
    let renamed = ofx(&[("A", "-1.00", "x"), ("B", "-2.00", "another name"), ("C", "-2.00", "y")]);
    let second = world.import_path(renamed.path()).await;
    assert_eq!((second.added, second.amended, second.known), (1, 1, 1), "{second:?}");
    assert_eq!(world.total().await, (5, "-15.00".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_far_down_writes_nothing() {
    let world = World::new().await;
    let mut rows: Vec<_> = vec![("0", "-1.00", "x"); 5_000];
    rows.push(("0", "$1", "x"));
    let events = world.events().await;
    let file = ofx(&rows);
    let error = world.import(&world.request(file.path(), None).await).await.unwrap_err();
    assert!(error.to_string().starts_with("line 5001: the amount \"$1\" is not a number"), "{error}");
    assert_eq!(world.events().await, events);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn overlapping_statements_without_ids_add_the_rest() {
    let world = World::new().await;
    let statement = |days: std::ops::RangeInclusive<u32>| {
        let row = |day: u32| format!(":61:2401{day:02}01{day:02}D5,00NMSCNONREF\n:86:Coffee\n").repeat(2);
        written(format!(
            ":20:A\n:25:DE1/2\n:28C:1\n:60F:C240101EUR0,\n{}:62F:C240131EUR0,\n-\n",
            days.map(row).collect::<String>()
        ))
    };
    let (one, two) = (statement(1..=10), statement(8..=15));
    assert_eq!(world.import_path(one.path()).await.added, 20);
    let second = world.import_path(two.path()).await;
    assert_eq!((second.added, second.known), (10, 6));
    assert!(second.warnings.iter().any(|warning| warning.text.contains("does not add up")), "{second:?}");
}

#[test]
fn what_a_mapping_says_of_columns_does_not_fit_a_statement() {
    let Err(error) = read_path(ofx(&[]).path(), Some("[date]\ncolumn = \"Date\"")) else { panic!("it has no columns") };
    assert!(error.to_string().contains("date.column: the file is ofx, which has no columns"), "{error}");
    let ruled = "[[rules]]\nwhen = { description = \"x*\" }\ncategory = \"mine\"";
    let outcome = read_path(ofx(&[("A", "-1.00", "x1"), ("B", "-1.00", "y")]).path(), Some(ruled)).unwrap();
    assert_eq!(outcome.rows.iter().map(|row| row.category.as_str()).collect::<Vec<_>>(), ["mine", "expense"]);
}

#[test]
fn encodings_are_found_wherever_they_show() {
    let long = ofx(&vec![("0", "-1.00", "plain"); 8_000]);
    let mut bytes = std::fs::read(long.path()).unwrap();
    let at = bytes.len() - 100;
    let place = bytes[..at].windows(5).rposition(|window| window == b"plain").unwrap();
    bytes[place + 1] = 0xe9;
    let outcome = crate::files::read_text(&bytes, None).unwrap();
    assert_eq!(outcome.rows.len(), 8_000);
    assert!(outcome.rows.iter().any(|row| row.counterparty.as_deref() == Some("péain")));
    let mut wide = vec![0xff, 0xfe];
    wide.extend(
        ":20:A\n:25:1\n:60F:C240101EUR0,\n:61:2401010101C5,00NMSCx\n:86:é\n:62F:C240101EUR5,\n-\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes),
    );
    assert_eq!(crate::files::read_text(&wide, None).unwrap().rows[0].description.as_deref(), Some("é"));
}
