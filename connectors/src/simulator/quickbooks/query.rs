//! Intuit's query language: one entity, conditions joined by `and`, an order, a page.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::books::{self, Standing};
use super::lists;
use crate::simulator::World;
use crate::simulator::company::Facts;

const MOST: usize = 1000;

/// Entities that may be asked for; those of no objects are answered empty.
const ENTITIES: [&str; 18] = [
    "Account",
    "Bill",
    "BillPayment",
    "Class",
    "CompanyInfo",
    "CreditMemo",
    "Customer",
    "Deposit",
    "Invoice",
    "JournalEntry",
    "Payment",
    "Preferences",
    "Purchase",
    "RefundReceipt",
    "SalesReceipt",
    "Transfer",
    "Vendor",
    "VendorCredit",
];

/// Those that are not in the books themselves.
const LISTS: [&str; 2] = ["Account", "Preferences"];

#[derive(Debug, PartialEq, Eq)]
struct Query {
    entity: &'static str,
    counts: bool,
    conditions: Vec<Condition>,
    order: Option<(String, bool)>,
    start: usize,
    most: usize,
}

#[derive(Debug, PartialEq, Eq)]
struct Condition {
    member: String,
    operator: String,
    values: Vec<String>,
}

/// What `QueryResponse` is: empty where there is nothing.
pub fn run(world: &World, facts: &Facts, now: DateTime<Utc>, text: &str) -> Result<Value, String> {
    let query = Query::parse(text)?;
    let holds =
        |one: &Standing| one.entity == query.entity && one.object.as_ref().is_some_and(|object| query.holds(object));
    let books = books::kept(world, facts, now);
    let mut found: Vec<Standing> = books.iter().filter(|one| holds(one)).cloned().collect();
    if LISTS.contains(&query.entity) {
        found.extend(lists::all(facts).into_iter().filter(holds));
    }
    if query.counts {
        return Ok(json!({"totalCount": found.len()}));
    }
    if let Some((member, descending)) = &query.order {
        let value = |one: &Standing| one.object.as_ref().map(|object| comparable(member, &text_of(object, member)));
        found.sort_by_key(value);
        if *descending {
            found.reverse();
        }
    }
    let page: Vec<_> = found.into_iter().skip(query.start - 1).take(query.most).filter_map(|one| one.object).collect();
    if page.is_empty() {
        return Ok(json!({}));
    }
    let count = page.len();
    let mut response = json!({"startPosition": query.start, "maxResults": count});
    response[query.entity] = Value::Array(page);
    Ok(response)
}

fn text_of(object: &Value, member: &str) -> String {
    let value = member.split('.').try_fold(object, |value, name| value.get(name));
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

/// Moments are compared as moments whatever their offset, amounts and ids by number.
fn comparable(member: &str, text: &str) -> (i64, String) {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return (at.timestamp_millis(), String::new());
    }
    if matches!(member, "Balance" | "TotalAmt") {
        return (pence(text), String::new());
    }
    if member == "Id" {
        return (text.parse().unwrap_or_default(), String::new());
    }
    (0, text.to_owned())
}

/// What is no amount is none.
pub(super) fn pence(text: &str) -> i64 {
    let amount: Decimal = text.parse().unwrap_or_default();
    i64::try_from((amount * Decimal::ONE_HUNDRED).round()).unwrap_or_default()
}

impl Query {
    fn parse(text: &str) -> Result<Self, String> {
        let words = words(text);
        let mut words = words.iter().map(String::as_str).peekable();
        let mut expect = |wanted: &str| match words.next() {
            Some(word) if word.eq_ignore_ascii_case(wanted) => Ok(()),
            other => Err(format!("Encountered \"{}\" where \"{wanted}\" was expected", other.unwrap_or("<EOF>"))),
        };
        expect("select")?;
        let what = words.next().unwrap_or_default();
        let counts = what.eq_ignore_ascii_case("count(*)");
        if !counts && what != "*" {
            return Err(format!("the property {what} cannot be selected here; use *"));
        }
        if !words.next().is_some_and(|word| word.eq_ignore_ascii_case("from")) {
            return Err("\"from\" was expected".to_owned());
        }
        let named = words.next().unwrap_or_default();
        let entity = ENTITIES.into_iter().find(|entity| entity.eq_ignore_ascii_case(named));
        let entity = entity.ok_or_else(|| format!("invalid context declaration: {named}"))?;
        let mut query = Self { entity, counts, conditions: Vec::new(), order: None, start: 1, most: 100 };
        while let Some(word) = words.next() {
            match word.to_ascii_lowercase().as_str() {
                "where" | "and" => query.conditions.push(condition(&mut words)?),
                "orderby" => query.order = Some(order(&mut words)),
                "order" => {
                    words.next();
                    query.order = Some(order(&mut words));
                }
                "startposition" => query.start = number(words.next())?.max(1),
                "maxresults" => query.most = number(words.next())?.min(MOST),
                other => return Err(format!("Encountered \"{other}\"")),
            }
        }
        Ok(query)
    }

    fn holds(&self, object: &Value) -> bool {
        self.conditions.iter().all(|condition| condition.holds(object))
    }
}

fn number(word: Option<&str>) -> Result<usize, String> {
    word.and_then(|word| word.parse().ok()).ok_or_else(|| "a number was expected".to_owned())
}

type Words<'a, I> = std::iter::Peekable<I>;

fn order<'a, I: Iterator<Item = &'a str>>(words: &mut Words<'a, I>) -> (String, bool) {
    let member = words.next().unwrap_or_default().to_owned();
    let direction = words.next_if(|word| word.eq_ignore_ascii_case("asc") || word.eq_ignore_ascii_case("desc"));
    (member, direction.is_some_and(|word| word.eq_ignore_ascii_case("desc")))
}

fn condition<'a, I: Iterator<Item = &'a str>>(words: &mut Words<'a, I>) -> Result<Condition, String> {
    let member = words.next().unwrap_or_default().to_owned();
    let operator = words.next().unwrap_or_default().to_ascii_lowercase();
    let values = match operator.as_str() {
        "=" | "<" | ">" | "<=" | ">=" => vec![words.next().unwrap_or_default().to_owned()],
        "in" => {
            let mut values = Vec::new();
            for word in words.by_ref() {
                match word {
                    "(" | "," => {}
                    ")" => break,
                    value => values.push(value.to_owned()),
                }
            }
            values
        }
        other => return Err(format!("Encountered \"{other}\"")),
    };
    Ok(Condition { member, operator, values })
}

impl Condition {
    fn holds(&self, object: &Value) -> bool {
        // Everything in the books is active.
        if self.member == "Active" {
            return self.values.iter().any(|value| value.eq_ignore_ascii_case("true"));
        }
        let is = comparable(&self.member, &text_of(object, &self.member));
        let against = |value: &String| comparable(&self.member, value);
        let Some(first) = self.values.first().map(against) else { return false };
        match self.operator.as_str() {
            "=" => is == first,
            "<" => is < first,
            ">" => is > first,
            "<=" => is <= first,
            ">=" => is >= first,
            _ => self.values.iter().any(|value| against(value) == is),
        }
    }
}

/// Words, quoted texts, brackets and operators.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' => {
                let end = rest[1..].find('\'').map_or(rest.len(), |end| end + 1);
                words.push(rest[1..end].to_owned());
                rest = rest[(end + 1).min(rest.len())..].trim_start();
                continue;
            }
            '(' | ')' | ',' => 1,
            '<' | '>' | '=' => {
                if rest[1..].starts_with('=') {
                    2
                } else {
                    1
                }
            }
            _ if rest.len() >= 8 && rest[..8].eq_ignore_ascii_case("count(*)") => 8,
            _ => rest.find([' ', '\t', '\n', '(', ')', ',', '<', '>', '=', '\'']).unwrap_or(rest.len()),
        };
        words.push(rest[..length].to_owned());
        rest = rest[length..].trim_start();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read_in_any_case() {
        let query = Query::parse(
            "SELECT * FROM Purchase WHERE MetaData.LastUpdatedTime > '2026-01-01T00:00:00-08:00' AND Id IN ('5', '6') \
             ORDERBY Id DESC STARTPOSITION 7 MAXRESULTS 2000",
        )
        .unwrap();
        assert_eq!((query.entity, query.start, query.most), ("Purchase", 7, MOST));
        assert_eq!(query.order, Some(("Id".to_owned(), true)));
        assert_eq!(query.conditions[1].values, ["5", "6"]);
    }

    #[test]
    fn what_is_no_query_is_refused() {
        assert_eq!(Query::parse("select * from Custmoer").unwrap_err(), "invalid context declaration: Custmoer");
        assert!(Query::parse("select * from Purchase group by Id").is_err());
    }
}
