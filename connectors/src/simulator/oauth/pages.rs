//! The page on which a user agrees: one button, and the way back.

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};

/// What a provider's page asks, and where its button leads.
pub(in crate::simulator) struct Consent<'a> {
    pub provider: &'a str,
    pub asks: &'a str,
    pub agree: &'a str,
    pub refuse: &'a str,
}

impl Consent<'_> {
    pub fn page(&self) -> Response {
        let Self { provider, asks, agree, refuse } = self;
        let (provider, asks, agree, refuse) = (escape(provider), escape(asks), escape(agree), escape(refuse));
        Html(format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{provider} (simulated)</title>\
             <style>body{{font:16px/1.5 system-ui;max-width:30rem;margin:4rem auto;padding:0 1rem}}\
             a{{display:inline-block;padding:.5rem 1rem;margin-right:.5rem;border:1px solid;border-radius:.3rem}}</style>\
             <h1>{provider}</h1><p>{asks}</p><p><a id=\"agree\" href=\"{agree}\">Allow</a>\
             <a id=\"refuse\" href=\"{refuse}\">Refuse</a></p>"
        ))
        .into_response()
    }
}

pub(in crate::simulator) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The address with more parameters.
pub(in crate::simulator) fn with_query(address: &str, parameters: &[(&str, &str)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    let separator = if address.contains('?') { '&' } else { '?' };
    format!("{address}{separator}{query}")
}

/// Only to where a browser may be sent.
pub(in crate::simulator) fn back_to(address: &str) -> Response {
    if address.starts_with("http://") || address.starts_with("https://") {
        Redirect::to(address).into_response()
    } else {
        (StatusCode::BAD_REQUEST, "redirect_uri must be an http or https address").into_response()
    }
}
