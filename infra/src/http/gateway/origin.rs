//! Under which id a request is known, and where it came from.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, HeaderName, header};
use domain::access::Origin;
use uuid::Uuid;

use super::{Proxies, REQUEST_ID};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const MOST_ID: usize = 64;
const MOST_AGENT: usize = 200;

/// How a request came in.
pub struct Arrival {
    pub origin: Origin,
    /// The client reached a proxy that we trust by TLS.
    pub is_https: bool,
}

impl Arrival {
    pub fn of(request: &Request, proxies: &Proxies) -> Self {
        let headers = request.headers();
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
        let client = peer.map(|peer| proxies.client(peer, headers));
        let origin = Origin {
            request: text(headers, &REQUEST_ID).filter(|id| is_id(id)).map_or_else(new_id, str::to_owned),
            address: client.map(|(address, _)| address),
            agent: headers.get(header::USER_AGENT).map(|agent| shortened(&String::from_utf8_lossy(agent.as_bytes()))),
            traceparent: Some(
                text(headers, &TRACEPARENT).filter(|trace| is_trace(trace)).map_or_else(new_trace, str::to_owned),
            ),
        };
        Self { origin, is_https: client.is_some_and(|(_, is_https)| is_https) }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn new_id() -> String {
    Uuid::now_v7().to_string()
}

/// A trace that begins with this request.
fn new_trace() -> String {
    let id = Uuid::new_v4();
    format!("00-{}-{:016x}-01", id.simple(), id.as_u64_pair().1)
}

/// What a client may call its request: nothing that could be read as something else in a log.
fn is_id(id: &str) -> bool {
    (8..=MOST_ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

fn shortened(agent: &str) -> String {
    agent.chars().filter(|c| !c.is_control()).take(MOST_AGENT).collect()
}

/// Version 00 of the W3C trace context, with ids that are not zero.
fn is_trace(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [version, trace, parent, flags] = parts[..] else { return false };
    let is_hex = |part: &str, len: usize| {
        part.len() == len && part.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    };
    let is_zero = |part: &str| part.bytes().all(|byte| byte == b'0');
    version == "00"
        && is_hex(trace, 32)
        && is_hex(parent, 16)
        && is_hex(flags, 2)
        && !is_zero(trace)
        && !is_zero(parent)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn arrived(pairs: &[(&str, &str)]) -> Origin {
        let mut request = Request::get("/");
        for (name, value) in pairs {
            request = request.header(*name, *value);
        }
        Arrival::of(&request.body(Body::empty()).unwrap(), &Proxies::default()).origin
    }

    #[test]
    fn a_good_id_is_kept_and_any_other_is_replaced() {
        assert_eq!(arrived(&[("x-request-id", "ab-12_cd.EF")]).request, "ab-12_cd.EF");
        for bad in ["short", "with space in it", "a\"quote\"d-id", &"x".repeat(65), "línea-nueva"] {
            let made = arrived(&[("x-request-id", bad)]).request;
            assert_eq!(made.parse::<Uuid>().unwrap().get_version_num(), 7, "{bad}");
        }
        assert_ne!(arrived(&[]).request, arrived(&[]).request);
    }

    #[test]
    fn traces_and_agents_are_checked() {
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(arrived(&[("traceparent", trace)]).traceparent.as_deref(), Some(trace));
        for bad in [
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "x",
        ] {
            let begun = arrived(&[("traceparent", bad)]).traceparent.unwrap();
            assert!(begun != bad && is_trace(&begun), "{bad}: {begun}");
        }
        assert_ne!(arrived(&[]).traceparent, arrived(&[]).traceparent, "each request begins its own");
        assert_eq!(arrived(&[("user-agent", &"x".repeat(300))]).agent.unwrap().len(), 200);
    }
}
