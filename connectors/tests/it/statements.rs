//! Peers' and derived CSV statements: without a mapping, and with one where a file says too little.

use std::collections::HashMap;

use connectors::file::{ImportError, Row};
use rust_decimal::Decimal;

use crate::files::{Outcome, read_path, read_text, shared};

/// Expected date and amount of every row of a file, in its order.
fn expected(file: &str) -> Vec<(String, Decimal)> {
    let mut reader = csv::Reader::from_path(shared("statements/expected_rows.csv")).unwrap();
    let rows = reader.deserialize().map(|row| -> HashMap<String, String> { row.unwrap() });
    let mine = rows.filter(|row| row["file"] == file);
    mine.map(|row| (row["date"].clone(), row["amount"].parse().unwrap())).collect()
}

fn day(row: &Row) -> String {
    row.booked.to_string()[..10].to_owned()
}

fn assert_expected(file: &str, mapping: Option<&str>) -> Outcome {
    let outcome =
        read_path(&shared("statements").join(file), mapping).unwrap_or_else(|error| panic!("{file}: {error}"));
    let mut actual: Vec<_> = outcome.rows.iter().map(|row| (day(row), row.amount)).collect();
    let mut wanted = expected(file);
    assert!(!wanted.is_empty(), "{file} is expected to have rows");
    actual.sort();
    wanted.sort();
    assert_eq!(actual, wanted, "{file}: {:?}", outcome.refused);
    outcome
}

#[test]
fn usual_files_need_no_mapping() {
    for file in [
        "csv_capitalone_debit_credit.csv",
        "csv_ubs_ch_fr.csv",
        "csv_mint_cr_line_ends.csv",
        "csv_ing_es_ddmmyyyy.csv",
        "csv_stripe_payments_export.csv",
        "csv_gb18030_chinese.csv",
        "csv_cp1252_euro_sign.csv",
        "csv_derived_german_preamble.csv",
        "csv_derived_indian_lakh.csv",
        "csv_derived_japanese_utf16_tab.tsv",
        "csv_derived_overlap_1_of_2.csv",
        "csv_derived_overlap_2_of_2.csv",
    ] {
        assert_expected(file, None);
    }
}

#[test]
fn a_column_of_value_dates_stands_beside_the_date() {
    let german =
        "Buchungstag;Wertstellung;Betrag;Kategorie\n28.02.2026;02.03.2026;-12,50;Büro / Porto\n27.02.2026;;8,00;\n";
    let outcome = read_text(german, None).unwrap();
    let days: Vec<_> = outcome.rows.iter().map(|row| (day(row), row.value_date.map(|day| day.to_string()))).collect();
    assert_eq!(days, [("2026-02-28".to_owned(), Some("2026-03-02".to_owned())), ("2026-02-27".to_owned(), None)]);
    assert_eq!(outcome.rows[0].provider_category.as_deref(), Some("Büro / Porto"));
    let alone = read_text("Wertstellung;Betrag\n28.02.2026;-12,50\n", None).unwrap();
    assert_eq!((day(&alone.rows[0]).as_str(), alone.rows[0].value_date), ("2026-02-28", None), "it is the only date");
    let mapping = "[date]\ncolumn = \"Booked\"\nvalue = \"Counts from\"\nformat = \"%d/%m/%Y\"\n";
    let named = read_text("Booked,Counts from,Amount\n28/02/2026,02/03/2026,-12.50\n", Some(mapping)).unwrap();
    assert_eq!(named.rows[0].value_date.unwrap().to_string(), "2026-03-02");
}

#[test]
fn the_currency_is_seen_from_the_amounts_and_the_words() {
    for (file, code) in [
        ("csv_schwab_dollar_signs.csv", "USD"),
        ("csv_derived_us_parentheses_bom.csv", "USD"),
        ("csv_derived_indian_lakh.csv", "INR"),
        ("csv_derived_japanese_utf16_tab.tsv", "JPY"),
        ("csv_ing_es_ddmmyyyy.csv", "EUR"),
    ] {
        assert!(assert_expected(file, None).rows.iter().all(|row| row.currency.code() == code), "{file}");
    }
    let said = assert_expected("csv_schwab_dollar_signs.csv", Some("[currency]\nalways = \"CAD\""));
    assert!(said.rows.iter().all(|row| row.currency.code() == "CAD"), "what a mapping says is obeyed");
}

#[test]
fn texts_keep_their_letters() {
    let texts = |file: &str| -> Vec<String> {
        let rows = assert_expected(file, None).rows;
        rows.into_iter().filter_map(|row| row.counterparty.or(row.description)).collect()
    };
    assert_eq!(texts("csv_gb18030_chinese.csv"), ["北京餐厅", "上海超市", "张伟"]);
    assert_eq!(texts("csv_cp1252_euro_sign.csv"), ["Café €Rémy"]);
    let german = assert_expected("csv_derived_german_preamble.csv", None);
    assert_eq!((german.refused.len(), german.skipped), (0, 1), "the line of totals");
    assert!(german.rows.iter().all(|row| row.currency.code() == "EUR"));
    let skipping =
        assert_expected("csv_derived_german_preamble.csv", Some("skip = [{ Verwendungszweck = \"Summe\" }]"));
    assert_eq!((skipping.refused.len(), skipping.skipped), (0, 1));
}

#[test]
fn what_the_rows_say_is_used() {
    let stripe = assert_expected("csv_stripe_payments_export.csv", None);
    assert!(stripe.rows.iter().all(|row| row.currency.code() == "CAD" && row.booked.to_string().len() > 10));
    assert!(stripe.rows.iter().all(|row| matches!(row.key, connectors::file::Key::Id(_))));
    let ubs = assert_expected("csv_ubs_ch_fr.csv", None);
    assert!(ubs.rows.iter().all(|row| row.currency.code() == "CHF"));
    let indian = assert_expected("csv_derived_indian_lakh.csv", None);
    assert_eq!(&*indian.rows[0].account, "409000000110'");
}

#[test]
fn a_file_that_says_too_little_is_asked_about() {
    let text = "Date,Text,Amount\n01/02/2024,a,1.50\n03/04/2024,b,-2.00\n";
    let Err(ImportError::Unclear(unclear)) = read_text(text, None) else { panic!("it is ambiguous") };
    assert_eq!(unclear.questions[0].key, "date.format");
    assert_eq!(unclear.questions[0].options, ["%d/%m/%Y", "%m/%d/%Y"]);
    let answered = read_text(text, Some("[date]\nformat = \"%m/%d/%Y\"")).unwrap();
    assert_eq!(day(&answered.rows[1]), "2024-03-04");

    let Err(error) = read_text("Date,Amount\n2024-01-31,\"1,234\"\n", None) else { panic!("ambiguous") };
    assert!(error.to_string().contains("amount.decimal = \".\" or \",\""), "{error}");
    let Err(error) = read_text("When,What,How much\n2024-01-31,x,3\n", None) else { panic!("unknown") };
    assert!(error.to_string().contains("say date.column in a mapping"), "{error}");
}

#[test]
fn an_answer_far_down_in_the_file_is_found() {
    let mut text = "Date,Text,Amount\n".to_owned();
    for _ in 0..30_000 {
        text.push_str("01/02/2024,a,1.50\n");
    }
    text.push_str("31/12/2024,b,2.50\n");
    let outcome = read_text(&text, None).unwrap();
    assert_eq!((outcome.rows.len(), day(&outcome.rows[0])), (30_001, "2024-02-01".to_owned()));
}

/// The header row of a preset, and under it one row of made-up cells by column.
fn export(preset: &str, cells: &[(&str, &str)]) -> String {
    let text = std::fs::read_to_string(format!("{}/presets/{preset}.toml", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let mapping = connectors::file::Mapping::parse(&text).unwrap();
    let (columns, delimiter) = (mapping.file.columns.unwrap(), mapping.file.delimiter.unwrap());
    let cell = |column: &String| cells.iter().find(|(name, _)| name == column).map_or("", |(_, cell)| cell);
    let quoted = |text: &str| format!("\"{text}\"");
    let row = |texts: Vec<String>| texts.join(&delimiter) + "\n";
    let header = row(columns.iter().map(|column| quoted(column)).collect());
    header + &row(columns.iter().map(|column| quoted(cell(column))).collect())
}

#[test]
fn exports_of_known_banks_need_no_answer() {
    for (preset, cells, day_and_amount) in [
        (
            "revolut",
            &[
                ("Completed Date", "2024-03-04 10:00:00"),
                ("Amount", "-5.00"),
                ("Currency", "EUR"),
                ("Product", "Current"),
                ("State", "COMPLETED"),
            ][..],
            "2024-03-04 -5.00 EUR",
        ),
        (
            "wise",
            &[("Date", "03-04-2024"), ("Amount", "-5.00"), ("Currency", "GBP"), ("Running Balance", "7.00")],
            "2024-04-03 -5.00 GBP",
        ),
        (
            "n26",
            &[("Booking Date", "2024-03-04"), ("Amount (EUR)", "5.00"), ("Account Name", "Main")],
            "2024-03-04 5.00 EUR",
        ),
        (
            "chase_checking",
            &[("Posting Date", "03/04/2024"), ("Amount", "-1,005.00"), ("Balance", "7.00")],
            "2024-03-04 -1005.00 USD",
        ),
        (
            "chase_card",
            &[("Transaction Date", "03/04/2024"), ("Amount", "5.00"), ("Type", "Payment")],
            "2024-03-04 5.00 USD",
        ),
        (
            "bank_of_america",
            &[("Date", "03/04/2024"), ("Amount", "-5.00"), ("Running Bal.", "1,007.00")],
            "2024-03-04 -5.00 USD",
        ),
        ("amex_us", &[("Date", "03/04/2024"), ("Amount", "5.00"), ("Account #", "-1001")], "2024-03-04 -5.00 USD"),
        ("barclays", &[("Date", "03/04/2024"), ("Amount", "-5.00"), ("Account", "20-00-00 1")], "2024-04-03 -5.00 GBP"),
        (
            "lloyds",
            &[("Transaction Date", "03/04/2024"), ("Debit Amount", "5.00"), ("Account Number", "1")],
            "2024-04-03 -5.00 GBP",
        ),
        (
            "monzo",
            &[("Transaction ID", "tx_1"), ("Date", "03/04/2024"), ("Amount", "-5.00"), ("Currency", "GBP")],
            "2024-04-03 -5.00 GBP",
        ),
        (
            "starling",
            &[("Date", "03/04/2024"), ("Amount (GBP)", "-5.00"), ("Balance (GBP)", "7.00")],
            "2024-04-03 -5.00 GBP",
        ),
        (
            "ing_nl",
            &[("Datum", "20240304"), ("Af Bij", "Af"), ("Bedrag (EUR)", "5,00"), ("Rekening", "NL1")],
            "2024-03-04 -5.00 EUR",
        ),
        (
            "rabobank",
            &[("IBAN/BBAN", "NL1"), ("Volgnr", "7"), ("Munt", "EUR"), ("Datum", "2024-03-04"), ("Bedrag", "-5,00")],
            "2024-03-04 -5.00 EUR",
        ),
        (
            "sparkasse",
            &[("Auftragskonto", "DE1"), ("Buchungstag", "03.04.24"), ("Betrag", "-1.005,00"), ("Waehrung", "EUR")],
            "2024-04-03 -1005.00 EUR",
        ),
        ("dkb", &[("Buchungsdatum", "03.04.24"), ("Betrag (€)", "-5"), ("Status", "Gebucht")], "2024-04-03 -5 EUR"),
    ] {
        let outcome = read_text(export(preset, cells), None).unwrap_or_else(|error| panic!("{preset}: {error}"));
        assert!(outcome.refused.is_empty(), "{preset}: {:?}", outcome.refused);
        let row = &outcome.rows[0];
        assert_eq!(format!("{} {} {}", day(row), row.amount, row.currency), day_and_amount, "{preset}");
    }
    let pending = read_text(export("sparkasse", &[("Info", "Umsatz vorgemerkt und nicht gebucht")]), None);
    assert_eq!(pending.unwrap().skipped, 1);
    let below = format!(
        "\"Girokonto\";\"DE1\"\n\"Kontostand:\";\"7,00 EUR\"\n\"\"\n{}",
        export("dkb", &[("Buchungsdatum", "03.04.24"), ("Betrag (€)", "-5")])
    );
    assert_eq!(read_text(below, None).unwrap().rows.len(), 1);
}
