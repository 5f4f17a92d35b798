//! What is said of arguments that mean nothing certain.

use serde_json::{Map, Value, json};

use crate::{check, refused, used};

#[test]
fn what_was_meant_as_an_object_or_as_nothing_is_refused() {
    let cases = [
        // Meant as an object.
        (
            "code_interpreter",
            "{\"code\": \"print(1)",
            "are not valid JSON",
        ),
        (
            "code_interpreter",
            "{'code': 'print(1)'}",
            "are not valid JSON",
        ),
        (
            "code_interpreter",
            r#""{\"code\": 1""#,
            "must be a JSON object",
        ),
        (
            "code_interpreter",
            "```json\n{\"code\": \n```",
            "are not valid JSON",
        ),
        ("search", "[{\"query\": \"x\"", "are not valid JSON"),
        // Nothing tells which argument it is, or it is none of the values that there are.
        ("answer", "The answer is 42.", "are not valid JSON"),
        ("search", "7", "must be a JSON object, found `7`"),
        ("search", "[]", "must be a JSON object, found `[]`"),
        (
            "search",
            r#"[{"query": "x"}, {"query": "y"}]"#,
            "must be a JSON object",
        ),
        ("search", "true", "must be a JSON object"),
    ];
    for (tool, arguments, says) in cases {
        let (code, message) = refused(tool, arguments);
        assert_eq!(code, "invalid_arguments", "{tool} {arguments}");
        assert!(message.contains(says), "{tool} {arguments}: {message}");
    }
    assert_eq!(
        refused("book", "Bern").1,
        "nights: expected an integer, found nothing",
        "the text is read, and what else is needed is told"
    );
}

/// Refusals of arguments that are far too long: how each begins, and that little of them is quoted.
#[test]
fn a_refusal_begins_with_its_reason_and_quotes_little() {
    let long = |bytes: usize| "🦀é".repeat(bytes / 6);
    let deep = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!({"step": inner}));
    let code = long(200_000);
    let cases = [
        (
            "code_interpreter",
            json!({"code": code, "timeout": "soon"}).to_string(),
            "timeout: expected an integer, found `\"soon\"`",
        ),
        (
            "code_interpreter",
            json!({"code": code, "timeout": 99}).to_string(),
            "timeout: expected at most 30, found `99`",
        ),
        (
            "code_interpreter",
            json!({"code": [code, code]}).to_string(),
            "code: expected a string, found `[",
        ),
        (
            "code_interpreter",
            json!({"source": code}).to_string(),
            "the arguments: expected only code, stdin, timeout, found `source`; code: expected a string, found nothing",
        ),
        (
            "code_interpreter",
            json!({"code": "1", "stdin": {"text": code}}).to_string(),
            "stdin: expected a string, found `{",
        ),
        (
            "code_interpreter",
            format!("{{\"code\": \"{code}"),
            "The arguments are not valid JSON: EOF while parsing a string",
        ),
        (
            "code_interpreter",
            format!("[\"{code}\"]"),
            "The arguments must be a JSON object, found `[",
        ),
        (
            "answer",
            json!({"model": long(100_000)}).to_string(),
            "model: expected one of answer-1, answer-2, answer-3, found `\"🦀",
        ),
        (
            "search",
            json!({"query": long(100_000)}).to_string(),
            "query: expected at most 400 characters, found 33332: `\"🦀",
        ),
        (
            "search",
            json!({"query": "x", long(10_000): 1}).to_string(),
            "the arguments: expected only query, num_results, found `🦀",
        ),
        (
            "book",
            json!({"city": "Bern", "nights": 1, "guest": {long(10_000): 1}}).to_string(),
            "guest: expected only name, age, home_town, found `🦀",
        ),
        (
            "book",
            json!({"city": "Bern", "nights": 1, "guest": deep(100)}).to_string(),
            "guest: expected only name, age, home_town, found `step`",
        ),
        (
            "book",
            json!({"city": "Bern", "nights": deep(100)}).to_string(),
            "nights: expected an integer, found `{\"step\"",
        ),
    ];
    for (tool, arguments, begins) in cases {
        let (code, message) = refused(tool, &arguments);
        assert_eq!(code, "invalid_arguments");
        assert!(message.starts_with(begins), "{begins}: {message}");
        // What is quoted, and the words around it.
        assert!(message.chars().count() <= 200 + 200, "{message}");
    }
    let many: Map<String, Value> = (0..500)
        .map(|n| (format!("{n}{}", long(1000)), json!(n)))
        .collect();
    let (_, message) = refused(
        "search",
        &json!({"query": 1, "num_results": long(9000), "x": many}).to_string(),
    );
    assert!(message.chars().count() <= 600, "{message}");
}

#[test]
fn a_tool_that_nobody_knows_is_told_by_the_beginning_of_its_name() {
    for name in ["browse".to_owned(), "🦀".repeat(100_000), "x".repeat(201)] {
        let call = check(&name, r#"{"x": 1}"#);
        assert_eq!(Value::Object(call.arguments), json!({"x": 1}));
        assert!(call.tool.as_str().chars().count() <= 200);
        let (code, message) = refused(&name, "print(1)");
        assert_eq!(code, "unknown_tool");
        assert!(message.starts_with("There is no tool `"), "{message}");
        assert!(message.contains("search, code_interpreter"), "{message}");
        assert!(message.chars().count() <= 200 + 150, "{message}");
    }
}

#[test]
fn arguments_that_would_not_fit_into_the_log_are_not_kept() {
    let controls = "\u{1}".repeat(100_000);
    let huge = json!({"code": "x".repeat(300_000)}).to_string();
    for arguments in [&controls, &huge] {
        let call = check("code_interpreter", arguments);
        assert!(call.arguments.is_empty());
        let (code, message) = refused("code_interpreter", arguments);
        assert_eq!(code, "invalid_arguments");
        assert!(
            message.starts_with("The arguments are too long: "),
            "{message}"
        );
    }
    assert!(check("browse", &huge).arguments.is_empty());
    let large = json!({"code": "x".repeat(250_000)}).to_string();
    assert_eq!(
        check("code_interpreter", &large).arguments["code"]
            .as_str()
            .unwrap()
            .len(),
        250_000
    );
}

#[test]
fn arguments_that_no_log_could_be_read_with_are_not_kept() {
    for (levels, is_kept) in [(63, true), (64, false), (120, false)] {
        let nested = format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        let arguments = format!("{{\"x\": {nested}}}");
        let call = check("browse", &arguments);
        assert_eq!(call.arguments.is_empty(), !is_kept, "{levels}");
    }
    let nested = format!(
        "{{\"code\": \"1\", \"x\": {}{}}}",
        "[".repeat(120),
        "]".repeat(120)
    );
    let (code, message) = refused("code_interpreter", &nested);
    assert_eq!(code, "invalid_arguments");
    assert!(!message.contains(&"[".repeat(65)), "{message}");
    assert!(check("code_interpreter", &nested).arguments.is_empty());
}

/// Each of these takes a moment, however much is wrong with it.
#[test]
fn arguments_with_very_many_faults_are_refused_as_well() {
    let members = |value: fn(usize) -> Value| -> Map<String, Value> {
        (0..5_000).map(|n| (format!("m{n}"), value(n))).collect()
    };
    let mut nulls = members(|_| Value::Null);
    nulls.insert("query".to_owned(), json!("x"));
    assert_eq!(
        used("search", &json!(nulls).to_string()),
        json!({"query": "x"})
    );
    let spellings: Map<String, Value> = (0..500)
        .map(|n| (format!("qu{}ery", "-".repeat(n)), json!(n)))
        .collect();
    let book =
        |name: &str, value: Value| json!({"city": "Bern", "nights": 1, name: value}).to_string();
    for (tool, arguments) in [
        ("search", json!(members(|n| json!(n))).to_string()),
        ("search", json!(spellings).to_string()),
        ("book", book("days", json!(vec!["soon"; 5_000]))),
        (
            "book",
            book("rooms", json!(vec![json!({"name": null}); 5_000])),
        ),
        ("book", book("guest", json!(members(|_| json!([]))))),
    ] {
        let (code, message) = refused(tool, &arguments);
        assert_eq!(code, "invalid_arguments");
        assert!(message.chars().count() <= 1000);
    }
}
