//! What a file is, seen from its beginning. Its name says nothing: banks call everything `.txt`, `.csv` and `.sta`.

use super::{Format, Message};
use crate::file::error::ReadError;

/// How much of the beginning may stand before the first tag that tells.
const HEAD: usize = 64 * 1024;

/// The format of a text; CSV where it is none of the others.
pub fn recognise(sample: &str) -> Result<Format, ReadError> {
    let head = &sample[..sample.floor_char_boundary(HEAD)];
    let trimmed = head.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if is_ofx(trimmed) {
        return Ok(Format::Ofx);
    }
    if trimmed.starts_with('<') {
        return xml(trimmed);
    }
    if is_qif(trimmed) {
        return Ok(Format::Qif);
    }
    if is_swift(trimmed) {
        let interim = trimmed.lines().any(|line| line.starts_with(":34F:") || line.starts_with(":13D:"));
        return Ok(if interim { Format::Mt942 } else { Format::Mt940 });
    }
    Ok(Format::Csv)
}

fn is_ofx(head: &str) -> bool {
    let starts = |word: &str| head.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    if starts("OFXHEADER") || starts("<OFX>") {
        return true;
    }
    // XML, or the header of an exporter that adds lines of its own.
    let upper = head.get(..head.floor_char_boundary(4_096)).unwrap_or(head).to_ascii_uppercase();
    upper.contains("<?OFX ")
        || upper.contains("OFXHEADER:")
        || (upper.contains("<OFX>") && upper.contains("SIGNONMSGS"))
}

fn xml(head: &str) -> Result<Format, ReadError> {
    let upper = head.get(..head.floor_char_boundary(512)).unwrap_or(head).to_ascii_uppercase();
    if upper.contains("<!DOCTYPE HTML") || upper.contains("<HTML") {
        return Err(ReadError::NoText("a web page (the bank's sign-in page, perhaps)"));
    }
    if head.contains("<!DOCTYPE") || head.contains("<!ENTITY") {
        let line = head.find("<!").map_or(1, |at| head[..at].matches('\n').count() as u64 + 1);
        return Err(super::fault(line, "it has a document type, which no statement has and which can be abused"));
    }
    for (tag, message) in [
        ("BkToCstmrStmt", Message::Statement053),
        ("BkToCstmrAcctRpt", Message::Report052),
        ("BkToCstmrDbtCdtNtfctn", Message::Notification054),
    ] {
        if head.contains(tag) {
            return Ok(Format::Camt(message));
        }
    }
    if ["camt.052", "camt.053", "camt.054"].iter().any(|name| head.contains(name)) {
        return Ok(Format::Camt(Message::Statement053));
    }
    Err(ReadError::NoStatement("this XML is neither CAMT.052, 053 or 054 nor OFX".to_owned()))
}

fn is_qif(head: &str) -> bool {
    let told = head.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    let known = ["!type:", "!account", "!option:", "!clear:"];
    told.is_some_and(|line| {
        known.iter().any(|word| line.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word)))
    })
}

fn is_swift(head: &str) -> bool {
    let has =
        |tag: &str| head.lines().any(|line| line.trim_start().starts_with(tag) || line.contains(&format!("{{4:{tag}")));
    let statement = [":25:", ":25P:", ":60F:", ":60M:", ":34F:"].into_iter().any(has);
    statement && [":20:", ":61:", ":28C:", ":28:"].into_iter().any(has)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_tells() {
        let format = |text: &str| recognise(text).map(|format| format.to_string());
        for (text, expected) in [
            ("OFXHEADER:100\nDATA:OFXSGML\n\n<OFX>", "ofx"),
            ("\n\n<OFX>\n<SIGNONMSGSRSV1>", "ofx"),
            ("<?xml version=\"1.0\"?>\n<?OFX OFXHEADER=\"200\"?>\n<OFX>", "ofx"),
            ("<?xml version='1.0'?><Document><BkToCstmrStmt>", "camt.053"),
            ("<?xml version='1.0'?><ns2:Document><ns2:BkToCstmrAcctRpt>", "camt.052"),
            ("<Document><BkToCstmrDbtCdtNtfctn>", "camt.054"),
            ("### made by x ###\n\n!Type:Bank\nD1/1'20", "qif"),
            ("!Account\nNChecking\n^", "qif"),
            ("\n:20:STARTUMSE\n:25:1/2\n:28C:0\n", "mt940"),
            ("{1:F01BANKXXXX}{2:O940}{4:\n:20:1\n:25:2\n", "mt940"),
            (":20:1\n:25:2\n:28C:1\n:34F:EURD0,\n", "mt942"),
            ("Date,Amount\n", "csv"),
        ] {
            assert_eq!(format(text).as_deref(), Ok(expected), "{text}");
        }
        assert!(format("<!DOCTYPE html><html>").unwrap_err().to_string().contains("web page"));
        let bomb = "<?xml version=\"1.0\"?>\n<!DOCTYPE d [<!ENTITY a \"aa\">]><Document><BkToCstmrStmt>";
        assert!(format(bomb).unwrap_err().to_string().starts_with("line 2: it has a document type"));
        assert!(format("<invoice/>").unwrap_err().to_string().contains("neither CAMT"));
    }
}
