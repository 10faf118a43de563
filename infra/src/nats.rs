//! Connecting to NATS: over TLS 1.3, or on this very machine. async-nats leaves the user and password of an address
//! aside, so they are taken from it here, and lets TLS 1.2 pass, so it is given the settings whole.

use std::str::FromStr;
use std::sync::Arc;

use anyhow::Context;
use async_nats::{Client, ConnectOptions, ServerAddr};
use rustls::{ClientConfig, RootCertStore};
use streams::tls::is_this_machine;

use crate::config::{ClientTls, Secret};
use crate::pem::{certificates, private_key};

/// Connects once; afterwards the client comes back by itself after every loss.
/// `address`: `nats://user:password@host:port`, or a comma-separated list of them for a cluster.
pub async fn connect(address: &Secret, tls: Option<&ClientTls>) -> anyhow::Result<Client> {
    let servers: Vec<ServerAddr> =
        address.expose().split(',').map(|part| ServerAddr::from_str(part.trim())).collect::<Result<_, _>>()?;
    let mut options = ConnectOptions::new().name("workdock");
    if let Some(first) = servers.iter().find(|server| server.has_user_pass()) {
        let user = first.username().unwrap_or_default().to_owned();
        options = options.user_and_password(user, first.password().unwrap_or_default().to_owned());
    }
    if tls.is_some() || !servers.iter().all(|server| is_this_machine(server.host())) {
        options = options.require_tls(true).tls_client_config(client_config(tls)?);
    }
    Ok(options.connect(servers).await?)
}

fn client_config(tls: Option<&ClientTls>) -> anyhow::Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    match tls.and_then(|tls| tls.ca.as_ref()) {
        Some(file) => {
            for certificate in certificates(file)? {
                roots.add(certificate).with_context(|| format!("{}: no authority's certificate", file.display()))?;
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_protocol_versions(&[&rustls::version::TLS13])?;
    let builder = builder.with_root_certificates(roots);
    match tls.map(|tls| (&tls.cert, &tls.key)) {
        Some((Some(cert), Some(key))) => builder
            .with_client_auth_cert(certificates(cert)?, private_key(key)?)
            .with_context(|| format!("{} and {} are no certificate and its key", cert.display(), key.display())),
        None | Some((None, None)) => Ok(builder.with_no_client_auth()),
        Some(_) => anyhow::bail!("nats.tls.cert and nats.tls.key belong together: give both or neither"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_server_with_an_older_tls_is_refused() {
        let port = streams::testing::old_tls();
        let stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let config = client_config(Some(&ClientTls::default())).unwrap();
        let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
        let error = connector.connect("localhost".try_into().unwrap(), stream).await.unwrap_err();
        assert!(streams::tls::is_too_old(&error), "{error}");
    }
}
