//! What the database needs before the first migration: two roles and a database.
//!
//! `workdock_owner` owns the database and runs migrations; `workdock` is what the services connect as, and gets its
//! few rights from the migrations. Both passwords are set at every start, so that the keys folder is what counts.

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection, Executor};

use super::ServersError;
use crate::config::Secret;

pub const OWNER: &str = "workdock_owner";
pub const APP: &str = "workdock";
pub const DATABASE: &str = "workdock";

pub async fn provision(superuser: &PgConnectOptions, owner: &Secret, app: &Secret) -> Result<(), ServersError> {
    let mut connection = superuser.clone().database("postgres").connect().await?;
    for (role, password) in [(OWNER, owner), (APP, app)] {
        set_role(&mut connection, role, password).await?;
    }
    let exists: bool = sqlx::query_scalar("select exists(select from pg_database where datname = $1)")
        .bind(DATABASE)
        .fetch_one(&mut connection)
        .await?;
    if !exists {
        connection.execute(format!("create database {DATABASE} owner {OWNER}").as_str()).await?;
    }
    // Only these roles come in, and only the owner makes anything.
    connection.execute(format!("revoke all on database {DATABASE} from public").as_str()).await?;
    connection.execute(format!("grant connect, temporary on database {DATABASE} to {APP}").as_str()).await?;
    connection.close().await?;
    Ok(())
}

async fn set_role(connection: &mut PgConnection, role: &str, password: &Secret) -> Result<(), ServersError> {
    let exists: bool = sqlx::query_scalar("select exists(select from pg_roles where rolname = $1)")
        .bind(role)
        .fetch_one(&mut *connection)
        .await?;
    let verb = if exists { "alter" } else { "create" };
    // The password is hexadecimal (Folder::key): nothing in it needs quoting.
    let statement =
        format!("{verb} role {role} login nosuperuser nocreatedb nocreaterole password '{}'", password.expose());
    connection.execute(statement.as_str()).await?;
    Ok(())
}
