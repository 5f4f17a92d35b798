//! What checking arguments may cost, told before they are checked.
//!
//! The checker names the place of each fault in full, and may look at a value once for each way that leads to it through a schema
//! that refers to itself. Both are small for what models write in earnest.

use std::collections::BTreeSet;

use serde_json::Value;

/// How deep a value may lie under a schema that refers to itself: two ways at each step are sixty thousand at the last.
const MAX_DEPTH: usize = 16;
/// The names of all places together, in bytes.
const MAX_PLACES_BYTES: usize = 16 * 1024 * 1024;

/// Refuses arguments that would take too long to check, with what is wrong with them.
pub(crate) fn check(arguments: &Value, is_recursive: bool) -> Result<(), String> {
    let most_deep = if is_recursive { MAX_DEPTH } else { usize::MAX };
    let mut left = MAX_PLACES_BYTES;
    walk(arguments, 0, most_deep, "", &mut left)
}

/// `longest` is the longest name on the way to the value.
fn walk(
    value: &Value,
    place_bytes: usize,
    deeper: usize,
    longest: &str,
    left: &mut usize,
) -> Result<(), String> {
    let Some(deeper) = deeper.checked_sub(1) else {
        return Err(format!(
            "The arguments are nested too deeply: at most {MAX_DEPTH} levels are taken"
        ));
    };
    *left = left.checked_sub(place_bytes).ok_or_else(|| {
        let name: String = longest.chars().take(40).collect();
        format!(
            "The arguments have too many members below long names, as `{name}…`: use shorter names"
        )
    })?;
    match value {
        Value::Object(members) => members.iter().try_for_each(|(name, value)| {
            let longest = if name.len() > longest.len() {
                name
            } else {
                longest
            };
            walk(value, place_bytes + name.len() + 1, deeper, longest, left)
        }),
        Value::Array(items) => items
            .iter()
            .try_for_each(|item| walk(item, place_bytes + 2, deeper, longest, left)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

/// Whether a schema comes back to itself by its references; one that leads elsewhere may.
pub(crate) fn is_recursive(schema: &Value) -> bool {
    let mut references = References {
        root: schema,
        open: Vec::new(),
        seen: BTreeSet::new(),
    };
    references.lead_back_from(schema)
}

/// The references of a schema.
struct References<'a> {
    root: &'a Value,
    /// Those that lead to where it is looked.
    open: Vec<&'a str>,
    seen: BTreeSet<&'a str>,
}

impl<'a> References<'a> {
    fn lead_back_from(&mut self, schema: &'a Value) -> bool {
        match schema {
            Value::Object(members) => {
                members
                    .iter()
                    .any(|(name, value)| match (name.as_str(), value) {
                        ("$ref", Value::String(reference)) => self.lead_back_by(reference),
                        ("$dynamicRef" | "$recursiveRef", Value::String(_)) => true,
                        (_, value) => self.lead_back_from(value),
                    })
            }
            Value::Array(items) => items.iter().any(|item| self.lead_back_from(item)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
        }
    }

    fn lead_back_by(&mut self, reference: &'a str) -> bool {
        if self.open.contains(&reference) {
            return true;
        }
        if !self.seen.insert(reference) {
            return false;
        }
        let pointer = reference.strip_prefix('#');
        let target = pointer.and_then(|pointer| self.root.pointer(pointer));
        self.open.push(reference);
        let is_back = target.is_none_or(|target| self.lead_back_from(target));
        self.open.pop();
        is_back
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_schema_is_recursive_where_its_references_lead_back() {
        let guest = json!({"type": "object", "properties": {"name": {"type": "string"}}});
        let cases = [
            (json!({}), false),
            (json!({"properties": {"$ref": {"type": "string"}}}), false),
            (
                json!({"properties": {"a": {"$ref": "#/$defs/g"}, "b": {"$ref": "#/$defs/g"}}, "$defs": {"g": guest}}),
                false,
            ),
            (json!({"properties": {"a": {"$ref": "#"}}}), true),
            (
                json!({"properties": {"a": {"items": {"$ref": "#/properties/a"}}}}),
                true,
            ),
            (
                json!({"$ref": "#/$defs/a", "$defs": {"a": {"items": {"$ref": "#/$defs/b"}}, "b": {"items": {"$ref": "#/$defs/a"}}}}),
                true,
            ),
            (json!({"$ref": "#somewhere"}), true),
            (json!({"$dynamicRef": "#node"}), true),
        ];
        for (schema, expected) in cases {
            assert_eq!(is_recursive(&schema), expected, "{schema}");
        }
    }
    /// Each place is named by the names and indices on the way to it, each behind a slash.
    #[test]
    fn the_names_of_all_places_are_taken_up_to_their_bound() {
        let name = "a".repeat(1022);
        let inner = "b".repeat(1022);
        let items = |count: usize| json!({name.as_str(): vec![0; count]});
        assert_eq!(check(&items(16_367), false), Ok(()));
        assert!(check(&items(16_368), false).is_err());
        let told = check(&json!({name: {inner: vec![0; 10_000]}}), false).unwrap_err();
        let of_the_longest = format!("as `{}…`", "a".repeat(40));
        assert!(told.contains(&of_the_longest), "{told}");
        assert_eq!(check(&json!({"": 1}), false), Ok(()));
    }
}
