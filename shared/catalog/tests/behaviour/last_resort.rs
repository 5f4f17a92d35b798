//! Who answers where the orchestrator does not: the strongest allowed model of a tool that ends the run.

use serde_json::json;

use super::kit::{ENHANCE, given_shipped, given_tools, model};

#[test]
fn the_strongest_allowed_model_is_asked() {
    let run = || given_shipped().run();
    let cases = [
        (run(), Some(r#"answer({"model":"answer-1"}) by qwen"#)),
        (
            run().with_models(&["llama", "phi"]),
            Some(r#"answer({"model":"answer-2"}) by phi"#),
        ),
        (
            run().where_served(&["llama"]),
            Some(r#"answer({"model":"answer-3"}) by llama"#),
        ),
        (run().with_models(&["phi"]).where_served(&["llama"]), None),
        (run().without_tools(&["answer"]), None),
        (run().with_tools_alone(&["search"]), None),
        (run().where_served(&[]), None),
    ];
    for (run, expected) in cases {
        assert_eq!(run.last_resort().as_deref(), expected);
    }
}

#[test]
fn of_several_tools_the_first_that_has_a_model_is_asked() {
    let given = given_shipped()
        .with(&format!("{ENHANCE}/ends_run"), json!(true))
        .with(
            &format!("{ENHANCE}/target/models"),
            json!({"reasoner-2": "phi"}),
        );
    let run = given.run();
    assert_eq!(
        run.last_resort().unwrap(),
        r#"enhance_reasoning({"model":"reasoner-2"}) by phi"#
    );
    let run = given.run().where_served(&["qwen"]);
    assert_eq!(
        run.last_resort().unwrap(),
        r#"answer({"model":"answer-1"}) by qwen"#
    );
}

#[test]
fn a_tool_of_another_name_is_asked_by_that_name() {
    let given = given_tools(json!([model("reply")])).with("/tools/0/ends_run", json!(true));
    assert_eq!(
        given.run().last_resort().unwrap(),
        r#"reply({"model":"reply-1"}) by qwen"#
    );
}
