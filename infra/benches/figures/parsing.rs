//! How fast statements are read, beside the parsers that Python has for them, on the same files.
//!
//! Ours is the whole way from bytes on disk to rows with their identities; statement files are read twice (a fault
//! anywhere refuses all of them). A peer gives its own objects in memory. `WORKDOCK_BENCH_PYTHON` names a Python with
//! `peers.txt` installed; `make bench` makes one.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use connectors::file::read::{Entry, read};
use connectors::file::{Defaults, Limits, Mapping};
use domain::TimeZone;

use crate::{ROUNDS, spread};

const ROWS: u32 = 10_000;

/// One format: what its file is called, its text, and what must be said about it.
struct Subject {
    format: &'static str,
    peer: &'static str,
    text: String,
}

pub fn measure() {
    let folder = tempfile::tempdir().unwrap();
    for Subject { format, peer, text } in subjects() {
        let path = folder.path().join(format!("statement.{format}"));
        std::fs::write(&path, &text).unwrap();
        #[allow(clippy::cast_precision_loss)]
        let megabytes = text.len() as f64 / 1e6;
        let ours: Vec<f64> = (0..ROUNDS).map(|_| megabytes / parse(&path).as_secs_f64()).collect();
        print!("parse    {format:<6} {ROWS} lines, {megabytes:.1} MB: {} MB/s", spread(&ours));
        match parse_by_peer(&path, format) {
            Some(seconds) => println!("; {peer}: {:.2} MB/s", megabytes / seconds),
            None => println!("; {peer}: not measured (WORKDOCK_BENCH_PYTHON)"),
        }
    }
}

fn parse(path: &Path) -> Duration {
    let defaults =
        Defaults { currency: "EUR".parse().unwrap(), zone: TimeZone::UTC, account: None, remembered: Vec::new() };
    let mapping: Option<&Mapping> = None;
    let begun = Instant::now();
    let mut reading = read(path, mapping, &defaults, Limits::default()).unwrap();
    let mut rows = 0;
    while let Some(entry) = reading.entry().unwrap() {
        rows += u32::from(matches!(entry, Entry::Row(_)));
    }
    let took = begun.elapsed();
    assert_eq!(rows, ROWS);
    took
}

/// Seconds; `None` where there is no Python with the peers.
fn parse_by_peer(path: &Path, format: &str) -> Option<f64> {
    let python = std::env::var_os("WORKDOCK_BENCH_PYTHON")?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers.py");
    let output = Command::new(python).arg(script).arg(format).arg(path).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let mut words = text.split_whitespace();
    let (count, seconds) = (words.next()?.parse::<u32>().unwrap(), words.next()?.parse().unwrap());
    assert_eq!(count, ROWS, "the peer reads as many as we do");
    Some(seconds)
}

fn subjects() -> Vec<Subject> {
    vec![
        Subject { format: "csv", peer: "csv.DictReader", text: csv() },
        Subject { format: "ofx", peer: "ofxtools", text: ofx() },
        Subject { format: "qif", peer: "quiffen", text: qif() },
        Subject { format: "camt", peer: "pycamt", text: camt() },
        Subject { format: "mt940", peer: "mt-940", text: mt940() },
    ]
}

/// Day of the month, whole units and cents of a line: different for neighbours, the same in every run.
fn facts(row: u32) -> (u32, u32, u32) {
    (row / 50 % 28 + 1, row * 7919 % 9_000 + 1, row * 31 % 100)
}

fn csv() -> String {
    let mut text = "Date,Description,Amount,Currency\n".to_owned();
    for row in 0..ROWS {
        let (day, units, cents) = facts(row);
        writeln!(text, "2025-01-{day:02},\"Payment to supplier {row}, invoice\",-{units}.{cents:02},EUR").unwrap();
    }
    text
}

fn ofx() -> String {
    let mut text = "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nSECURITY:NONE\nENCODING:USASCII\nCHARSET:1252\n\
        COMPRESSION:NONE\nOLDFILEUID:NONE\nNEWFILEUID:NONE\n\n<OFX>\n<SIGNONMSGSRSV1>\n<SONRS>\n<STATUS>\n<CODE>0\n\
        <SEVERITY>INFO\n</STATUS>\n<DTSERVER>20250131120000\n<LANGUAGE>ENG\n</SONRS>\n</SIGNONMSGSRSV1>\n<BANKMSGSRSV1>\n\
        <STMTTRNRS>\n<TRNUID>1\n<STATUS>\n<CODE>0\n<SEVERITY>INFO\n</STATUS>\n<STMTRS>\n<CURDEF>EUR\n<BANKACCTFROM>\n\
        <BANKID>1\n<ACCTID>1\n<ACCTTYPE>CHECKING\n</BANKACCTFROM>\n<BANKTRANLIST>\n<DTSTART>20250101\n<DTEND>20250131\n"
        .to_owned();
    for row in 0..ROWS {
        let (day, units, cents) = facts(row);
        write!(
            text,
            "<STMTTRN>\n<TRNTYPE>DEBIT\n<DTPOSTED>202501{day:02}120000\n<TRNAMT>-{units}.{cents:02}\n<FITID>{row}\n\
             <NAME>Supplier {row}\n<MEMO>Payment of an invoice\n</STMTTRN>\n"
        )
        .unwrap();
    }
    text.push_str(
        "</BANKTRANLIST>\n<LEDGERBAL>\n<BALAMT>0.00\n<DTASOF>20250131\n</LEDGERBAL>\n</STMTRS>\n</STMTTRNRS>\n\
         </BANKMSGSRSV1>\n</OFX>\n",
    );
    text
}

fn qif() -> String {
    let mut text = "!Type:Bank\n".to_owned();
    for row in 0..ROWS {
        let (day, units, cents) = facts(row);
        write!(text, "D1/{day}/2025\nT-{units}.{cents:02}\nPSupplier {row}\nMPayment of an invoice\nLGoods\n^\n")
            .unwrap();
    }
    text
}

fn camt() -> String {
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\">\
        <BkToCstmrStmt><GrpHdr><MsgId>M</MsgId><CreDtTm>2025-01-31T12:00:00</CreDtTm></GrpHdr><Stmt><Id>S</Id>\
        <CreDtTm>2025-01-31T12:00:00</CreDtTm><Acct><Id><IBAN>DE89370400440532013000</IBAN></Id><Ccy>EUR</Ccy></Acct>\n"
        .to_owned();
    for row in 0..ROWS {
        let (day, units, cents) = facts(row);
        writeln!(
            text,
            "<Ntry><Amt Ccy=\"EUR\">{units}.{cents:02}</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts><BookgDt>\
             <Dt>2025-01-{day:02}</Dt></BookgDt><ValDt><Dt>2025-01-{day:02}</Dt></ValDt><AcctSvcrRef>R{row}</AcctSvcrRef>\
             <NtryDtls><TxDtls><Refs><EndToEndId>E{row}</EndToEndId></Refs><RltdPties><Cdtr><Nm>Supplier {row}</Nm></Cdtr>\
             </RltdPties><RmtInf><Ustrd>Payment of an invoice</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
        )
        .unwrap();
    }
    text.push_str("</Stmt></BkToCstmrStmt></Document>\n");
    text
}

fn mt940() -> String {
    let mut text = ":20:S\n:25:37040044/532013000\n:28C:1/1\n:60F:C250101EUR0,00\n".to_owned();
    for row in 0..ROWS {
        let (day, units, cents) = facts(row);
        write!(
            text,
            ":61:2501{day:02}01{day:02}D{units},{cents:02}NTRF{row}\n:86:166?00Transfer?20Payment of an invoice?32Supplier {row}\n"
        )
        .unwrap();
    }
    text.push_str(":62F:C250131EUR0,00\n-\n");
    text
}
