//! Checksums of tables that do not depend on the order of rows, and the rows where two tables differ.

use sqlx::{PgConnection, Row};

use crate::projection::generation::quoted;

/// Rows are spread over so many buckets by their hash, so that differing ones are found without comparing all.
const BUCKETS: usize = 1024;
/// Rows fetched of differing buckets, at most.
const MOST_ROWS: i64 = 50_000;

/// A table's rows, summed up. Hashes are over the text of all columns; amounts count by value (1.50 is 1.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Summed {
    /// (rows, sum of hashes) by bucket.
    buckets: Vec<(i64, i128)>,
}

impl Summed {
    pub fn rows(&self) -> i64 {
        self.buckets.iter().map(|(rows, _)| rows).sum()
    }

    /// The sum of all rows' hashes, modulo 2^64, in hexadecimal digits.
    pub fn text(&self) -> String {
        let sum = self.buckets.iter().fold(0i128, |sum, (_, hashes)| sum.wrapping_add(*hashes));
        format!("{:016x}", sum.rem_euclid(1 << 64))
    }

    pub fn differing(&self, other: &Self) -> Vec<i32> {
        let pairs = self.buckets.iter().zip(&other.buckets).enumerate();
        pairs.filter(|(_, (a, b))| a != b).filter_map(|(bucket, _)| i32::try_from(bucket).ok()).collect()
    }
}

/// A table as it is read for comparison.
#[derive(Debug, Clone)]
pub(super) struct Table {
    schema: String,
    name: String,
    columns: Vec<(String, bool)>,
}

impl Table {
    /// Reads the columns, in the order of their names.
    pub async fn describe(connection: &mut PgConnection, schema: &str, name: &str) -> Result<Self, sqlx::Error> {
        let rows = sqlx::query(
            "select attname::text, atttypid = 'numeric'::regtype from pg_attribute
             where attrelid = to_regclass($1) and attnum > 0 and not attisdropped order by attname",
        )
        .bind(format!("{}.{}", quoted(schema), quoted(name)))
        .fetch_all(connection)
        .await?;
        let columns = rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
        let columns = columns.collect::<Result<_, sqlx::Error>>()?;
        Ok(Self { schema: schema.to_owned(), name: name.to_owned(), columns })
    }

    /// Names and whether they are numeric; a table that is not there has none.
    pub fn columns(&self) -> &[(String, bool)] {
        &self.columns
    }

    pub async fn sum(&self, connection: &mut PgConnection) -> Result<Summed, sqlx::Error> {
        let mut buckets = vec![(0, 0); BUCKETS];
        if self.columns.is_empty() {
            return Ok(Summed { buckets });
        }
        let rows = sqlx::query(&format!(
            "select (hash & 1023)::int, count(*), sum(hash)::text
             from (select hashtextextended({}, 0) as hash from {} t) h group by 1",
            self.row_text(),
            self.from()
        ))
        .fetch_all(connection)
        .await?;
        for row in rows {
            let (bucket, count, sum): (i32, i64, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            let sum: i128 = sum.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
            if let Some(slot) = usize::try_from(bucket).ok().and_then(|bucket| buckets.get_mut(bucket)) {
                *slot = (count, sum);
            }
        }
        Ok(Summed { buckets })
    }

    /// The rows of some buckets as JSON objects, ordered.
    pub async fn rows(&self, connection: &mut PgConnection, buckets: &[i32]) -> Result<Vec<String>, sqlx::Error> {
        if self.columns.is_empty() {
            return Ok(Vec::new());
        }
        sqlx::query_scalar(&format!(
            "select {} from {} t where (hashtextextended({}, 0) & 1023)::int = any($1) order by 1 limit $2",
            self.row_json(),
            self.from(),
            self.row_text()
        ))
        .bind(buckets)
        .bind(MOST_ROWS)
        .fetch_all(connection)
        .await
    }

    fn from(&self) -> String {
        format!("{}.{}", quoted(&self.schema), quoted(&self.name))
    }

    fn row_text(&self) -> String {
        let columns: Vec<String> = self.columns.iter().map(|(name, numeric)| canonical(name, *numeric)).collect();
        format!("row({})::text", columns.join(", "))
    }

    fn row_json(&self) -> String {
        let columns = self.columns.iter();
        let columns: Vec<String> =
            columns.map(|(name, numeric)| format!("{} as {}", canonical(name, *numeric), quoted(name))).collect();
        format!("(select row_to_json(c)::text from (select {}) c)", columns.join(", "))
    }
}

fn canonical(column: &str, numeric: bool) -> String {
    match numeric {
        true => format!("trim_scale(t.{})", quoted(column)),
        false => format!("t.{}", quoted(column)),
    }
}

/// Both in the same settings, so that equal values have equal texts.
pub(super) async fn settle(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    for setting in [
        "set timezone = 'UTC'",
        "set datestyle = 'ISO'",
        "set intervalstyle = 'iso_8601'",
        "set extra_float_digits = 1",
    ] {
        sqlx::query(setting).execute(&mut *connection).await?;
    }
    Ok(())
}
