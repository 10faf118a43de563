//! Rows on their way to a table: by `INSERT … SELECT unnest(…)` where they are few, by binary `COPY` where they are
//! many.
//!
//! A live batch of a few rows costs one round trip of a prepared statement; `COPY` is parsed anew each time and costs
//! two, and wins only where rows are many. Both store the same bytes.

mod copy;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use sqlx::PgConnection;
use uuid::Uuid;

use copy::{CopyBuffer, Exact};

/// The values of one column, one for each row.
#[derive(Debug, Clone)]
pub(crate) enum Column<'a> {
    Uuid(Vec<Uuid>),
    Date(Vec<NaiveDate>),
    OptionalDate(Vec<Option<NaiveDate>>),
    Moment(Vec<DateTime<Utc>>),
    Text(Vec<&'a str>),
    OptionalText(Vec<Option<&'a str>>),
    Owned(Vec<String>),
    OptionalOwned(Vec<Option<String>>),
    Numeric(Vec<Decimal>),
    BigInt(Vec<i64>),
    OptionalInt(Vec<Option<i32>>),
    Bool(Vec<bool>),
}

impl Column<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Uuid(values) => values.len(),
            Self::Date(values) => values.len(),
            Self::OptionalDate(values) => values.len(),
            Self::Moment(values) => values.len(),
            Self::Text(values) => values.len(),
            Self::OptionalText(values) => values.len(),
            Self::Owned(values) => values.len(),
            Self::OptionalOwned(values) => values.len(),
            Self::Numeric(values) => values.len(),
            Self::BigInt(values) => values.len(),
            Self::OptionalInt(values) => values.len(),
            Self::Bool(values) => values.len(),
        }
    }

    const fn sql_type(&self) -> &'static str {
        match self {
            Self::Uuid(_) => "uuid",
            Self::Date(_) | Self::OptionalDate(_) => "date",
            Self::Moment(_) => "timestamptz",
            Self::Text(_) | Self::OptionalText(_) | Self::Owned(_) | Self::OptionalOwned(_) => "text",
            Self::Numeric(_) => "numeric",
            Self::BigInt(_) => "bigint",
            Self::OptionalInt(_) => "int",
            Self::Bool(_) => "bool",
        }
    }

    fn put(&self, row: usize, buffer: &mut CopyBuffer) {
        match self {
            Self::Uuid(values) => buffer.uuid(values[row]),
            Self::Date(values) => buffer.date(values[row]),
            Self::OptionalDate(values) => match values[row] {
                Some(value) => buffer.date(value),
                None => buffer.null(),
            },
            Self::Moment(values) => buffer.moment(values[row]),
            Self::Text(values) => buffer.text(values[row]),
            Self::OptionalText(values) => match values[row] {
                Some(value) => buffer.text(value),
                None => buffer.null(),
            },
            Self::Owned(values) => buffer.text(&values[row]),
            Self::OptionalOwned(values) => match &values[row] {
                Some(value) => buffer.text(value),
                None => buffer.null(),
            },
            Self::Numeric(values) => buffer.numeric(values[row]),
            Self::BigInt(values) => buffer.bigint(values[row]),
            Self::OptionalInt(values) => match values[row] {
                Some(value) => buffer.int(value),
                None => buffer.null(),
            },
            Self::Bool(values) => buffer.bool(values[row]),
        }
    }
}

/// Rows of one table, column by column.
#[derive(Debug, Clone)]
pub(crate) struct Rows<'a> {
    table: &'static str,
    columns: Vec<(&'static str, Column<'a>)>,
}

impl<'a> Rows<'a> {
    pub(crate) fn new(table: &'static str, columns: Vec<(&'static str, Column<'a>)>) -> Self {
        debug_assert!(columns.windows(2).all(|pair| pair[0].1.len() == pair[1].1.len()));
        Self { table, columns }
    }

    pub(crate) fn len(&self) -> usize {
        self.columns.first().map_or(0, |(_, column)| column.len())
    }

    fn names(&self) -> String {
        self.columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }

    /// `unnest($1::uuid[], …) as k(business, …)`: the rows as a relation in a statement.
    fn relation(&self) -> String {
        let arrays: Vec<_> = self
            .columns
            .iter()
            .enumerate()
            .map(|(n, (_, column))| format!("${}::{}[]", n + 1, column.sql_type()))
            .collect();
        format!("unnest({}) as k({})", arrays.join(", "), self.names())
    }

    /// Runs a statement in which `{rows}` stands for the rows as a relation `k`; answers the rows that it touched.
    pub(crate) async fn run_in_tx(&self, tx: &mut PgConnection, statement: &str) -> Result<u64, sqlx::Error> {
        let sql = statement.replace("{rows}", &self.relation());
        Ok(self.bind(sqlx::query(&sql)).execute(tx).await?.rows_affected())
    }

    /// Like [`Rows::run_in_tx`], for statements that answer rows.
    pub(crate) async fn fetch_in_tx<T>(&self, tx: &mut PgConnection, statement: &str) -> Result<Vec<T>, sqlx::Error>
    where
        T: for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow> + Send + Unpin,
    {
        let sql = statement.replace("{rows}", &self.relation());
        let rows = self.bind(sqlx::query(&sql)).fetch_all(tx).await?;
        rows.iter().map(T::from_row).collect()
    }

    fn bind<'q>(
        &'q self,
        query: sqlx::query::Query<'q, sqlx::Postgres, sqlx::postgres::PgArguments>,
    ) -> sqlx::query::Query<'q, sqlx::Postgres, sqlx::postgres::PgArguments> {
        self.columns.iter().fold(query, |query, (_, column)| match column {
            Column::Uuid(values) => query.bind(values),
            Column::Date(values) => query.bind(values),
            Column::OptionalDate(values) => query.bind(values),
            Column::Moment(values) => query.bind(values),
            Column::Text(values) => query.bind(values),
            Column::OptionalText(values) => query.bind(values),
            Column::Owned(values) => query.bind(values),
            Column::OptionalOwned(values) => query.bind(values),
            Column::Numeric(values) => query.bind(values.iter().copied().map(Exact).collect::<Vec<_>>()),
            Column::BigInt(values) => query.bind(values),
            Column::OptionalInt(values) => query.bind(values),
            Column::Bool(values) => query.bind(values),
        })
    }

    /// Appends the rows, by `COPY` where there are at least `copy_from`.
    pub(crate) async fn append_in_tx(&self, tx: &mut PgConnection, copy_from: usize) -> Result<(), sqlx::Error> {
        match self.len() {
            0 => Ok(()),
            rows if rows < copy_from => {
                let names = self.names();
                let statement = format!("insert into {} ({names}) select {names} from {{rows}}", self.table);
                self.run_in_tx(tx, &statement).await.map(drop)
            }
            rows => self.copy_in_tx(tx, rows).await,
        }
    }

    async fn copy_in_tx(&self, tx: &mut PgConnection, rows: usize) -> Result<(), sqlx::Error> {
        let statement = format!("copy {} ({}) from stdin (format binary)", self.table, self.names());
        let columns = i16::try_from(self.columns.len()).map_err(|error| sqlx::Error::Encode(error.into()))?;
        let mut copy = tx.copy_in_raw(&statement).await?;
        let mut buffer = CopyBuffer::new();
        for row in 0..rows {
            buffer.begin_row(columns);
            for (_, column) in &self.columns {
                column.put(row, &mut buffer);
            }
            if buffer.is_full() {
                copy.send(buffer.bytes()).await?;
                buffer.clear();
            }
        }
        buffer.end();
        copy.send(buffer.bytes()).await?;
        copy.finish().await.map(drop)
    }
}
