//! Lists: newest first, from an object on or back to one.

use axum::response::Response;
use serde_json::{Value, json};

use super::errors;
use crate::simulator::answer::{find, ok};

#[derive(Debug, Clone, Default)]
pub struct Query {
    given: Vec<(String, String)>,
    /// `created[gte]` and its siblings: each object is held against them.
    since: Option<i64>,
    until: Option<i64>,
}

impl Query {
    pub fn parse(query: &str) -> Result<Self, Box<Response>> {
        let given: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let bound = |name: &str| find(&given, &format!("created[{name}]"))?.parse::<i64>().ok();
        let since = bound("gte").max(bound("gt").map(|at| at.saturating_add(1)));
        let until = bound("lte").into_iter().chain(bound("lt").map(|at| at.saturating_sub(1))).min();
        let query = Self { since, until, given };
        match query.get("limit").map(str::parse::<u64>) {
            Some(Ok(1..=100)) | None => Ok(query),
            _ => Err(Box::new(errors::invalid("limit", "Invalid integer: limit must be between 1 and 100"))),
        }
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        find(&self.given, name)
    }

    pub fn expands(&self, member: &str) -> bool {
        self.given.iter().any(|(name, value)| name.starts_with("expand[") && value == member)
    }

    fn limit(&self) -> usize {
        self.get("limit").and_then(|limit| limit.parse().ok()).unwrap_or(10)
    }

    /// The rows that [`page`] needs: the cursor's, the page's, and one more that says whether there are more.
    pub fn window<'a, T>(&self, rows: &'a [T], is: impl Fn(&T, &str) -> bool) -> &'a [T] {
        let place = |id: &str| rows.iter().position(|row| is(row, id));
        let reach = self.limit() + 1;
        let range = match (self.get("starting_after"), self.get("ending_before")) {
            (Some(after), _) => place(after).map(|place| place..place + 1 + reach),
            (None, Some(before)) => place(before).map(|place| place.saturating_sub(reach)..place + 1),
            (None, None) => Some(0..reach),
        };
        range.map_or(&[], |range| &rows[range.start..range.end.min(rows.len())])
    }

    pub fn holds_created(&self, created: i64) -> bool {
        self.since.is_none_or(|since| created >= since) && self.until.is_none_or(|until| created <= until)
    }

    /// Whether a text member is the one that is asked for, where one is.
    pub fn holds(&self, name: &str, value: Option<&str>) -> bool {
        self.get(name).is_none_or(|asked| value == Some(asked))
    }
}

pub fn page(objects: &[Value], query: &Query, url: &str) -> Response {
    let place = |id: &str| objects.iter().position(|object| object["id"] == id);
    let limit = query.limit();
    let missing = |id: &str| errors::missing(url, id);
    let (from, until, has_more) = match (query.get("starting_after"), query.get("ending_before")) {
        (Some(after), _) => {
            let Some(place) = place(after) else { return missing(after) };
            let until = (place + 1 + limit).min(objects.len());
            (place + 1, until, until < objects.len())
        }
        (None, Some(before)) => {
            let Some(place) = place(before) else { return missing(before) };
            let from = place.saturating_sub(limit);
            (from, place, from > 0)
        }
        (None, None) => {
            let until = limit.min(objects.len());
            (0, until, until < objects.len())
        }
    };
    ok(&json!({"object": "list", "data": objects[from..until], "has_more": has_more, "url": url}))
}
