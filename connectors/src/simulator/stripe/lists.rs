//! Lists: newest first, from an object on or back to one.

use axum::response::Response;
use serde_json::{Value, json};

use super::errors;
use crate::simulator::answer::{find, ok};

#[derive(Debug, Clone, Default)]
pub struct Query(Vec<(String, String)>);

impl Query {
    pub fn parse(query: &str) -> Result<Self, Box<Response>> {
        let query = Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect());
        match query.get("limit").map(str::parse::<u64>) {
            Some(Ok(1..=100)) | None => Ok(query),
            _ => Err(Box::new(errors::invalid("limit", "Invalid integer: limit must be between 1 and 100"))),
        }
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        find(&self.0, name)
    }

    fn expands(&self, member: &str) -> bool {
        self.0.iter().any(|(name, value)| name.starts_with("expand[") && value == member)
    }

    fn limit(&self) -> usize {
        self.get("limit").and_then(|limit| limit.parse().ok()).unwrap_or(10)
    }

    /// The rows that [`page`] needs: the cursor's, the page's, and one more that says whether there are more.
    pub fn window<'a, T>(&self, rows: &'a [T], id: impl Fn(&T) -> String) -> &'a [T] {
        let place = |wanted: &str| rows.iter().position(|row| id(row) == wanted);
        let reach = self.limit() + 1;
        let range = match (self.get("starting_after"), self.get("ending_before")) {
            (Some(after), _) => place(after).map(|place| place..place + 1 + reach),
            (None, Some(before)) => place(before).map(|place| place.saturating_sub(reach)..place + 1),
            (None, None) => Some(0..reach),
        };
        range.map_or(&[], |range| &rows[range.start..range.end.min(rows.len())])
    }

    /// `created[gte]` and its siblings.
    pub fn holds_created(&self, created: i64) -> bool {
        let bound = |name: &str| self.get(&format!("created[{name}]")).and_then(|text| text.parse::<i64>().ok());
        bound("gte").is_none_or(|at| created >= at)
            && bound("gt").is_none_or(|at| created > at)
            && bound("lte").is_none_or(|at| created <= at)
            && bound("lt").is_none_or(|at| created < at)
    }

    /// Whether a text member is the one that is asked for, where one is.
    pub fn holds(&self, name: &str, value: Option<&str>) -> bool {
        self.get(name).is_none_or(|asked| value == Some(asked))
    }
}

/// `expanded`: what the page's objects become where more of them is asked for.
pub fn page(objects: &[Value], query: &Query, url: &str, expanded: impl FnOnce(Vec<Value>) -> Vec<Value>) -> Response {
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
    let data = objects[from..until].to_vec();
    let data = if query.expands("data.source") { expanded(data) } else { data };
    ok(&json!({"object": "list", "data": data, "has_more": has_more, "url": url}))
}
