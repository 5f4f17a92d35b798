//! What arguments may cost, whatever a model writes: as long as the text is, and not as the square of that.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::LazyLock;

use catalog::{Catalog, RequestedCall};
use run::{Preferences, Role};
use serde_json::{Value, json};

/// The shipped tools, and two with all that a schema may ask for.
static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
    let mut config: Value =
        serde_json::from_str(include_str!("../../../tools_config.json")).unwrap();
    let tools = config["tools"].as_array_mut().unwrap();
    tools.push(tool(
        "everything",
        &json!({
            "type": "object",
            "properties": {
                "set": {"type": "array", "uniqueItems": true},
                "numbers": {"type": "array", "items": {"type": "integer", "multipleOf": 7, "maximum": 9}},
                "word": {"type": "string", "pattern": "^(a+)+$"},
                "ahead": {"type": "string", "pattern": "^(?=(a+)+b)a"},
                "form": {"anyOf": [{"type": "array", "items": {"type": "integer"}}, {"type": "array", "items": {"type": "null"}}]},
                "one": {"oneOf": [{"type": "array", "contains": {"const": 1}}, {"type": "array", "minItems": 9, "contains": {"const": 2}}]},
                "map": {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": {"type": "string"}}},
                "named": {"type": "object", "propertyNames": {"pattern": "^[a-z]+$"}, "patternProperties": {"^x": {"type": "integer"}}},
                "people": {"type": "array", "items": {
                    "type": "object", "properties": {"home_town": {"type": "string"}}, "required": ["home_town"],
                    "additionalProperties": false,
                }},
                "choice": {"enum": ["Low", "High"]},
            },
        }),
    ));
    tools.push(tool(
        "tree",
        &json!({
            "type": "object",
            "properties": {"tree": {"$ref": "#/$defs/node"}},
            "$defs": {"node": {"anyOf": [
                {"type": "array", "items": {"$ref": "#/$defs/node"}, "minItems": 0},
                {"type": "array", "items": {"$ref": "#/$defs/node"}, "maxItems": 99},
            ]}},
        }),
    ));
    Catalog::parse(&config.to_string()).unwrap()
});

fn tool(name: &str, parameters: &Value) -> Value {
    json!({
        "type": "function",
        "function": {"name": name, "description": "For a test.", "parameters": parameters},
        "target": {"lambda": name}, "timeout_ms": 1000, "retry": "safe",
    })
}

fn check(tool: &str, arguments: &str) -> Role {
    let tool_set = CATALOG.tool_set(&Preferences::default(), |_| true);
    let asked = RequestedCall {
        tool: tool.to_owned(),
        arguments: arguments.to_owned(),
    };
    tool_set.check(&asked).role
}

/// An argument that is repeated up to a length.
fn list(name: &str, item: &str, bytes: usize) -> String {
    let items = vec![item; bytes / (item.len() + 1)].join(",");
    format!("{{\"{name}\":[{items}]}}")
}

fn members(name: &str, value: &str, bytes: usize) -> String {
    let members: Vec<_> = (0..bytes / (value.len() + 12))
        .map(|i| format!("\"x{i}\":{value}"))
        .collect();
    format!("{{\"{name}\":{{{}}}}}", members.join(","))
}

/// JSON within a text within JSON.
fn wrapped(mut text: String, times: usize) -> String {
    for _ in 0..times {
        text = Value::from(text).to_string();
    }
    text
}

type Make = fn(usize) -> String;

#[test]
fn effort_of_no_arguments_is_more_than_their_length() {
    let cases: [(&str, Make); 28] = [
        ("search", |n| "[".repeat(n)),
        ("search", |n| "{\"a\":".repeat(n / 5)),
        ("search", |n| "\"".repeat(n)),
        ("search", |n| "\\".repeat(n)),
        ("search", |n| "`".repeat(n)),
        ("search", |n| format!("```{}", "\n".repeat(n))),
        ("search", |n| {
            wrapped(json!({"query": "\n\"".repeat(n / 20)}).to_string(), 2)
        }),
        ("search", |n| format!("{{\"query\": \"{}", "\n".repeat(n))),
        ("search", |n| members("arguments", "null", n)),
        ("search", |n| members("query", "{\"query\":1}", n)),
        ("code_interpreter", |n| {
            format!("print(1)\n{}", "x = '\"'\n".repeat(n / 8))
        }),
        ("everything", |n| list("set", "1", n)),
        ("everything", |n| {
            let items: Vec<_> = (0..n / 8).map(|i| i.to_string()).collect();
            format!("{{\"set\":[{}]}}", items.join(","))
        }),
        ("everything", |n| {
            let items: Vec<_> = (0..n / 24).map(|i| format!("{{\"a\":[{i}]}}")).collect();
            format!("{{\"set\":[{}]}}", items.join(","))
        }),
        ("everything", |n| list("numbers", "\"7\"", n)),
        ("everything", |n| list("numbers", "1e308", n)),
        ("everything", |n| {
            format!("{{\"numbers\":[{}]}}", "9".repeat(n))
        }),
        ("everything", |n| {
            format!("{{\"word\":\"{}b\"}}", "a".repeat(n))
        }),
        ("everything", |n| {
            format!("{{\"ahead\":\"{}\"}}", "a".repeat(n))
        }),
        ("everything", |n| list("form", "\"1\"", n)),
        ("everything", |n| list("one", "3", n)),
        ("everything", |n| members("map", "{\"a\":null}", n)),
        ("everything", |n| {
            let long = "k".repeat(n / 2);
            let nulls: Vec<_> = (0..n / 32).map(|i| format!("\"{i}\":null")).collect();
            format!("{{\"map\":{{\"{long}\":{{{}}}}}}}", nulls.join(","))
        }),
        // Each change is tried on all that stands beside it.
        ("everything", |n| {
            let wrong = vec!["\"7x\""; 60].join(",");
            format!(
                "{{\"numbers\":[{wrong}],\"set\":[{}]}}",
                vec!["1,2"; n / 4].join(",")
            )
        }),
        ("everything", |n| {
            let people = vec!["{\"homeTown\":\"x\"}"; 60].join(",");
            format!("{{\"people\":[{people}],\"word\":\"{}\"}}", "a".repeat(n))
        }),
        ("everything", |n| members("named", "\"1\"", n)),
        ("everything", |n| list("people", "{\"homeTown\":\"x\"}", n)),
        ("everything", |n| {
            format!("{{\"choice\":\"{}\"}}", "low".repeat(n / 3))
        }),
    ];
    for (index, (tool, text)) in cases.into_iter().enumerate() {
        let name = format!("{index}, {tool}: {:.60}", text(100));
        effort::assert_linear(&name, text, |text| check(tool, text));
    }
}

#[test]
fn a_schema_that_refers_to_itself_is_not_followed_into_the_depths() {
    for depth in [10, 100] {
        let tree = |leaf: &str| {
            format!(
                "{{\"tree\":{}{leaf}{}}}",
                "[".repeat(depth),
                "]".repeat(depth)
            )
        };
        let took = effort::of(|| check("tree", &tree("7")));
        assert!(took.as_secs() < 4, "{depth}: {took:?}");
    }
    let refused = |verdict: Role| match verdict {
        Role::Rejected { message, .. } => message,
        other => panic!("{other:?}"),
    };
    assert!(matches!(
        check("tree", r#"{"tree": [[[], []]]}"#),
        Role::Work
    ));
    let deep = format!("{{\"tree\":{}{}}}", "[".repeat(30), "]".repeat(30));
    assert!(refused(check("tree", &deep)).contains("nested too deeply"));
    // Text that holds more of them is no way around it.
    let hidden = wrapped(deep, 1);
    assert!(refused(check("tree", &hidden)).contains("nested too deeply"));
}
