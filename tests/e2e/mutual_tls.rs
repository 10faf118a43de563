//! Servers that ask for a certificate, and roles that show one: nothing between them goes in the clear.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use nix::sys::signal::Signal;
use sqlx::{Connection, PgConnection, Row};

use crate::harness::{Folder, server_pid, signal};
use crate::roles::{CSV, Given, net, register, upload};

/// A file of the authority where PostgreSQL may read it: keys must be its own.
fn lend(certificates: &Path, pg: &Path, name: &str) -> Result<()> {
    let (file, owner) = (pg.join(name), fs::metadata(pg)?);
    fs::copy(certificates.join(name), &file)?;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600))?;
    chown(&file, Some(owner.uid()), Some(owner.gid())).context("the certificate's owner")
}

/// TLS 1.3 alone, and whoever comes shows a certificate besides the password.
async fn close_postgres(folder: &Folder, superuser: &str, certificates: &Path) -> Result<PgConnection> {
    let pg = folder.path().join("pg");
    for name in ["ca.pem", "server.pem", "server.key"] {
        lend(certificates, &pg, name)?;
    }
    fs::write(pg.join("pg_hba.conf"), "hostssl all all 127.0.0.1/32 scram-sha-256 clientcert=verify-ca\n")?;
    let mut connection = PgConnection::connect(superuser).await?;
    let settings = [
        ("ssl_ca_file", "ca.pem"),
        ("ssl_cert_file", "server.pem"),
        ("ssl_key_file", "server.key"),
        ("ssl_min_protocol_version", "TLSv1.3"),
        ("ssl", "on"),
    ];
    set(&mut connection, &settings).await?;
    Ok(connection)
}

async fn set(superuser: &mut PgConnection, settings: &[(&str, &str)]) -> Result<()> {
    for (setting, value) in settings {
        sqlx::query(&format!("alter system set {setting} = '{value}'")).execute(&mut *superuser).await?;
    }
    sqlx::query("select pg_reload_conf()").execute(superuser).await?;
    Ok(())
}

fn close_nats(folder: &Folder, certificates: &Path) -> Result<()> {
    let settings = folder.path().join("nats/nats.conf");
    let file = |name: &str| certificates.join(name).display().to_string();
    let tls = format!(
        "\ntls {{ cert_file: \"{}\", key_file: \"{}\", ca_file: \"{}\", verify: true, min_version: \"1.3\" }}\n",
        file("server.pem"),
        file("server.key"),
        file("ca.pem")
    );
    fs::write(&settings, fs::read_to_string(&settings)? + &tls)?;
    signal(server_pid(folder, "nats").context("nats-server runs")?, Signal::SIGHUP);
    Ok(())
}

/// What a role is told, with or without a certificate of its own.
fn over_tls(given: &mut Given, certificates: &Path, shows_its_own: bool) {
    let file = |name: &str| certificates.join(name).display().to_string();
    for (name, value) in &mut given.environment {
        if name.starts_with("WORKDOCK_POSTGRES") {
            *value += &format!("?sslmode=verify-full&sslrootcert={}", file("ca.pem"));
            if shows_its_own {
                *value += &format!("&sslcert={}&sslkey={}", file("client.pem"), file("client.key"));
            }
        }
    }
    given.environment.push(("WORKDOCK_NATS__TLS__CA", file("ca.pem")));
    if shows_its_own {
        given.environment.push(("WORKDOCK_NATS__TLS__CERT", file("client.pem")));
        given.environment.push(("WORKDOCK_NATS__TLS__KEY", file("client.key")));
    }
}

#[tokio::test]
async fn roles_and_servers_show_each_other_certificates() -> Result<()> {
    let (servers, certificates) = (Folder::new(), tempfile::tempdir()?);
    let folder = certificates.path();
    let mut given = Given::start(&servers).await?;
    let made = servers.run(&["certs", "dev", "--out", folder.to_str().context("a path")?]);
    ensure!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let mut superuser = close_postgres(&servers, given.superuser(), folder).await?;
    close_nats(&servers, folder)?;

    let plain = given.command(&["migrate"]).output()?;
    assert!(!plain.status.success(), "the password alone opened the store");
    let passwords = given.environment.clone();
    over_tls(&mut given, folder, false);
    let refused = given.command(&["migrate"]).output()?;
    assert!(!refused.status.success(), "no certificate was asked for");

    given.environment = passwords;
    over_tls(&mut given, folder, true);
    let oldest = "ssl_min_protocol_version";
    set(&mut superuser, &[(oldest, "TLSv1.2"), ("ssl_max_protocol_version", "TLSv1.2")]).await?;
    let old = given.command(&["migrate"]).output()?;
    assert!(!old.status.success(), "TLS 1.2 was spoken");
    let said = String::from_utf8_lossy(&old.stderr).into_owned();
    assert!(said.contains("it speaks TLSv1.2, and nothing older than TLS 1.3 is used"), "{said}");
    set(&mut superuser, &[("ssl_max_protocol_version", ""), (oldest, "TLSv1.3")]).await?;
    let migrated = given.command(&["migrate"]).output()?;
    assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
    let _sequencer = given.role("sequencer").await?;
    let _projector = given.role("projector").await?;
    let api = given.api().await?;
    api.ready().await?;
    let id = register(&api).await?;
    let report = upload(&api, &id, CSV).await?;
    assert_eq!(net(&api, &id, &report["positions"]["last"]).await?, "-898.50");
    every_connection_is_mutual(&given, folder).await
}

async fn every_connection_is_mutual(given: &Given, certificates: &Path) -> Result<()> {
    let file = |name: &str| certificates.join(name).display().to_string();
    let url = format!(
        "{}?sslmode=verify-full&sslrootcert={}&sslcert={}&sslkey={}",
        given.superuser(),
        file("ca.pem"),
        file("client.pem"),
        file("client.key")
    );
    let mut connection = PgConnection::connect(&url).await?;
    let rows = sqlx::query(
        "select coalesce(version, ''), client_dn is not null from pg_stat_ssl join pg_stat_activity using (pid)
         where application_name = 'workdock'",
    )
    .fetch_all(&mut connection)
    .await?;
    assert!(rows.len() >= 3, "three roles are connected: {}", rows.len());
    for row in rows {
        assert_eq!((row.get::<String, _>(0).as_str(), row.get::<bool, _>(1)), ("TLSv1.3", true));
    }
    Ok(())
}
