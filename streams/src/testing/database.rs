use std::str::FromStr;

use sha2::{Digest, Sha256};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection, PgPool};
use uuid::Uuid;

use crate::migrate::MIGRATOR;

/// Only one process makes the template.
const TEMPLATE_LOCK: i64 = 0x776f_726b_646f_636b;

/// A migrated database of its own, dropped at the end.
#[derive(Debug)]
pub struct Database {
    name: String,
    server: PgConnectOptions,
    pool: PgPool,
}

impl Database {
    /// Copies the template, which the first test after a change of the migrations makes.
    pub async fn create() -> Self {
        let address = super::address("WORKDOCK_TEST_POSTGRES");
        let server = PgConnectOptions::from_str(&address).expect("WORKDOCK_TEST_POSTGRES is not an address");
        let mut admin = server.connect().await.expect("the server of WORKDOCK_TEST_POSTGRES does not answer");
        let template = template(&server, &mut admin).await;
        let name = format!("test_{}", Uuid::now_v7().simple());
        sqlx::query(&format!("create database {name} template {template} strategy file_copy"))
            .execute(&mut admin)
            .await
            .unwrap();
        admin.close().await.unwrap();
        let pool = crate::pool::options().max_connections(10).connect_lazy_with(server.clone().database(&name));
        Self { name, server, pool }
    }

    /// At most 10 connections, as superuser.
    pub fn pool(&self) -> PgPool {
        self.pool.clone()
    }

    /// The database's address, for programs that connect by themselves.
    pub fn url(&self) -> String {
        self.server.clone().database(&self.name).to_url_lossy().to_string()
    }

    pub fn options(&self) -> PgConnectOptions {
        self.server.clone().database(&self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (name, server) = (self.name.clone(), self.server.clone());
        let drop = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let mut admin = server.connect().await?;
                sqlx::query(&format!("drop database if exists {name} with (force)")).execute(&mut admin).await?;
                admin.close().await
            })
        });
        if let Ok(Err(error)) = drop.join() {
            eprintln!("the test database {} stays: {error}", self.name);
        }
    }
}

/// The name of the migrated template, made under another name first so that a half-made one is never used.
async fn template(server: &PgConnectOptions, admin: &mut PgConnection) -> String {
    let mut hash = Sha256::new();
    MIGRATOR.iter().for_each(|migration| hash.update(&migration.checksum));
    let name = format!("workdock_template_{}", &hex::encode(hash.finalize())[..16]);
    lock(admin, "pg_advisory_lock").await;
    let exists: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(&name)
        .fetch_one(&mut *admin)
        .await
        .unwrap();
    if !exists {
        let half = format!("{name}_{}", Uuid::now_v7().simple());
        sqlx::query(&format!("create database {half}")).execute(&mut *admin).await.unwrap();
        let mut connection = server.clone().database(&half).connect().await.unwrap();
        MIGRATOR.run_direct(&mut connection).await.expect("the migrations fail");
        connection.close().await.unwrap();
        sqlx::query(&format!("alter database {half} rename to {name}")).execute(&mut *admin).await.unwrap();
    }
    lock(admin, "pg_advisory_unlock").await;
    name
}

async fn lock(admin: &mut PgConnection, function: &str) {
    sqlx::query(&format!("select {function}({TEMPLATE_LOCK})")).execute(admin).await.unwrap();
}
