//! How the numbers of a file are printed.

use domain::Currency;

use super::names::in_brackets;
use super::{Origin, Question};
use crate::file::header::Header;
use crate::file::mapping::{DecimalMark, Thousands};
use crate::file::number::{Numbers, is_currency_sign, sign_fits};

/// What the numbers seen so far show.
#[derive(Debug, Default)]
pub struct Marks {
    point: Option<String>,
    comma: Option<String>,
    thousands: Option<Thousands>,
    /// `1,234`: a thousand or one and a bit.
    either: Option<(char, String)>,
    negative: bool,
    /// A currency sign beside the amounts; a second kind of sign leaves the question open.
    sign: Option<char>,
    signs_differ: bool,
    without_sign: bool,
    /// `1,23,456`
    lakh: bool,
}

/// The currency whose sign it mostly is, and whether it is no other's.
fn usual_of(sign: char) -> Option<(&'static str, bool)> {
    Some(match sign {
        '$' => ("USD", false),
        '£' => ("GBP", false),
        '¥' | '￥' => ("JPY", false),
        '€' => ("EUR", true),
        '₹' => ("INR", true),
        '₩' => ("KRW", true),
        '₽' => ("RUB", true),
        '₺' => ("TRY", true),
        '₴' => ("UAH", true),
        '₫' => ("VND", true),
        '₱' => ("PHP", true),
        '₦' => ("NGN", true),
        '₪' => ("ILS", true),
        '฿' => ("THB", true),
        _ => return None,
    })
}

impl Marks {
    pub fn see(&mut self, text: &str) {
        self.negative |= text.contains(['-', '\u{2212}', '(']);
        match text.chars().find(|c| is_currency_sign(*c)) {
            Some(sign) => self.signs_differ |= *self.sign.get_or_insert(sign) != sign,
            None => self.without_sign |= text.contains(|c: char| c.is_ascii_digit()),
        }
        let core = text.trim_matches(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ','));
        if !core.chars().any(|c| c.is_ascii_digit()) {
            return;
        }
        self.groups(core);
        match (core.rfind('.'), core.rfind(',')) {
            (Some(point), Some(comma)) if point > comma => {
                self.decimal('.', core);
                self.thousands.get_or_insert(Thousands::Comma);
            }
            (Some(_), Some(_)) => {
                self.decimal(',', core);
                self.thousands.get_or_insert(Thousands::Point);
            }
            (Some(at), None) => self.single('.', at, core),
            (None, Some(at)) => self.single(',', at, core),
            (None, None) => {}
        }
    }

    /// A balance is mostly larger than the amounts: it shows how thousands are grouped, and nothing else.
    pub fn see_balance(&mut self, text: &str) {
        self.groups(text.trim_matches(|c: char| !c.is_ascii_digit()));
    }

    fn groups(&mut self, core: &str) {
        for (thousands, mark) in [(Thousands::Apostrophe, "'’"), (Thousands::Space, " \u{a0}\u{2009}\u{202f}")] {
            if core.contains(|c| mark.contains(c)) {
                self.thousands.get_or_insert(thousands);
            }
        }
        self.lakh |= is_lakh(core);
    }

    /// Only one kind of mark in the number, the last of them at `at`.
    fn single(&mut self, mark: char, at: usize, core: &str) {
        if core.matches(mark).count() > 1 {
            self.thousands.get_or_insert(if mark == '.' { Thousands::Point } else { Thousands::Comma });
        } else if core.len() - at - 1 != 3 || at > 3 || matches!(&core[..at], "" | "0") {
            self.decimal(mark, core);
        } else if self.either.is_none() {
            self.either = Some((mark, core.to_owned()));
        }
    }

    fn decimal(&mut self, mark: char, example: &str) {
        let seen = if mark == '.' { &mut self.point } else { &mut self.comma };
        seen.get_or_insert_with(|| example.to_owned());
    }

    /// What the amounts and the names of the columns say of the currency: the business's own wherever it fits.
    pub fn currency(&self, header: &Header, base: Currency) -> Option<(Currency, Origin, bool, String)> {
        let parsed = |code: &str| code.parse::<Currency>().ok();
        let mut stated = header.names().iter().filter_map(|name| in_brackets(name));
        if let Some((_, currency)) = stated.next()
            && stated.all(|(_, other)| other == currency)
        {
            return Some((currency, Origin::Detected, true, "the header row says so".to_owned()));
        }
        if let Some(sign) = self.sign.filter(|_| !self.signs_differ && !self.without_sign) {
            if sign_fits(sign, base.code()) {
                return Some((base, Origin::Detected, true, format!("the amounts are printed with {sign}")));
            }
            let (code, sure) = usual_of(sign)?;
            let others = if sure { "" } else { "; others have that sign too" };
            return Some((
                parsed(code)?,
                Origin::Detected,
                sure,
                format!("the amounts are printed with {sign}{others}"),
            ));
        }
        let indian = ["INR", "PKR", "BDT", "NPR", "LKR"];
        let cheques = |name: &String| name.to_lowercase().starts_with("chq");
        let withdrawals = |name: &String| name.to_lowercase().starts_with("withdrawal amt");
        let is_indian = header.names().iter().any(cheques) && header.names().iter().any(withdrawals);
        if (self.lakh || is_indian) && !indian.contains(&base.code()) {
            let what = if self.lakh { "the thousands are grouped (1,23,456)" } else { "the columns are named" };
            let why = format!("{what} as banks of India do; the file names none");
            return Some((parsed("INR")?, Origin::Detected, false, why));
        }
        let japanese = ["日付", "取引日", "残高", "お支払", "出金", "入金"];
        let is_japanese = header.names().iter().any(|name| japanese.iter().any(|word| name.contains(word)));
        if is_japanese && base.code() != "JPY" {
            return Some((
                parsed("JPY")?,
                Origin::Detected,
                false,
                "the header row is Japanese; the file names none".to_owned(),
            ));
        }
        None
    }

    pub fn has_negative(&self) -> bool {
        self.negative
    }

    pub fn wants_more(&self) -> bool {
        self.point.is_none() && self.comma.is_none() && self.settle("amount").is_err()
    }

    /// The marks, and why.
    pub fn settle(&self, column: &str) -> Result<(Numbers, String), Question> {
        let question = |problem: String| Question {
            key: "amount.decimal".to_owned(),
            problem,
            options: vec![".".to_owned(), ",".to_owned()],
        };
        let (decimal, why) = match (&self.point, &self.comma, self.thousands, &self.either) {
            (Some(point), Some(comma), ..) => {
                return Err(question(format!("\"{column}\" has both \"{point}\" and \"{comma}\"")));
            }
            (Some(example), None, ..) => (DecimalMark::Point, format!("{example} has a decimal point")),
            (None, Some(example), ..) => (DecimalMark::Comma, format!("{example} has a decimal comma")),
            (None, None, Some(Thousands::Point), _) => (DecimalMark::Comma, "thousands have points".to_owned()),
            (None, None, Some(Thousands::Comma), _) => (DecimalMark::Point, "thousands have commas".to_owned()),
            (None, None, _, Some((_, example))) => {
                return Err(question(format!("\"{example}\" in \"{column}\" can be thousands or decimals")));
            }
            (None, None, _, None) => (DecimalMark::Point, "the amounts have no decimals".to_owned()),
        };
        let usual = match decimal {
            DecimalMark::Point => Thousands::Comma,
            DecimalMark::Comma => Thousands::Point,
        };
        let seen = self.thousands.filter(|thousands| !thousands.is(decimal.as_char()));
        Ok((Numbers { decimal, thousands: seen.unwrap_or(usual) }, why))
    }
}

fn is_lakh(core: &str) -> bool {
    let whole = core.split('.').next().unwrap_or(core);
    let groups: Vec<&str> = whole.split(',').collect();
    let [first, middle @ .., last] = groups.as_slice() else { return false };
    (1..=2).contains(&first.len())
        && !middle.is_empty()
        && middle.iter().all(|group| group.len() == 2)
        && last.len() == 3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settle(texts: &[&str]) -> Option<(DecimalMark, Thousands)> {
        let mut marks = Marks::default();
        texts.iter().for_each(|text| marks.see(text));
        marks.settle("amount").ok().map(|(numbers, _)| (numbers.decimal, numbers.thousands))
    }

    #[test]
    fn one_number_decides_for_all() {
        let english = Some((DecimalMark::Point, Thousands::Comma));
        let german = Some((DecimalMark::Comma, Thousands::Point));
        assert_eq!(settle(&["1,234", "12.50"]), english);
        assert_eq!(settle(&["($1,500.00)"]), english);
        assert_eq!(settle(&["1,23,456"]), english);
        assert_eq!(settle(&["-19.100,00"]), german);
        assert_eq!(settle(&["1.234.567"]), german);
        assert_eq!(settle(&["0,125"]), german);
        assert_eq!(settle(&["11'373.94"]), Some((DecimalMark::Point, Thousands::Apostrophe)));
        assert_eq!(settle(&["8000"]), english);
    }

    #[test]
    fn what_can_be_two_numbers_is_asked() {
        assert_eq!(settle(&["1,234", "2.500"]), None);
        assert_eq!(settle(&["1,234"]), None);
        assert_eq!(settle(&["1.5", "1,5"]), None);
    }
}
