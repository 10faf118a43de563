//! Peers' and derived CSV statements: without a mapping, and with one where a file says too little.

use std::collections::HashMap;

use connectors::file::{ImportError, Row};
use rust_decimal::Decimal;

use crate::files::{Outcome, read_path, shared};

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
fn dollars_are_not_booked_as_the_businesss_euros() {
    let dollars = "[currency]\nalways = \"USD\"";
    for file in ["csv_schwab_dollar_signs.csv", "csv_derived_us_parentheses_bom.csv"] {
        let refused = read_path(&shared("statements").join(file), None).unwrap();
        assert!(refused.rows.is_empty() && refused.refused.iter().all(|(_, reason)| reason.contains("printed with $")));
        assert!(assert_expected(file, Some(dollars)).rows.iter().all(|row| row.currency.code() == "USD"));
    }
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
    assert_eq!(german.refused.len(), 1, "the line of totals");
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
    let Err(ImportError::Unclear(unclear)) = crate::files::read_text(text, None) else { panic!("it is ambiguous") };
    assert_eq!(unclear.questions[0].key, "date.format");
    assert_eq!(unclear.questions[0].options, ["%d/%m/%Y", "%m/%d/%Y"]);
    let answered = crate::files::read_text(text, Some("[date]\nformat = \"%m/%d/%Y\"")).unwrap();
    assert_eq!(day(&answered.rows[1]), "2024-03-04");

    let Err(error) = crate::files::read_text("Date,Amount\n2024-01-31,\"1,234\"\n", None) else { panic!("ambiguous") };
    assert!(error.to_string().contains("amount.decimal = \".\" or \",\""), "{error}");
    let Err(error) = crate::files::read_text("When,What,How much\n2024-01-31,x,3\n", None) else { panic!("unknown") };
    assert!(error.to_string().contains("say date.column in a mapping"), "{error}");
}

#[test]
fn an_answer_far_down_in_the_file_is_found() {
    let mut text = "Date,Text,Amount\n".to_owned();
    for _ in 0..30_000 {
        text.push_str("01/02/2024,a,1.50\n");
    }
    text.push_str("31/12/2024,b,2.50\n");
    let outcome = crate::files::read_text(&text, None).unwrap();
    assert_eq!((outcome.rows.len(), day(&outcome.rows[0])), (30_001, "2024-02-01".to_owned()));
}
