//! Scalars and inputs.

use async_graphql::{InputObject, InputValueError, InputValueResult, OneofObject, Scalar, ScalarType, Value};
use chrono::{DateTime, NaiveDate, Utc};

use crate::Failure;
use crate::figures::Period;
use crate::reader::period;
use crate::views;

/// A position in the log: a whole number below 2^53.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position(pub i64);

/// Above it JSON numbers are not exact everywhere.
const MOST: i64 = (1 << 53) - 1;

#[Scalar]
impl ScalarType for Position {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::Number(number) => match number.as_i64() {
                Some(position @ 0..=MOST) => Ok(Self(position)),
                _ => Err(InputValueError::custom("a position is a whole number from 0 to 2^53 - 1")),
            },
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::Number(self.0.into())
    }
}

/// As known at the end of a day of the business, at a moment, or at a position. Absent: as known now.
#[derive(Debug, Clone, Copy, OneofObject)]
pub enum AsOf {
    Date(NaiveDate),
    Moment(DateTime<Utc>),
    Position(Position),
}

impl From<AsOf> for views::AsOf {
    fn from(as_of: AsOf) -> Self {
        match as_of {
            AsOf::Date(date) => Self::Date(date),
            AsOf::Moment(moment) => Self::Moment(moment),
            AsOf::Position(position) => Self::Position(position.0),
        }
    }
}

/// Both days are included.
#[derive(Debug, Clone, Copy, InputObject)]
pub struct PeriodInput {
    pub from: NaiveDate,
    pub to: NaiveDate,
}

impl TryFrom<PeriodInput> for Period {
    type Error = Failure;

    fn try_from(input: PeriodInput) -> Result<Self, Failure> {
        period(input.from, input.to)
    }
}
