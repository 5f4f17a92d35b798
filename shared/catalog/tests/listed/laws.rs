//! What is offered is wider than what is checked, and what is checked is wider than what the server said.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::kit::{called, offered, refusal, with_schema};

fn name() -> impl Strategy<Value = String> {
    prop_oneof!["[a-c]", Just("$ref".to_owned()), Just("type".to_owned())]
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(true)),
        (-3..4_i32).prop_map(|n| json!(n)),
        "[a-c]{0,3}".prop_map(Value::String),
    ]
}

/// Any value without null.
fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(3, 20, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            proptest::collection::btree_map(name(), inner, 0..3).prop_map(|members| json!(members)),
        ]
    })
}

fn reference() -> impl Strategy<Value = Value> {
    let pointers = [
        "#",
        "#/$defs/a",
        "#/$defs/b",
        "#/properties/a",
        "#/properties/b/items",
        "#/nowhere",
        "#name",
        "https://a.example/x",
        "other.json#/a",
    ];
    (
        proptest::sample::select(pointers.to_vec()),
        proptest::option::of(Just("Said.")),
    )
        .prop_map(|(to, text)| match text {
            Some(text) => json!({"$ref": to, "description": text, "type": "string"}),
            None => json!({"$ref": to}),
        })
}

fn leaf() -> BoxedStrategy<Value> {
    prop_oneof![
        Just(json!({})),
        Just(json!(true)),
        Just(json!({"type": "string"})),
        (0..4_u32, 0..300_u32)
            .prop_map(|(a, b)| json!({"type": "string", "minLength": a, "maxLength": b})),
        Just(json!({"type": "string", "pattern": "^[ab]*$", "format": "date"})),
        (-3..3_i32)
            .prop_map(|n| json!({"type": "integer", "minimum": n, "maximum": 4_000_000_000_u64})),
        (-3..3_i32).prop_map(|n| json!({"type": "number", "exclusiveMaximum": n, "multipleOf": 2})),
        Just(json!({"type": ["string", "null"], "default": null})),
        Just(json!({"type": ["integer", "array"], "maxItems": 2})),
        Just(json!({"type": "null"})),
        proptest::collection::vec(scalar(), 1..4).prop_map(|values| json!({"enum": values})),
        scalar().prop_map(|value| json!({"const": value, "description": "One."})),
        reference(),
    ]
    .boxed()
}

fn object(inner: BoxedStrategy<Value>) -> impl Strategy<Value = Value> {
    let further = prop_oneof![
        Just(None),
        Just(Some(json!(false))),
        Just(Some(json!(true))),
        inner.clone().prop_map(Some),
    ];
    let members = proptest::collection::btree_map(name(), inner, 0..4);
    (
        members,
        proptest::collection::vec(name(), 0..3),
        further,
        any::<bool>(),
    )
        .prop_map(|(members, required, further, by_pattern)| {
            let mut unique: Vec<String> = Vec::new();
            for name in required {
                if !unique.contains(&name) {
                    unique.push(name);
                }
            }
            let mut schema = json!({"type": "object", "properties": members, "required": unique});
            if let Some(further) = further {
                schema["additionalProperties"] = further;
            }
            if by_pattern {
                schema["patternProperties"] = json!({"^c": {}});
            }
            schema
        })
}

fn schema() -> BoxedStrategy<Value> {
    leaf()
        .prop_recursive(3, 24, 4, |inner| {
            let inner = inner.boxed();
            let some = || proptest::collection::vec(inner.clone(), 1..4);
            prop_oneof![
                object(inner.clone()),
                inner
                    .clone()
                    .prop_map(|items| json!({"type": "array", "items": items, "maxItems": 2})),
                some().prop_map(
                    |items| json!({"type": "array", "prefixItems": items, "items": false})
                ),
                some().prop_map(|all| json!({"anyOf": all})),
                some().prop_map(|all| json!({"oneOf": all, "description": "Any."})),
                some().prop_map(|all| json!({"allOf": all})),
                (some(), object(inner.clone())).prop_map(|(all, mut whole)| {
                    whole["anyOf"] = json!(all);
                    whole
                }),
                inner
                    .clone()
                    .prop_map(|not| json!({"not": not, "type": "string"})),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| json!({"if": a, "then": b})),
            ]
        })
        .boxed()
}

/// A whole schema of arguments, with what its references lead to.
pub fn arguments() -> impl Strategy<Value = Value> {
    let draft = prop_oneof![
        Just(None),
        Just(Some("http://json-schema.org/draft-07/schema#")),
        Just(Some("https://json-schema.org/draft/2020-12/schema")),
        Just(Some("https://a.example/schema")),
    ];
    let whole = prop_oneof![
        3 => object(schema()),
        1 => proptest::collection::vec(object(schema()), 1..3).prop_map(|all| json!({"oneOf": all})),
        1 => proptest::collection::vec(object(schema()), 1..3).prop_map(|all| json!({"allOf": all})),
    ];
    (whole, schema(), schema(), draft).prop_map(|(mut whole, a, b, draft)| {
        whole["$defs"] = json!({"a": a, "b": b});
        if let Some(draft) = draft {
            whole["$schema"] = json!(draft);
        }
        whole
    })
}

/// Arguments that hold more often than not what a schema names.
fn given() -> impl Strategy<Value = Map<String, Value>> {
    proptest::collection::btree_map(name(), value(), 0..4)
        .prop_map(|members| members.into_iter().collect())
}

/// Whether the checker can be asked about a schema as it is: it follows no reference elsewhere, and none that leads back at once.
fn is_followed(schema: &Value, to: &[&str]) -> bool {
    match schema {
        Value::Object(members) => {
            members
                .iter()
                .all(|(name, value)| match (name.as_str(), value) {
                    ("$ref", Value::String(written)) => to.contains(&written.as_str()),
                    ("$defs", defs) => {
                        is_followed(&defs["a"], &["#", "#/$defs/b"])
                            && is_followed(&defs["b"], &["#"])
                    }
                    _ => is_followed(value, to),
                })
        }
        Value::Array(items) => items.iter().all(|item| is_followed(item, to)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_schema_is_offered_or_left_out_and_offering_it_again_changes_nothing(schema in arguments()) {
        if let Ok(catalog) = with_schema(schema) {
            let once = catalog.tools[0].function["parameters"].clone();
            prop_assert_eq!(&once["type"], &json!("object"));
            prop_assert!(once["properties"].is_object());
            let text = once.to_string();
            for keyword in ["\"$ref\":", "\"pattern\":", "\"format\":", "\"oneOf\":", "\"allOf\":", "\"const\":", "\"not\":", "\"$defs\":"] {
                let as_name = keyword == "\"$ref\":";
                prop_assert!(as_name || !text.contains(keyword), "{}", text);
            }
            prop_assert_eq!(offered(once.clone()), once);
        }
    }

    #[test]
    fn what_is_checked_fits_what_is_offered(schema in arguments(), arguments in proptest::collection::vec(given(), 12)) {
        if let Ok(catalog) = with_schema(schema.clone()) {
            let offered = &catalog.tools[0].function["parameters"];
            let offered = jsonschema::validator_for(offered).unwrap();
            for arguments in arguments {
                let arguments = Value::Object(arguments);
                if let Ok(read) = called(&catalog, &arguments) {
                    prop_assert!(offered.is_valid(&read), "{read} of {schema} by {}", catalog.tools[0].function["parameters"]);
                }
            }
        }
    }

    #[test]
    fn what_the_server_takes_is_not_refused(schema in arguments().prop_filter("leads on", |it| is_followed(it, &["#", "#/$defs/a", "#/$defs/b"])), arguments in proptest::collection::vec(given(), 12)) {
        let mut known = schema.clone();
        if known["$schema"] == "https://a.example/schema" {
            known.as_object_mut().unwrap().remove("$schema");
        }
        let (Ok(whole), Ok(catalog)) = (jsonschema::validator_for(&known), with_schema(schema)) else {
            return Ok(());
        };
        for arguments in arguments {
            let arguments = Value::Object(arguments);
            if whole.is_valid(&arguments) {
                prop_assert_eq!(refusal(&catalog, &arguments), None, "{} of {}", arguments, known);
            }
        }
    }
}
