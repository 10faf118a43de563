//! Amounts as machines print them: digits, one mark, a sign.

use rust_decimal::Decimal;

use crate::file::mapping::{DecimalMark, Thousands};
use crate::file::number::Numbers;
use crate::file::plan::shown;

/// What a single mark before exactly three digits is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Single {
    /// The standard knows no thousands marks.
    Decimal,
    /// Exports are known that have them: a comma there is refused.
    Unclear,
}

/// Reads `-1234.56`, `+001234,5`, `107,` and, where both marks stand, `1,234.56` and `1.234,56`.
pub fn read(text: &str, single: Single) -> Result<Decimal, String> {
    let text = text.trim();
    let body = text.strip_prefix(['-', '+']).unwrap_or(text);
    let digits = body.bytes().filter(u8::is_ascii_digit).count();
    if digits == 0 || !body.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b',')) {
        return Err(if text.is_empty() { "there is no amount".to_owned() } else { wrong(text, "is not a number") });
    }
    let (decimal, thousands) = match (body.rfind('.'), body.rfind(',')) {
        (Some(point), Some(comma)) if point > comma => (DecimalMark::Point, Thousands::Comma),
        (Some(_), Some(_)) => (DecimalMark::Comma, Thousands::Point),
        (None, Some(comma)) if single == Single::Unclear && is_group(body, comma) => {
            return Err(wrong(text, "can be thousands or decimals"));
        }
        (None, Some(_)) => (DecimalMark::Comma, Thousands::None),
        _ => (DecimalMark::Point, Thousands::None),
    };
    let body = body.trim_end_matches(['.', ',']);
    let number = Numbers { decimal, thousands }.read(body).map_err(|error| wrong(text, &error.to_string()))?;
    Ok(if text.starts_with('-') && !number.value.is_zero() { -number.value } else { number.value })
}

fn is_group(body: &str, comma: usize) -> bool {
    body.len() - comma == 4 && (1..=3).contains(&comma) && !body.starts_with('0')
}

fn wrong(text: &str, what: &str) -> String {
    format!("the amount {} {what}", shown(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_read_and_nothing_else_is() {
        let value = |text: &str| read(text, Single::Decimal).map(|value| value.to_string());
        for (text, expected) in [
            ("-16.85", "-16.85"),
            ("+00000000000115.8331", "115.8331"),
            ("-00000000001500.0000", "-1500.0000"),
            ("000000001000,00", "1000.00"),
            ("107,", "107"),
            ("11,8", "11.8"),
            ("1,234", "1.234"),
            ("1,234.56", "1234.56"),
            ("-1.234,56", "-1234.56"),
            ("-0.00", "0.00"),
        ] {
            assert_eq!(value(text).as_deref(), Ok(expected), "{text}");
        }
        for text in ["$120", "(5.00)", "1e3", "", "-", "--5", "5-", "1 000", ",", "12.3.4", "NaN"] {
            assert!(value(text).is_err(), "{text}");
        }
        assert!(read("1,234", Single::Unclear).unwrap_err().contains("thousands or decimals"));
        assert!(read("0,234", Single::Unclear).is_ok());
    }
}
