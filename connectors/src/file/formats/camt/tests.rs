use proptest::prelude::*;

use super::Reader;
use crate::file::error::ReadError;
use crate::file::formats::testing::{balances, count, lines, money, parts, source};
use crate::file::formats::{Identity, Part, Side};

fn read(text: &str) -> Result<Vec<Part>, ReadError> {
    parts(Reader::new(source(text, 4096)))
}

fn message(entries: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<n:Document xmlns:n=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\">\
         <n:BkToCstmrStmt><n:GrpHdr><n:MsgId>1</n:MsgId></n:GrpHdr><n:Stmt><n:Id>S</n:Id><n:Acct><n:Id><n:IBAN>DE89 3704</n:IBAN>\
         </n:Id><n:Ccy>EUR</n:Ccy><n:Ownr><n:Id><n:OrgId><n:Othr><n:Id>no account</n:Id></n:Othr></n:OrgId></n:Id></n:Ownr></n:Acct>\
         <n:Bal><n:Tp><n:CdOrPrtry><n:Cd>PRCD</n:Cd></n:CdOrPrtry></n:Tp><n:Amt Ccy=\"EUR\">1.00</n:Amt><n:CdtDbtInd>DBIT</n:CdtDbtInd></n:Bal>\
         <n:Bal><n:Tp><n:CdOrPrtry><n:Cd>CLBD</n:Cd></n:CdOrPrtry></n:Tp><n:Amt Ccy=\"EUR\">9</n:Amt><n:CdtDbtInd>CRDT</n:CdtDbtInd></n:Bal>\
         {entries}</n:Stmt></n:BkToCstmrStmt></n:Document>"
    )
}

const ENTRY: &str = "\n<Ntry><NtryRef>1</NtryRef><Amt Ccy=\"EUR\">8.850</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts>\
    <BookgDt><DtTm>2024-05-06T23:30:00+02:00</DtTm></BookgDt><ValDt><Dt>2024-05-08</Dt></ValDt><AcctSvcrRef>R7</AcctSvcrRef>\
    <NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs><RltdPties><Dbtr><Nm>Us</Nm></Dbtr><Cdtr><Pty>\
    <Nm>M&#252;ller &amp; Co</Nm></Pty></Cdtr></RltdPties><RmtInf><Ustrd>Rent</Ustrd><Ustrd>May</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>";

#[test]
fn an_entry_is_a_line() {
    let read = read(&message(ENTRY)).unwrap();
    assert_eq!(money(&read), ["2024-05-06 -8.850"]);
    let line = &lines(&read)[0];
    assert_eq!((line.description.as_deref(), line.counterparty.as_deref()), (Some("Rent May"), Some("Müller & Co")));
    assert_eq!((line.identity.clone(), line.line), (Identity::Shared("R7".into()), 3));
    assert_eq!(line.value_date.unwrap().to_string(), "2024-05-08");
    assert_eq!(balances(&read), [(Side::Opening, "-1.00".into()), (Side::Closing, "9".into())]);
    let Part::Begin(begin) = &read[0] else { panic!("{read:?}") };
    assert_eq!((begin.account.as_deref(), begin.currency.unwrap().code()), (Some("DE893704"), "EUR"));
}

#[test]
fn only_what_is_booked_counts() {
    for (status, lines, pending) in [
        ("<Sts>BOOK</Sts>", 1, 0),
        ("<Sts><Cd>BOOK</Cd></Sts>", 1, 0),
        ("", 1, 0),
        ("<Sts>PDNG</Sts>", 0, 1),
        ("<Sts><Cd>PDNG</Cd></Sts>", 0, 1),
        ("<Sts>INFO</Sts>", 0, 1),
        ("<Sts><Cd>FUTR</Cd></Sts>", 0, 1),
    ] {
        let read = read(&message(&ENTRY.replace("<Sts>BOOK</Sts>", status))).unwrap();
        assert_eq!((money(&read).len(), count(&read, |part| *part == Part::Pending)), (lines, pending), "{status}");
    }
}

#[test]
fn a_batch_is_one_line_and_its_parts_are_checked() {
    let part =
        |amount: &str| format!("<TxDtls><Amt Ccy=\"EUR\">{amount}</Amt><RmtInf><Ustrd>x</Ustrd></RmtInf></TxDtls>");
    let entry = |parts: &str| {
        let from = ENTRY.find("<NtryDtls>").unwrap();
        format!("{}<NtryDtls>{parts}</NtryDtls></Ntry>", &ENTRY[..from])
    };
    let fits = read(&message(&entry(&(part("8.00") + &part("0.85"))))).unwrap();
    assert_eq!((money(&fits).len(), count(&fits, |part| matches!(part, Part::Note(_)))), (1, 0));
    assert_eq!(lines(&fits)[0].description.as_deref(), Some("x (2 payments)"));
    let differs = read(&message(&entry(&(part("8.00") + &part("0.80"))))).unwrap();
    assert_eq!(count(&differs, |part| matches!(part, Part::Note(note) if note.text.contains("-8.80"))), 1);
}

#[test]
fn reports_and_notifications_are_read_like_statements() {
    for (outer, inner) in
        [("BkToCstmrAcctRpt", "Rpt"), ("BkToCstmrDbtCdtNtfctn", "Ntfctn"), ("BkToCstmrStmtV01", "Stmt")]
    {
        let account = "<Acct><Id><Othr><Id>42</Id></Othr></Id></Acct>";
        let read =
            read(&format!("<Document><{outer}><{inner}>{account}{ENTRY}</{inner}></{outer}></Document>")).unwrap();
        assert_eq!(money(&read).len(), 1, "{outer}");
        let Part::Begin(begin) = &read[0] else { panic!("{read:?}") };
        assert_eq!(begin.account.as_deref(), Some("42"));
    }
    let empty = read("<Document><BkToCstmrStmt><Stmt><Id>1</Id></Stmt></BkToCstmrStmt></Document>").unwrap();
    assert_eq!(count(&empty, |part| matches!(part, Part::Begin(_))), 1, "a day without movements");
}

#[test]
fn an_entry_without_a_date_takes_the_statements() {
    let from = ENTRY.find("<BookgDt>").unwrap();
    let to = ENTRY.find("<AcctSvcrRef>").unwrap();
    let undated = format!("{}{}", &ENTRY[..from], &ENTRY[to..]);
    assert!(read(&message(&undated)).unwrap_err().to_string().contains("no date of booking"));
    let dated = message(&undated).replace("<n:Id>S</n:Id>", "<n:Id>S</n:Id><n:CreDtTm>2024-06-01T10:00:00</n:CreDtTm>");
    let read = read(&dated).unwrap();
    assert_eq!(money(&read), ["2024-06-01 -8.850"]);
    assert_eq!(count(&read, |part| matches!(part, Part::Note(_))), 1);
}

#[test]
fn faults_are_told_with_their_line() {
    let fault = |from: &str, to: &str| read(&message(&ENTRY.replace(from, to))).unwrap_err().to_string();
    for (from, to, says) in [
        ("<CdtDbtInd>DBIT</CdtDbtInd>", "", "line 3: it has no direction"),
        ("DBIT", "DEBIT", "neither CRDT nor DBIT"),
        ("8.850", "8,850x", "is not a number"),
        ("8.850", "-8.850", "has a minus beside its direction"),
        ("\"EUR\"", "\"XQX\"", "is not a currency code"),
        ("2024-05-06T23", "2024-02-30T23", "is not a date"),
        ("&amp;", "&evil;", "has an entity"),
        ("</Ntry>", "</Entry>", "not well-formed XML"),
    ] {
        let message = fault(from, to);
        assert!(message.starts_with("line 3: ") && message.contains(says), "{to}: {message}");
    }
    assert!(read("<Document><BkToCstmrStmt/></Document>").unwrap_err().to_string().contains("no statement"));
    let whole = message(ENTRY);
    assert!(read(&whole[..whole.len() - 30]).unwrap_err().to_string().contains("cut off"));
}

#[test]
fn bombs_are_refused() {
    let doctype = message(ENTRY).replacen("\n", "\n<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>", 1);
    assert!(read(&doctype).unwrap_err().to_string().contains("document type"));
    let deep = format!("<Document>{}", "<a>".repeat(100_000));
    assert!(read(&deep).unwrap_err().to_string().contains("deep"));
    let text = message(&ENTRY.replace("Rent", &"x".repeat(100_000)));
    assert!(read(&text).unwrap_err().to_string().contains("64 KiB"));
    let tag = format!("<Document><{}", "x".repeat(4 << 20));
    assert!(matches!(read(&tag), Err(ReadError::EndlessRecord { .. })));
    let attribute = message(&ENTRY.replace("\"EUR\"", &format!("\"{}\"", "x".repeat(4 << 20))));
    assert!(matches!(read(&attribute), Err(ReadError::EndlessRecord { .. })));
}

proptest! {
    #[test]
    fn nothing_panics_and_pieces_change_nothing(text in "(</?(Document|BkToCstmrStmt|Stmt|Ntry|Amt|Bal|TxDtls|Acct|Id)>|[0-9.]{1,4}|[&;<>! a\n\"]){0,60}", piece in 1_usize..40) {
        let whole = parts(Reader::new(source(&text, usize::MAX)));
        prop_assert_eq!(parts(Reader::new(source(&text, piece))).is_ok(), whole.is_ok());
    }

    #[test]
    fn a_broken_message_never_panics(at in 0_usize..2000, byte in any::<u8>(), piece in 1_usize..9) {
        let mut bytes = message(ENTRY).into_bytes();
        let place = at % bytes.len();
        bytes[place] = byte;
        let whole = parts(Reader::new(source(&bytes, usize::MAX)));
        prop_assert_eq!(parts(Reader::new(source(&bytes, piece))).is_ok(), whole.is_ok());
    }
}
