//! Connecting to NATS: async-nats leaves the user and password of an address aside, so they are taken from it here.

use std::str::FromStr;

use async_nats::{Client, ConnectOptions, ServerAddr};

use crate::config::{ClientTls, Secret};

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
    if let Some(tls) = tls {
        options = options.require_tls(true);
        if let Some(ca) = &tls.ca {
            options = options.add_root_certificates(ca.clone());
        }
        match (&tls.cert, &tls.key) {
            (Some(cert), Some(key)) => options = options.add_client_certificate(cert.clone(), key.clone()),
            (None, None) => {}
            _ => anyhow::bail!("nats.tls.cert and nats.tls.key belong together: give both or neither"),
        }
    }
    Ok(options.connect(servers).await?)
}
