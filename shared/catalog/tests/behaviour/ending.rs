//! Tools that end the run are those that say so, whatever they are called.

use serde_json::json;

use super::kit::{ANSWER, ENHANCE, function, given_shipped, given_tools, model};

#[test]
fn a_tool_of_any_name_may_end_the_run() {
    let given = given_shipped().with("/tools/1/function/name", json!("reply_to_user"));
    let run = given.run();
    run.when_asked_for("reply_to_user", r#"{"model": "answer-3"}"#)
        .then(r#"reply_to_user({"model":"answer-3"}) by llama ends the run"#);
    assert_eq!(run.tools().ending().collect::<Vec<_>>(), ["reply_to_user"]);
    given
        .run()
        .in_a_round_that_may_only_answer()
        .then_offered_are(&["reply_to_user"]);
}

#[test]
fn a_tool_that_is_called_answer_ends_nothing_where_another_does() {
    let given = given_shipped()
        .without(&format!("{ANSWER}/ends_run"))
        .with(&format!("{ENHANCE}/ends_run"), json!(true));
    let run = given.run();
    run.when_asked_for("answer", r#"{"model": "answer-1"}"#)
        .then(r#"answer({"model":"answer-1"}) by qwen is made"#);
    run.when_asked_for("enhance_reasoning", r#"{"model": "reasoner-2"}"#)
        .then(r#"enhance_reasoning({"model":"reasoner-2"}) by phi ends the run"#);
}

#[test]
fn several_tools_may_end_the_run() {
    let given = given_shipped().with(&format!("{ENHANCE}/ends_run"), json!(true));
    assert_eq!(
        given.run().tools().ending().collect::<Vec<_>>(),
        ["enhance_reasoning", "answer"]
    );
    given
        .run()
        .in_a_round_that_may_only_answer()
        .then_offered_are(&["enhance_reasoning", "answer"]);
}

#[test]
fn where_no_tool_ends_the_run_the_orchestrator_alone_can_answer() {
    let given = given_tools(json!([function("look", "where"), model("judge")]))
        .with("/tools/1/ends_run", json!(false));
    let run = given.run();
    assert_eq!(run.tools().ending().count(), 0);
    assert_eq!(run.last_resort(), None);
    run.when_asked_for("look", "{}").then("look({}) is made");
    let last = given.run().in_a_round_that_may_only_answer();
    last.then_offered_are(&[]);
    last.when_asked_for("look", "{}")
        .then("look({}) is refused: unknown_tool: There is no tool `look` now: answer in text.");
}

#[test]
fn where_a_run_may_not_use_it_nothing_ends_the_run() {
    let denied = given_shipped().run().without_tools(&["answer"]);
    assert_eq!(denied.tools().ending().count(), 0);
    let unserved = given_shipped().run().where_served(&[]);
    assert_eq!(unserved.tools().ending().count(), 0);
}
