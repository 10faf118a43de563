use serde::{Deserialize, Serialize};

use super::{Column, MappingError};

/// Where the amount stands and how its numbers are printed. Exactly one of the four styles:
/// `column` (signed) · `debit` and `credit` · `column`, `direction`, `in` and `out` · `quantity` and `price`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AmountSection {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<Column>,
    /// Money out, printed with or without a minus.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debit: Option<Column>,
    /// Money in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credit: Option<Column>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<Column>,
    /// Values of `direction` for money in; upper and lower case are the same.
    #[serde(rename = "in", skip_serializing_if = "Vec::is_empty")]
    pub inflow: Vec<String>,
    #[serde(rename = "out", skip_serializing_if = "Vec::is_empty")]
    pub outflow: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Column>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<Column>,
    /// Of a signed column: plus means money out, as on some card statements.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub invert: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimal: Option<DecimalMark>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thousands: Option<Thousands>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DecimalMark {
    #[serde(rename = ".")]
    Point,
    #[serde(rename = ",")]
    Comma,
}

impl DecimalMark {
    pub const fn as_char(self) -> char {
        match self {
            Self::Point => '.',
            Self::Comma => ',',
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Thousands {
    #[serde(rename = "none")]
    None,
    #[serde(rename = ",")]
    Comma,
    #[serde(rename = ".")]
    Point,
    /// Straight or typographic.
    #[serde(rename = "'")]
    Apostrophe,
    /// Also no-break and narrow spaces.
    #[serde(rename = " ")]
    Space,
}

impl Thousands {
    pub const fn is(self, c: char) -> bool {
        match self {
            Self::None => false,
            Self::Comma => c == ',',
            Self::Point => c == '.',
            Self::Apostrophe => matches!(c, '\'' | '\u{2019}'),
            Self::Space => matches!(c, ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}'),
        }
    }
}

/// The style that a section spells, if any: a section with only marks leaves the columns to detection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AmountStyle {
    Signed { column: Column, invert: bool },
    DebitCredit { debit: Column, credit: Column },
    Directed { column: Column, direction: Column, inflow: Vec<String>, outflow: Vec<String> },
    QuantityPrice { quantity: Column, price: Column },
}

const STYLES: &str = "say exactly one of: column (signed amounts); debit and credit; \
     column, direction, in and out; quantity and price";

impl AmountSection {
    /// The columns and how they make an amount; `None` where the section names no column.
    pub fn style(&self) -> Result<Option<AmountStyle>, MappingError> {
        let directed = self.direction.is_some() || !self.inflow.is_empty() || !self.outflow.is_empty();
        let style = match (&self.column, &self.debit, &self.credit, &self.quantity, &self.price) {
            (None, None, None, None, None) if !directed => None,
            (Some(column), None, None, None, None) if directed => Some(self.directed(column)?),
            (Some(column), None, None, None, None) => {
                Some(AmountStyle::Signed { column: column.clone(), invert: self.invert })
            }
            (None, Some(debit), Some(credit), None, None) if !directed => {
                Some(AmountStyle::DebitCredit { debit: debit.clone(), credit: credit.clone() })
            }
            (None, None, None, Some(quantity), Some(price)) if !directed => {
                Some(AmountStyle::QuantityPrice { quantity: quantity.clone(), price: price.clone() })
            }
            _ => return Err(MappingError::new("amount", STYLES)),
        };
        if self.invert && !matches!(style, Some(AmountStyle::Signed { .. })) {
            return Err(MappingError::new("amount.invert", "only a signed column can be inverted; leave it out"));
        }
        Ok(style)
    }

    fn directed(&self, column: &Column) -> Result<AmountStyle, MappingError> {
        let Some(direction) = self.direction.clone() else {
            return Err(MappingError::new("amount.direction", "name the column whose values are in `in` and `out`"));
        };
        if self.inflow.is_empty() && self.outflow.is_empty() {
            return Err(MappingError::new("amount.in", "list the values of the direction column that mean money in"));
        }
        if let Some(both) = self.inflow.iter().find(|value| self.outflow.contains(value)) {
            return Err(MappingError::new("amount.in", format!("\"{both}\" stands in both `in` and `out`")));
        }
        let (inflow, outflow) = (self.inflow.clone(), self.outflow.clone());
        Ok(AmountStyle::Directed { column: column.clone(), direction, inflow, outflow })
    }

    /// Writes a style back into the section, leaving the marks.
    pub fn set_style(&mut self, style: AmountStyle) {
        let marks = (self.decimal, self.thousands);
        *self = Self { decimal: marks.0, thousands: marks.1, ..Self::default() };
        match style {
            AmountStyle::Signed { column, invert } => {
                self.column = Some(column);
                self.invert = invert;
            }
            AmountStyle::DebitCredit { debit, credit } => {
                self.debit = Some(debit);
                self.credit = Some(credit);
            }
            AmountStyle::Directed { column, direction, inflow, outflow } => {
                self.column = Some(column);
                self.direction = Some(direction);
                self.inflow = inflow;
                self.outflow = outflow;
            }
            AmountStyle::QuantityPrice { quantity, price } => {
                self.quantity = Some(quantity);
                self.price = Some(price);
            }
        }
    }
}
