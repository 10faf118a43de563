//! TLS 1.3 is the oldest version that is spoken with others; here a peer that lacks it is told from one that is away, and
//! others from this very machine.

use std::error::Error;
use std::io;

use rustls::AlertDescription;

/// Whether a connection failed since the other side has only older versions. `error` is that of whoever made the
/// connection, however far it has wrapped the cause.
pub fn is_too_old(error: &(dyn Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| cause(*error)).any(|error| {
        matches!(
            error.downcast_ref(),
            Some(rustls::Error::AlertReceived(AlertDescription::ProtocolVersion) | rustls::Error::PeerIncompatible(_))
        )
    })
}

/// Whether what is sent to a host, as a URL or a setting names it, stays on this machine.
pub fn is_this_machine(host: &str) -> bool {
    matches!(host, "127.0.0.1" | "[::1]" | "::1" | "localhost")
}

/// An [`io::Error`] gives the source of what it holds, and passes over that itself.
fn cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(held) => Some(held),
        None => error.source(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_found_behind_what_wraps_it() {
        let wrapped = |error: rustls::Error| io::Error::other(io::Error::new(io::ErrorKind::InvalidData, error));
        assert!(is_too_old(&wrapped(rustls::Error::AlertReceived(AlertDescription::ProtocolVersion))));
        assert!(is_too_old(&rustls::Error::PeerIncompatible(
            rustls::PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
        )));
        assert!(!is_too_old(&wrapped(rustls::Error::AlertReceived(AlertDescription::UnknownCA))));
        assert!(!is_too_old(&io::Error::from(io::ErrorKind::ConnectionRefused)));
    }
}
