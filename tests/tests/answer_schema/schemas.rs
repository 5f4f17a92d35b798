//! Schemas as people give them, each with an answer that fits and one that does not.

use serde_json::{Value, json};

pub struct Case {
    pub name: &'static str,
    pub schema: Value,
    /// `None` where nothing can fit.
    pub fits: Option<Value>,
    pub fails: Value,
}

fn case(name: &'static str, schema: Value, fits: Value, fails: Value) -> Case {
    Case {
        name,
        schema,
        fits: Some(fits),
        fails,
    }
}

fn unsatisfiable(name: &'static str, schema: Value, fails: Value) -> Case {
    Case {
        name,
        schema,
        fits: None,
        fails,
    }
}

/// An object of one member `a`.
fn of(a: Value) -> Value {
    json!({"type": "object", "properties": {"a": a}, "required": ["a"], "additionalProperties": false})
}

fn a(value: Value) -> Value {
    json!({"a": value})
}

pub fn all() -> Vec<Case> {
    let parts = [scalars(), lists_and_steps(), objects(), the_rest()];
    parts.into_iter().flatten().collect()
}

fn scalars() -> Vec<Case> {
    vec![
        case(
            "any object",
            json!({"type": "object"}),
            json!({"a": [1, {"b": null}]}),
            json!([1]),
        ),
        case(
            "a text",
            of(json!({"type": "string"})),
            a(json!("x")),
            a(json!(1)),
        ),
        case(
            "a whole number",
            of(json!({"type": "integer"})),
            a(json!(42)),
            a(json!(4.5)),
        ),
        case(
            "a number within bounds",
            of(json!({"type": "number", "minimum": 0, "exclusiveMaximum": 1})),
            a(json!(0.5)),
            a(json!(1)),
        ),
        case(
            "a multiple",
            of(json!({"type": "integer", "multipleOf": 5})),
            a(json!(10)),
            a(json!(11)),
        ),
        case(
            "a flag",
            of(json!({"type": "boolean"})),
            a(json!(false)),
            a(json!("false")),
        ),
        case(
            "an enum",
            of(json!({"enum": ["red", "green"]})),
            a(json!("green")),
            a(json!("Green")),
        ),
        case(
            "an enum of kinds",
            of(json!({"enum": [1, null, "x"]})),
            a(json!(null)),
            a(json!("null")),
        ),
        case(
            "a constant",
            of(json!({"const": {"b": 1}})),
            a(json!({"b": 1})),
            a(json!({"b": 2})),
        ),
    ]
}

fn lists_and_steps() -> Vec<Case> {
    vec![
        case(
            "a nullable text",
            of(json!({"type": ["string", "null"]})),
            a(json!(null)),
            a(json!(0)),
        ),
        case(
            "a union",
            of(json!({"anyOf": [{"type": "string"}, {"type": "integer"}]})),
            a(json!(7)),
            a(json!([])),
        ),
        case(
            "a tagged union",
            of(json!({"oneOf": [
                {"type": "object", "properties": {"kind": {"const": "cat"}, "lives": {"type": "integer"}}, "required": ["kind", "lives"]},
                {"type": "object", "properties": {"kind": {"const": "dog"}, "name": {"type": "string"}}, "required": ["kind", "name"]}]})),
            a(json!({"kind": "dog", "name": "Rex"})),
            a(json!({"kind": "dog", "lives": 9})),
        ),
        case(
            "all of several",
            of(json!({"allOf": [{"type": "integer"}, {"minimum": 3}, {"maximum": 5}]})),
            a(json!(4)),
            a(json!(6)),
        ),
        case(
            "not a text",
            of(json!({"not": {"type": "string"}})),
            a(json!(1)),
            a(json!("1")),
        ),
        case(
            "a list",
            of(json!({"type": "array", "items": {"type": "integer"}, "minItems": 2})),
            a(json!([1, 2])),
            a(json!([1])),
        ),
        case(
            "a set",
            of(json!({"type": "array", "uniqueItems": true})),
            a(json!([1, 2])),
            a(json!([1, 1])),
        ),
        case(
            "a tuple",
            of(
                json!({"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": false}),
            ),
            a(json!(["x", 1])),
            a(json!(["x", 1, 2])),
        ),
        case(
            "a list that contains",
            of(json!({"type": "array", "contains": {"const": 7}})),
            a(json!([1, 7])),
            a(json!([1])),
        ),
    ]
}

fn objects() -> Vec<Case> {
    let step = json!({"type": "object", "properties": {"explanation": {"type": "string"}, "output": {"type": "string"}},
                      "required": ["explanation", "output"], "additionalProperties": false});
    let tree = json!({"type": "object", "properties": {"value": {"type": "integer"},
                      "children": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}}, "required": ["value", "children"]});
    vec![
        case(
            "steps of a proof",
            json!({"type": "object", "properties": {"steps": {"type": "array", "items": step}, "final": {"type": "string"}},
             "required": ["steps", "final"], "additionalProperties": false}),
            json!({"steps": [{"explanation": "e", "output": "o"}], "final": "f"}),
            json!({"steps": [{"explanation": "e"}], "final": "f"}),
        ),
        case(
            "a shared definition",
            json!({"type": "object", "properties": {"from": {"$ref": "#/$defs/p"}, "to": {"$ref": "#/$defs/p"}},
             "required": ["from", "to"], "$defs": {"p": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}}}),
            json!({"from": [0, 0], "to": [1, 2.5]}),
            json!({"from": [0, 0], "to": [1]}),
        ),
        case(
            "a tree",
            json!({"$ref": "#/$defs/Tree", "$defs": {"Tree": tree}}),
            json!({"value": 1, "children": [{"value": 2, "children": []}]}),
            json!({"value": 1, "children": [{"value": "2", "children": []}]}),
        ),
        case(
            "a list that refers to its root",
            json!({"type": "object", "properties": {"head": {"type": "integer"},
             "tail": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}}, "required": ["head", "tail"]}),
            json!({"head": 1, "tail": {"head": 2, "tail": null}}),
            json!({"head": 1, "tail": {"head": 2}}),
        ),
        case(
            "names of any kind",
            json!({"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 1}),
            json!({"x y": 1}),
            json!({"x": "1"}),
        ),
        case(
            "names by a pattern",
            json!({"type": "object", "patternProperties": {"^n_": {"type": "integer"}}, "additionalProperties": false}),
            json!({"n_1": 1}),
            json!({"m_1": 1}),
        ),
        case(
            "names within bounds",
            json!({"type": "object", "propertyNames": {"maxLength": 3}}),
            json!({"abc": 1}),
            json!({"abcd": 1}),
        ),
        case(
            "one that asks for another",
            json!({"type": "object", "dependentRequired": {"card": ["address"]}}),
            json!({"card": 1, "address": 2}),
            json!({"card": 1}),
        ),
        case(
            "if and then",
            json!({"type": "object", "properties": {"c": {"enum": ["us", "de"]}, "zip": {"type": "string"}}, "required": ["c", "zip"],
             "if": {"properties": {"c": {"const": "us"}}}, "then": {"properties": {"zip": {"pattern": "^[0-9]{5}$"}}}}),
            json!({"c": "us", "zip": "12345"}),
            json!({"c": "us", "zip": "1234"}),
        ),
    ]
}

fn the_rest() -> Vec<Case> {
    vec![
        case(
            "letters of all kinds",
            json!({"type": "object", "properties": {"größe": {"enum": ["groß", "七", "🦀"]}, "\"q\"\n": {"type": "string", "maxLength": 2}},
             "required": ["größe", "\"q\"\n"]}),
            json!({"größe": "🦀", "\"q\"\n": "👩\u{200d}"}),
            json!({"größe": "gross", "\"q\"\n": "x"}),
        ),
        case(
            "a schema with its own name",
            json!({"$schema": "http://json-schema.org/draft-07/schema#", "title": "A", "type": "object",
             "definitions": {"B": {"type": "string", "minLength": 1}}, "properties": {"b": {"$ref": "#/definitions/B"}}, "required": ["b"]}),
            json!({"b": "x"}),
            json!({"b": ""}),
        ),
        case(
            "a member that is called $ref",
            json!({"type": "object", "properties": {"$ref": {"type": "string"}}, "required": ["$ref"]}),
            json!({"$ref": "https://example.org/x"}),
            json!({"$ref": 1}),
        ),
        unsatisfiable("a false member", of(json!(false)), a(json!(1))),
        unsatisfiable(
            "two types at once",
            of(json!({"allOf": [{"type": "string"}, {"type": "integer"}]})),
            a(json!("x")),
        ),
        unsatisfiable(
            "a member that must not be",
            json!({"type": "object", "required": ["b"], "properties": {}, "additionalProperties": false}),
            json!({"b": 1}),
        ),
    ]
}
