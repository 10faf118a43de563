//! The listening socket: bound before anything long starts, so that a taken port is known at once.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use futures::FutureExt;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::tls;
use crate::config::Tls;

/// How long open requests may take to finish after we were asked to stop.
const LAST_REQUESTS: Duration = Duration::from_secs(3);

/// Binds, or says which port is taken and what to do.
pub async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => anyhow::anyhow!(
            "port {} on {} is taken by another program; choose another with --port (0: any free one)",
            address.port(),
            address.ip()
        ),
        std::io::ErrorKind::PermissionDenied => {
            anyhow::anyhow!("port {} may not be opened by this user; choose one above 1023 with --port", address.port())
        }
        _ => anyhow::Error::new(error).context(format!("{address} cannot be listened on")),
    })
}

/// Serves until `stop`; connections that are still open a little later are dropped.
pub async fn serve(
    listener: TcpListener,
    tls: Option<Tls>,
    router: Router,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let graceful = stop.clone().cancelled_owned();
    let server = match tls {
        None => {
            let service = router.into_make_service_with_connect_info::<SocketAddr>();
            axum::serve(listener, service).with_graceful_shutdown(graceful).into_future().left_future()
        }
        Some(tls) => {
            let service = tls::with_addresses(router).into_make_service_with_connect_info::<tls::Peer>();
            let listener = tls::TlsListener::try_new(listener, &tls)?;
            axum::serve(listener, service).with_graceful_shutdown(graceful).into_future().right_future()
        }
    };
    let late = async {
        stop.cancelled().await;
        tokio::time::sleep(LAST_REQUESTS).await;
    };
    tokio::select! {
        served = server => served.context("the HTTP server ended"),
        () = late => Ok(()),
    }
}
