//! Where a tool runs: each kind of target has its own fields, and no field of another.

use catalog::{Retry, Target};
use serde_json::{Value, json};

use super::kit::{ANSWER, CODE, SEARCH, function, given_shipped, given_tools, model};

#[test]
fn each_kind_has_its_own_fields_and_no_other() {
    let either = "expected either {\"models\": {…}, \"system\": \"…\"} or {\"lambda\": \"name or ARN\"} or {\"http\": {\"url\": \"https://…\"}}";
    // The target, the path of the error below it, and what is said.
    let cases = [
        (json!({}), "", either),
        (
            json!({"lambda": "a", "models": {"m": "qwen"}, "system": "b"}),
            "",
            either,
        ),
        (json!({"lambda": "a", "system": "b"}), "", either),
        (json!({"system": "b"}), "", either),
        (json!({"lambda": "a", "focus": "query"}), "", either),
        (
            json!({"grpc": {"url": "x"}}),
            ".grpc",
            "unknown field `grpc`, expected {\"models\"",
        ),
        (
            json!({"lambda": "a", "Lambda": "a"}),
            ".Lambda",
            "unknown field `Lambda`",
        ),
        (
            json!({"lambda": ""}),
            ".lambda",
            "the name or the ARN of a function",
        ),
        (json!({"lambda": 7}), ".lambda", "invalid type: integer"),
        (json!({"lambda": null}), ".lambda", "invalid type: null"),
        (
            json!({"models": {}, "system": ""}),
            ".models",
            "at least one model",
        ),
        (
            json!({"models": ["qwen"], "system": ""}),
            ".models",
            "invalid type: sequence",
        ),
        (
            json!({"models": {"m": "qwen"}}),
            "",
            "missing field `system`",
        ),
        (
            json!({"models": {"m": 7}, "system": ""}),
            ".models.m",
            "the id of a model",
        ),
        (
            json!({"models": {"m": "gpt"}, "system": ""}),
            ".models.m",
            "(llama, phi, qwen), found `gpt`",
        ),
    ];
    for (target, below, says) in cases {
        let path = format!("tools[2].target{below}");
        let given = given_shipped().without("/tools/2/sources");
        given
            .with("/tools/2/target", target)
            .then_it_is_refused(&path, says);
    }
    given_shipped()
        .with("/tools/2/target", json!("search"))
        .then_it_is_refused("tools[2].target", "expected a map");
}

#[test]
fn what_is_not_said_of_a_tool_has_a_default() {
    let catalog = given_tools(json!([function("look", "where")])).catalog();
    let look = &catalog.tools[0];
    assert_eq!(look.max_result_bytes, 65_536);
    assert_eq!(look.retry, Retry::Safe);
    let Target::Lambda(lambda) = &look.target else {
        panic!("a function");
    };
    assert_eq!((lambda.function.as_str(), lambda.tenant), ("look", None));
}

#[test]
fn what_a_tool_declares_fits_what_it_takes_and_where_it_runs() {
    // What is set, to what, and what is said.
    let cases: [(&str, &str, Value, &str); 8] = [
        (
            SEARCH,
            "ends_run",
            json!(true),
            "expected a tool that is a model",
        ),
        (
            SEARCH,
            "program",
            json!("code"),
            "one of the arguments of `search` (query, num_results), found `code`",
        ),
        (CODE, "program", json!(""), "found ``"),
        (SEARCH, "sources", json!(""), "found an empty one"),
        (
            ANSWER,
            "sources",
            json!("results"),
            "a model returns a text",
        ),
        (
            ANSWER,
            "target/default_to_question",
            json!("task"),
            "(model, problem), found `task`",
        ),
        (
            ANSWER,
            "target/focus",
            json!("reasoning_focus"),
            "(model, problem), found `reasoning_focus`",
        ),
        (
            ANSWER,
            "program",
            json!("code"),
            "(model, problem), found `code`",
        ),
    ];
    for (tool, field, value, says) in cases {
        let index = &tool[tool.len() - 1..];
        let path = format!("tools[{index}].{}", field.replace('/', "."));
        given_shipped()
            .with(&format!("{tool}/{field}"), value)
            .then_it_is_refused(&path, says);
    }
    let wrong_type = [
        ("ends_run", json!("yes")),
        ("program", json!(1)),
        ("sources", json!(["results"])),
    ];
    for (field, value) in wrong_type {
        let path = format!("tools[2].{field}");
        given_shipped()
            .with(&format!("{SEARCH}/{field}"), value)
            .then_it_is_refused(&path, "invalid type");
    }
}

#[test]
fn a_model_tool_needs_no_arguments_but_the_model() {
    let run = given_tools(json!([model("judge")])).run();
    run.when_asked_for("judge", r#"{"model": "judge-1"}"#)
        .then(r#"judge({"model":"judge-1"}) by qwen is made"#);
}
