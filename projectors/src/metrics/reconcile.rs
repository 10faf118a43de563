//! The second count: what TimescaleDB (or a plain view) sums from the deltas, against the sums that figures are read
//! from. They come by different ways; a difference is a fault.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Serialize;
use sqlx::PgPool;
use uuid::Uuid;

use super::serving_schema;

/// A month of a category in which both counts differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Difference {
    pub business: Uuid,
    pub month: NaiveDate,
    pub category: String,
    pub currency: String,
    pub figures_in: Decimal,
    pub figures_out: Decimal,
    pub figures_count: Decimal,
    pub check_in: Decimal,
    pub check_out: Decimal,
    pub check_count: Decimal,
}

/// Compares both counts of every business, in one snapshot. Months of which raw rows may have been dropped are left
/// out. Empty before the projection was built.
///
/// # Errors
/// Of the database alone.
pub async fn reconcile(pool: &PgPool) -> Result<Vec<Difference>, sqlx::Error> {
    let mut connection = pool.acquire().await?;
    let Some(schema) = serving_schema(&mut connection).await? else { return Ok(Vec::new()) };
    let sql = format!(
        "with figures as (
            select c.business, c.bucket as month, c.key as category, c.currency,
                   sum(v.amount_in) as amount_in, sum(v.amount_out) as amount_out, sum(v.count) as count
            from {schema}.metric_cell c cross join lateral (
                select * from {schema}.metric_version w where w.cell = c.id order by w.position desc limit 1) v
            where c.grain = 'month' and c.dim = 'category'
            group by 1, 2, 3, 4
        ), compared as (
            select business, month, category, currency,
                   coalesce(f.amount_in, 0) as figures_in, coalesce(f.amount_out, 0) as figures_out,
                   coalesce(f.count, 0)::numeric as figures_count,
                   coalesce(k.amount_in, 0) as check_in, coalesce(k.amount_out, 0) as check_out,
                   coalesce(k.count, 0)::numeric as check_count
            from figures f full join {schema}.metric_monthly_check k using (business, month, category, currency)
        )
        select * from compared
        where (figures_in, figures_out, figures_count) <> (check_in, check_out, check_count)
          and not exists (select from {schema}.raw_retention r where month < current_date - r.days)
        order by business, month, category, currency"
    );
    sqlx::query_as(&sql).fetch_all(&mut *connection).await
}

/// The first day within the month on which the figures are not the sum of the deltas; `None` where all days agree, so
/// that the month's own cells or the second count itself are at fault.
pub async fn first_day(pool: &PgPool, difference: &Difference) -> Result<Option<NaiveDate>, sqlx::Error> {
    let mut connection = pool.acquire().await?;
    let Some(schema) = serving_schema(&mut connection).await? else { return Ok(None) };
    let sql = format!(
        "with figures as (
            select c.bucket as day, sum(v.amount_in) as amount_in, sum(v.amount_out) as amount_out, sum(v.count) as count
            from {schema}.metric_cell c cross join lateral (
                select * from {schema}.metric_version w where w.cell = c.id order by w.position desc limit 1) v
            where c.business = $1 and c.grain = 'day' and c.dim = 'category' and c.key = $2 and c.currency = $3
              and c.bucket >= $4 and c.bucket < $4 + interval '1 month'
            group by 1
        ), deltas as (
            select day, sum(amount_in) as amount_in, sum(amount_out) as amount_out, sum(count) as count
            from {schema}.metric_delta
            where business = $1 and category = $2 and currency = $3 and day >= $4 and day < $4 + interval '1 month'
            group by 1
        )
        select min(day) from figures f full join deltas d using (day)
        where (coalesce(f.amount_in, 0), coalesce(f.amount_out, 0), coalesce(f.count, 0))
           <> (coalesce(d.amount_in, 0), coalesce(d.amount_out, 0), coalesce(d.count, 0))"
    );
    sqlx::query_scalar(&sql)
        .bind(difference.business)
        .bind(&difference.category)
        .bind(&difference.currency)
        .bind(difference.month)
        .fetch_one(&mut *connection)
        .await
}
