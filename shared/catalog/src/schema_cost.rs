//! What checking by a schema may cost that a caller gives, told before anything is checked by it: a checker looks at a value once for each
//! way that leads to a part of the schema, and a few references make very many ways.

use run::{MAX_JSON_LEVELS, is_within_levels};
use serde_json::Value;

/// Parts of a schema with its references followed, …
const MAX_PARTS: usize = 10_000;
/// … and of one that refers to itself, as it is gone through at each level of the value.
const MAX_RECURSIVE_PARTS: usize = 500;
/// Ways by which a schema may come back to itself: at the sixteen levels that are checked two are sixty thousand.
const MAX_WAYS_BACK: usize = 2;
/// References that are followed within each other.
const MAX_OPEN: usize = 32;
/// Each is a program of its own.
const MAX_PATTERNS: usize = 32;

/// Under these stand schemas of the same value.
const OF_VALUE: [&str; 7] = ["allOf", "anyOf", "oneOf", "not", "if", "then", "else"];
/// Under these stand schemas of what is within the value, …
const OF_PARTS: [&str; 9] = [
    "items",
    "additionalItems",
    "prefixItems",
    "additionalProperties",
    "contains",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
    "contentSchema",
];
/// … and under these by name.
const OF_NAMED_PARTS: [&str; 2] = ["properties", "patternProperties"];
/// The same of the value itself.
const OF_NAMED: [&str; 2] = ["dependentSchemas", "dependencies"];

/// Refuses a schema by which checking might take too long, with what to change.
pub(crate) fn check(schema: &Value) -> Result<(), String> {
    if !is_within_levels(schema, MAX_JSON_LEVELS) {
        return Err(format!(
            "must be nested at most {MAX_JSON_LEVELS} levels deep"
        ));
    }
    let mut walk = Walk {
        root: schema,
        open: Vec::new(),
        parts: 0,
        ways_back: 0,
        patterns: 0,
    };
    walk.schema(schema, 0)
}

struct Walk<'a> {
    root: &'a Value,
    /// The references that are being followed, each with how deep in the value it was met.
    open: Vec<(&'a str, usize)>,
    parts: usize,
    ways_back: usize,
    patterns: usize,
}

impl<'a> Walk<'a> {
    fn schema(&mut self, schema: &'a Value, depth: usize) -> Result<(), String> {
        self.parts += 1;
        let is_recursive = self.ways_back > 0;
        if self.parts > MAX_PARTS || (is_recursive && self.parts > MAX_RECURSIVE_PARTS) {
            return Err("must be smaller: its references lead to too many parts".to_owned());
        }
        match schema {
            Value::Array(schemas) => schemas.iter().try_for_each(|it| self.schema(it, depth)),
            Value::Object(members) => members
                .iter()
                .try_for_each(|(name, value)| self.member(name, value, depth)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
        }
    }

    fn member(&mut self, name: &'a str, value: &'a Value, depth: usize) -> Result<(), String> {
        match (name, value) {
            ("$ref", Value::String(reference)) => self.follow(reference, depth),
            ("$dynamicRef" | "$recursiveRef", _) => {
                Err(format!("must not use `{name}`: use `$ref`"))
            }
            ("pattern", _) => self.pattern(1),
            (name, value) if OF_VALUE.contains(&name) => self.schema(value, depth),
            (name, value) if OF_PARTS.contains(&name) => self.schema(value, depth + 1),
            (name, Value::Object(named)) if OF_NAMED_PARTS.contains(&name) => {
                if name == "patternProperties" {
                    self.pattern(named.len())?;
                }
                named.values().try_for_each(|it| self.schema(it, depth + 1))
            }
            (name, Value::Object(named)) if OF_NAMED.contains(&name) => {
                named.values().try_for_each(|it| self.schema(it, depth))
            }
            _ => Ok(()),
        }
    }

    fn pattern(&mut self, more: usize) -> Result<(), String> {
        self.patterns += more;
        if self.patterns > MAX_PATTERNS {
            return Err(format!("must have at most {MAX_PATTERNS} patterns"));
        }
        Ok(())
    }

    fn follow(&mut self, reference: &'a str, depth: usize) -> Result<(), String> {
        let known = self.open.iter().find(|(open, _)| *open == reference);
        // The whole is open from the beginning.
        let met_at = known.map(|(_, at)| *at).or((reference == "#").then_some(0));
        if let Some(met_at) = met_at {
            self.ways_back += 1;
            if met_at == depth {
                return Err(format!(
                    "must not refer to itself without end, as `{reference}` does"
                ));
            }
            if self.ways_back > MAX_WAYS_BACK {
                return Err(format!(
                    "must refer to itself at most {MAX_WAYS_BACK} times"
                ));
            }
            return Ok(());
        }
        let target = reference
            .strip_prefix('#')
            .and_then(|pointer| self.root.pointer(pointer));
        let Some(target) = target else {
            return Err(format!(
                "must be a JSON Schema: `{}` leads nowhere in it",
                reference.chars().take(60).collect::<String>()
            ));
        };
        if self.open.len() >= MAX_OPEN {
            return Err(format!(
                "must follow at most {MAX_OPEN} references within each other"
            ));
        }
        self.open.push((reference, depth));
        self.schema(target, depth)?;
        self.open.pop();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Map, json};

    #[test]
    fn references_that_unfold_into_very_many_parts_are_refused() {
        let doubled = |levels: usize| {
            let mut defs = Map::new();
            for level in 0..levels {
                let next = json!({"$ref": format!("#/$defs/a{}", level + 1)});
                defs.insert(format!("a{level}"), json!({"allOf": [next, next]}));
            }
            defs.insert(format!("a{levels}"), json!({}));
            json!({"type": "object", "allOf": [{"$ref": "#/$defs/a0"}], "$defs": defs})
        };
        assert_eq!(check(&doubled(8)), Ok(()));
        for levels in [20, 31, 300] {
            assert!(check(&doubled(levels)).is_err(), "{levels}");
        }
    }

    #[test]
    fn what_refers_to_itself_is_taken_within_bounds() {
        let tree = |ways: usize| {
            let names = (0..ways).map(|way| (format!("p{way}"), json!({"$ref": "#"})));
            json!({"type": "object", "properties": names.collect::<Map<_, _>>()})
        };
        assert_eq!(check(&tree(2)), Ok(()));
        assert!(check(&tree(3)).is_err());
        for endless in [
            json!({"type": "object", "allOf": [{"$ref": "#"}]}),
            json!({"$ref": "#/$defs/a", "$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}]}}}),
            json!({"$ref": "#/$defs/a", "$defs": {"a": {"not": {"$ref": "#/$defs/b"}}, "b": {"$ref": "#/$defs/a"}}}),
            json!({"$dynamicRef": "#a"}),
        ] {
            assert!(check(&endless).is_err(), "{endless}");
        }
    }

    #[test]
    fn levels_references_and_patterns_are_bounded() {
        let mut deep = json!({});
        for _ in 0..70 {
            deep = json!({"default": [deep]});
        }
        assert!(check(&deep).is_err());
        let chain: Map<_, _> = (0..40)
            .map(|at| {
                (
                    format!("a{at}"),
                    json!({"$ref": format!("#/$defs/a{}", at + 1)}),
                )
            })
            .chain([("a40".to_owned(), json!({}))])
            .collect();
        assert!(check(&json!({"$ref": "#/$defs/a0", "$defs": chain})).is_err());
        let patterns = |count: usize| {
            let named = (0..count).map(|at| (format!("^{at}$"), json!({})));
            json!({"patternProperties": named.collect::<Map<_, _>>()})
        };
        assert_eq!(check(&patterns(32)), Ok(()));
        assert!(check(&patterns(33)).is_err());
        // Names of members and values are no keywords.
        let names =
            json!({"properties": {"$ref": {"const": {"$ref": "#/none"}}, "$dynamicRef": {}}});
        assert_eq!(check(&names), Ok(()));
    }
}
