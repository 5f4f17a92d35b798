//! Starts of runs that are wrong.

use reqwest::Method;
use serde_json::{Value, json};

use crate::UNKNOWN_RUN;
use crate::case::Case;

const MAX_BODY_BYTES: usize = 1_048_576;

/// A start with a question and one more field.
fn with(field: &str, value: &str) -> Case {
    Case::start(format!("{{\"query\": \"Go\", \"{field}\": {value}}}"))
}

fn preferring(preferences: Value) -> Case {
    Case::start(json!({"query": "Go", "preferences": preferences}).to_string())
}

pub fn bodies_that_are_no_start() -> Vec<Case> {
    let no_json = |body: &[u8]| Case::start(body).says(["no JSON"]);
    let no_object = |body: &str| Case::start(body).says(["JSON object"]);
    let start = |kind: &str| {
        let case = Case::start(r#"{"query": "Go"}"#).header("content-type", kind);
        case.refused_as(415, "unsupported_media_type")
            .field("content-type")
            .says(["application/json"])
    };
    let mut without_type = Case::start(r#"{"query": "Go"}"#)
        .refused_as(415, "unsupported_media_type")
        .field("content-type")
        .says(["application/json"]);
    without_type.headers.clear();
    let mut too_large = br#"{"query": "Go"}"#.to_vec();
    too_large.resize(MAX_BODY_BYTES + 1, b' ');
    vec![
        no_json(b""),
        no_json(b"{"),
        no_json(b"query=Go"),
        no_json(br#"{"query": "Go"} trailing"#),
        no_json(br#"{"query": 'Go'}"#),
        no_json(br#"{"query": "Go", "temperature": NaN}"#),
        no_json(br#"{"query": "Go", "temperature": Infinity}"#),
        no_json(b"{\"query\": \"G\xff\"}"),
        // One byte order mark is passed over.
        no_json(b"\xef\xbb\xbf"),
        no_json(b"\xef\xbb\xbf\xef\xbb\xbf{\"query\": \"Go\"}"),
        no_json(b" \xef\xbb\xbf{\"query\": \"Go\"}"),
        no_json(b"\xff\xfe{\0\"\0q\0"),
        no_json("[".repeat(100_000).as_bytes()),
        no_object("[]"),
        no_object(r#"["Go"]"#),
        no_object("null"),
        no_object("\"Go\""),
        no_object("7"),
        start("text/plain"),
        start("application/x-www-form-urlencoded"),
        start("application/jsonp"),
        start("text/json"),
        without_type,
        Case::start(too_large)
            .refused_as(413, "too_large")
            .says(["1048576"]),
        Case::new(
            Method::POST,
            &format!("{UNKNOWN_RUN}/cancel"),
            (413, "too_large"),
        )
        .body("x".repeat(MAX_BODY_BYTES + 1)),
        Case::start("x".repeat(MAX_BODY_BYTES + 1))
            .header("content-type", "text/plain")
            .refused_as(413, "too_large"),
        Case::start("x".repeat(3 * MAX_BODY_BYTES))
            .refused_as(413, "too_large")
            .says(["1048576"]),
    ]
}

pub fn questions() -> Vec<Case> {
    let query = |value: Value| {
        let case = Case::start(json!({"query": value}).to_string());
        case.field("query").says(["query"])
    };
    vec![
        Case::start("{}").field("query").says(["query is required"]),
        Case::start(r#"{"max_rounds": 5}"#)
            .field("query")
            .says(["query is required"]),
        query(json!("")).says(["empty or blank"]),
        query(json!(" \n\t\u{a0}\u{2003}")).says(["empty or blank"]),
        query(json!("a".repeat(32_001))).says(["32000", "32001"]),
        query(json!("🦀".repeat(32_001))).says(["32000", "32001"]),
        query(json!(null)),
        query(json!(7)),
        query(json!(true)),
        query(json!(["Go"])),
        query(json!({"text": "Go"})),
    ]
}

pub fn numbers() -> Vec<Case> {
    let mut cases = Vec::new();
    for (field, most) in [("max_rounds", 50_u32), ("max_tokens", 32_768)] {
        let range = format!("between 1 and {most}");
        let mut wrong = |value: &str| {
            cases.push(with(field, value).field(field).says([field, &range]));
        };
        for value in [
            "0",
            "-1",
            "1.5",
            "5.0",
            "1e1",
            "\"5\"",
            "\"\"",
            "null",
            "true",
            "[5]",
            "{}",
            "4294967297",
            "18446744073709551616",
            "-9223372036854775809",
            "1e300",
            "\"NaN\"",
        ] {
            wrong(value);
        }
        wrong(&(most + 1).to_string());
    }
    for value in [
        "-0.1",
        "2.1",
        "2.0000001",
        "3",
        "-1",
        "1e300",
        "\"0.7\"",
        "\"NaN\"",
        "null",
        "false",
        "[0.7]",
        "{}",
    ] {
        let case = with("temperature", value).field("temperature");
        cases.push(case.says(["temperature must be a number between 0 and 2"]));
    }
    for (field, value) in [
        ("max_rounds", "1e400"),
        ("temperature", "1e400"),
        ("max_tokens", "-1e999"),
    ] {
        // Nothing that a JSON number can hold: it has no place to be named by.
        cases.push(with(field, value).says(["number out of range"]));
    }
    cases
}

pub fn unknown_fields() -> Vec<Case> {
    let no_field =
        |case: Case, path: &str| case.field(path).says([path, "no field of this request"]);
    vec![
        no_field(with("querry", "\"Go\""), "querry"),
        no_field(with("model", "\"qwen\""), "model"),
        no_field(with("Query", "\"Go\""), "Query"),
        no_field(with("", "1"), ""),
        no_field(preferring(json!({"foo": 1})), "preferences.foo"),
        no_field(
            preferring(json!({"tools": {"foo": []}})),
            "preferences.tools.foo",
        ),
        no_field(
            preferring(json!({"tools": {"deny": ["search"], "foo": []}})),
            "preferences.tools.foo",
        ),
    ]
}

pub fn follow_ups() -> Vec<Case> {
    let previous = |value: &str| with("previous_run_id", value).field("previous_run_id");
    let unknown = |id: &str| previous(&format!("\"{id}\"")).refused_as(404, "not_found");
    vec![
        unknown("01ARZ3NDEKTSV4RRFFQ69G5FAV"),
        unknown("01arz3ndektsv4rrffq69g5fav"),
        unknown("the last one"),
        unknown(""),
        previous("7").says(["previous_run_id"]),
        previous("null").says(["previous_run_id"]),
        previous("{}").says(["previous_run_id"]),
    ]
}

pub fn preferences() -> Vec<Case> {
    let wrong = |value: &str, words: &str| {
        with("preferences", value)
            .field("preferences")
            .says(["preferences must be an object", words])
    };
    let at = |field: &str, preferences: Value| {
        let path = format!("preferences.{field}");
        preferring(preferences).field(&path).says([&path])
    };
    let known_models = ["qwen", "phi", "llama"];
    let known_tools = ["enhance_reasoning", "answer", "search", "code_interpreter"];
    let both = json!({"allow": ["search"], "deny": ["answer"]});
    let empty = json!({"allow": [], "deny": []});
    vec![
        wrong("null", "null"),
        wrong("[]", "a list"),
        wrong("\"quality\"", "a text"),
        at("priority", json!({"priority": "speed"})),
        at("priority", json!({"priority": "Quality"})),
        at("priority", json!({"priority": null})),
        at("priority", json!({"priority": 1})),
        at("mode", json!({"mode": "debate"})).says(["auto", "discussion"]),
        at("mode", json!({"mode": "Discussion"})),
        at("mode", json!({"mode": null})),
        at("mode", json!({"mode": ["discussion"]})),
        at("max_cost_usd", json!({"max_cost_usd": 0})).says(["above 0", "1000"]),
        at("max_cost_usd", json!({"max_cost_usd": -0.05})).says(["-0.05"]),
        at("max_cost_usd", json!({"max_cost_usd": 1000.01})).says(["at most 1000"]),
        at("max_cost_usd", json!({"max_cost_usd": "0.05"})).says(["a text"]),
        at("max_cost_usd", json!({"max_cost_usd": null})),
        at("max_cost_usd", json!({"max_cost_usd": true})),
        at("max_cost_usd", json!({"max_cost_usd": [0.05]})),
        at("models", json!({"models": []})),
        at("models", json!({"models": null})),
        at("models", json!({"models": "qwen"})),
        at("models", json!({"models": [7]})),
        at("models", json!({"models": {"qwen": true}})),
        at("models", json!({"models": ["qwen", "gpt"]})).says(known_models),
        at("models", json!({"models": ["answer-1"]})).says(known_models),
        at("tools", json!({"tools": null})),
        at("tools", json!({"tools": ["search"]})),
        at("tools", json!({"tools": both})).says(["either allow or deny"]),
        at("tools", json!({"tools": empty})).says(["either allow or deny"]),
        at("tools.allow", json!({"tools": {"allow": "search"}})),
        at("tools.allow", json!({"tools": {"allow": [null]}})),
        at("tools.allow", json!({"tools": {"allow": ["telepathy"]}})).says(known_tools),
        at("tools.deny", json!({"tools": {"deny": {"search": true}}})),
        at(
            "tools.deny",
            json!({"tools": {"deny": ["search", "Search"]}}),
        )
        .says(known_tools),
        at("instructions", json!({"instructions": ""})),
        at("instructions", json!({"instructions": "  "})),
        at("instructions", json!({"instructions": 7})),
        at("instructions", json!({"instructions": null})),
    ]
}

pub fn headers_of_a_start() -> Vec<Case> {
    let go = || Case::start(r#"{"query": "Go"}"#);
    vec![
        go().header("last-event-id", "3")
            .field("Last-Event-ID")
            .says(["Idempotency-Key"]),
        go().header("last-event-id", "three").field("Last-Event-ID"),
        go().header("idempotency-key", "").field("Idempotency-Key"),
        go().header("idempotency-key", &"к".repeat(201))
            .field("Idempotency-Key")
            .says(["200"]),
        go().header("idempotency-key", &"k".repeat(201))
            .field("Idempotency-Key")
            .says(["200"]),
    ]
}
