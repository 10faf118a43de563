//! What banks put into `:86:`. The standard says six lines of text; in use are numbered subfields (`166?00…?20…`), codes
//! between slashes (`/EREF/…/REMI/…`), and text.

use crate::file::formats::texts::{is_no_reference, tidy};

/// Characters of a full subfield: a shorter one ends with its word.
const FULL: usize = 27;
/// SEPA's codes within the subfields.
const TAGS: [&str; 14] = [
    "EREF+", "KREF+", "MREF+", "CRED+", "DEBT+", "COAM+", "OAMT+", "SVWZ+", "ABWA+", "ABWE+", "IBAN+", "BIC+", "PURP+",
    "MDAT+",
];

#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Details {
    pub description: Option<String>,
    pub counterparty: Option<String>,
    pub reference: Option<String>,
}

pub fn read(text: &str) -> Details {
    let text = text.trim();
    match subfields(text) {
        Some(mark) => of_subfields(text, mark),
        None if text.starts_with('/') && text[1..].contains('/') => of_slashes(&unfolded(text, 60)),
        None => Details { description: tidy(&unfolded(text, 65)), ..Details::default() },
    }
}

/// The character before the subfields' numbers: `166?00…`.
fn subfields(text: &str) -> Option<char> {
    let rest = text.get(3..).filter(|_| text.as_bytes()[..3].iter().all(u8::is_ascii_digit))?;
    let mark = rest.chars().next().filter(|c| !c.is_alphanumeric() && !c.is_whitespace())?;
    let number = rest.get(mark.len_utf8()..mark.len_utf8() + 2)?;
    number.bytes().all(|byte| byte.is_ascii_digit()).then_some(mark)
}

/// Lines as long as the field is wide go on without a space; where a line was cut short, a space stands.
fn unfolded(text: &str, width: usize) -> String {
    let mut whole = String::with_capacity(text.len());
    let mut short = false;
    for line in text.lines() {
        if short {
            whole.push(' ');
        }
        whole.push_str(line.trim_end());
        short = line.chars().count() < width;
    }
    whole
}

fn of_subfields(text: &str, mark: char) -> Details {
    let whole: String = text.lines().map(str::trim_end).collect();
    let (mut booking, mut purpose, mut name) = (String::new(), String::new(), String::new());
    let mut full = false;
    for field in whole.split(mark).skip(1) {
        let Some((number, value)) = field.split_at_checked(2) else { continue };
        match number.parse::<u32>() {
            Ok(0) => booking.push_str(value),
            Ok(20..=29 | 60..=63) => {
                let begins = TAGS.iter().any(|tag| value.starts_with(tag));
                if (!full || begins) && !purpose.is_empty() {
                    purpose.push(' ');
                }
                purpose.push_str(value);
                full = value.chars().count() >= FULL;
            }
            Ok(32 | 33) => name.push_str(value),
            _ => {}
        }
    }
    let reference = tagged(&purpose, "EREF+").and_then(tidy).filter(|text| !is_no_reference(text));
    let purpose = tagged(&purpose, "SVWZ+").map_or_else(|| purpose.clone(), str::to_owned);
    Details { description: tidy(&purpose).or_else(|| tidy(&booking)), counterparty: tidy(&name), reference }
}

/// What stands behind a code, up to the next one.
fn tagged<'a>(text: &'a str, tag: &str) -> Option<&'a str> {
    let rest = &text[text.find(tag)? + tag.len()..];
    let end = TAGS.iter().filter_map(|tag| rest.find(tag)).min().unwrap_or(rest.len());
    Some(&rest[..end])
}

fn of_slashes(text: &str) -> Details {
    let value = |code: &str| {
        let rest = &text[text.find(&format!("/{code}/"))? + code.len() + 2..];
        tidy(&rest[..next_code(rest)])
    };
    let purpose = ["USTD", "REMI"].into_iter().find_map(value);
    let purpose = purpose.map(|text| text.trim_matches('/').trim().to_owned()).filter(|text| !text.is_empty());
    Details {
        description: purpose.or_else(|| tidy(text)),
        counterparty: value("NAME"),
        reference: ["EREF", "KREF"].into_iter().find_map(value).filter(|text| !is_no_reference(text)),
    }
}

/// Where the next `/CODE/` begins.
fn next_code(text: &str) -> usize {
    let slashes = text.match_indices('/').map(|(at, _)| at);
    let is_code = |at: &usize| {
        let rest = &text[at + 1..];
        let end = rest.find('/').unwrap_or(0);
        (3..=4).contains(&end) && rest.as_bytes()[..end].iter().all(u8::is_ascii_uppercase)
    };
    slashes.into_iter().find(is_code).unwrap_or(text.len())
}
