use proptest::prelude::*;

use super::Reader;
use crate::file::error::ReadError;
use crate::file::formats::testing::{balances, count, lines, money, parts, source};
use crate::file::formats::{Identity, Part, Side};

fn read(text: &str) -> Result<Vec<Part>, ReadError> {
    parts(Reader::new(source(text, 4096)))
}

fn statement(transactions: &str) -> String {
    format!(
        "OFXHEADER:100\n\n<OFX><BANKMSGSRSV1><STMTTRNRS><STATUS><CODE>0<SEVERITY>INFO</STATUS><STMTRS><CURDEF>USD\
         <BANKACCTFROM><BANKID>1<ACCTID>00 42<ACCTTYPE>CHECKING</BANKACCTFROM><BANKTRANLIST><DTSTART>20240101\
         <DTEND>20240131{transactions}</BANKTRANLIST><LEDGERBAL><BALAMT>100.00<DTASOF>20240131120000</LEDGERBAL>\
         </STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>"
    )
}

const SALE: &str = "<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20240105120000.000[-5:EST]<TRNAMT>+0012,50<FITID>A1<NAME>Shop &amp;amp; Co<MEMO>thanks</STMTTRN>";

#[test]
fn values_need_no_closing_tag() {
    let sgml = read(&statement(SALE)).unwrap();
    assert_eq!(money(&sgml), ["2024-01-05 12.50"]);
    let line = &lines(&sgml)[0];
    assert_eq!(line.identity, Identity::Id("A1".into()));
    assert_eq!((line.counterparty.as_deref(), line.description.as_deref()), (Some("Shop & Co"), Some("thanks")));
    assert_eq!(balances(&sgml), [(Side::Closing, "100.00".into()), (Side::Opening, "87.50".into())]);
    let closed =
        SALE.replace("<TRNTYPE>CREDIT", "\n <TRNTYPE>CREDIT</TRNTYPE>\n").replace("<FITID>A1", "<FITID>A1</FITID>");
    assert_eq!(money(&read(&statement(&closed)).unwrap()), ["2024-01-05 12.50"]);
}

#[test]
fn the_value_date_is_when_the_money_is_available() {
    let at = |day: &str| {
        let sale = SALE.replace("<TRNAMT>", &format!("<DTAVAIL>{day}<TRNAMT>"));
        lines(&read(&statement(&sale)).unwrap())[0].value_date.map(|day| day.to_string())
    };
    assert_eq!(at("20240109").as_deref(), Some("2024-01-09"));
    assert_eq!(at("soon"), None, "no figure counts by it");
    assert_eq!(lines(&read(&statement(SALE)).unwrap())[0].value_date, None);
}

#[test]
fn the_account_and_its_currency_come_first() {
    let read = read(&statement("")).unwrap();
    let Part::Begin(begin) = &read[0] else { panic!("{read:?}") };
    assert_eq!((begin.account.as_deref(), begin.currency.unwrap().code()), (Some("00 42"), "USD"));
}

#[test]
fn cdata_comments_and_open_angles_are_text() {
    let text = SALE.replace("thanks", "<![CDATA[a < b & ]] c]]><!-- not this --> 3 < 4");
    assert_eq!(lines(&read(&statement(&text)).unwrap())[0].description.as_deref(), Some("a < b & ]] c 3 < 4"));
}

#[test]
fn amounts_in_another_currency_say_so() {
    let own = SALE.replace("<FITID>", "<CURRENCY><CURRATE>1.1<CURSYM>CAD</CURRENCY><FITID>");
    assert_eq!(lines(&read(&statement(&own)).unwrap())[0].currency.unwrap().code(), "CAD");
    let converted = SALE.replace("<FITID>", "<ORIGCURRENCY><CURRATE>1.1<CURSYM>CAD</ORIGCURRENCY><FITID>");
    assert_eq!(lines(&read(&statement(&converted)).unwrap())[0].currency, None);
}

#[test]
fn what_is_only_announced_and_trades_are_counted_apart() {
    let text = statement(SALE).replace(
        "<LEDGERBAL>",
        "<BANKTRANLISTP><DTASOF>20240201<STMTTRNP><TRNTYPE>DEBIT<DTTRAN>20240201<TRNAMT>-5<NAME>x</STMTTRNP>\
         </BANKTRANLISTP><LEDGERBAL>",
    );
    let read_pending = read(&text).unwrap();
    assert_eq!((money(&read_pending).len(), count(&read_pending, |part| *part == Part::Pending)), (1, 1));
    let trade = "<BUYSTOCK><INVBUY><INVTRAN><FITID>9<DTTRADE>20240101</INVTRAN><TOTAL>-7</INVBUY></BUYSTOCK>";
    let traded = read(&statement(&format!("{trade}{SALE}"))).unwrap();
    assert_eq!((money(&traded).len(), count(&traded, |part| *part == Part::PassedOver)), (1, 1));
}

#[test]
fn faults_are_told_with_their_line() {
    let fault = |text: &str| read(text).unwrap_err().to_string();
    let lines = |transaction: &str| statement(&format!("\n\n{transaction}\n"));
    for (from, to, says) in [
        ("+0012,50", "$120", "line 5: the amount \"$120\" is not a number"),
        ("+0012,50", "1,234", "can be thousands or decimals"),
        ("20240105120000.000[-5:EST]", "20240230", "line 5: \"20240230\" is not a date"),
        ("<DTPOSTED>20240105120000.000[-5:EST]", "", "has no DTPOSTED"),
        ("<TRNAMT>+0012,50", "", "has no TRNAMT"),
        ("</STMTTRN>", "<STMTTRN>", "begins before this one is closed"),
        ("<FITID>A1", "<!DOCTYPE x [<!ENTITY a \"b\">]>", "document type"),
    ] {
        let message = fault(&lines(&SALE.replace(from, to)));
        assert!(message.contains(says), "{to}: {message}");
    }
    let cut = statement(SALE);
    assert!(fault(&cut[..cut.find("<MEMO>").unwrap()]).contains("cut off"));
    assert!(fault(&cut[..cut.find("</BANKTRANLIST>").unwrap()]).contains("cut off"));
}

#[test]
fn a_refusal_of_the_bank_is_passed_on() {
    let text = "<OFX>\n<BANKMSGSRSV1><STMTTRNRS><STATUS><CODE>15500<SEVERITY>ERROR<MESSAGE>Signon invalid</STATUS>\
                </STMTTRNRS></BANKMSGSRSV1></OFX>";
    let message = read(text).unwrap_err().to_string();
    assert!(message.starts_with("line 2: the bank's server answered \"Signon invalid\" (status 15500)"), "{message}");
    assert!(read("<OFX></OFX>").unwrap_err().to_string().contains("no statement"));
}

#[test]
fn several_accounts_are_several_statements() {
    let two = statement(SALE).replace(
        "</STMTTRNRS>",
        &format!(
            "</STMTTRNRS><STMTTRNRS><CCSTMTRS><CURDEF>EUR<CCACCTFROM><ACCTID>77</CCACCTFROM><BANKTRANLIST>{SALE}\
         </BANKTRANLIST></CCSTMTRS></STMTTRNRS>"
        ),
    );
    let read = read(&two).unwrap();
    let accounts = read.iter().filter_map(|part| match part {
        Part::Begin(begin) => begin.account.clone(),
        _ => None,
    });
    assert_eq!(accounts.collect::<Vec<_>>(), ["00 42", "77"]);
}

#[test]
fn huge_and_deep_things_are_refused() {
    let fault = |text: String| read(&text).unwrap_err().to_string();
    assert!(fault(format!("<OFX><{}", "A".repeat(1 << 20))).contains("a tag does not end"));
    assert!(fault(statement(&format!("<STMTTRN><MEMO>{}", "x".repeat(1 << 20)))).contains("64 KiB"));
    assert!(fault(format!("<OFX>{}", "<STATUS>".repeat(1000))).contains("too deep"));
    assert!(fault(statement(&format!("<STMTTRN><MEMO><![CDATA[{}", "]".repeat(1 << 20)))).contains("64 KiB"));
}

proptest! {
    #[test]
    fn nothing_panics_and_pieces_change_nothing(text in "(<(/|)(OFX|STMTRS|BANKTRANLIST|STMTTRN|TRNAMT|DTPOSTED|FITID|NAME)>|[0-9&;<>!/ a\\-\\[\\]\n]){0,60}", piece in 1_usize..40) {
        let whole = parts(Reader::new(source(&text, usize::MAX)));
        prop_assert_eq!(parts(Reader::new(source(&text, piece))), whole);
    }

    #[test]
    fn a_broken_statement_never_panics(at in 0_usize..700, byte in any::<u8>(), piece in 1_usize..9) {
        let mut bytes = statement(SALE).into_bytes();
        let place = at % bytes.len();
        bytes[place] = byte;
        let whole = parts(Reader::new(source(&bytes, usize::MAX)));
        prop_assert_eq!(parts(Reader::new(source(&bytes, piece))), whole);
    }
}
