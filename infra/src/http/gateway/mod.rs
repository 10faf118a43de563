//! What every request passes before and after it is answered, whatever it asks for.
//!
//! ```text
//! compression ▶ who, from where, under which id ▶ limit per address ▶ CORS ▶ body and time limits ▶ panics ▶ routes
//!             ◀ headers ◀ errors as problems that name the request ◀
//! ```
//!
//! Who signed in is known further inside: [`limit_subject`] counts them there.

mod body;
mod classes;
mod cors;
mod limits;
mod origin;
mod panics;
mod problems;
mod proxies;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::HeaderName;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use domain::Code;
use domain::access::{Principal, Subject};
use query_api::CountChanges;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tracing::Instrument;

pub use limits::{Limiter, Limits};
#[cfg(test)]
pub use panics::told as told_of_panic;
pub use proxies::{ForwardedHeader, Proxies};

use super::{headers, problem};
use body::Fault;
use classes::Class;
use limits::{Rule, Verdicts};
use origin::Arrival;

/// Bytes of a body where a handler sets no limit of its own.
const MOST_BODY: usize = 1 << 20;
/// How long an answer may take to begin, where no file is uploaded.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// A client that sends nothing of its body for so long is gone.
const SILENT_FOR: Duration = Duration::from_secs(30);

pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Cheap to clone.
#[derive(Clone)]
pub struct Gateway(Arc<Inner>);

struct Inner {
    proxies: Proxies,
    /// Our own listener speaks TLS.
    by_tls: bool,
    allowed_origins: Vec<String>,
    limiter: Limiter,
}

impl Gateway {
    pub fn new(config: &crate::config::Http, by_tls: bool) -> Self {
        let proxies = Proxies::new(config.trusted_proxies.clone(), config.forwarded_header);
        let limiter = Limiter::new(config.limits);
        Self(Arc::new(Inner { proxies, by_tls, allowed_origins: config.allowed_origins.clone(), limiter }))
    }

    pub fn limiter(&self) -> &Limiter {
        &self.0.limiter
    }

    /// The routes behind everything that all of them share.
    pub fn around(&self, router: Router) -> Router {
        let router = router.layer(DefaultBodyLimit::max(MOST_BODY)).layer(CatchPanicLayer::custom(panics::told));
        let router = match cors::layer(&self.0.allowed_origins) {
            Some(layer) => router.layer(layer),
            None => router,
        };
        router.layer(from_fn_with_state(self.clone(), pass)).layer(CompressionLayer::new())
    }
}

async fn pass(State(gateway): State<Gateway>, mut request: Request, next: Next) -> Response {
    let began = std::time::Instant::now();
    let arrival = Arrival::of(&request, &gateway.0.proxies);
    let class = Class::of(request.method(), request.uri().path());
    // The path without its query: a sign-in link carries its token there.
    let span = tracing::info_span!("request", id = arrival.origin.request, method = %request.method(),
        path = request.uri().path());
    let method = request.method().clone();
    request.extensions_mut().insert(arrival.origin.clone());
    let verdicts = gateway.0.limiter.ask_address(class, arrival.origin.address);
    let answered = async {
        match verdicts.refusal() {
            Some(refusal) => refusal,
            None => answer(class, request, next).await,
        }
    };
    let response = answered.instrument(span.clone()).await;
    let mut response = problems::told(response, &arrival.origin.request).await;
    verdicts.put_on(response.headers_mut());
    headers::add(response.headers_mut(), arrival.is_https || gateway.0.by_tls);
    if let Ok(id) = arrival.origin.request.parse() {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    let (status, took) = (response.status().as_u16(), began.elapsed());
    span.in_scope(|| tracing::debug!(status, ?took, "answered"));
    metrics::histogram!("workdock_http_request_seconds", "method" => classes::label(&method),
        "status" => status.to_string())
    .record(took);
    response
}

/// Within the limits of body and time.
async fn answer(class: Class, request: Request, next: Next) -> Response {
    let (request, fault) = match body::guarded(request, class.most_bytes(), SILENT_FOR) {
        Ok(guarded) => guarded,
        Err(refusal) => return *refusal,
    };
    let answer = async {
        if matches!(class, Class::Import | Class::Attachment) {
            return next.run(request).await;
        }
        match tokio::time::timeout(ANSWER_WITHIN, next.run(request)).await {
            Ok(response) => response,
            Err(_) => {
                tracing::warn!("no answer within {ANSWER_WITHIN:?}");
                problem::refuse(Code::Unavailable, "This took too long and was given up. Nothing is lost; try again.")
            }
        }
    };
    let response = answer.await;
    match fault.get() {
        // What the handler made of a body that broke off is less than what is known here.
        Some(Fault::Stalled) => problem::refuse(Code::Timeout, "The request's body stopped arriving; send it again."),
        Some(Fault::TooLarge) => problem::refuse(Code::TooLarge, "The request's body is too large."),
        None => response,
    }
}

/// Counts whoever signed in: placed behind the check of the session.
pub async fn limit_subject(State(limiter): State<Limiter>, mut request: Request, next: Next) -> Response {
    let Some(subject) = request.extensions().get::<Principal>().map(|principal| principal.subject.clone()) else {
        return next.run(request).await;
    };
    let class = Class::of(request.method(), request.uri().path());
    let verdicts = limiter.ask_subject(class, &subject);
    let changes = Arc::new(Mutex::new(Verdicts::default()));
    request.extensions_mut().insert(counted_within(&limiter, subject, Arc::clone(&changes)));
    let mut response = match verdicts.refusal() {
        Some(refusal) => refusal,
        None => next.run(request).await,
    };
    verdicts.put_on(response.headers_mut());
    changes.lock().unwrap_or_else(PoisonError::into_inner).put_on(response.headers_mut());
    response
}

/// Whether a GraphQL request changes anything stands in its body: whoever reads that counts each change as one over REST.
/// `told`: what was said of the last one.
fn counted_within(limiter: &Limiter, subject: Subject, told: Arc<Mutex<Verdicts>>) -> CountChanges {
    let limiter = limiter.clone();
    CountChanges(Arc::new(move |count| {
        let key = subject.to_string();
        for _ in 0..count {
            let verdicts = limiter.ask(std::iter::once(Rule::Changes), &key);
            let refusal = verdicts.refusal();
            *told.lock().unwrap_or_else(PoisonError::into_inner) = verdicts;
            if refusal.is_some() {
                return refusal;
            }
        }
        None
    }))
}

impl Limiter {
    fn ask_address(&self, class: Class, address: Option<std::net::IpAddr>) -> Verdicts {
        let Some(address) = address.filter(|_| class != Class::Health) else { return Verdicts::default() };
        let key = proxies::network_of(address);
        let rules = [Some(Rule::Address), (class == Class::SignIn).then_some(Rule::SignIn)];
        self.ask(rules.into_iter().flatten(), &key)
    }

    fn ask_subject(&self, class: Class, subject: &Subject) -> Verdicts {
        let own = if matches!(subject, Subject::Key(_)) { Rule::Key } else { Rule::User };
        let special = match class {
            Class::Import => Some(Rule::Imports),
            Class::Change | Class::Attachment => Some(Rule::Changes),
            _ => None,
        };
        self.ask([Some(own), special].into_iter().flatten(), &subject.to_string())
    }
}
