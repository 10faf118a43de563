use proptest::prelude::*;

use super::values::usual_date;
use super::{Reader, survey};
use crate::file::error::ImportError;
use crate::file::formats::testing::{count, lines, money, parts, source};
use crate::file::formats::{Part, Statements};
use crate::file::mapping::Mapping;

fn read_as(text: &str, mapping: &str) -> Result<Vec<Part>, String> {
    let mapping = Mapping::parse(mapping).unwrap();
    let survey = survey(source(text, 4096), &mapping).map_err(|error| error.to_string())?;
    if let Some(question) = survey.questions.first() {
        return Err(format!("asks {} {:?}", question.key, question.options));
    }
    parts(Reader::new(source(text, 4096), survey.print)).map_err(|error| error.to_string())
}

fn read(text: &str) -> Result<Vec<Part>, String> {
    read_as(text, "")
}

#[test]
fn dates_of_quicken_are_made_usual() {
    for (text, usual) in [
        ("2/14'2020", "2/14/2020"),
        (" 6/ 1/94", "6/1/1994"),
        ("1/2' 4", "1/2/2004"),
        ("12/31/99", "12/31/1999"),
        ("1/1'00", "1/1/2000"),
        ("31.12.20", "31.12.2020"),
        ("2020-12-31", "2020-12-31"),
        ("nonsense", "nonsense"),
    ] {
        assert_eq!(usual_date(text), usual);
    }
}

#[test]
fn a_record_is_a_line() {
    let text = "!Type:Bank\nD12/19'20\nPShop\nMthanks\nT-1,100.58\nN123\nLFood:Out\n^\nD1/2/21\nU5\n^\n";
    let read = read(text).unwrap();
    assert_eq!(money(&read), ["2020-12-19 -1100.58", "2021-01-02 5"]);
    let line = &lines(&read)[0];
    assert_eq!(line.line, 2);
    assert_eq!((line.counterparty.as_deref(), line.reference.as_deref()), (Some("Shop"), Some("123")));
    assert_eq!((line.description.as_deref(), line.category.as_deref()), (Some("Shop thanks"), Some("Food:Out")));
}

#[test]
fn the_order_of_a_date_is_asked_where_the_file_leaves_it_open() {
    let text = "!Type:Bank\nD03/04/2024\nT1.50\n^\n";
    assert_eq!(read(text).unwrap_err(), "asks date.format [\"%d/%m/%Y\", \"%m/%d/%Y\"]");
    assert_eq!(money(&read_as(text, "[date]\nformat = \"%m/%d/%Y\"").unwrap()), ["2024-03-04 1.50"]);
    assert_eq!(money(&read_as(text, "[date]\nformat = \"%d/%m/%y\"\npivot = 1970").unwrap()), ["2024-04-03 1.50"]);
    assert_eq!(money(&read("!Type:Bank\nD13.04.24\nT1,50\n^\nD03.04.24\nT1.234,50\n^").unwrap()).len(), 2);
    assert!(read("!Type:Bank\nD13/04/2024\nT1,234\n^\n").unwrap_err().starts_with("asks amount.decimal"));
}

#[test]
fn splits_make_no_further_lines() {
    let split = "!Type:Bank\nD2/14'2020\nT67.50\nSFees\nD1/1'20\nEx\n$-15.00\nSSales\n$82.50\n^\n";
    let whole = read(split).unwrap();
    assert_eq!(
        (money(&whole), count(&whole, |part| matches!(part, Part::Note(_)))),
        (vec!["2020-02-14 67.50".to_owned()], 0)
    );
    let wrong = read(&split.replace("82.50", "82.51")).unwrap();
    let noted = wrong.iter().find_map(|part| if let Part::Note(note) = part { Some(note.text.clone()) } else { None });
    assert!(noted.unwrap().contains("the splits come to 67.51, the transaction to 67.50"));
}

#[test]
fn sections_that_are_no_statement_are_passed_over() {
    let text = "### by x ###\n!Option:AutoSwitch\n!Account\nNChecking\nTBank\n^\nNSavings\n^\n!Clear:AutoSwitch\n!Type:Cat\n\
                NFood\nT1\n^\n!Account\nNChecking\n^\n!Type:Bank\nD1/13'20\nT5.00\nL[Savings]\n^\n!Type:Invst\nD1/14'20\n\
                NBuy\n$100.00\n^\n!Account\nNSavings\n^\n!Type:CCard\nD1/15'20\nT-5.00\nSChecking\n^\n!Type:Prices\n\"A\",1\n^\n";
    let read = read(text).unwrap();
    assert_eq!(money(&read), ["2020-01-13 5.00", "2020-01-15 -5.00"]);
    assert!(lines(&read).iter().all(|line| line.kind == Some(domain::Kind::InternalTransfer)), "to each other");
    let accounts = read.iter().filter_map(|part| match part {
        Part::Begin(begin) => begin.account.clone(),
        _ => None,
    });
    assert_eq!(accounts.collect::<Vec<_>>(), ["Checking", "Savings"]);
    assert_eq!(count(&read, |part| *part == Part::PassedOver), 1);
}

#[test]
fn faults_are_told_with_their_line() {
    let good = "!Type:Bank\nD1/13'20\nT5.00\n^\n";
    for (text, says) in [
        ("D2/30'20\nT1.00\n^\n", "line 5: \"2/30'20\" is not a date"),
        ("D1/14'20\nTx\n^\n", "line 5: the amount \"x\" is not a number"),
        ("T1.00\n^\n", "line 5: the record has no date"),
        ("D1/14'20\n^\n", "line 5: the record has no amount"),
    ] {
        let message = read(&format!("{good}{text}")).unwrap_err();
        assert!(message.starts_with(says), "{message}");
    }
    assert!(read(&format!("{good}{}", "Ax\n".repeat(5_000))).unwrap_err().contains("does not end"));
    assert!(read(&format!("{good}P{}", "x".repeat(1 << 20))).is_err());
    assert!(read("!Type:Cat\nNFood\n^\n").unwrap_err().contains("has no transaction"));
}

proptest! {
    #[test]
    fn nothing_panics_and_pieces_change_nothing(text in "(!Type:(Bank|Invst|Cat)\n|!Account\n|D[0-9]{1,2}/[0-9]{1,2}'[0-9]{2}\n|T-?[0-9.,]{1,7}\n|[A-Z$^][ -~é]{0,8}\n|\\^\n){0,40}", piece in 1_usize..40) {
        let mapping = Mapping::parse("[date]\nformat = \"%m/%d/%Y\"\n[amount]\ndecimal = \".\"").unwrap();
        let all = |piece: usize| -> Result<Vec<Part>, String> {
            let survey = survey(source(&text, piece), &mapping).map_err(|error: ImportError| error.to_string())?;
            let mut reader = Reader::new(source(&text, piece), survey.print);
            let mut parts = Vec::new();
            while let Some(part) = reader.next().map_err(|error| error.to_string())? {
                parts.push(part);
            }
            Ok(parts)
        };
        prop_assert_eq!(all(piece), all(usize::MAX));
    }
}
