//! What a run may use: the catalogue narrowed by the caller's preferences, and by the models that have a server.

use serde_json::json;

use super::kit::{SEARCH, given_shipped};

#[test]
fn tools_are_offered_in_the_order_of_the_file_as_the_file_has_them() {
    let given = given_shipped();
    let run = given.run();
    run.then_offered_are(&[
        "enhance_reasoning",
        "answer",
        "search",
        "code_interpreter",
        "read_url",
        "discuss",
    ]);
    let search = &given.0.pointer(SEARCH).unwrap()["function"];
    assert_eq!(
        run.tools().functions()[2],
        json!({"type": "function", "function": search})
    );
}

#[test]
fn preferences_and_servers_narrow_tools_and_their_models() {
    let run = given_shipped()
        .run()
        .without_tools(&["search"])
        .with_models(&["llama", "phi"])
        .where_served(&["qwen", "phi"]);
    run.then_offered_are(&[
        "enhance_reasoning",
        "answer",
        "code_interpreter",
        "read_url",
        "discuss",
    ]);
    let functions = run.tools().functions();
    let models = &functions[1]["function"]["parameters"]["properties"]["model"]["enum"];
    assert_eq!(*models, json!(["answer-2"]), "allowed and served");
    run.when_asked_for("answer", r#"{"model": "answer-2"}"#)
        .then(r#"answer({"model":"answer-2"}) by phi ends the run"#);
    run.when_asked_for("answer", r#"{"model": "answer-1"}"#)
        .then(r#"answer({"model":"answer-1"}) is refused: invalid_arguments: model: expected one of answer-2"#);
}

#[test]
fn a_tool_whose_models_are_all_away_is_not_offered() {
    let run = || given_shipped().run();
    run()
        .with_tools_alone(&["answer"])
        .then_offered_are(&["answer"]);
    run()
        .with_tools_alone(&["answer"])
        .where_served(&[])
        .then_offered_are(&[]);
    run()
        .where_served(&[])
        .then_offered_are(&["search", "code_interpreter", "read_url"]);
    run()
        .with_models(&[])
        .then_offered_are(&["search", "code_interpreter", "read_url"]);
    run().with_tools_alone(&[]).then_offered_are(&[]);
}

#[test]
fn a_round_that_may_only_answer_offers_nothing_else() {
    let last = given_shipped().run().in_a_round_that_may_only_answer();
    last.then_offered_are(&["answer"]);
    last.when_asked_for("search", r#"{"query": "x"}"#)
        .then(r#"search({"query":"x"}) is refused: unknown_tool: There is no tool `search` now; offered are: answer."#);
}

#[test]
fn the_argument_that_holds_a_program_is_known_of_offered_tools() {
    let run = given_shipped().run();
    let tools = run.tools();
    let program = |name: &str| tools.program_of(&run::ToolName::new(name));
    assert_eq!(program("code_interpreter"), Some("code"));
    assert_eq!(program("search"), None);
    assert_eq!(program("python"), None);
}
