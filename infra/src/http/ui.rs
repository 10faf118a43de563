//! The page: the files of `ui/dist`, in the program itself.
//!
//! Files under `/assets/` carry a hash of their content in their name and may be kept for ever; everything else is
//! asked for again each time and answered with 304 where it is the same. An unknown path is a route of the page and
//! gets `index.html`; an unknown asset is a 404, so that an old page notices that it is old.
//!
//! The build packs texts with Brotli beside the plain files (`first.js.br`): smaller than what can be packed while a
//! browser waits, and free of charge. Whoever does not take them gets the plain file, which the gateway packs.

use axum::http::header::{
    ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use domain::Code;
use rust_embed::{EmbeddedFile, RustEmbed};

use super::problem;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../ui/dist"]
struct Dist;

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// First parts of paths that are no routes of the page.
const MACHINES: [&str; 5] = ["api", "graphql", "health", "metrics", ".well-known"];
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");
const PACKED: &str = ".br";

/// Whether a path is a file of the page, and so may be had without a session: it holds no data.
pub fn is_file(path: &str) -> bool {
    path.starts_with("/assets/") || (path.len() > 1 && path != "/index.html" && Dist::get(&path[1..]).is_some())
}

pub async fn page(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    // Machines ask there: a page would be no answer.
    if MACHINES.iter().any(|first| path.split('/').next() == Some(first)) {
        return StatusCode::NOT_FOUND.into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        return (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "GET, HEAD")]).into_response();
    }
    if let Some(file) = Dist::get(path).filter(|_| !path.is_empty()) {
        let caching = if path.starts_with("assets/") { FOR_EVER } else { ASK_AGAIN };
        return answer(path, file, caching, &headers);
    }
    if path.starts_with("assets/") {
        return StatusCode::NOT_FOUND.into_response();
    }
    match Dist::get("index.html") {
        Some(file) => answer("index.html", file, ASK_AGAIN, &headers),
        None => problem::refuse(Code::Unavailable, "The page is not built: run `make ui`, then start workdock again."),
    }
}

/// Whether a browser takes Brotli: named, and not refused by a quality of 0.
fn takes_brotli(asked: &HeaderMap) -> bool {
    let offers = asked.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    offers.flat_map(|value| value.split(',')).any(|offer| {
        let (coding, quality) = offer.split_once(';').unwrap_or((offer, "q=1"));
        let quality = quality.trim().strip_prefix("q=").and_then(|quality| quality.parse::<f32>().ok());
        coding.trim().eq_ignore_ascii_case("br") && quality.is_some_and(|quality| quality > 0.0)
    })
}

fn answer(path: &str, file: EmbeddedFile, caching: HeaderValue, asked: &HeaderMap) -> Response {
    // Weak: the same file may be packed or not.
    let etag = format!("W/\"{}\"", hex::encode(&file.metadata.sha256_hash()[..16]));
    let same =
        asked.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains(&etag));
    let kind = HeaderValue::from_str(file.metadata.mimetype());
    let packed = if same { None } else { Dist::get(&format!("{path}{PACKED}")) };
    let may_be_packed = packed.is_some();
    let packed = packed.filter(|_| takes_brotli(asked));
    let is_packed = packed.is_some();
    let body = packed.map_or(file.data, |packed| packed.data);
    let mut response = if same { StatusCode::NOT_MODIFIED.into_response() } else { body.into_owned().into_response() };
    let headers = response.headers_mut();
    if may_be_packed {
        headers.append(VARY, HeaderValue::from_name(ACCEPT_ENCODING));
    }
    if is_packed {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    if let Ok(kind) = kind {
        headers.insert(CONTENT_TYPE, kind);
    }
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(ETAG, etag);
    }
    headers.insert(CACHE_CONTROL, caching);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brotli_is_for_those_who_take_it() {
        let takes = |value: &'static str| {
            takes_brotli(&HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(value))]))
        };
        assert!(takes("gzip, deflate, br, zstd"));
        assert!(takes("gzip;q=1.0, br;q=0.5"));
        assert!(!takes("gzip, br;q=0"));
        assert!(!takes("gzip"));
        assert!(!takes_brotli(&HeaderMap::new()));
    }
}
