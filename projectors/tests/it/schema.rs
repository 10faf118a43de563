//! A projection's schema, fed by hand as the runtime does.

use domain::BusinessId;
use sqlx::{Executor, PgPool};
use streams::Event;
use streams::projection::{Notice, Projection, ProjectionError};

pub struct Schema {
    pub pool: PgPool,
    pub name: String,
}

impl Schema {
    /// Creates the projection's tables in a schema of their own.
    pub async fn create(pool: &PgPool, name: &str, projection: &dyn Projection) -> Self {
        let mut tx = pool.begin().await.unwrap();
        tx.execute(format!("create schema {name}; set local search_path = {name}").as_str()).await.unwrap();
        projection.create_in_tx(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        Self { pool: pool.clone(), name: name.to_owned() }
    }

    /// Makes it the serving one.
    pub async fn serve(&self, projection: &dyn Projection) {
        let statement = "with checkpoint as (
                insert into streams.checkpoint (projection, version, schema) values ($1, $2, $3) returning projection, version)
            insert into streams.active (projection, version, tables) select projection, version, $4 from checkpoint";
        let version = i32::try_from(projection.version()).unwrap();
        let query = sqlx::query(statement).bind(projection.name()).bind(version).bind(&self.name);
        query.bind(projection.tables()).execute(&self.pool).await.unwrap();
    }

    /// Writes one batch in one transaction.
    pub async fn write(&self, projection: &dyn Projection, events: &[Event]) -> Result<Vec<Notice>, ProjectionError> {
        let mut tx = self.pool.begin().await?;
        tx.execute(format!("set local search_path = {}", self.name).as_str()).await?;
        match projection.write_in_tx(&mut tx, events).await {
            Ok(notices) => tx.commit().await.map(|()| notices).map_err(Into::into),
            Err(error) => {
                tx.rollback().await?;
                projection.forget();
                Err(error)
            }
        }
    }

    /// Writes batches of so many events each.
    pub async fn write_by(&self, projection: &dyn Projection, events: &[Event], size: usize) {
        for batch in events.chunks(size) {
            self.write(projection, batch).await.unwrap();
        }
    }

    /// All rows of a table in a settled order.
    pub async fn rows(&self, table: &str) -> Vec<String> {
        sqlx::query_scalar(&format!("select t::text from {}.{table} t order by 1", self.name))
            .fetch_all(&self.pool)
            .await
            .unwrap()
    }

    /// All rows of all tables.
    pub async fn dump(&self, projection: &dyn Projection) -> Vec<(String, Vec<String>)> {
        let mut dump = Vec::new();
        for table in projection.tables() {
            dump.push(((*table).to_owned(), self.rows(table).await));
        }
        dump
    }

    /// Cells of a business that hold something as of a position: `grain|bucket|dim|key|kind|currency in out count`.
    pub async fn figures(&self, business: BusinessId, position: i64) -> Vec<String> {
        let name = &self.name;
        let statement = format!(
            "select concat_ws('|', c.grain, c.bucket, c.dim, c.key, c.kind, c.currency) || ' ' || v.amount_in || ' ' ||
                    v.amount_out || ' ' || v.count
             from {name}.metric_cell c cross join lateral (
                 select * from {name}.metric_version w where w.cell = c.id and w.position <= $2
                 order by w.position desc limit 1) v
             where c.business = $1 and (v.amount_in, v.amount_out, v.count) <> (0, 0, 0)"
        );
        let mut figures: Vec<String> =
            sqlx::query_scalar(&statement).bind(business.as_uuid()).bind(position).fetch_all(&self.pool).await.unwrap();
        figures.sort();
        figures
    }
}
