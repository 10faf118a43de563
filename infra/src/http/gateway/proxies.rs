//! From which address a request came: the socket's, or what a proxy that is trusted says.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::{HeaderMap, HeaderName};
use ipnet::IpNet;
use serde::Deserialize;

/// Which header our proxies write. Only one is read: of the other, a client could say what it likes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForwardedHeader {
    #[default]
    XForwardedFor,
    /// RFC 7239.
    Forwarded,
}

#[derive(Debug, Clone, Default)]
pub struct Proxies {
    trusted: Vec<IpNet>,
    header: ForwardedHeader,
}

/// What a hop says of the one before it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Hop {
    address: Option<IpAddr>,
    is_https: bool,
}

/// Longer chains are somebody's game.
const MOST_HOPS: usize = 16;

impl Proxies {
    pub fn new(trusted: Vec<IpNet>, header: ForwardedHeader) -> Self {
        Self { trusted, header }
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(&address))
    }

    /// The nearest address that is no proxy of ours, and whether the client came to our proxy by TLS.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> (IpAddr, bool) {
        let peer = peer.to_canonical();
        if self.trusted.is_empty() || !self.trusts(peer) {
            return (peer, false);
        }
        let (mut client, mut is_https) = (peer, false);
        for hop in self.hops(headers) {
            // The outermost proxy of ours is the one that knows how the client came.
            is_https = hop.is_https;
            let Some(address) = hop.address.map(|address| address.to_canonical()) else { break };
            client = address;
            if !self.trusts(address) {
                break;
            }
        }
        (client, is_https)
    }

    /// The nearest first.
    fn hops(&self, headers: &HeaderMap) -> Vec<Hop> {
        let all = |name: &str| -> Vec<String> {
            let values = headers.get_all(HeaderName::try_from(name).unwrap_or(REFUSED)).iter();
            let texts = values.filter_map(|value| value.to_str().ok());
            let parts: Vec<_> = texts.flat_map(|text| text.split(',')).map(|part| part.trim().to_owned()).collect();
            parts.into_iter().rev().take(MOST_HOPS).collect()
        };
        match self.header {
            ForwardedHeader::Forwarded => all("forwarded").iter().map(|text| forwarded(text)).collect(),
            ForwardedHeader::XForwardedFor => {
                let schemes = all("x-forwarded-proto");
                // One scheme for all, or one for each hop.
                let scheme = |n: usize| schemes.get(n).or(schemes.last());
                let hop = |(n, text): (usize, &String)| Hop {
                    address: address_of(text),
                    is_https: scheme(n).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https")),
                };
                all("x-forwarded-for").iter().enumerate().map(hop).collect()
            }
        }
    }
}

const REFUSED: HeaderName = HeaderName::from_static("x-none");

/// `for="[2001:db8::17]:4711";proto=https`
fn forwarded(element: &str) -> Hop {
    let mut hop = Hop::default();
    for pair in element.split(';') {
        let Some((name, value)) = pair.split_once('=') else { continue };
        let value = value.trim().trim_matches('"');
        match name.trim().to_ascii_lowercase().as_str() {
            "for" => hop.address = address_of(value),
            "proto" => hop.is_https = value.eq_ignore_ascii_case("https"),
            _ => {}
        }
    }
    hop
}

/// With or without a port, IPv6 with or without brackets.
fn address_of(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    text.parse::<SocketAddr>().map(|address| address.ip()).or_else(|_| bare.parse()).ok()
}

/// Whom a limit by address counts as one: an IPv4 address, or the network of 64 bits that one customer is given.
pub fn network_of(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(header: ForwardedHeader, peer: &str, pairs: &[(&'static str, &'static str)]) -> (String, bool) {
        let proxies = Proxies::new(vec!["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()], header);
        let headers: HeaderMap =
            pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        let (address, is_https) = proxies.client(peer.parse().unwrap(), &headers);
        (address.to_string(), is_https)
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let said = [("x-forwarded-for", "203.0.113.9"), ("x-forwarded-proto", "https")];
        let by_xff = |peer, pairs| client(ForwardedHeader::XForwardedFor, peer, pairs);
        assert_eq!(by_xff("198.51.100.1", &said), ("198.51.100.1".into(), false));
        assert_eq!(by_xff("10.1.1.1", &said), ("203.0.113.9".into(), true));
        assert_eq!(by_xff("::ffff:10.1.1.1", &said), ("203.0.113.9".into(), true), "IPv4 in IPv6");
        assert_eq!(by_xff("10.1.1.1", &[]), ("10.1.1.1".into(), false));
        // What the client wrote itself stands before what our proxies added.
        let forged = [("x-forwarded-for", "1.1.1.1, 203.0.113.9, 10.2.2.2")];
        assert_eq!(by_xff("10.1.1.1", &forged).0, "203.0.113.9");
        let nonsense = [("x-forwarded-for", "1.1.1.1, unknown, 10.2.2.2")];
        assert_eq!(by_xff("10.1.1.1", &nonsense).0, "10.2.2.2", "the last one that is known");
        let other = [("forwarded", "for=9.9.9.9;proto=https")];
        assert_eq!(by_xff("10.1.1.1", &other), ("10.1.1.1".into(), false), "the header that was not chosen");
    }

    #[test]
    fn the_forms_of_rfc_7239_are_read() {
        let by = |text| client(ForwardedHeader::Forwarded, "10.1.1.1", &[("forwarded", text)]);
        assert_eq!(by("for=192.0.2.60;proto=http;by=10.0.0.1"), ("192.0.2.60".into(), false));
        assert_eq!(by("For=\"[2001:db8:cafe::17]:4711\";Proto=https"), ("2001:db8:cafe::17".into(), true));
        assert_eq!(by("for=192.0.2.43, for=198.51.100.17:80;proto=https"), ("198.51.100.17".into(), true));
        assert_eq!(by("for=_hidden").0, "10.1.1.1");
    }

    #[test]
    fn addresses_of_one_customer_are_one() {
        assert_eq!(network_of("192.0.2.1".parse().unwrap()), "192.0.2.1");
        let networks = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9"].map(|text| network_of(text.parse().unwrap()));
        assert_eq!(networks[0], networks[1]);
        assert_ne!(networks[0], network_of("2001:db8:1:3::1".parse().unwrap()));
    }
}
