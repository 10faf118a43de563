//! What mutations are given, as types of the domain.

use async_graphql::{InputObject, InputValueError, InputValueResult, Scalar, ScalarType, Value};
use domain::business::BusinessCommand;
use domain::{BusinessId, Code, FiscalMonth, Problem, TimeZone, UserId};

/// A position in the log: a whole number below 2^53.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position(pub i64);

#[Scalar]
impl ScalarType for Position {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::Number(number) => {
                let whole = number.as_i64().filter(|position| *position >= 0);
                whole.map(Self).ok_or_else(|| InputValueError::custom("a position is a whole number from 0"))
            }
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::Number(self.0.into())
    }
}

#[derive(Debug, InputObject)]
pub struct RegisterBusiness {
    name: String,
    base_currency: String,
    time_zone: String,
    #[graphql(default = 1)]
    fiscal_year_first_month: i32,
}

impl RegisterBusiness {
    pub fn into_command(self, id: BusinessId, founder: Option<UserId>) -> Result<BusinessCommand, Problem> {
        let base_currency = self.base_currency.parse();
        Ok(BusinessCommand::Register {
            id,
            name: self.name,
            base_currency: base_currency.map_err(|error| invalid(&error))?,
            time_zone: time_zone(&self.time_zone)?,
            fiscal_year_first_month: fiscal_month(self.fiscal_year_first_month)?,
            founder,
        })
    }
}

pub fn time_zone(text: &str) -> Result<TimeZone, Problem> {
    text.parse().map_err(|error: domain::UnknownTimeZone| invalid(&error))
}

pub fn fiscal_month(month: i32) -> Result<FiscalMonth, Problem> {
    let month = u8::try_from(month).unwrap_or(0);
    FiscalMonth::try_from(month).map_err(|error| invalid(&error))
}

fn invalid(error: &impl std::fmt::Display) -> Problem {
    Problem::new(Code::Invalid, error.to_string())
}
