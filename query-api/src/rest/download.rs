//! Files given out as downloads, never as pages of ours.

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures::TryStreamExt;
use streams::files::Opened;

/// A file under a name, piece by piece.
pub(super) fn download(name: &str, media: String, opened: Opened) -> Response {
    let headers = [
        (header::CONTENT_TYPE, media),
        (header::CONTENT_LENGTH, opened.bytes.to_string()),
        (header::CONTENT_DISPOSITION, disposition(name)),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'; frame-ancestors 'none'".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    let pieces = opened.pieces.inspect_err(|error| {
        error.problem();
    });
    (headers, Body::from_stream(pieces)).into_response()
}

/// RFC 6266, with the name in letters of ASCII and, for who reads it, as it is (RFC 8187).
fn disposition(name: &str) -> String {
    let plain: String = name.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '_' }).collect();
    let plain = plain.replace(['"', '\\', '%', ';'], "_");
    let mut exact = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            exact.push(char::from(byte));
        } else {
            exact.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{exact}")
}

#[cfg(test)]
mod tests {
    use super::disposition;

    #[test]
    fn a_name_cannot_end_its_header() {
        let header = disposition("a\"b;\r\nX: März.pdf");
        assert_eq!(
            header,
            "attachment; filename=\"a_b___X: M_rz.pdf\"; filename*=UTF-8''a%22b%3B%0D%0AX%3A%20M%C3%A4rz.pdf"
        );
    }
}
