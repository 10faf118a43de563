//! Numbers as a file prints them, read exactly.

use rust_decimal::Decimal;

use super::mapping::{DecimalMark, Thousands};

/// Digits before and after the decimal mark. More is no amount of a business, and within them the sum of thousands of
/// the largest still fits the 28 digits of a [`Decimal`], so that totals stay exact.
const MOST_WHOLE: usize = 15;
const MOST_DECIMALS: u32 = 10;

/// How numbers are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbers {
    pub decimal: DecimalMark,
    pub thousands: Thousands,
}

/// A number and the currency sign beside it, if any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number {
    pub value: Decimal,
    pub sign: Option<char>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    #[error("is empty")]
    Empty,
    #[error("is not a number")]
    NotANumber,
    #[error("has its thousands marks in the wrong places")]
    Grouping,
    #[error("is too large to be an amount")]
    TooLarge,
    #[error("has more than {MOST_DECIMALS} decimals")]
    TooManyDecimals,
}

impl Numbers {
    pub fn read(self, text: &str) -> Result<Number, NumberError> {
        if let Some(value) = self.plain(text) {
            return Ok(Number { value, sign: None });
        }
        self.dressed(text)
    }

    /// The common case: `-1234.56`, in one pass.
    fn plain(self, text: &str) -> Option<Decimal> {
        let decimal = self.decimal.as_char() as u8;
        let (negative, digits) = match text.as_bytes() {
            [b'-', rest @ ..] => (true, rest),
            all => (false, all),
        };
        if digits.is_empty() || digits.len() > 16 {
            return None;
        }
        let (mut mantissa, mut point) = (0_i64, None);
        for (place, &byte) in digits.iter().enumerate() {
            match byte {
                b'0'..=b'9' => mantissa = mantissa * 10 + i64::from(byte - b'0'),
                _ if byte == decimal && point.is_none() && place > 0 => point = Some(place),
                _ => return None,
            }
        }
        let scale = point.map_or(0, |place| digits.len() - place - 1);
        if scale > MOST_DECIMALS as usize || digits.len() - scale > MOST_WHOLE {
            return None;
        }
        Some(Decimal::new(if negative { -mantissa } else { mantissa }, u32::try_from(scale).ok()?))
    }

    /// With signs, parentheses, currency signs and thousands marks.
    fn dressed(self, text: &str) -> Result<Number, NumberError> {
        let (body, negative, sign) = undress(text)?;
        let decimal = self.decimal.as_char();
        let (whole, fraction) = body.split_once(decimal).unwrap_or((body, ""));
        if whole.is_empty() && fraction.is_empty() {
            return Err(NumberError::NotANumber);
        }
        let whole = self.ungroup(whole)?;
        if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(if self.is_grouped(fraction) { NumberError::Grouping } else { NumberError::NotANumber });
        }
        // Zeros that a computer's float left behind say nothing.
        let long = fraction.len() > MOST_DECIMALS as usize;
        let fraction = if long { fraction.trim_end_matches('0') } else { fraction };
        if whole.trim_start_matches('0').len() > MOST_WHOLE {
            return Err(NumberError::TooLarge);
        }
        if fraction.len() > MOST_DECIMALS as usize {
            return Err(NumberError::TooManyDecimals);
        }
        let digits = format!("{whole}{fraction}");
        let mantissa: i128 = digits.parse().map_err(|_| NumberError::NotANumber)?;
        let scale = u32::try_from(fraction.len()).map_err(|_| NumberError::TooManyDecimals)?;
        let value = Decimal::from_i128_with_scale(if negative { -mantissa } else { mantissa }, scale);
        Ok(Number { value, sign })
    }

    fn is_grouped(self, text: &str) -> bool {
        text.chars().all(|c| c.is_ascii_digit() || self.thousands.is(c) || c == self.decimal.as_char())
    }

    /// Takes the thousands marks out: groups of three, or the lakh and crore of India (1,23,45,678).
    fn ungroup(self, whole: &str) -> Result<String, NumberError> {
        if whole.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(whole.to_owned());
        }
        if !self.is_grouped(whole) {
            return Err(NumberError::NotANumber);
        }
        let groups: Vec<&str> = whole.split(|c| self.thousands.is(c)).collect();
        let (Some((first, rest)), Some(last)) = (groups.split_first(), groups.last()) else {
            return Err(NumberError::NotANumber);
        };
        let middle = &rest[..rest.len().saturating_sub(1)];
        let western = (1..=3).contains(&first.len()) && middle.iter().all(|group| group.len() == 3);
        let indian = (1..=2).contains(&first.len()) && middle.iter().all(|group| group.len() == 2);
        if last.len() == 3 && (western || indian) { Ok(groups.concat()) } else { Err(NumberError::Grouping) }
    }
}

/// The digits and marks, whether it is negative, and its currency sign.
fn undress(text: &str) -> Result<(&str, bool, Option<char>), NumberError> {
    let mut body = text.trim();
    if body.is_empty() {
        return Err(NumberError::Empty);
    }
    let (mut minus, mut parentheses, mut sign) = (0, false, None);
    while let Some(c) = body.chars().next().filter(|c| !c.is_ascii_digit() && !matches!(c, '.' | ',')) {
        match c {
            '-' | '\u{2212}' => minus += 1,
            '+' => {}
            '(' if !parentheses && body.contains(')') => parentheses = true,
            c if is_currency_sign(c) && sign.is_none() => sign = Some(c),
            c if c.is_whitespace() => {}
            _ => return Err(NumberError::NotANumber),
        }
        body = &body[c.len_utf8()..];
    }
    let mut closed = false;
    while let Some(c) = body.chars().next_back().filter(|c| !c.is_ascii_digit() && !matches!(c, '.' | ',')) {
        match c {
            '-' | '\u{2212}' => minus += 1,
            ')' if parentheses && !closed => closed = true,
            c if is_currency_sign(c) && sign.is_none() => sign = Some(c),
            c if c.is_whitespace() => {}
            _ => return Err(NumberError::NotANumber),
        }
        body = &body[..body.len() - c.len_utf8()];
    }
    if minus > 1 || (minus == 1 && parentheses) || parentheses != closed {
        return Err(NumberError::NotANumber);
    }
    Ok((body, minus == 1 || parentheses, sign))
}

pub(crate) fn is_currency_sign(c: char) -> bool {
    matches!(c, '$' | '€' | '£' | '¥' | '￥' | '₹' | '₩' | '₽' | '₺' | '₴' | '₫' | '₱' | '₦' | '₪' | '฿')
}

/// Whether a currency sign can stand beside amounts of a currency. `$` is many currencies' sign.
pub fn sign_fits(sign: char, code: &str) -> bool {
    match sign {
        '$' => code.ends_with('D') || matches!(code, "MXN" | "ARS" | "CLP" | "COP" | "UYU" | "BRL" | "CUP" | "DOP"),
        '€' => code == "EUR",
        '£' => matches!(code, "GBP" | "EGP" | "LBP" | "SYP" | "GIP" | "FKP" | "SHP" | "SDG" | "SSP"),
        '¥' | '￥' => matches!(code, "JPY" | "CNY"),
        '₹' => code == "INR",
        '₩' => matches!(code, "KRW" | "KPW"),
        '₽' => code == "RUB",
        '₺' => code == "TRY",
        '₴' => code == "UAH",
        '₫' => code == "VND",
        '₱' => code == "PHP",
        '₦' => code == "NGN",
        '₪' => code == "ILS",
        '฿' => code == "THB",
        _ => true,
    }
}

/// The exact product, within the same limits as a printed number.
pub fn multiply(quantity: Decimal, price: Decimal) -> Result<Decimal, NumberError> {
    let product = quantity.mantissa().checked_mul(price.mantissa()).ok_or(NumberError::TooLarge)?;
    let (mut product, mut scale) = (product, quantity.scale() + price.scale());
    while scale > MOST_DECIMALS && product % 10 == 0 {
        product /= 10;
        scale -= 1;
    }
    if scale > MOST_DECIMALS {
        return Err(NumberError::TooManyDecimals);
    }
    let most = 10_i128.pow(u32::try_from(MOST_WHOLE).unwrap_or_default() + scale);
    if product.abs() >= most {
        return Err(NumberError::TooLarge);
    }
    Ok(Decimal::from_i128_with_scale(product, scale))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(decimal: DecimalMark, thousands: Thousands, text: &str) -> Result<String, NumberError> {
        Numbers { decimal, thousands }.read(text).map(|number| number.value.to_string())
    }

    fn english(text: &str) -> Result<String, NumberError> {
        read(DecimalMark::Point, Thousands::Comma, text)
    }

    #[test]
    fn numbers_are_read_as_people_print_them() {
        for (text, value) in [
            ("-15.30", "-15.30"),
            ("1,234.56", "1234.56"),
            ("1,23,456.00", "123456.00"),
            ("($1,500.00)", "-1500.00"),
            ("-$57.27", "-57.27"),
            ("$-57.27", "-57.27"),
            ("57.27-", "-57.27"),
            ("\u{2212}57.27 €", "-57.27"),
            ("+.5", "0.5"),
            ("0.001", "0.001"),
            ("-0.0", "0.0"),
            ("999999999999999.99", "999999999999999.99"),
            ("1.2500000000000000000", "1.25"),
        ] {
            assert_eq!(english(text).as_deref(), Ok(value), "{text}");
        }
        let german = |text| read(DecimalMark::Comma, Thousands::Point, text);
        assert_eq!(german("-19.100,00").as_deref(), Ok("-19100.00"));
        let swiss = |text| read(DecimalMark::Point, Thousands::Apostrophe, text);
        assert_eq!(swiss("11'373.94").as_deref(), Ok("11373.94"));
        let czech = |text| read(DecimalMark::Comma, Thousands::Space, text);
        assert_eq!(czech("1\u{a0}234,5").as_deref(), Ok("1234.5"));
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_its_reason() {
        use NumberError::{Empty, Grouping, NotANumber, TooLarge, TooManyDecimals};
        for (text, error) in [
            ("12,3,4", Grouping),
            ("1,2345", Grouping),
            ("1.234,56", Grouping),
            ("1e400", NotANumber),
            ("1e3", NotANumber),
            ("NaN", NotANumber),
            ("inf", NotANumber),
            ("--5", NotANumber),
            ("(-5)", NotANumber),
            ("(5", NotANumber),
            ("1.2.3", Grouping),
            ("5 000", NotANumber),
            (".", NotANumber),
            ("$", NotANumber),
            ("-", NotANumber),
            ("  ", Empty),
            ("1000000000000000", TooLarge),
            ("0.12345678901", TooManyDecimals),
            ("٣", NotANumber),
        ] {
            assert_eq!(english(text), Err(error), "{text}");
        }
        assert_eq!(read(DecimalMark::Point, Thousands::None, "1,000.00"), Err(NotANumber));
    }

    #[test]
    fn products_are_exact_or_refused() {
        let number = |text: &str| text.parse::<Decimal>().unwrap();
        assert_eq!(multiply(number("-10"), number("0.00")).unwrap().to_string(), "0.00");
        assert_eq!(multiply(number("3"), number("0.125")).unwrap().to_string(), "0.375");
        assert_eq!(multiply(number("999999999999999"), number("999999999999999")), Err(NumberError::TooLarge));
        assert_eq!(multiply(number("0.00000001"), number("0.001")), Err(NumberError::TooManyDecimals));
    }

    proptest! {
        #[test]
        fn any_decimal_is_read_back(mantissa in -999_999_999_999_999_i64..1_000_000_000_000_000, scale in 0_u32..=10) {
            let value = Decimal::new(mantissa, scale);
            prop_assert_eq!(english(&value.to_string()), Ok(value.to_string()));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,24}") {
            drop(english(&text));
        }
    }
}
