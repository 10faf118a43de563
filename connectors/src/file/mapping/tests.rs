use proptest::prelude::*;

use super::*;

const WHOLE: &str = r##"
name = "Bank"
skip = [{ Text = "Summe" }]

[file]
delimiter = ";"
encoding = "windows-1252"

[date]
column = "Datum"
format = "%d.%m.%Y"

[amount]
column = 4
decimal = ","
thousands = "."

[currency]
always = "EUR"

[columns]
description = ["Text", "Zweck"]
reference = "Beleg"

[[rules]]
when = { Text = ["Miete*", "Pacht"], "#5" = "" }
sign = "out"
category = "rent"

[otherwise]
in = { category = "sales", kind = "revenue" }
"##;

#[test]
fn toml_and_json_say_the_same() {
    let mapping = Mapping::parse(WHOLE).unwrap();
    assert_eq!(mapping.amount.style().unwrap(), Some(AmountStyle::Signed { column: Column::Number(4), invert: false }));
    assert_eq!(Mapping::parse(&mapping.to_toml()).unwrap(), mapping);
    assert_eq!(Mapping::parse(&serde_json::to_string(&mapping).unwrap()).unwrap(), mapping);
}

#[test]
fn every_error_names_its_key_and_what_to_do() {
    for (text, key, says) in [
        ("[file]\ndelimeter = \";\"", "file.delimeter", "expected one of `delimiter`"),
        ("[file]\ndelimiter = \";;\"", "file.delimiter", "one character"),
        ("[file]\nencoding = \"ebcdic\"", "file.encoding", "windows-1252"),
        ("[date]\nformat = \"%d.%m.%y\"", "date.pivot", "1970"),
        ("[date]\nzone = \"Prague\"", "date.zone", "business"),
        ("[amount]\ndebit = \"Soll\"", "amount", "exactly one of"),
        ("[amount]\ncolumn = \"a\"\nquantity = \"b\"\nprice = \"c\"", "amount", "exactly one of"),
        ("[amount]\ncolumn = \"a\"\ndirection = \"b\"", "amount.in", "money in"),
        ("[amount]\ndecimal = \";\"", "amount.decimal", "expected"),
        ("[amount]\ncolumn = 0", "amount.column", "counted from 1"),
        ("[amount]\ncolumn = \"a\"\ndecimal = \",\"\nthousands = \",\"", "amount.thousands", "decimal mark"),
        ("[currency]\nalways = \"EURO\"", "currency.always", "three letters"),
        ("[currency]", "currency", "either"),
        ("[[rules]]\ncategory = \"Bank Fee\"", "rules[0].category", "lower-case"),
        ("[[rules]]\ncategory = \"fee\"", "rules[0].when", "otherwise"),
        ("[[rules]]\nwhen = { a = [] }\ncategory = \"fee\"", "rules[0].when.a", "at least one"),
        ("[[rules]]\nwhen = { a = \"b\" }\ncategory = \"fee\"\nkind = \"income\"", "rules[0].kind", "revenue"),
        ("rules = 3", "rules", "sequence"),
        ("[date\n", "the file", "not valid TOML"),
        ("{\"date\": {\"colum\": 3}}", "date.colum", "expected one of"),
        ("{", "the text", "not valid JSON"),
    ] {
        let error = Mapping::parse(text).unwrap_err();
        assert_eq!(error.key, key, "{text}: {error}");
        assert!(error.problem.contains(says), "{text}: {error}");
    }
}

fn column() -> impl Strategy<Value = Column> {
    prop_oneof!["[A-Za-zäß.][A-Za-z0-9 .#\"']{0,11}".prop_map(Column::Name), (1_usize..50).prop_map(Column::Number)]
}

fn style() -> impl Strategy<Value = AmountStyle> {
    let words = || prop::collection::vec("[a-z]{1,6}", 1..3);
    prop_oneof![
        (column(), any::<bool>()).prop_map(|(column, invert)| AmountStyle::Signed { column, invert }),
        (column(), column()).prop_map(|(debit, credit)| AmountStyle::DebitCredit { debit, credit }),
        (column(), column()).prop_map(|(quantity, price)| AmountStyle::QuantityPrice { quantity, price }),
        (column(), column(), words(), words()).prop_map(|(column, direction, inflow, outflow)| {
            let outflow = outflow.into_iter().map(|word| format!("-{word}")).collect();
            AmountStyle::Directed { column, direction, inflow, outflow }
        }),
    ]
}

fn rule() -> impl Strategy<Value = Rule> {
    let patterns = prop::collection::vec("[^\\x00-\\x1f]{0,8}", 1..3).prop_map(Patterns);
    let when = prop::collection::btree_map(column(), patterns, 1..3);
    let kind = prop::option::of(prop::sample::select(&Kind::ALL[..]));
    (when, prop::option::of(prop_oneof![Just(Sign::In), Just(Sign::Out)]), "[a-z_]{1,9}", kind)
        .prop_map(|(when, sign, category, kind)| Rule { when, sign, category: category.parse().unwrap(), kind })
}

proptest! {
    #[test]
    fn a_mapping_survives_both_texts(
        style in style(),
        date in prop::option::of(column()),
        description in prop::collection::vec(column(), 0..3),
        id in prop::option::of(column()),
        rules in prop::collection::vec(rule(), 0..4),
        header in prop::option::of(prop::collection::vec("[A-Za-z ;,\"]{0,8}", 1..4)),
        preamble in prop::option::of(0_u32..9),
    ) {
        let mut mapping = Mapping { rules, ..Mapping::default() };
        mapping.amount.set_style(style.clone());
        mapping.date.column = date;
        mapping.columns = Some(Texts { id, description: Columns(description), ..Texts::default() });
        mapping.file = FileSection { columns: header, preamble, ..FileSection::default() };
        prop_assert_eq!(Mapping::parse(&mapping.to_toml()).unwrap(), mapping.clone());
        prop_assert_eq!(Mapping::parse(&serde_json::to_string(&mapping).unwrap()).unwrap(), mapping.clone());
        prop_assert_eq!(mapping.amount.style().unwrap(), Some(style));
    }
}
