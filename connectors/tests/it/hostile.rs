//! Files that do not fit, make no sense, or want to eat the memory.

use connectors::file::{ImportError, Limits, ReadError};

use crate::files::{packed, read_text, read_with, written};

const HEAD: &str = "Date;Text;Amount\n";

fn refused(rows: &str) -> Vec<(u64, String)> {
    read_text(format!("{HEAD}2024-01-31;ok;1.00\n{rows}"), None).unwrap().refused
}

fn read_error(bytes: impl AsRef<[u8]>) -> ReadError {
    match read_text(bytes, None) {
        Err(ImportError::Read(error)) => error,
        Err(other) => panic!("another error: {other}"),
        Ok(outcome) => panic!("{} rows were read", outcome.rows.len()),
    }
}

#[test]
fn rows_without_sense_are_refused_with_line_and_reason() {
    for (row, says) in [
        ("2024-02-30;x;1.00", "\"2024-02-30\" is not a date"),
        ("0024-02-03;x;1.00", "is not a date"),
        (";x;1.00", "it has no date"),
        ("2024-02-03;x;", "it has no amount"),
        ("2024-02-03;x;12,3,4", "thousands marks in the wrong places"),
        ("2024-02-03;x;1e400", "is not a number"),
        ("2024-02-03;x;NaN", "is not a number"),
        ("2024-02-03;x;99999999999999999", "too large"),
        ("2024-02-03;x;1.00;2.00", "4 cells, the file has 3 columns"),
        ("2024-02-03;x\0y;1.00", "NUL byte"),
        ("2024-02-03;x;£1.00", "printed with £, but its currency would be EUR"),
        ("Summe", "is not a date"),
    ] {
        let refused = refused(&format!("\n\n{row}\n2024-02-04;ok;2.00\n"));
        assert_eq!(refused.len(), 1, "{row}");
        assert_eq!(refused[0].0, 5, "{row}: the physical line");
        assert!(refused[0].1.contains(says), "{row}: {}", refused[0].1);
    }
}

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    for end in ["\n", "\r\n", "\r"] {
        let text = format!("{HEAD}2024-01-31;\"two\nlines\";1.00\n\n2024-02-30;x;1\n2024-02-01;y;2").replace('\n', end);
        let outcome = read_text(text, None).unwrap();
        assert_eq!(outcome.refused.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [5], "{end:?}");
        assert_eq!(outcome.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 6], "{end:?}");
        assert_eq!(outcome.rows[0].description.as_deref(), Some("two lines"), "the same whatever the line end");
    }
}

#[test]
fn bytes_of_another_encoding_refuse_their_row_alone() {
    let mut text = format!("{HEAD}2024-01-31;ok;1.00\n").into_bytes();
    text.extend(b"2024-02-01;caf\xe9;2.00\n2024-02-02;ok;3.00\n");
    let utf8 = read_text(&text, Some("[file]\nencoding = \"utf-8\"")).unwrap();
    assert_eq!((utf8.rows.len(), utf8.refused[0].0), (2, 3));
    assert!(utf8.refused[0].1.contains("file.encoding"), "{}", utf8.refused[0].1);
    let latin = read_text(&text, Some("[file]\nencoding = \"latin1\"")).unwrap();
    assert_eq!(latin.rows[1].description.as_deref(), Some("café"));
    assert_eq!(read_text(&text, None).unwrap().rows[1].description.as_deref(), Some("café"), "seen from the bytes");
}

#[test]
fn what_is_no_text_is_named() {
    let zip: &[u8] = b"PK\x03\x04\x14\x00\x06\x00workbook";
    assert!(read_error(zip).to_string().contains("Excel workbook (.xlsx)"));
    assert!(read_error(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n").to_string().contains("a PDF"));
    let garbage: Vec<u8> = (0..20_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0]).collect();
    assert!(matches!(read_error(&garbage), ReadError::NoText(_)));
    assert!(matches!(read_error(packed(&garbage)), ReadError::NoText(_)));
    assert_eq!(read_error(b""), ReadError::Empty);
    assert_eq!(read_error(b"\n\n \n"), ReadError::Empty);
}

#[test]
fn gz_is_read_as_it_is_in_all_its_members() {
    let mut bytes = packed(format!("{HEAD}2024-01-31;a;1.00\n2024-02").as_bytes());
    bytes.extend(packed(b"-01;b;2.00\n"));
    assert_eq!(read_text(&bytes, None).unwrap().rows.len(), 2);
    let cut = &bytes[..bytes.len() - 12];
    assert!(matches!(read_error(cut), ReadError::Packed(_)));
}

#[test]
fn a_row_without_end_is_refused_in_bounded_memory() {
    let head = format!("{HEAD}2024-01-31;a;1.00\n");
    let endless = packed(&[head.as_bytes(), &vec![b'x'; 64 << 20]].concat());
    assert!(matches!(read_error(&endless), ReadError::EndlessRecord { line: 3, .. }));
    let quoted = packed(&[head.as_bytes(), b"2024-02-01;\"", &b"text\n".repeat(8 << 20)].concat());
    assert!(matches!(read_error(&quoted), ReadError::EndlessRecord { line: 3, .. }));
    let blank = packed(&[head.as_bytes(), &vec![b'\n'; 64 << 20]].concat());
    assert!(matches!(read_error(&blank), ReadError::EndlessRecord { .. }));
}

#[test]
fn millions_of_columns_are_refused() {
    let wide = format!("{HEAD}2024-01-31;a;1.00\n{}\n", ";".repeat(500_000));
    assert!(matches!(read_error(&wide), ReadError::TooManyColumns { line: 3, .. }));
    assert!(matches!(
        read_error(format!("{HEAD}2024-01-31;a;1.00\n{}\n", ";".repeat(5_000_000))),
        ReadError::EndlessRecord { .. }
    ));
}

#[test]
fn a_small_pack_may_not_become_a_large_text() {
    let rows = "2024-01-31;a;1.00\n".repeat(200_000);
    let file = written(packed(format!("{HEAD}{rows}").as_bytes()));
    let limits = Limits { text_bytes: 1 << 20, ..Limits::default() };
    let error = read_with(file.path(), None, limits).unwrap_err();
    assert!(matches!(error, ImportError::Read(ReadError::TooMuchText { .. })), "{error}");
}

#[test]
fn a_mapping_that_does_not_fit_says_what_is_missing() {
    let text = format!("{HEAD}2024-01-31;a;1.00\n");
    for (mapping, says) in [
        (
            "[date]\ncolumn = \"Datum\"",
            "date.column: the file has no column \"Datum\"; it has \"Date\", \"Text\", \"Amount\"",
        ),
        ("[amount]\ncolumn = 9", "amount: there is no column 9; the file has 3"),
        ("[[rules]]\nwhen = { Typ = \"x\" }\ncategory = \"y\"", "rules[0].when.Typ: the file has no column"),
        ("[file]\ncolumns = [\"Date\", \"Amount\"]", "file.columns: the mapping is for the header row"),
    ] {
        let error = read_text(&text, Some(mapping)).unwrap_err();
        assert!(matches!(error, ImportError::Mapping(_)) && error.to_string().contains(says), "{mapping}: {error}");
    }
}

#[test]
fn what_unpacks_out_of_all_proportion_is_refused() {
    let limits = Limits { unpacked_bytes: 1 << 20, ..Limits::default() };
    let text = " ".repeat(5_000);
    for (head, row) in [
        (format!("{HEAD}2024-01-31;a;1.00\n"), format!("2024-01-31;a{text};1.00\n")),
        (":20:A\n:25:1\n:60F:C240101EUR0,\n".to_owned(), format!(":61:2401010101C5,00NMSCx\n:86:{text}\n")),
    ] {
        let bomb = written(packed(format!("{head}{}", row.repeat(6_000)).as_bytes()));
        let error = read_with(bomb.path(), None, limits).unwrap_err();
        assert!(matches!(error, ImportError::Read(ReadError::TooMuchText { .. })), "{error}");
    }
}

#[test]
fn hostile_statements_are_refused_in_bounded_memory() {
    let bomb =
        "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"bb\"><!ENTITY c \"&b;&b;\">]><Document><BkToCstmrStmt>&c;";
    assert!(read_error(bomb).to_string().contains("document type"));
    let endless = |head: &str, piece: &str| {
        packed(&[head.as_bytes(), &piece.as_bytes().repeat((64 << 20) / piece.len())].concat())
    };
    for (text, says) in [
        (endless("<OFX><", "x"), "a tag does not end"),
        (endless("<OFX><SIGNONMSGSRSV1><STMTRS><BANKTRANLIST><STMTTRN><MEMO>", "x"), "64 KiB"),
        (endless("<OFX><SIGNONMSGSRSV1>", "<STATUS>"), "too deep"),
        (endless("<Document><BkToCstmrStmt>", "<a>"), "deep within"),
        (endless("<Document><BkToCstmrStmt><", "x"), "does not end"),
        (endless("<Document><BkToCstmrStmt><Stmt>", "x"), "does not end"),
        (endless("!Type:Bank\nD1/13'20\nP", "x"), "does not end"),
        (endless("!Type:Bank\nD1/13'20\n", "Px\n"), "does not end"),
        (endless(":20:A\n:25:1\n:86:", "x"), "does not end"),
        (endless(":20:A\n:25:1\n:61:", "x\n"), "does not end"),
    ] {
        let error = match read_text(&text, None) {
            Err(error) => error.to_string(),
            Ok(outcome) => panic!("{says}: {} rows", outcome.rows.len()),
        };
        assert!(error.contains(says), "{says}: {error}");
    }
}
