use std::collections::BTreeSet;

use serde_json::Value;

/// What a consumer of the old schema could not live with in the new one, each with its place; empty where the change
/// may be made without a new version. Allowed are new optional members, new values of an enumeration, and words.
pub fn incompatibilities(old: &Value, new: &Value) -> Vec<String> {
    let mut comparison = Comparison { old, new, found: Vec::new(), seen: BTreeSet::new() };
    comparison.schemas(old, new, "");
    comparison.found
}

/// Keywords that may not change at all.
const FIXED: [&str; 7] = ["type", "format", "pattern", "minimum", "maximum", "const", "additionalProperties"];

struct Comparison<'a> {
    old: &'a Value,
    new: &'a Value,
    found: Vec<String>,
    /// Definitions under comparison: types may contain themselves.
    seen: BTreeSet<String>,
}

impl<'a> Comparison<'a> {
    fn schemas(&mut self, old: &'a Value, new: &'a Value, at: &str) {
        if let Some(target) = old["$ref"].as_str() {
            if self.seen.insert(format!("{at} {target}")) && at.len() < 500 {
                let (old, new) = (resolve(self.old, old), resolve(self.new, new));
                self.schemas(old, new, at);
            }
            // Members beside the reference are compared too.
        } else if new["$ref"].is_string() {
            return self.schemas(old, resolve(self.new, new), at);
        }
        for keyword in FIXED {
            if old[keyword] != new[keyword] {
                self.found.push(format!("{at}: {keyword} was {}, is {}", old[keyword], new[keyword]));
            }
        }
        self.members(old, new, at);
        self.values(old, new, at);
        if !old["items"].is_null() {
            self.schemas(&old["items"], &new["items"], &format!("{at}[]"));
        }
        for keyword in ["anyOf", "oneOf", "allOf"] {
            self.alternatives(&old[keyword], &new[keyword], at, keyword);
        }
    }

    fn members(&mut self, old: &'a Value, new: &'a Value, at: &str) {
        for (name, member) in old["properties"].as_object().into_iter().flatten() {
            let at = format!("{at}/{name}");
            match new["properties"].get(name) {
                Some(now) => self.schemas(member, now, &at),
                None => self.found.push(format!("{at}: removed")),
            }
        }
        let (was, is) = (texts(&old["required"]), texts(&new["required"]));
        let optional = was.difference(&is).map(|name| format!("{at}/{name}: was required"));
        let required = is.difference(&was).map(|name| format!("{at}/{name}: is required now, older events lack it"));
        self.found.extend(optional.chain(required));
    }

    fn values(&mut self, old: &Value, new: &Value, at: &str) {
        let gone = texts(&old["enum"]).difference(&texts(&new["enum"])).map(ToString::to_string).collect::<Vec<_>>();
        self.found.extend(gone.into_iter().map(|value| format!("{at}: {value} is no value any more")));
    }

    fn alternatives(&mut self, old: &'a Value, new: &'a Value, at: &str, keyword: &str) {
        let (was, is) = (old.as_array().map_or(&[][..], Vec::as_slice), new.as_array().map_or(&[][..], Vec::as_slice));
        if was.len() > is.len() || (was.is_empty() && !is.is_empty()) {
            self.found.push(format!("{at}: {keyword} had {} alternatives, has {}", was.len(), is.len()));
        }
        for (n, (old, new)) in was.iter().zip(is).enumerate() {
            self.schemas(old, new, &format!("{at}<{n}>"));
        }
    }
}

fn resolve<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let target = schema["$ref"].as_str().and_then(|target| target.strip_prefix('#'));
    target.and_then(|target| root.pointer(target)).unwrap_or(schema)
}

fn texts(values: &Value) -> BTreeSet<&str> {
    values.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn base() -> Value {
        json!({
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "kind": {"$ref": "#/$defs/Kind"},
                "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}},
            },
            "required": ["name"],
            "$defs": {
                "Kind": {"type": "string", "enum": ["a", "b"]},
                "Line": {"type": "object", "properties": {"amount": {"type": "string"}}, "required": ["amount"]},
            }
        })
    }

    fn changed(pointer: &str, value: Value) -> Vec<String> {
        let mut new = base();
        *new.pointer_mut(pointer).unwrap() = value;
        incompatibilities(&base(), &new)
    }

    #[test]
    fn what_may_change() {
        assert!(incompatibilities(&base(), &base()).is_empty());
        assert!(changed("/$defs/Kind/enum", json!(["a", "b", "c"])).is_empty());
        let more = json!({"amount": {"type": "string"}, "note": {"type": "string"}});
        assert!(changed("/$defs/Line/properties", more).is_empty());
    }

    #[test]
    fn what_needs_a_new_version() {
        assert_eq!(changed("/properties/name/type", json!("integer")), [r#"/name: type was "string", is "integer""#]);
        assert_eq!(changed("/required", json!([])), ["/name: was required"]);
        assert_eq!(changed("/required", json!(["name", "kind"])), ["/kind: is required now, older events lack it"]);
        assert_eq!(changed("/$defs/Kind/enum", json!(["a"])), ["/kind: b is no value any more"]);
        assert_eq!(changed("/properties", json!({"name": {"type": "string"}})), ["/kind: removed", "/lines: removed"]);
        let retargeted = changed("/properties/lines/items/$ref", json!("#/$defs/Kind"));
        assert!(retargeted.contains(&"/lines[]/amount: removed".to_owned()), "{retargeted:?}");
    }
}
