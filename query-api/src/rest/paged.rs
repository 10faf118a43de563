//! Pages of what stands now, beside the states of knowledge: their version is what they say.

use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use domain::{Code, Problem};
use serde::Serialize;

use crate::Failure;
use crate::edge::Tag;

/// A page, unless its caller has it already; `next`: where the next one begins.
pub(super) fn answer(
    body: &impl Serialize,
    next: Option<&str>,
    (uri, headers): (&Uri, &HeaderMap),
) -> Result<Response, Failure> {
    let text = serde_json::to_vec(body).map_err(|error| {
        tracing::error!(%error, "a page cannot be written");
        Problem::new(Code::Internal, "This could not be answered. It is logged; nothing is lost.")
    })?;
    let tag = Tag::of_content(&text);
    if tag.is_held(headers) {
        return Ok(tag.not_modified());
    }
    let mut response = tag.put_on(([(header::CONTENT_TYPE, "application/json")], text).into_response());
    if let Some(link) = next.and_then(|next| HeaderValue::try_from(link_to(uri, next)).ok()) {
        response.headers_mut().insert(header::LINK, link);
    }
    Ok(response)
}

/// The same question after this page (RFC 8288).
fn link_to(uri: &Uri, after: &str) -> String {
    let kept =
        uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("after="));
    let query: Vec<String> = kept.map(str::to_owned).chain([format!("after={after}")]).collect();
    format!("<{}?{}>; rel=\"next\"", uri.path(), query.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_asks_the_same_question() {
        let uri = |text: &str| text.parse::<Uri>().unwrap();
        let link = link_to(&uri("/m?states=applied&after=a&first=2"), "b");
        assert_eq!(link, "</m?states=applied&first=2&after=b>; rel=\"next\"");
        assert_eq!(link_to(&uri("/m"), "b"), "</m?after=b>; rel=\"next\"");
    }
}
