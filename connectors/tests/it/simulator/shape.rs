//! Whether an answer has the shape of a payload: the same members with the same types.

use serde_json::Value;

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// What differs, by path. Null stands for any type; members of `free` are not looked into; an empty list says
/// nothing of its items.
pub fn differences(payload: &Value, answer: &Value, free: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    compare(payload, answer, free, "", &mut found);
    found
}

fn compare(payload: &Value, answer: &Value, free: &[&str], path: &str, found: &mut Vec<String>) {
    match (payload, answer) {
        (Value::Null, _) | (_, Value::Null) => {}
        (Value::Object(payload), Value::Object(answer)) => {
            for (name, value) in payload {
                let path = format!("{path}/{name}");
                if free.contains(&name.as_str()) {
                    continue;
                }
                match answer.get(name) {
                    Some(answer) => compare(value, answer, free, &path, found),
                    None => found.push(format!("{path} is missing")),
                }
            }
            let unknown = answer.keys().filter(|name| !payload.contains_key(*name) && !free.contains(&name.as_str()));
            found.extend(unknown.map(|name| format!("{path}/{name} is not in the payload")));
        }
        (Value::Array(payload), Value::Array(answer)) => {
            if let (Some(payload), Some(answer)) = (payload.first(), answer.first()) {
                compare(payload, answer, free, &format!("{path}/0"), found);
            }
        }
        (payload, answer) if kind(payload) != kind(answer) => {
            found.push(format!("{path} is {} instead of {}", kind(answer), kind(payload)));
        }
        _ => {}
    }
}

pub fn assert_shape(payload: &Value, answer: &Value, free: &[&str]) {
    let found = differences(payload, answer, free);
    assert!(found.is_empty(), "{found:#?}\n{answer:#}");
}
