//! TLS 1.3 from certificate files, which are read again when they change.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use anyhow::Context;
use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::serve::{IncomingStream, Listener};
use rustls::server::WebPkiClientVerifier;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{RootCertStore, ServerConfig};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::config::Tls;
use crate::pem::{certificates, private_key};

/// How long a caller may take to shake hands.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(5);
/// Handshakes at once; more callers wait.
const MOST_HANDSHAKES: usize = 256;

/// What new connections meet: the certificate that is shown, and the authority that callers must have one of. A
/// session of before is not resumed under another.
struct Current(RwLock<TlsAcceptor>);

impl Current {
    fn get(&self) -> TlsAcceptor {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, acceptor: TlsAcceptor) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = acceptor;
    }
}

/// Connections whose handshake is done. A slow caller keeps nobody waiting.
pub struct TlsListener {
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    address: SocketAddr,
}

impl TlsListener {
    /// # Errors
    /// Names the file that cannot be used.
    pub fn try_new(listener: TcpListener, tls: &Tls) -> anyhow::Result<Self> {
        let current = Arc::new(Current(RwLock::new(acceptor(tls)?)));
        let address = listener.local_addr()?;
        let (done, ready) = mpsc::channel(MOST_HANDSHAKES);
        let watched = tls.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = accept(listener, &current, done.clone()) => {}
                () = reload(watched, &current) => {}
                // Nobody takes connections any more.
                () = done.closed() => {}
            }
        });
        Ok(Self { ready, address })
    }
}

/// From the files as they are now.
fn acceptor(tls: &Tls) -> anyhow::Result<TlsAcceptor> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_protocol_versions(&[&rustls::version::TLS13])?;
    let builder = match &tls.client_ca {
        None => builder.with_no_client_auth(),
        Some(file) => {
            let mut roots = RootCertStore::empty();
            for certificate in certificates(file)? {
                roots.add(certificate).with_context(|| format!("{}: no authority's certificate", file.display()))?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build()?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let mut config = builder.with_cert_resolver(Arc::new(SingleCertAndKey::from(certified(tls)?)));
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn certified(tls: &Tls) -> anyhow::Result<CertifiedKey> {
    let key = private_key(&tls.key)?;
    let provider = rustls::crypto::ring::default_provider();
    CertifiedKey::from_der(certificates(&tls.cert)?, key, &provider)
        .with_context(|| format!("{} and {} are no certificate and its key", tls.cert.display(), tls.key.display()))
}

async fn accept(listener: TcpListener, current: &Current, done: mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>) {
    loop {
        let (stream, address) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        // A place for the finished connection first: this bounds the handshakes.
        let Ok(place) = done.clone().reserve_owned().await else { return };
        let acceptor = current.get();
        tokio::spawn(async move {
            match tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
                Ok(Ok(stream)) => drop(place.send((stream, address))),
                Ok(Err(error)) => tracing::debug!(%error, "a handshake failed"),
                Err(_) => tracing::debug!("a handshake took too long"),
            }
        });
    }
}

/// Takes new files when they fit together; until then the old ones count.
async fn reload(tls: Tls, current: &Current) {
    let mut seen = changed(&tls);
    loop {
        tokio::time::sleep(LOOK).await;
        let now = changed(&tls);
        if now == seen {
            continue;
        }
        match acceptor(&tls) {
            Ok(acceptor) => {
                current.set(acceptor);
                tracing::info!("new certificates");
                seen = now;
            }
            Err(error) => tracing::warn!(error = format!("{error:#}"), "the old certificates count still"),
        }
    }
}

fn changed(tls: &Tls) -> [Option<SystemTime>; 3] {
    let when = |file: &Path| std::fs::metadata(file).and_then(|data| data.modified()).ok();
    [when(&tls.cert), when(&tls.key), tls.client_ca.as_deref().and_then(when)]
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(connection) => connection,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

/// Where a connection comes from.
#[derive(Clone, Copy)]
pub struct Peer(SocketAddr);

impl axum::extract::connect_info::Connected<IncomingStream<'_, TlsListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TlsListener>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// The address as handlers ask for it, whatever was listened with.
pub fn with_addresses(router: Router) -> Router {
    router.layer(from_fn(async |ConnectInfo(Peer(address)): ConnectInfo<Peer>, mut request: Request, next: Next| {
        request.extensions_mut().insert(ConnectInfo(address));
        let response: Response = next.run(request).await;
        response
    }))
}
