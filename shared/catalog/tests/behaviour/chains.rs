//! Tools in which a model writes what another tool gets: how they are written, who is asked, and what runs are offered of them.

use serde_json::{Value, json};

use super::kit::{Given, function, given_tools, model};

const TOOLORCHESTRA: &str = include_str!("../../../../catalogs/toolorchestra.json");

fn chain() -> Value {
    json!({
        "models": {"search-1": "qwen"}, "ask": "Write one query.", "take": {"tag": "query"}, "max_chars": 390,
        "otherwise": "problem", "then": {"tool": "web_search", "arguments": {"query": "{taken}", "num_results": 5}},
    })
}

/// A chain, and the tool that it calls, which is not offered.
fn tools(chain: Value) -> [Value; 2] {
    let mut search = function("search", "model");
    search["target"] = json!({"chain": chain});
    search["timeout_ms"] = json!(5000);
    let mut web_search = function("web_search", "query");
    web_search["function"]["parameters"] = json!({
        "type": "object", "required": ["query"], "additionalProperties": false,
        "properties": {
            "query": {"type": "string", "minLength": 1, "maxLength": 400},
            "num_results": {"type": "integer", "maximum": 5},
        },
    });
    web_search["sources"] = json!("results");
    web_search["offered"] = json!(false);
    [search, web_search]
}

fn given(chain: Value) -> Given {
    given_tools(json!(tools(chain)))
}

/// The chain with a field of it set, by its pointer.
fn with(pointer: &str, value: Value) -> Value {
    Given(chain()).with(pointer, value).0
}

#[test]
fn every_wrong_form_is_told_with_its_path_and_what_was_expected() {
    let at = |path: &str| format!("tools[0].target.chain{path}");
    let cases = [
        (
            with("/models", json!({})),
            at(".models"),
            "at least one model",
        ),
        (
            with("/models", json!({"search-1": "gpt"})),
            at(".models.search-1"),
            "expected a model of `models` (qwen), found `gpt`",
        ),
        (
            with("/models", json!({"a": 7})),
            at(".models.a"),
            "the id of a model",
        ),
        (
            with("/models", json!(["qwen"])),
            at(".models"),
            "expected a map",
        ),
        (
            with("/ask", json!(" ")),
            at(".ask"),
            "what the model is told to write",
        ),
        (with("/ask", json!(7)), at(".ask"), "expected a string"),
        (with("/take", json!({})), at(".take"), "expected"),
        (
            with("/take", json!({"tag": "a", "fence": "b"})),
            at(".take"),
            "expected",
        ),
        (
            with("/take", json!({"line": "a"})),
            at(".take"),
            "unknown variant `line`",
        ),
        (
            with("/take", json!("query")),
            at(".take"),
            "unknown variant `query`",
        ),
        (
            with("/take", json!({"tag": ""})),
            at(".take.tag"),
            "1 to 40 letters",
        ),
        (
            with("/take", json!({"tag": "<query>"})),
            at(".take.tag"),
            "found `<query>`",
        ),
        (
            with("/take", json!({"fence": "a b"})),
            at(".take.fence"),
            "found `a b`",
        ),
        (
            with("/max_chars", json!(0)),
            at(".max_chars"),
            "expected 1 to 262144, found 0",
        ),
        (with("/max_chars", json!(-1)), at(".max_chars"), "u64"),
        (
            with("/max_chars", json!(300_000)),
            at(".max_chars"),
            "found 300000",
        ),
        (
            with("/otherwise", json!("retry")),
            at(".otherwise"),
            "`problem` or `fail`",
        ),
    ];
    for (chain, path, says) in cases {
        given(chain).then_it_is_refused(&path, says);
    }
}

#[test]
fn every_wrong_call_of_its_tool_is_told_with_its_path_and_what_was_expected() {
    let at = |path: &str| format!("tools[0].target.chain{path}");
    let cases = [
        (
            with("/then", json!({"tool": "web_search"})),
            at(".then"),
            "missing field `arguments`",
        ),
        (
            with("/then/tool", json!("find")),
            at(".then.tool"),
            "a tool of this file (web_search), found `find`",
        ),
        (
            with("/then/tool", json!("search")),
            at(".then.tool"),
            "`search` is made of models",
        ),
        (
            with("/then/extra", json!(1)),
            at(".then.extra"),
            "unknown field `extra`",
        ),
        (
            with("/then/arguments", json!({})),
            at(".then.arguments"),
            "one argument that is `{taken}`",
        ),
        (
            with("/then/arguments/query", json!("about {taken}")),
            at(".then.arguments"),
            "one argument that is `{taken}`, found none",
        ),
        (
            with("/then/arguments/num_results", json!("{taken}")),
            at(".then.arguments.num_results"),
            "the whole of one argument, which is `query`",
        ),
        (
            with("/then/arguments/num_results", json!({"a": ["x{taken}"]})),
            at(".then.arguments.num_results"),
            "the whole of one argument",
        ),
        (
            with("/then/arguments/num_results", json!(6)),
            at(".then.arguments"),
            "with a text of 5 characters for `{taken}`: num_results: expected at most 5, found `6`",
        ),
        (
            with("/then/arguments/site", json!("x")),
            at(".then.arguments"),
            "`web_search` does not take these",
        ),
        (
            with("/max_chars", json!(401)),
            at(".then.arguments"),
            "with a text of 401 characters for `{taken}`: query: expected at most 400 characters",
        ),
        (
            with("/surprise", json!(1)),
            at(".surprise"),
            "unknown field `surprise`",
        ),
    ];
    for (chain, path, says) in cases {
        given(chain).then_it_is_refused(&path, says);
    }
}

#[test]
fn what_a_chain_does_not_have_is_refused_beside_it() {
    let whole = |path: &str| format!("tools[0].{path}");
    let cases = [
        (
            "/tools/0/ends_run",
            json!(true),
            whole("ends_run"),
            "a tool that is a model",
        ),
        (
            "/tools/0/program",
            json!("model"),
            whole("program"),
            "what `take` takes",
        ),
        (
            "/tools/0/sources",
            json!("results"),
            whole("sources"),
            "those of the tool that it calls",
        ),
        (
            "/tools/0/usd_per_call",
            json!(0.01),
            whole("usd_per_call"),
            "at the tool that the chain calls",
        ),
        (
            "/tools/0/tenant",
            json!("owner"),
            whole("tenant"),
            "isolated by tenant",
        ),
        (
            "/tools/0/timeout_ms",
            json!(1000),
            whole("timeout_ms"),
            "expected more than the 1000 ms of `web_search`",
        ),
        (
            "/tools/0/function/parameters/properties",
            json!({"kind": {"type": "string"}}),
            whole("target.chain.models"),
            "expected one of the arguments of `search` (kind), found `model`",
        ),
        (
            "/tools/0/target/system",
            json!("x"),
            whole("target"),
            "expected either",
        ),
        (
            "/tools/1/function/parameters/properties/query",
            json!({"type": "integer"}),
            whole("target.chain.then.arguments"),
            "query: expected an integer",
        ),
        (
            "/tools/1/function/parameters/properties/query",
            json!({"enum": ["a", "b"]}),
            whole("target.chain.then.arguments"),
            "query: expected one of a, b",
        ),
        (
            "/tools/1/target",
            json!({"models": {"a": "qwen"}, "system": "x"}),
            whole("target.chain.then.tool"),
            "`web_search` is made of models",
        ),
        (
            "/tools/1/target",
            json!({"discuss": {"models": ["qwen"], "writer": "qwen"}}),
            whole("target.chain.then.tool"),
            "`web_search` is made of models",
        ),
    ];
    for (pointer, value, path, says) in cases {
        let given = given(chain()).with(pointer, value);
        let given = if pointer == "/tools/1/target" {
            given.without("/tools/1/sources")
        } else {
            given
        };
        given.then_it_is_refused(&path, says);
    }
}

#[test]
fn a_tool_that_is_not_offered_is_called_by_a_chain_and_ends_no_run() {
    let mut alone = function("look", "at");
    alone["offered"] = json!(false);
    given_tools(json!([alone.clone()]))
        .then_it_is_refused("tools[0].offered", "expected a chain that calls `look`");
    alone["offered"] = json!("no");
    given_tools(json!([alone])).then_it_is_refused("tools[0].offered", "expected a boolean");
    let mut answer = model("answer");
    answer["ends_run"] = json!(true);
    answer["offered"] = json!(false);
    given_tools(json!([answer])).then_it_is_refused("tools[0].ends_run", "ends no run");
}

#[test]
fn a_round_holds_one_call_to_as_many_as_any_may() {
    for (calls, is_taken) in [(0, false), (1, true), (16, true), (17, false)] {
        let given = given(chain()).with("/orchestrator/tools_a_round", json!(calls));
        if is_taken {
            assert_eq!(given.catalog().orchestrator.tools_a_round, calls);
        } else {
            given.then_it_is_refused("orchestrator.tools_a_round", "expected 1 to 16");
        }
    }
    assert_eq!(given(chain()).catalog().orchestrator.tools_a_round, 16);
}

#[test]
fn a_call_names_who_writes_and_what_gets_it() {
    let run = given(chain()).run();
    run.then_offered_are(&["search"]);
    run.when_asked_for("search", r#"{"model": "search-1"}"#)
        .then(r#"search({"model":"search-1"}) by qwen, then web_search is made"#);
    run.when_asked_for("search", r#"{"model": "search-2"}"#).then(
        r#"search({"model":"search-2"}) is refused: invalid_arguments: model: expected one of search-1"#,
    );
    run.when_asked_for("search", "{}")
        .then("search({}) is refused: invalid_arguments: model: expected one of search-1");
    run.when_asked_for("web_search", r#"{"query": "Tokyo"}"#).then(
        r#"web_search({"query":"Tokyo"}) is refused: unknown_tool: There is no tool `web_search` now; offered are: search."#,
    );
}

#[test]
fn a_chain_is_offered_where_a_model_of_it_may_be_asked_and_its_tool_called() {
    let run = || given(chain()).run();
    run().without_tools(&["web_search"]).then_offered_are(&[]);
    run().without_tools(&["search"]).then_offered_are(&[]);
    run()
        .with_tools_alone(&["search"])
        .then_offered_are(&["search"]);
    run()
        .with_tools_alone(&["web_search"])
        .then_offered_are(&[]);
    run().with_models(&[]).then_offered_are(&[]);
    run().where_served(&[]).then_offered_are(&[]);
    let absent = given(chain()).run();
    for name in ["search", "web_search"] {
        let left = absent.tools().without(|tool| tool.as_str() == name);
        assert!(left.functions().is_empty(), "{name}");
    }
}

#[test]
fn what_may_not_be_repeated_is_so_in_a_chain() {
    let never = given(chain()).with("/tools/0/retry", json!("never"));
    let call = r#"{"model": "search-1"}"#;
    never
        .run()
        .when_asked_for("search", call)
        .then(r#"search({"model":"search-1"}) by qwen, then web_search is made once"#);
    let calls_once = given(chain()).with("/tools/1/retry", json!("never"));
    calls_once
        .run()
        .when_asked_for("search", call)
        .then(r#"search({"model":"search-1"}) by qwen, then web_search once is made"#);
}

/// The catalogue for the model that was trained on the paper's tools.
fn given_toolorchestra() -> Given {
    Given(serde_json::from_str(TOOLORCHESTRA).unwrap())
}

#[test]
fn toolorchestra_offers_three_tools_with_one_argument_each() {
    let given = given_toolorchestra();
    given
        .run()
        .then_offered_are(&["enhance_reasoning", "search", "answer"]);
    for function in given.run().tools().functions() {
        let function = &function["function"];
        let parameters = &function["parameters"];
        let arguments: Vec<_> = parameters["properties"]
            .as_object()
            .unwrap()
            .keys()
            .collect();
        assert_eq!(arguments, ["model"]);
        assert_eq!(parameters["required"], json!(["model"]));
        let names = parameters["properties"]["model"]["enum"]
            .as_array()
            .unwrap();
        let description = function["description"].as_str().unwrap();
        for name in names {
            let row = format!("\n{} | $", name.as_str().unwrap());
            assert!(description.contains(&row), "{row} in {description}");
        }
    }
    let catalog = given.catalog();
    assert_eq!(catalog.orchestrator.tools_a_round, 1);
    assert!(
        catalog
            .model(&catalog.orchestrator.model)
            .unwrap()
            .context_tokens
            >= 32_000
    );
    let run = given.run();
    run.when_asked_for("search", r#"{"model": "search-2"}"#)
        .then(r#"search({"model":"search-2"}) by phi, then web_search is made"#);
    run.when_asked_for("enhance_reasoning", r#"{"model": "reasoner-1"}"#)
        .then(
            r#"enhance_reasoning({"model":"reasoner-1"}) by qwen, then code_interpreter is made"#,
        );
    run.when_asked_for("answer", r#"{"model": "answer-3"}"#)
        .then(r#"answer({"model":"answer-3"}) by llama ends the run"#);
    assert_eq!(
        run.last_resort().as_deref(),
        Some(r#"answer({"model":"answer-1"}) by qwen"#)
    );
}

#[test]
fn toolorchestra_calls_the_tools_that_ship_as_they_are() {
    let shipped: Value = serde_json::from_str(super::kit::SHIPPED).unwrap();
    let written = given_toolorchestra().0;
    let called = |name: &str| {
        let tools = written["tools"].as_array().unwrap().iter();
        let mut tools = tools.filter(|tool| tool["function"]["name"] == name);
        tools.next().unwrap().clone()
    };
    for (name, at) in [("web_search", 2), ("code_interpreter", 3)] {
        let tool = called(name);
        let ships = &shipped["tools"][at];
        assert_eq!(tool["offered"], json!(false), "{name}");
        for field in ["target", "retry", "timeout_ms"] {
            assert_eq!(tool[field], ships[field], "{name} {field}");
        }
        assert_eq!(
            tool["function"]["parameters"], ships["function"]["parameters"],
            "{name}"
        );
    }
}
