use proptest::prelude::*;

use super::{Reader, details, values};
use crate::file::error::ReadError;
use crate::file::formats::testing::{balances, count, lines, money, parts, source};
use crate::file::formats::{Part, Side};

fn read(text: &str) -> Result<Vec<Part>, ReadError> {
    parts(Reader::new(source(text, 4096)))
}

fn entry(text: &str) -> (String, String) {
    let entry = values::entry(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    (entry.day.to_string(), entry.amount.to_string())
}

#[test]
fn movements_of_all_banks_are_read() {
    for (text, day, amount) in [
        ("1105240524D9,N192NONREF", "2011-05-24", "-9"),
        ("100722D25,03NTRFNONREF", "2010-07-22", "-25.03"),
        ("0709040904RCR204,88NRTINONREF", "2007-09-04", "-204.88"),
        ("0709040904RD204,88NRTINONREF", "2007-09-04", "204.88"),
        ("0709040904CR300,NTRFTFNr 40005 MSGID//0724710345313905", "2007-09-04", "300"),
        ("130101D000000000025,00N102EREF            \nNL70ABNA0987654321", "2013-01-01", "-25.00"),
        ("0310201020C20000,00FMSCNONREF//8327000090031789 \nCard transaction ", "2003-10-20", "20000.00"),
        ("991231C1.5NTRF", "1999-12-31", "1.5"),
        ("240229c 10,00NTRFx", "2024-02-29", "10.00"),
        ("240131C0,00NMSC", "2024-01-31", "0.00"),
    ] {
        assert_eq!(entry(text), (day.to_owned(), amount.to_owned()), "{text}");
    }
}

#[test]
fn a_month_of_thirty_days_is_bent_to_the_calendar() {
    assert_eq!(entry("1602300301DR6,00N024NONREF").0, "2016-03-01", "the day of booking");
    assert_eq!(entry("160230DR6,00N024NONREF").0, "2016-02-29", "the last of the month");
    assert!(values::entry("161330D6,00N024").is_err() && values::entry("160200D6,00N024").is_err());
}

#[test]
fn references_are_told_apart() {
    let entry = values::entry("2304190419C200,00NTRF1688652//0001688652").unwrap();
    assert_eq!((entry.reference.as_deref(), entry.code.as_deref()), (Some("1688652"), Some("NTRF")));
    assert_eq!(values::entry("2304190419C200,00NTRFNONREF//55555").unwrap().reference.as_deref(), Some("55555"));
    assert_eq!(values::entry("2304190419C200,00NTRFNONREF").unwrap().reference, None);
}

#[test]
fn details_in_all_their_forms() {
    let numbered = details::read(
        "166?00GUTSCHRIFT?100599?20EREF+INV-7?21SVWZ+Rechnung 4711 vom 24.M?22ai?30COBADEFF?31DE1234?32MUELLER GM\n\
         ?33BH?34000",
    );
    assert_eq!(numbered.description.as_deref(), Some("Rechnung 4711 vom 24.Mai"));
    assert_eq!(numbered.counterparty.as_deref(), Some("MUELLER GMBH"));
    assert_eq!(numbered.reference.as_deref(), Some("INV-7"));
    let plain = details::read("166?00Cash deposit?20Cash deposit?21REF 1?32BANK");
    assert_eq!(plain.description.as_deref(), Some("Cash deposit REF 1"));
    let slashes = details::read("/EREF/R-1/BENM//NAME/JOHN DOE/REMI/Reference 2013/01/ISDT/2013-01-02");
    assert_eq!(
        (slashes.description.as_deref(), slashes.counterparty.as_deref()),
        (Some("Reference 2013/01"), Some("JOHN DOE"))
    );
    assert_eq!(slashes.reference.as_deref(), Some("R-1"));
    assert_eq!(details::read("GIRO  428 KPN\n second").description.as_deref(), Some("GIRO 428 KPN second"));
    assert_eq!(details::read(""), details::Details::default());
}

const TWO: &str = "{1:F01BANKXXXX}{2:O940}{4:\n:20:A\n:25:DE1/2\n:28C:1/1\n:60F:C240101EUR100,00\n:61:2401020102D10,00NTRFx\n\
                   :86:a\n:62M:C240102EUR90,00\n-}\n:20:B\n:25:DE1/2\n:28C:1/2\n:60M:C240102EUR90,00\n\n:61:2401030103C5,00NTRFy\n\
                   :86:b\nmore\n:62F:C240103EUR95,00\n:64:C240103EUR95,00\n:86:of the statement\n-\n";

#[test]
fn pages_and_messages_follow_each_other() {
    let read = read(TWO).unwrap();
    assert_eq!(money(&read), ["2024-01-02 -10.00", "2024-01-03 5.00"]);
    assert_eq!(lines(&read)[1].description.as_deref(), Some("b more"));
    let sides: Vec<_> = balances(&read);
    assert_eq!(sides[0], (Side::Opening, "100.00".to_owned()));
    assert_eq!(sides[3], (Side::Closing, "95.00".to_owned()));
    assert_eq!(count(&read, |part| matches!(part, Part::Begin(_))), 2);
}

#[test]
fn an_interim_report_has_expected_movements() {
    let text = ":20:A\n:25:DE1/2\n:28C:1\n:34F:EURD0,00\n:13D:2401021200+0100\n:61:2401020102C7,00NTRFx\n:86:a\n\
                :61:2401020102EC8,00NTRFy\n:86:b\n:90C:1EUR7,00\n-\n";
    let read = read(text).unwrap();
    assert_eq!((money(&read).len(), count(&read, |part| *part == Part::Pending)), (1, 1));
    let Part::Begin(begin) = &read[0] else { panic!("{read:?}") };
    assert_eq!(begin.currency.unwrap().code(), "EUR");
}

#[test]
fn faults_are_told_with_their_line() {
    let fault = |from: &str, to: &str| read(&TWO.replace(from, to)).unwrap_err().to_string();
    assert!(fault("D10,00", "X10,00").starts_with("line 6: \"X10,00NTRFx\" has neither C nor D"));
    assert!(fault("D10,00", "D").starts_with("line 6: there is no amount"));
    assert!(fault("2401030103", "2413030103").starts_with("line 15: \"241303\" is not a date"));
    assert!(fault("C240101EUR100,00", "240101EUR100,00").starts_with("line 5: \"240101EUR100,00\" is not a balance"));
    let long = fault(":86:a", &format!(":86:a\n{}", "line\n".repeat(50_000)));
    assert!(long.contains("does not end"), "{long}");
    let cut = &TWO[..TWO.find(":62F:").unwrap()];
    assert!(read(cut).unwrap().iter().any(|part| matches!(part, Part::Note(note) if note.text.contains("cut off"))));
}

proptest! {
    #[test]
    fn nothing_panics_and_pieces_change_nothing(text in "(:(20|25|60F|61|86|62F|28C):|[0-9CDREU,]{1,12}|EUR|N[A-Z]{3}|[?/][0-9A-Z]{2}|[ é\n\\-]){0,60}", piece in 1_usize..40) {
        let whole = parts(Reader::new(source(&text, usize::MAX)));
        prop_assert_eq!(parts(Reader::new(source(&text, piece))), whole);
    }

    #[test]
    fn no_field_panics(text in "\\PC{0,40}") {
        drop((values::entry(&text), values::balance(&text), details::read(&text)));
    }

    #[test]
    fn any_movement_is_read_back(cents in 0_i64..1_000_000_000_000, debit in any::<bool>(), day in 1_u32..29) {
        let mark = if debit { 'D' } else { 'C' };
        let text = format!("2402{day:02}02{day:02}{mark}{},{:02}NTRFNONREF", cents / 100, cents % 100);
        let value = rust_decimal::Decimal::new(if debit { -cents } else { cents }, 2);
        prop_assert_eq!(values::entry(&text).unwrap().amount, value);
    }
}
