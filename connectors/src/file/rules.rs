//! Rules made ready for a file: columns are places, patterns are matched without allocating.

use domain::{Category, Kind};
use rust_decimal::Decimal;

use super::header::Header;
use super::mapping::{Condition, Mapping, MappingError, Otherwise, Outcome, Sign};

/// Everything that gives a row its category and kind.
#[derive(Debug, Clone)]
pub struct Rules {
    rules: Vec<(Matcher, Option<Sign>, Outcome)>,
    inflow: Outcome,
    outflow: Outcome,
}

/// What the file itself says about a row.
#[derive(Debug, Default)]
pub struct Own {
    pub category: Option<Category>,
    pub kind: Option<Kind>,
}

/// All of its cells must match.
#[derive(Debug, Clone)]
pub struct Matcher(Vec<(usize, Vec<Glob>)>);

/// A text in which `*` stands for any run of characters.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Glob {
    Exact(String),
    Prefix(String),
    Parts(Vec<String>),
}

impl Rules {
    pub fn new(mapping: &Mapping, header: &Header) -> Result<Self, MappingError> {
        let rules = mapping.rules.iter().enumerate().map(|(place, rule)| {
            let matcher = Matcher::new(&rule.when, header, &format!("rules[{place}].when"))?;
            Ok((matcher, rule.sign, Outcome { category: rule.category.clone(), kind: rule.kind }))
        });
        let Otherwise { inflow, outflow } = mapping.otherwise.clone();
        Ok(Self {
            rules: rules.collect::<Result<_, _>>()?,
            inflow: inflow.map_or_else(|| default_outcome("income"), Ok)?,
            outflow: outflow.map_or_else(|| default_outcome("expense"), Ok)?,
        })
    }

    /// The first rule that matches, else the file's own category, else what is said for the sign.
    pub fn decide<'a>(
        &self,
        cell: impl Fn(usize) -> &'a str,
        amount: Decimal,
        own: impl FnOnce() -> Own,
    ) -> (Category, Kind) {
        let out = amount < Decimal::ZERO;
        let by_sign = if out { Kind::Expense } else { Kind::Revenue };
        let matching = self
            .rules
            .iter()
            .find(|(matcher, sign, _)| sign.is_none_or(|sign| out == (sign == Sign::Out)) && matcher.matches(&cell));
        let otherwise = if out { &self.outflow } else { &self.inflow };
        match matching {
            Some((_, _, outcome)) => (outcome.category.clone(), outcome.kind.unwrap_or(by_sign)),
            None => {
                let own = own();
                let category = own.category.unwrap_or_else(|| otherwise.category.clone());
                (category, own.kind.or(otherwise.kind).unwrap_or(by_sign))
            }
        }
    }
}

fn default_outcome(category: &str) -> Result<Outcome, MappingError> {
    let category = category.parse().map_err(|error| MappingError::new("otherwise", format!("{error}")))?;
    Ok(Outcome { category, kind: None })
}

impl Matcher {
    pub fn new(condition: &Condition, header: &Header, key: &str) -> Result<Self, MappingError> {
        let cells = condition.iter().map(|(column, patterns)| {
            let place = header.place(column, &format!("{key}.{column}"))?;
            Ok((place, patterns.0.iter().map(|pattern| Glob::new(pattern)).collect()))
        });
        cells.collect::<Result<_, _>>().map(Self)
    }

    pub fn matches<'a>(&self, cell: impl Fn(usize) -> &'a str) -> bool {
        self.0.iter().all(|(place, globs)| {
            let text = cell(*place);
            globs.iter().any(|glob| glob.matches(text))
        })
    }
}

impl Glob {
    fn new(pattern: &str) -> Self {
        match pattern.split_once('*') {
            None => Self::Exact(pattern.trim().to_owned()),
            Some((prefix, "")) => Self::Prefix(prefix.to_owned()),
            Some(_) => Self::Parts(pattern.split('*').map(str::to_owned).collect()),
        }
    }

    fn matches(&self, text: &str) -> bool {
        match self {
            Self::Exact(exact) => text == exact,
            Self::Prefix(prefix) => text.starts_with(prefix.as_str()),
            Self::Parts(parts) => matches_parts(parts, text),
        }
    }
}

/// First and last part are anchored, those between are found one after the other, leftmost first.
fn matches_parts(parts: &[String], text: &str) -> bool {
    let [first, middle @ .., last] = parts else { return false };
    let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
    for part in middle {
        match rest.find(part.as_str()) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_run() {
        let matches = |pattern: &str, text: &str| Glob::new(pattern).matches(text);
        assert!(matches("POST", "POST") && !matches("POST", "POSTAGE") && !matches("POST", "post"));
        assert!(matches("C*", "C536379") && matches("C*", "C") && !matches("C*", "536379C"));
        assert!(matches("*fee*", "AMAZON fee 3") && !matches("*fee*", "AMAZON"));
        assert!(matches("a*b*c", "a-b-c") && !matches("a*b*c", "a-c-b") && !matches("a*b*b", "ab"));
        assert!(matches("", "") && !matches("", "x") && matches("*", "x"));
    }
}
