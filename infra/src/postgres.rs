//! Connecting to PostgreSQL: over TLS 1.3, or on this very machine.

use std::str::FromStr;
use std::time::Duration;

use anyhow::Context;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{ConnectOptions, PgPool, Row};
use streams::tls::is_this_machine;

use crate::config::Secret;

/// How an address is connected to.
#[derive(Debug, Clone)]
pub struct Server {
    options: PgConnectOptions,
    over_tls: bool,
}

impl Server {
    /// What is not on this machine is asked over TLS, whatever the address says; sqlx by itself would go on without
    /// where the server has none.
    pub fn at(address: &Secret) -> anyhow::Result<Self> {
        let options = PgConnectOptions::from_str(address.expose())
            .map_err(|_| anyhow::anyhow!("an address of PostgreSQL in the configuration is not a postgres:// URL"))?
            .application_name("workdock");
        let near = options.get_socket().is_some() || is_this_machine(options.get_host());
        let asked = matches!(options.get_ssl_mode(), PgSslMode::Require | PgSslMode::VerifyCa | PgSslMode::VerifyFull);
        anyhow::ensure!(
            near || !matches!(options.get_ssl_mode(), PgSslMode::Disable),
            "PostgreSQL at {} would be asked in the clear: take sslmode=disable out of its address (best is \
             sslmode=verify-full with sslrootcert)",
            options.get_host()
        );
        let options = if near || asked { options } else { options.ssl_mode(PgSslMode::Require) };
        Ok(Self { options, over_tls: !near || asked })
    }

    /// A server that is away is no fault: it is waited for when it is needed.
    pub async fn check(&self) -> anyhow::Result<()> {
        if self.over_tls
            && let Ok(mut connection) = self.options.connect().await
        {
            protected(&mut connection).await.with_context(|| format!("PostgreSQL at {}", self.options.get_host()))?;
        }
        Ok(())
    }

    /// Connects when first used, and again after a server's restart.
    pub fn pool(&self, most: u32, test: bool) -> PgPool {
        let over_tls = self.over_tls;
        streams::pool::options()
            .max_connections(most)
            .acquire_timeout(Duration::from_secs(10))
            .idle_timeout(Duration::from_secs(300))
            .test_before_acquire(test)
            .after_connect(move |connection, _| {
                Box::pin(async move { if over_tls { protected(connection).await } else { Ok(()) } })
            })
            .connect_lazy_with(self.options.clone())
    }
}

/// sqlx leaves the version to the server, so the server is asked which one it is.
async fn protected(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let query = "select version from pg_stat_ssl where pid = pg_backend_pid()";
    let version: Option<String> = sqlx::query(query).fetch_one(connection).await?.try_get(0)?;
    match version.as_deref() {
        Some("TLSv1.3") => Ok(()),
        other => {
            let spoken = other.unwrap_or("no TLS");
            Err(sqlx::Error::Configuration(
                format!(
                    "it speaks {spoken}, and nothing older than TLS 1.3 is used (see ssl and ssl_max_protocol_version)"
                )
                .into(),
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: &str) -> Result<(PgSslMode, bool), String> {
        let server = Server::at(&Secret::new(address)).map_err(|error| error.to_string())?;
        Ok((server.options.get_ssl_mode(), server.over_tls))
    }

    #[test]
    fn what_is_not_on_this_machine_is_asked_over_tls() {
        for near in ["127.0.0.1", "localhost", "[::1]"] {
            let (mode, over_tls) = at(&format!("postgres://a:b@{near}:1/c")).unwrap();
            assert!(matches!(mode, PgSslMode::Prefer) && !over_tls, "{near}");
        }
        assert!(!at("postgres:///c?host=/run/postgresql").unwrap().1);
        for far in ["db", "10.0.0.1", "127.0.0.1.example.com"] {
            let (mode, over_tls) = at(&format!("postgres://a:b@{far}/c")).unwrap();
            assert!(matches!(mode, PgSslMode::Require) && over_tls, "{far}");
            let (mode, _) = at(&format!("postgres://a:b@{far}/c?sslmode=verify-full")).unwrap();
            assert!(matches!(mode, PgSslMode::VerifyFull), "{far}");
            let refused = at(&format!("postgres://a:b@{far}/c?sslmode=disable")).unwrap_err();
            assert!(refused.contains("in the clear") && !refused.contains("a:b"), "{refused}");
        }
        assert!(at("postgres://a:b@127.0.0.1/c?sslmode=verify-full").unwrap().1);
    }
}
