use std::fmt;
use std::str::FromStr;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A column by its header, or by its place counted from 1: `"Betrag"`, `4` or `"#4"` (as a key of a rule).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    Name(String),
    Number(usize),
}

impl Column {
    pub fn named(name: impl Into<String>) -> Self {
        Self::Name(name.into())
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Number(number) => write!(f, "#{number}"),
        }
    }
}

impl FromStr for Column {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.strip_prefix('#').map(str::parse::<usize>) {
            Some(Ok(0)) => Err("columns are counted from 1"),
            Some(Ok(number)) => Ok(Self::Number(number)),
            _ if text.trim().is_empty() => Err("a column needs a name or a number"),
            _ => Ok(Self::Name(text.to_owned())),
        }
    }
}

impl Serialize for Column {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

struct ColumnVisitor;

impl Visitor<'_> for ColumnVisitor {
    type Value = Column;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a column: its header as text, or its number counted from 1")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Column, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Column, E> {
        format!("#{number}").parse().map_err(E::custom)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Column, E> {
        let number = u64::try_from(number).map_err(|_| E::custom("columns are counted from 1"))?;
        self.visit_u64(number)
    }
}

impl<'de> Deserialize<'de> for Column {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ColumnVisitor)
    }
}

/// One or several columns; a single one is written without brackets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns(pub Vec<Column>);

impl Columns {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Columns {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [one] => one.serialize(serializer),
            several => several.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Columns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMore;

        impl<'de> Visitor<'de> for OneOrMore {
            type Value = Columns;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a column, or a list of columns")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Columns, E> {
                ColumnVisitor.visit_str(text).map(|column| Columns(vec![column]))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Columns, E> {
                ColumnVisitor.visit_u64(number).map(|column| Columns(vec![column]))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Columns, E> {
                ColumnVisitor.visit_i64(number).map(|column| Columns(vec![column]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Columns, A::Error> {
                let mut columns = Vec::new();
                while let Some(column) = list.next_element()? {
                    columns.push(column);
                }
                Ok(Columns(columns))
            }
        }

        deserializer.deserialize_any(OneOrMore)
    }
}
