//! The certificates that are made, served with and asked through.

use axum::Router;
use axum::extract::ConnectInfo;
use axum::routing::get;
use std::net::SocketAddr;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::config::{Http, Tls};
use crate::http::{bind, serve};

/// A server on the certificates of this folder, which answers with the caller's address.
async fn start(folder: &Path, client_ca: bool) -> (SocketAddr, CancellationToken) {
    start_with(folder, client_ca.then(|| folder.join("ca.pem"))).await
}

async fn start_with(folder: &Path, client_ca: Option<PathBuf>) -> (SocketAddr, CancellationToken) {
    let tls = Tls { cert: folder.join("server.pem"), key: folder.join("server.key"), client_ca };
    let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
    let router =
        Router::new().route("/", get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.ip().to_string()));
    tokio::spawn(serve(listener, Some(tls), router, stop.clone()));
    (address, stop)
}

fn client(folder: &Path, certificate: bool) -> reqwest::Client {
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let builder =
        reqwest::Client::builder().add_root_certificate(reqwest::Certificate::from_pem(&read("ca.pem")).unwrap());
    let identity = [read("client.pem"), read("client.key")].concat();
    let builder = match certificate {
        true => builder.identity(reqwest::Identity::from_pem(&identity).unwrap()),
        false => builder,
    };
    builder.build().unwrap()
}

#[tokio::test]
async fn a_server_is_reached_by_who_trusts_its_authority_and_with_tls_1_3_alone() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    make(folder.path(), vec!["workdock.example".to_owned()]).unwrap();
    make(other.path(), Vec::new()).unwrap();
    let (address, _stop) = start(folder.path(), false).await;
    let url = format!("https://localhost:{}/", address.port());
    let answer = client(folder.path(), false).get(&url).send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "127.0.0.1");
    assert!(client(other.path(), false).get(&url).send().await.is_err());
    let authority = reqwest::Certificate::from_pem(&std::fs::read(folder.path().join("ca.pem")).unwrap()).unwrap();
    let old =
        reqwest::Client::builder().add_root_certificate(authority).max_tls_version(reqwest::tls::Version::TLS_1_2);
    assert!(old.build().unwrap().get(&url).send().await.is_err());
    let mode = std::fs::metadata(folder.path().join("server.key")).unwrap();
    assert_eq!(std::os::unix::fs::MetadataExt::mode(&mode) & 0o777, 0o600);
}

#[tokio::test]
async fn where_clients_must_show_a_certificate_others_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path(), Vec::new()).unwrap();
    let (address, _stop) = start(folder.path(), true).await;
    let url = format!("https://localhost:{}/", address.port());
    assert!(client(folder.path(), true).get(&url).send().await.is_ok());
    assert!(client(folder.path(), false).get(&url).send().await.is_err());
}

#[tokio::test]
async fn new_files_are_shown_without_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path(), Vec::new()).unwrap();
    let (address, _stop) = start(folder.path(), false).await;
    let url = format!("https://localhost:{}/", address.port());
    make(folder.path(), Vec::new()).unwrap();
    let asks = async {
        // Trusts the new authority alone.
        while client(folder.path(), false).get(&url).send().await.is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), asks).await.unwrap();
}

/// Whose authority was taken away is refused, with the server's own files as they were.
#[tokio::test]
async fn another_authority_of_callers_counts_without_a_restart() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    make(folder.path(), Vec::new()).unwrap();
    make(other.path(), Vec::new()).unwrap();
    let callers = folder.path().join("callers.pem");
    std::fs::copy(folder.path().join("ca.pem"), &callers).unwrap();
    let (address, _stop) = start_with(folder.path(), Some(callers.clone())).await;
    let url = format!("https://localhost:{}/", address.port());
    assert!(client(folder.path(), true).get(&url).send().await.is_ok());
    std::fs::copy(other.path().join("ca.pem"), &callers).unwrap();
    let refused = async {
        while client(folder.path(), true).get(&url).send().await.is_ok() {
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), refused).await.unwrap();
}

#[test]
fn plain_http_is_for_loopback_alone() {
    let everywhere = Http { listen: "0.0.0.0".parse().unwrap(), ..Http::default() };
    assert!(everywhere.check().unwrap_err().to_string().contains("workdock certs dev"));
    assert!(Http::default().check().is_ok());
}
