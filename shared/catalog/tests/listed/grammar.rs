//! Schemas of arguments as servers make grammars of them.

use catalog::grammar;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::kit::object;
use super::laws::arguments;

#[test]
fn all_members_are_asked_for_in_their_order_and_null_stands_for_what_may_be_left_out() {
    for (parameters, expected) in [
        (
            json!({
                "type": "object", "required": ["query"], "additionalProperties": false,
                "properties": {
                    "query": {"type": "string", "minLength": 1, "maxLength": 400, "description": "Words", "pattern": "^a"},
                    "number": {"type": "integer", "minimum": 1, "maximum": 5, "default": 3},
                    "kind": {"type": "string", "enum": ["a", "b"]},
                    "place": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
                    "day": {"type": "string", "format": "date"},
                    "any": {},
                    "kinds": {"type": ["string", "integer", "null"]},
                    "nothing": {"enum": [null]},
                },
            }),
            json!({
                "type": "object",
                "properties": {
                    "query": {"type": "string", "minLength": 1},
                    "number": {"type": ["integer", "null"], "minimum": 1, "maximum": 5},
                    "kind": {"type": ["string", "null"], "enum": ["a", "b", null]},
                    "place": {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]},
                    "day": {"type": ["string", "null"]},
                    "any": {},
                    "kinds": {"type": ["string", "integer", "null"]},
                    "nothing": {"type": "null", "enum": [null]},
                },
                "required": ["query", "number", "kind", "place", "day", "any", "kinds", "nothing"],
                "additionalProperties": false,
            }),
        ),
        // Nothing that grammars unfold within each other.
        (
            json!({
                "type": "object", "required": ["rows"],
                "properties": {"rows": {"type": "array", "maxItems": 20, "items": {
                    "type": "object", "required": ["cell"],
                    "properties": {"cell": {"type": "string", "maxLength": 100}, "note": {"$ref": "#/$defs/note"}},
                }}},
                "$defs": {"note": {"type": "string", "maxLength": 2000}},
            }),
            json!({
                "type": "object",
                "properties": {"rows": {"type": "array", "maxItems": 20, "items": {
                    "type": "object",
                    "properties": {"cell": {"type": "string"}, "note": {"type": ["string", "null"]}},
                    "required": ["cell", "note"], "additionalProperties": false,
                }}},
                "required": ["rows"], "additionalProperties": false,
            }),
        ),
        (
            json!({"type": "object"}),
            json!({"type": "object", "properties": {}, "required": [], "additionalProperties": false}),
        ),
        // One that leads back to itself, and one that leads elsewhere.
        (
            json!({"type": "object", "properties": {"next": {"$ref": "#"}, "far": {"$ref": "https://a.example/x"}}, "required": ["next", "far"]}),
            json!({
                "type": "object", "properties": {"next": {}, "far": {}}, "required": ["next", "far"],
                "additionalProperties": false,
            }),
        ),
        (
            json!({"type": "object", "properties": {"long": {"enum": vec!["x".repeat(1000); 50]}}}),
            json!({"type": "object"}),
        ),
    ] {
        let made = grammar(&object(parameters.clone()));
        assert_eq!(made, expected, "{parameters}");
    }
}

/// What of a grammar some server does not take.
fn fault(schema: &Value, is_in_list: bool) -> Option<String> {
    let members = schema.as_object()?;
    let refused = [
        "$ref",
        "pattern",
        "format",
        "oneOf",
        "allOf",
        "not",
        "if",
        "default",
        "description",
    ];
    if let Some(keyword) = members
        .keys()
        .find(|keyword| refused.contains(&keyword.as_str()))
    {
        return Some(format!("{keyword} in {schema}"));
    }
    let most = |keyword: &str| members.get(keyword).and_then(Value::as_u64).unwrap_or(0);
    if most("maxLength").max(most("minLength")) > if is_in_list { 0 } else { 500 } {
        return Some(format!("a length in {schema}"));
    }
    if let Some(Value::Object(properties)) = members.get("properties") {
        let names: Vec<_> = properties.keys().cloned().map(Value::from).collect();
        if members.get("required") != Some(&Value::Array(names)) {
            return Some(format!("not all are asked for in {schema}"));
        }
        if !properties.is_empty() && !members.contains_key("additionalProperties") {
            return Some(format!("others are left open in {schema}"));
        }
    }
    let below = |keyword: &str| members.get(keyword).cloned().unwrap_or_default();
    let of_object = below("properties").as_object().cloned().unwrap_or_default();
    let any_of = below("anyOf").as_array().cloned().unwrap_or_default();
    let beside = of_object
        .values()
        .chain(&any_of)
        .find_map(|it| fault(it, is_in_list));
    let lists = [below("items"), below("additionalProperties")];
    beside.or_else(|| lists.iter().find_map(|it| fault(it, true)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_schema_has_a_grammar_that_all_servers_take(schema in arguments()) {
        let made = grammar(&object(schema));
        prop_assert!(jsonschema::validator_for(&made).is_ok(), "{}", made);
        prop_assert_eq!(&made["type"], &json!("object"));
        let is_open = made == json!({"type": "object"});
        prop_assert!(is_open || made.get("additionalProperties").is_some());
        prop_assert_eq!(fault(&made, false), None);
        let again = grammar(&object(made.clone()));
        prop_assert_eq!(again["properties"].as_object().map(|it| it.keys().cloned().collect::<Vec<_>>()),
            made["properties"].as_object().map(|it| it.keys().cloned().collect::<Vec<_>>()));
    }
}
