//! Reading columns into types.

use std::fmt::Display;
use std::str::FromStr;

use domain::Sums;
use sqlx::postgres::PgRow;
use sqlx::{Error, Row};

/// A text column as the type it stands for.
///
/// # Errors
/// A decode error where the text is none: the row was written by a newer program.
pub(super) fn parsed<T>(row: &PgRow, column: &str) -> Result<T, Error>
where
    T: FromStr,
    T::Err: Display,
{
    let text: &str = row.try_get(column)?;
    text.parse().map_err(|error: T::Err| Error::ColumnDecode {
        index: column.to_owned(),
        source: format!("{text:?}: {error}").into(),
    })
}

/// The same of a column that may be null.
pub(super) fn optional<T>(row: &PgRow, column: &str) -> Result<Option<T>, Error>
where
    T: FromStr,
    T::Err: Display,
{
    match row.try_get::<Option<&str>, _>(column)? {
        Some(_) => parsed(row, column).map(Some),
        None => Ok(None),
    }
}

pub(super) fn sums_of(row: &PgRow) -> Result<Sums, Error> {
    Ok(Sums { inflow: row.try_get("amount_in")?, outflow: row.try_get("amount_out")?, count: row.try_get("count")? })
}
