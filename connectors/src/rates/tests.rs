use proptest::prelude::*;

use super::import::{RatesFileError, read};

const CSV: &[u8] = b"Date,USD,JPY,CYP,\n2026-11-20,1.1525,180.11,N/A,\n2007-12-31,1.4721,164.93,0.585274,\n";
const XML: &[u8] = br#"<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
  <gesmes:subject>Reference rates</gesmes:subject>
  <Cube>
    <Cube time='2026-11-20'>
      <Cube currency='USD' rate='1.1525'/>
      <Cube currency='JPY' rate='180.11'/>
    </Cube>
  </Cube>
</gesmes:Envelope>"#;

fn told(text: &[u8]) -> Vec<String> {
    let file = read(text).unwrap();
    let rate =
        |line: &super::Line| format!("{} {} {} {}", line.line, line.quoted.day, line.quoted.quote, line.quoted.rate);
    file.rates.iter().map(rate).collect()
}

#[test]
fn the_history_as_csv_is_read_with_withdrawn_currencies() {
    let expected =
        ["2 2026-11-20 USD 1.1525", "2 2026-11-20 JPY 180.11", "3 2007-12-31 USD 1.4721", "3 2007-12-31 JPY 164.93"];
    assert_eq!(told(CSV)[..4], expected);
    assert_eq!(told(CSV)[4], "3 2007-12-31 CYP 0.585274");
}

#[test]
fn the_daily_csv_writes_its_day_in_words() {
    assert_eq!(
        told(b"Date, USD, JPY, \n20 November 2026, 1.1525, 180.11, \n"),
        ["2 2026-11-20 USD 1.1525", "2 2026-11-20 JPY 180.11"]
    );
}

#[test]
fn xml_says_the_same() {
    assert_eq!(told(XML), ["6 2026-11-20 USD 1.1525", "7 2026-11-20 JPY 180.11"]);
}

#[test]
fn what_cannot_be_read_is_told_with_its_line() {
    let file = read(b"Date,USD,ABC,\n2026-11-20,x,1,\nsome day,1,1,\n").unwrap();
    let told: Vec<_> = file.refused.iter().map(|refused| (refused.line, refused.reason.clone())).collect();
    assert_eq!(told.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(told[0].1.contains("ABC") && told[1].1.contains("\"x\"") && told[2].1.contains("no day"), "{told:?}");
}

#[test]
fn other_files_are_refused_whole() {
    assert!(matches!(read(b"Booked,Amount\n2026-11-20,12\n"), Err(RatesFileError::NoRates)));
    assert!(matches!(read(b"<html><body/></html>"), Err(RatesFileError::NoRates)));
    assert!(matches!(read(b"PK\x03\x04rest"), Err(RatesFileError::Packed)));
    assert!(matches!(read(b""), Ok(file) if file.rates.is_empty()));
}

#[test]
fn an_entity_is_not_expanded() {
    let bomb = br#"<!DOCTYPE x [<!ENTITY a "USD">]><Cube time='2026-11-20'><Cube currency='&a;' rate='1'/></Cube>"#;
    assert!(matches!(read(bomb), Err(RatesFileError::Unreadable(_))));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(text in prop::collection::vec(any::<u8>(), 0..400), xml in any::<bool>()) {
        let begins: &[u8] = if xml { b"<Cube time='2026-11-20'><Cube " } else { b"Date,USD\n" };
        let _ = read(&[begins, &text].concat());
    }
}
