//! Arguments as models write them: which are read as what they plainly mean, and what is said of those that are refused.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking; the lint's own exception ends at test functions"
)]

mod bounds;
mod laws;
mod refusals;
mod values;

use std::sync::LazyLock;

use catalog::{Catalog, RequestedCall};
use run::{CallSpec, Preferences, Role};
use serde_json::{Value, json};

/// The shipped catalogue with two tools more, whose schemas ask for all there is to ask for.
static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
    let mut config: Value =
        serde_json::from_str(include_str!("../../../../tools_config.json")).unwrap();
    let tools = config["tools"].as_array_mut().unwrap();
    tools.push(tool(
        "book",
        &json!({
            "type": "object",
            "properties": {
                "city": {"type": "string"},
                "nights": {"type": "integer", "minimum": 1, "maximum": 9},
                "price": {"type": "number"},
                "quiet": {"type": "boolean"},
                "class": {"type": "string", "enum": ["Low", "High"]},
                "note": {"type": ["string", "null"]},
                "tags": {"type": "array", "items": {"type": "string"}},
                "days": {"type": "array", "items": {"type": "integer"}},
                "floor": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
                "homepage": {"type": "string", "minLength": 1},
                "guest": {"$ref": "#/$defs/guest"},
                "rooms": {"type": "array", "items": {"$ref": "#/$defs/guest"}},
            },
            "required": ["city", "nights"],
            "additionalProperties": false,
            "$defs": {"guest": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "age": {"type": "integer"}, "home_town": {"type": "string"}},
                "required": ["name"],
                "additionalProperties": false,
            }},
        }),
    ));
    tools.push(tool(
        "shout",
        &json!({"type": "object", "properties": {"words": {"type": "string"}, "times": {"type": "integer"}}}),
    ));
    Catalog::parse(&config.to_string()).unwrap()
});

fn tool(name: &str, parameters: &Value) -> Value {
    json!({
        "type": "function",
        "function": {"name": name, "description": "", "parameters": parameters},
        "target": {"lambda": name}, "timeout_ms": 1000, "retry": "safe",
    })
}

fn check(tool: &str, arguments: &str) -> CallSpec {
    let asked = RequestedCall {
        tool: tool.to_owned(),
        arguments: arguments.to_owned(),
    };
    CATALOG
        .tool_set(&Preferences::default(), |_| true)
        .check(&asked)
}

/// The arguments with which a call is made.
fn used(tool: &str, arguments: &str) -> Value {
    let call = check(tool, arguments);
    if let Role::Rejected { message, .. } = &call.role {
        panic!("{tool} {arguments}: {message}");
    }
    Value::Object(call.arguments)
}

/// What is said of a call that is not made.
fn refused(tool: &str, arguments: &str) -> (String, String) {
    match check(tool, arguments).role {
        Role::Rejected { code, message } => (code, message),
        made => panic!("{tool} {arguments}: {made:?}"),
    }
}

#[test]
fn null_for_an_optional_argument_is_its_absence() {
    let cases = [
        (
            "code_interpreter",
            json!({"code": "1", "stdin": null, "timeout": null}),
            json!({"code": "1"}),
        ),
        (
            "search",
            json!({"query": "x", "num_results": null}),
            json!({"query": "x"}),
        ),
        (
            "answer",
            json!({"model": "answer-1", "problem": null}),
            json!({"model": "answer-1"}),
        ),
        // Of an argument that nobody knows nothing is said.
        (
            "search",
            json!({"query": "x", "site": null}),
            json!({"query": "x"}),
        ),
        (
            "book",
            json!({"city": "Bern", "nights": 2, "class": null, "tags": null}),
            json!({"city": "Bern", "nights": 2}),
        ),
        (
            "book",
            json!({"city": "Bern", "nights": 2, "guest": {"name": "Eva", "age": null}, "rooms": [{"name": "Eva", "age": null}]}),
            json!({"city": "Bern", "nights": 2, "guest": {"name": "Eva"}, "rooms": [{"name": "Eva"}]}),
        ),
        // Where null is a value, it stays.
        (
            "book",
            json!({"city": "Bern", "nights": 2, "note": null, "floor": null}),
            json!({"city": "Bern", "nights": 2, "note": null, "floor": null}),
        ),
        // What some write in its place, where it is nothing else.
        (
            "book",
            json!({"city": "Bern", "nights": 2, "price": "null", "quiet": "None", "class": "", "homepage": "", "tags": "null"}),
            json!({"city": "Bern", "nights": 2}),
        ),
    ];
    for (tool, arguments, expected) in cases {
        assert_eq!(
            used(tool, &arguments.to_string()),
            expected,
            "{tool} {arguments}"
        );
    }
    for arguments in [
        json!({"query": null}),
        json!({"query": null, "num_results": null}),
    ] {
        let (code, message) = refused("search", &arguments.to_string());
        assert_eq!(
            (code.as_str(), message.as_str()),
            ("invalid_arguments", "query: expected a string, found null")
        );
    }
    let (_, message) = refused(
        "book",
        r#"{"city": "Bern", "nights": 1, "guest": {"name": null}}"#,
    );
    assert_eq!(message, "guest.name: expected a string, found null");
}

#[test]
fn text_alone_is_the_one_argument_that_it_can_be() {
    let cases = [
        (
            "code_interpreter",
            "print(6 * 7)",
            json!({"code": "print(6 * 7)"}),
        ),
        (
            "code_interpreter",
            "\n    x = 1\n    print(x)\n",
            json!({"code": "    x = 1\n    print(x)"}),
        ),
        (
            "code_interpreter",
            r#""import math\nprint(math.pi)""#,
            json!({"code": "import math\nprint(math.pi)"}),
        ),
        (
            "code_interpreter",
            "[x ** 2 for x in range(3)]",
            json!({"code": "[x ** 2 for x in range(3)]"}),
        ),
        (
            "search",
            "population of Tokyo",
            json!({"query": "population of Tokyo"}),
        ),
        ("search", r#""2026""#, json!({"query": "2026"})),
        ("answer", "answer-2", json!({"model": "answer-2"})),
        ("shout", "hello", json!({"words": "hello"})),
        // Text that holds the object.
        ("search", r#""{\"query\": \"x\"}""#, json!({"query": "x"})),
        (
            "search",
            r#""\"{\\\"query\\\": \\\"x\\\"}\"""#,
            json!({"query": "x"}),
        ),
        (
            "search",
            "```json\n{\"query\": \"x\"}\n```",
            json!({"query": "x"}),
        ),
        (
            "search",
            "\u{feff} {\"query\": \"x\"} ",
            json!({"query": "x"}),
        ),
        ("search", r#"[{"query": "x"}]"#, json!({"query": "x"})),
        // Line breaks that should have been escaped.
        (
            "code_interpreter",
            "{\"code\": \"import math\n\tprint(\\\"a\\\")\r\n\"}",
            json!({"code": "import math\n\tprint(\"a\")\r\n"}),
        ),
        (
            "code_interpreter",
            "{\"code\": \"print('5\\\" wide')\nprint('a\\\\')\n\"}",
            json!({"code": "print('5\" wide')\nprint('a\\')\n"}),
        ),
        (
            "code_interpreter",
            "{\n\"code\": \"print(1)\nprint(2)\",\n\"timeout\": 3\n}",
            json!({"code": "print(1)\nprint(2)", "timeout": 3}),
        ),
        // No arguments at all.
        ("shout", "", json!({})),
        ("shout", "null", json!({})),
        ("shout", "None", json!({})),
        ("shout", r#""""#, json!({})),
        ("shout", "{}", json!({})),
    ];
    for (tool, arguments, expected) in cases {
        assert_eq!(used(tool, arguments), expected, "{tool} {arguments}");
    }
}

#[test]
fn what_was_wrapped_once_more_is_unwrapped() {
    let query = json!({"query": "x"});
    let mut cases: Vec<Value> = [
        "arguments",
        "args",
        "parameters",
        "params",
        "kwargs",
        "input",
        "tool_input",
    ]
    .map(|wrapper| json!({wrapper: query}))
    .to_vec();
    cases.extend([
        json!({"arguments": query.to_string()}),
        json!({"arguments": {"input": query}}),
        json!({"input": "x"}),
        json!({"__arg1": "x"}),
        json!({"name": "search", "arguments": query}),
        json!({"name": "web_search", "parameters": query}),
        json!({"type": "function", "function": {"name": "search", "arguments": query.to_string()}}),
        json!({"arguments": query, "num_results": null}),
        json!({"arguments": query, "query": null}),
    ]);
    for arguments in cases {
        assert_eq!(used("search", &arguments.to_string()), query, "{arguments}");
    }
    for arguments in [
        json!({"name": "answer", "arguments": query}),
        json!({"arguments": query, "query": "y"}),
        json!({"arguments": query, "input": query}),
        json!({"arguments": query, "site": "y"}),
        json!({"arguments": [query]}),
        json!({"content": query}),
    ] {
        let (_, message) = refused("search", &arguments.to_string());
        assert!(
            message.contains("found nothing") || message.contains("expected only query"),
            "{arguments}: {message}"
        );
    }
    let beside = json!({"arguments": query, "num_results": "3"});
    assert_eq!(
        used("search", &beside.to_string()),
        json!({"query": "x", "num_results": 3})
    );
    // A tool whose schema allows it gets it as it is.
    let open = json!({"input": {"words": "hello"}});
    assert_eq!(used("shout", &open.to_string()), open);
}
