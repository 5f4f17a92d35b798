//! How far arguments are looked through, and what is changed in them at most.

use catalog::{Catalog, RequestedCall};
use run::{Preferences, Role};
use serde_json::{Map, Value, json};

use crate::{refused, tool};

/// The arguments with which a tool of this schema is called, or what is said of the call.
fn read(parameters: &Value, arguments: &Value) -> Result<Value, String> {
    let mut config: Value =
        serde_json::from_str(include_str!("../../../../tools_config.json")).unwrap();
    let tools = config["tools"].as_array_mut().unwrap();
    tools.push(tool("measured", parameters));
    let catalog = Catalog::parse(&config.to_string()).unwrap();
    let asked = RequestedCall {
        tool: "measured".to_owned(),
        arguments: arguments.to_string(),
    };
    let call = catalog
        .tool_set(&Preferences::default(), |_| true)
        .check(&asked);
    match call.role {
        Role::Rejected { message, .. } => Err(message),
        Role::Work | Role::Answer => Ok(Value::Object(call.arguments)),
    }
}

/// Integers by names, each written by a function.
fn integers(count: u32, written: impl Fn(u32) -> Value) -> Map<String, Value> {
    (0..count)
        .map(|number| (format!("n{number}"), written(number)))
        .collect()
}

/// A text of so many bytes beside integers.
fn schema_with_text(count: u32) -> Value {
    let mut properties = integers(count, |_| json!({"type": "integer"}));
    properties.insert("text".to_owned(), json!({"type": "string"}));
    json!({"type": "object", "properties": properties})
}

#[test]
fn the_larger_the_arguments_the_fewer_changes_are_tried() {
    let with_text = |count, bytes: usize, written: fn(u32) -> Value| {
        let mut arguments = integers(count, written);
        arguments.insert("text".to_owned(), "x".repeat(bytes).into());
        Value::Object(arguments)
    };
    let quoted = |number: u32| json!(number.to_string());
    let plain = |number: u32| json!(number);
    for (count, bytes) in [(40, 100), (15, 200_000)] {
        assert_eq!(
            read(&schema_with_text(count), &with_text(count, bytes, quoted)),
            Ok(with_text(count, bytes, plain)),
            "{count} beside {bytes} bytes"
        );
    }
    for (count, bytes) in [(100, 100), (40, 200_000)] {
        let refusal = read(&schema_with_text(count), &with_text(count, bytes, quoted));
        assert!(
            refusal.is_err_and(|message| message.contains("expected an integer, found `\"")),
            "{count} beside {bytes} bytes"
        );
    }
}

#[test]
fn objects_whose_names_are_written_otherwise_are_read_up_to_the_same_bound() {
    let object = |name: &str, schema: Value| json!({"type": "object", "properties": {name: schema}, "additionalProperties": false});
    let guest = object("home_town", json!({"type": "string"}));
    let schema = object(
        "rooms",
        json!({"type": "array", "items": object("main_guest", guest)}),
    );
    let rooms = |count, guest: &str, town: &str| json!({"rooms": vec![json!({guest: {town: "Bern"}}); count]});
    for (count, is_read) in [(32, true), (33, false)] {
        let read = read(&schema, &rooms(count, "mainGuest", "homeTown"));
        let expected = is_read.then(|| rooms(count, "main_guest", "home_town"));
        assert_eq!(read.ok(), expected, "{count} rooms and as many guests");
    }
}

#[test]
fn a_long_list_is_looked_through_whole() {
    let schema = json!({
        "type": "object",
        "properties": {"numbers_of_all_visitors": {"type": "array", "items": {"type": "integer"}}},
    });
    let arguments = json!({"numbers_of_all_visitors": vec![7; 100_000]});
    assert_eq!(read(&schema, &arguments), Ok(arguments));
}

#[test]
fn a_whole_number_is_written_as_one_down_to_32_levels() {
    let lists = |levels: usize, inner: Value| (0..levels).fold(inner, |inner, _| json!([inner]));
    for (levels, number) in [
        (1, json!(3)),
        (31, json!(3)),
        (32, json!(3)),
        (33, json!(3.0)),
    ] {
        let items = (0..levels).fold(
            json!({"type": "integer"}),
            |items, _| json!({"type": "array", "items": items}),
        );
        let schema = json!({"type": "object", "properties": {"value": items}});
        let read = read(&schema, &json!({"value": lists(levels, json!(3.0))})).unwrap();
        let expected = json!({"value": lists(levels, number)});
        assert_eq!(read.to_string(), expected.to_string(), "{levels} levels");
    }
}

#[test]
fn a_member_is_not_read_as_an_element() {
    let schema = json!({
        "type": "object",
        "properties": {"value": {"type": ["object", "array"], "items": {"type": "integer"}}},
    });
    for (written, expected) in [
        (json!([3.0]), json!([3])),
        (json!({"first": 3.0}), json!({"first": 3.0})),
        (json!({"": 3.0}), json!({"": 3.0})),
    ] {
        let read = read(&schema, &json!({"value": written})).unwrap();
        assert_eq!(read.to_string(), json!({"value": expected}).to_string());
    }
}

#[test]
fn a_list_that_is_too_short_is_not_put_into_another() {
    let schema = json!({
        "type": "object",
        "properties": {"tags": {"type": "array", "minItems": 1}},
    });
    let refusal = read(&schema, &json!({"tags": []})).unwrap_err();
    assert!(refusal.starts_with("tags: "), "{refusal}");
}

#[test]
fn a_number_that_is_too_large_is_not_put_into_a_list() {
    let schema = json!({
        "type": "object",
        "properties": {"pages": {"type": ["integer", "array"], "maximum": 30}},
    });
    assert_eq!(
        read(&schema, &json!({"pages": 99})),
        Err("pages: expected at most 30, found `99`".to_owned())
    );
}

#[test]
fn a_null_in_a_value_of_several_forms_is_left_out() {
    let guest = json!({
        "type": "object",
        "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
        "required": ["name"],
        "additionalProperties": false,
    });
    let written = json!({"guest": {"name": "Eva", "age": null}});
    for form in ["anyOf", "oneOf"] {
        let schema = json!({
            "type": "object",
            "properties": {"guest": {form: [{"type": "integer"}, guest]}},
        });
        assert_eq!(
            read(&schema, &written),
            Ok(json!({"guest": {"name": "Eva"}})),
            "{form}"
        );
    }
}

#[test]
fn of_a_long_path_a_refusal_tells_the_end() {
    let name = "a".repeat(90);
    let schema = json!({
        "type": "object",
        "properties": {"outer": {
            "type": "object",
            "properties": {name.as_str(): {
                "type": "object",
                "properties": {"inner_most": {"type": "integer"}},
            }},
        }},
    });
    let arguments = json!({"outer": {name.as_str(): {"inner_most": {}}}});
    assert_eq!(
        read(&schema, &arguments),
        Err(format!(
            "…{}.inner_most: expected an integer, found `{{}}`",
            "a".repeat(88)
        ))
    );
}

#[test]
fn arguments_that_stand_too_deep_in_each_other_are_refused_with_the_bound() {
    let deep = (0..100).fold(json!(1), |inner, _| json!({"step": inner}));
    assert_eq!(
        read(&json!({"type": "object"}), &json!({"step": deep})),
        Err("The arguments are nested too deep: at most 64 levels are taken".to_owned())
    );
}

#[test]
fn arguments_that_would_take_long_to_check_are_refused() {
    let name = "n".repeat(2_000);
    let members: Map<String, Value> = integers(20_000, |_| json!(1));
    let refusal = read(&json!({"type": "object"}), &json!({ name: members })).unwrap_err();
    let says = format!("many members below long names, as `{}", "n".repeat(38));
    assert!(refusal.contains(&says), "{refusal}");

    let schema = json!({
        "type": "object",
        "properties": {"next": {"$ref": "#/$defs/node"}},
        "$defs": {"node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}},
    });
    let nested = |levels: usize| (1..levels).fold(json!({}), |inner, _| json!({"next": inner}));
    assert_eq!(read(&schema, &nested(16)), Ok(nested(16)));
    assert_eq!(
        read(&schema, &nested(17)),
        Err("The arguments are nested too deeply: at most 16 levels are taken".to_owned())
    );
}

#[test]
fn where_json_breaks_off_whole_characters_are_quoted() {
    for (end, stands) in [("", "é".repeat(15)), ("a", format!("{}a", "é".repeat(15)))] {
        let written = format!("{{\"query\": \"{}{end}", "é".repeat(40));
        let (_, message) = refused("search", &written);
        let says = format!("there stands `{stands}`");
        assert!(message.ends_with(&says), "{message}");
    }
}
