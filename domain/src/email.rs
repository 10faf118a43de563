//! An address of electronic mail: personal data, so it is never printed.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::personal::ERASED_PERSON;

/// As it was written, without spaces around it. Two that differ in case only are one address.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is no e-mail address; write one such as ada@example.com")]
pub struct InvalidEmail;

impl Email {
    /// For whom it is meant: the person, the mail server, the sealed store.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What stands in an event while the address is sealed apart from it.
    pub(crate) const fn absent() -> Self {
        Self(String::new())
    }

    pub(crate) const fn is_absent(&self) -> bool {
        self.0.is_empty()
    }

    /// What is left of an address when whoever had it is erased.
    pub(crate) fn erased() -> Self {
        Self(ERASED_PERSON.to_owned())
    }

    /// Whether nobody knows any more what it was.
    pub fn is_erased(&self) -> bool {
        self.0 == ERASED_PERSON
    }

    pub(crate) const fn text(&mut self) -> &mut String {
        &mut self.0
    }

    /// What two spellings of one address have in common.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

/// What is worth refusing at once: whether somebody reads mail there, only a mail can tell. Nothing that could end a
/// header or begin another address gets through.
impl FromStr for Email {
    type Err = InvalidEmail;

    fn from_str(text: &str) -> Result<Self, InvalidEmail> {
        let text = text.trim();
        let (local, host) = text.rsplit_once('@').ok_or(InvalidEmail)?;
        let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"\"(),:;<>@[\\]".contains(c);
        let label = |label: &str| {
            let inside = label.chars().all(|c| c.is_alphanumeric() || c == '-');
            (1..=63).contains(&label.len()) && inside && !label.starts_with('-') && !label.ends_with('-')
        };
        let lengths = (1..=64).contains(&local.len()) && text.len() <= 254;
        let dots = !local.starts_with('.') && !local.ends_with('.') && !local.contains("..");
        let valid = lengths && dots && local.chars().all(plain) && host.split('.').all(label);
        if valid { Ok(Self(text.to_owned())) } else { Err(InvalidEmail) }
    }
}

impl TryFrom<String> for Email {
    type Error = InvalidEmail;

    fn try_from(text: String) -> Result<Self, InvalidEmail> {
        text.parse()
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

impl PartialEq for Email {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Email {}

impl Hash for Email {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

impl JsonSchema for Email {
    fn schema_name() -> Cow<'static, str> {
        "Email".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "email", "description": "Personal data: sealed where it is stored" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_what_is_none() {
        for good in ["ada@example.com", " Ada.Lovelace+team@sub.example.co.uk ", "ünal@exämple.de", "root@localhost"]
        {
            assert!(good.parse::<Email>().is_ok(), "{good}");
        }
        let long = format!("{}@example.com", "a".repeat(65));
        let bad = ["", "@", "ada", "ada@", "@example.com", "a b@example.com", "a@b@c.com", "a@-b.com", "a@b..com"];
        for bad in bad.into_iter().chain(["a\r\nBcc: x@example.com", "<a@example.com>", ".a@example.com", &long]) {
            assert_eq!(bad.parse::<Email>(), Err(InvalidEmail), "{bad}");
        }
    }

    #[test]
    fn case_makes_no_other_address_and_nothing_prints_it() {
        let (one, other): (Email, Email) = ("Ada@Example.com".parse().unwrap(), "ada@example.COM".parse().unwrap());
        assert_eq!(one, other);
        assert_eq!(format!("{one:?}"), "Email(…)");
        assert_eq!(serde_json::to_string(&one).unwrap(), "\"Ada@Example.com\"");
        assert!(serde_json::from_str::<Email>("\"nobody\"").is_err());
    }
}
