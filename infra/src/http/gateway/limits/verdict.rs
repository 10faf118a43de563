//! What limits say of a request, in the headers of draft-ietf-httpapi-ratelimit-headers.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;
use domain::Code;

use super::Rule;
use super::window::{Decision, WINDOW};
use crate::http::problem;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LEFT: HeaderName = HeaderName::from_static("ratelimit");

#[derive(Debug, Clone, Copy)]
pub struct Verdict {
    pub rule: Rule,
    pub limit: u32,
    pub decision: Decision,
}

/// Of each rule that was asked.
#[derive(Debug, Clone, Default)]
pub struct Verdicts([Option<Verdict>; 2]);

impl Verdicts {
    pub(super) fn push(&mut self, verdict: Verdict) {
        if let Some(free) = self.0.iter_mut().find(|place| place.is_none()) {
            *free = Some(verdict);
        }
    }

    fn all(&self) -> impl Iterator<Item = &Verdict> {
        self.0.iter().flatten()
    }

    /// The refusal that lasts longest.
    fn refused(&self) -> Option<(&Verdict, u64)> {
        let refused = self.all().filter_map(|verdict| match verdict.decision {
            Decision::Refused { retry } => Some((verdict, retry.div_ceil(1000).max(1))),
            Decision::Allowed { .. } => None,
        });
        refused.max_by_key(|(_, seconds)| *seconds)
    }

    pub fn refusal(&self) -> Option<Response> {
        let (verdict, seconds) = self.refused()?;
        metrics::counter!("workdock_http_limited_total", "rule" => verdict.rule.name()).increment(1);
        tracing::info!(rule = verdict.rule.name(), "too many requests");
        let detail = format!(
            "More than {} requests a minute ({}); try again in {seconds} seconds.",
            verdict.limit,
            verdict.rule.name()
        );
        let mut response = problem::refuse(Code::TooManyRequests, &detail);
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        Some(response)
    }

    pub fn put_on(&self, headers: &mut HeaderMap) {
        for Verdict { rule, limit, decision } in self.all() {
            let name = rule.name();
            let (left, resets) = match decision {
                Decision::Allowed { remaining, resets } => (*remaining, *resets),
                Decision::Refused { retry } => (0, *retry),
            };
            let values = [
                (POLICY, format!("\"{name}\";q={limit};w={}", WINDOW / 1000)),
                (LEFT, format!("\"{name}\";r={left};t={}", resets.div_ceil(1000))),
            ];
            for (header, value) in values {
                if let Ok(value) = HeaderValue::try_from(value) {
                    headers.append(header, value);
                }
            }
        }
    }
}
