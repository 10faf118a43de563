use std::net::TcpListener;
use std::sync::Arc;

use rustls::server::ResolvesServerCertUsingSni;
use rustls::{ServerConfig, ServerConnection};

/// The port of a server of this machine that knows TLS 1.2 alone. It has no certificate: whoever knows only newer
/// versions is turned away before it would show one.
pub fn old_tls() -> u16 {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ServerConfig::builder_with_provider(provider).with_protocol_versions(&[&rustls::version::TLS12]);
    let versions = versions.expect("TLS 1.2 has suites");
    let config = versions.with_no_client_auth().with_cert_resolver(Arc::new(ResolvesServerCertUsingSni::new()));
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("its address").port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut connection = ServerConnection::new(Arc::clone(&config)).expect("a server");
            // Fails, and tells the client why.
            drop(connection.complete_io(&mut stream));
        }
    });
    port
}
