//! Tools that are a discussion between models: how they are written, who takes part, and what ends a run of which mode.

use serde_json::{Value, json};

use super::kit::{Given, discuss, given_shipped};

/// The catalogue that ships, with this tool alone in the place of those that are discussions.
fn given(tool: Value) -> Given {
    let mut given = given_shipped();
    let tools = given.0["tools"].as_array_mut().unwrap();
    tools.retain(|tool| tool["target"].get("discuss").is_none());
    tools.insert(0, tool);
    given
}

#[test]
fn every_wrong_form_is_told_with_its_path_and_what_was_expected() {
    let nine = json!(["a", "b", "c", "d", "e", "f", "g", "h", "i"]);
    let target = |discuss: Value| ("target", json!({"discuss": discuss}));
    let with = |models: Value| target(json!({"models": models, "writer": "qwen"}));
    let at = |path: &str| format!("tools[0].target.discuss{path}");
    let cases = [
        (
            with(json!(["qwen", "gpt"])),
            at(".models[1]"),
            "expected a model of `models` (llama, phi, qwen), found `gpt`",
        ),
        (
            with(json!([])),
            at(".models"),
            "expected 1 to 8 models, found 0",
        ),
        (with(nine), at(".models"), "expected 1 to 8 models, found 9"),
        (
            with(json!(["qwen", "phi", "qwen"])),
            at(".models[2]"),
            "expected each model once, found `qwen` again",
        ),
        (with(json!("qwen")), at(".models"), "expected a sequence"),
        (
            with(json!({"qwen": "phi"})),
            at(".models"),
            "expected a sequence",
        ),
        (
            with(json!(["qwen", 7])),
            at(".models[1]"),
            "expected a string",
        ),
        (with(json!([""])), at(".models[0]"), "found ``"),
        (with(Value::Null), at(".models"), "expected a sequence"),
        (
            target(json!({"models": ["qwen"], "writer": "gpt"})),
            at(".writer"),
            "expected a model of `models`",
        ),
        (
            target(json!({"models": ["qwen"], "writer": null})),
            at(".writer"),
            "expected a string",
        ),
        (
            target(json!({"models": ["qwen"], "writer": ["qwen"]})),
            at(".writer"),
            "expected a string",
        ),
        (
            target(json!({"models": ["qwen"]})),
            at(""),
            "missing field `writer`",
        ),
        (
            target(json!({"writer": "qwen"})),
            at(""),
            "missing field `models`",
        ),
        (target(json!({})), at(""), "missing field `models`"),
        (
            target(json!({"models": ["qwen"], "writer": "qwen", "rounds": 3})),
            at(".rounds"),
            "unknown field `rounds`",
        ),
        (target(json!("qwen")), at(""), "expected struct"),
        (target(Value::Null), at(""), "expected struct"),
    ];
    for ((field, value), path, says) in cases {
        let mut tool = discuss();
        tool[field] = value;
        given(tool).then_it_is_refused(&path, says);
    }
}

#[test]
fn what_a_discussion_does_not_have_is_refused_beside_it() {
    let target = |discuss: Value| ("target", json!({"discuss": discuss}));
    let of_tool = |path: &str| format!("tools[0].{path}");
    let cases = [
        (
            target(json!({"models": ["qwen"], "writer": "qwen", "default_to_question": "topic"})),
            of_tool("target.discuss.default_to_question"),
            "expected one of the arguments of `discuss` (problem), found `topic`",
        ),
        (
            (
                "target",
                json!({"discuss": {"models": ["qwen"], "writer": "qwen"}, "system": "x"}),
            ),
            of_tool("target"),
            "expected either",
        ),
        (
            (
                "target",
                json!({"discuss": {"models": ["qwen"], "writer": "qwen"}, "writer": "x"}),
            ),
            of_tool("target.writer"),
            "unknown field `writer`",
        ),
        (
            ("target", json!({"debate": {"models": ["qwen"]}})),
            of_tool("target.debate"),
            r#"{"discuss": {"models": [ids], "writer": "id"}}"#,
        ),
        (
            ("program", json!("problem")),
            of_tool("program"),
            "a discussion runs none",
        ),
        (
            ("sources", json!("results")),
            of_tool("sources"),
            "expected a tool that returns an object",
        ),
    ];
    for ((field, value), path, says) in cases {
        let mut tool = discuss();
        tool[field] = value;
        given(tool).then_it_is_refused(&path, says);
    }
}

#[test]
fn any_model_may_write_and_eight_take_part() {
    let mut given = given(discuss());
    let names: Vec<_> = (1..=8).map(|number| format!("model-{number}")).collect();
    for name in &names {
        given.0["models"][name] = given.0["models"]["phi"].clone();
    }
    let given = given.with(
        "/tools/0/target",
        json!({"discuss": {"models": names, "writer": "llama"}}),
    );
    given.run().when_asked_for("discuss", "{}").then(&format!(
        "discuss({{}}) by {}, written by llama is made",
        names.join(" and ")
    ));
}

#[test]
fn the_argument_that_says_what_is_discussed_is_the_one_that_is_named_or_the_problem() {
    let argument = |given: &Given| match &given.catalog().tools[0].target {
        catalog::Target::Discuss(target) => target.default_to_question.clone(),
        other => panic!("{other:?}"),
    };
    let topic = |named: bool| {
        let mut tool = discuss();
        tool["function"]["parameters"]["properties"] =
            json!({"topic": {"type": "string"}, "problem": {"type": "string"}});
        if named {
            tool["target"]["discuss"]["default_to_question"] = json!("topic");
        }
        given(tool)
    };
    assert_eq!(argument(&topic(true)).as_deref(), Some("topic"));
    assert_eq!(argument(&topic(false)).as_deref(), Some("problem"));
    let mut without = discuss();
    without["function"]["parameters"]["properties"] = json!({});
    assert_eq!(argument(&given(without)), None);
}

#[test]
fn those_take_part_that_are_allowed_and_have_a_server() {
    let all = given(discuss());
    let cases = [
        (all.run(), "qwen and phi and llama, written by qwen"),
        (
            all.run().with_models(&["llama", "phi"]),
            "phi and llama, written by phi",
        ),
        (
            all.run().where_served(&["qwen", "llama"]),
            "qwen and llama, written by qwen",
        ),
        (all.run().where_served(&["phi"]), "phi, written by phi"),
        (all.run().with_models(&["qwen"]), "qwen, written by qwen"),
    ];
    for (run, by) in cases {
        run.when_asked_for("discuss", "{}")
            .then(&format!("discuss({{}}) by {by} is made"));
    }
    let none = all.run().with_models(&["qwen"]).where_served(&["phi"]);
    none.then_offered_are(&["search", "code_interpreter", "read_url"]);
    let writer_alone = all.with(
        "/tools/0/target",
        json!({"discuss": {"models": ["phi"], "writer": "llama"}}),
    );
    let run = writer_alone
        .run()
        .with_models(&["llama"])
        .with_tools_alone(&["discuss"]);
    run.then_offered_are(&[]);
    let run = writer_alone.run().with_models(&["phi", "llama"]);
    run.when_asked_for("discuss", "{}")
        .then("discuss({}) by phi, written by llama is made");
}

#[test]
fn what_a_run_of_a_discussion_is_offered_ends_by_a_discussion_alone() {
    let all = given(discuss());
    let offered = [
        "discuss",
        "enhance_reasoning",
        "search",
        "code_interpreter",
        "read_url",
    ];
    let run = all.run().in_discussion();
    run.then_offered_are(&offered);
    run.when_asked_for("discuss", r#"{"problem": "Why?"}"#).then(
        r#"discuss({"problem":"Why?"}) by qwen and phi and llama, written by qwen ends the run"#,
    );
    run.when_asked_for("answer", r#"{"model": "answer-1"}"#).then(&format!(
        r#"answer({{"model":"answer-1"}}) is refused: unknown_tool: There is no tool `answer` now; offered are: {}."#,
        offered.join(", ")
    ));
    assert_eq!(
        run.last_resort().unwrap(),
        "discuss({}) by qwen and phi and llama, written by qwen"
    );
    let run = all.run().in_discussion().in_a_round_that_may_only_answer();
    run.then_offered_are(&["discuss"]);
    for run in [
        all.run().without_tools(&["discuss"]),
        all.run().with_tools_alone(&["search", "answer"]),
        all.run().where_served(&[]),
    ] {
        let run = run.in_discussion();
        assert_eq!(run.last_resort(), None);
        assert_eq!(run.tools().ending().count(), 0);
    }
}

#[test]
fn a_discussion_may_end_any_run_and_answers_in_the_last_resort_where_no_model_does() {
    let mut tool = discuss();
    tool["ends_run"] = json!(true);
    let given = given(tool);
    let run = given.run();
    run.when_asked_for("discuss", "{}")
        .then("discuss({}) by qwen and phi and llama, written by qwen ends the run");
    assert_eq!(
        run.last_resort().unwrap(),
        r#"answer({"model":"answer-1"}) by qwen"#
    );
    let run = given.run().without_tools(&["answer"]);
    assert_eq!(
        run.last_resort().unwrap(),
        "discuss({}) by qwen and phi and llama, written by qwen"
    );
}

#[test]
fn a_discussion_in_a_catalogue_of_before_roles_were_declared_is_what_it_says() {
    let mut given = given(discuss());
    for tool in given.0["tools"].as_array_mut().unwrap() {
        tool.as_object_mut().unwrap().remove("ends_run");
    }
    let catalog = given.catalog();
    assert!(catalog.names_tell_roles);
    let discuss = &catalog.tools[0];
    assert_eq!(
        (discuss.ends_run, &discuss.sources, &discuss.program),
        (false, &None, &None)
    );
}
