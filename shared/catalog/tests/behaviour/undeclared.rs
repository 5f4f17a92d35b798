//! Catalogues from the time before tools declared their roles: they work as they did.

use catalog::Target;
use serde_json::json;

use super::kit::{ANSWER, Given, function, given_shipped, given_tools, model};

/// The shipped catalogue as it was before, with the four tools that it had.
fn given_before() -> Given {
    let mut given = given_shipped();
    given.0["tools"].as_array_mut().unwrap().truncate(4);
    given
        .without("/tools/0/target/default_to_question")
        .without("/tools/0/target/focus")
        .without("/tools/1/target/default_to_question")
        .without("/tools/1/ends_run")
        .without("/tools/2/sources")
        .without("/tools/3/program")
}

#[test]
fn the_shipped_catalogue_of_before_reads_as_that_of_now() {
    let (before, now) = (given_before().catalog(), given_shipped().catalog());
    assert!(before.names_tell_roles && !now.names_tell_roles);
    for (before, now) in before.tools.iter().zip(&now.tools) {
        assert_eq!(before.ends_run, now.ends_run, "{}", now.name);
        assert_eq!(before.program, now.program, "{}", now.name);
        assert_eq!(before.target, now.target, "{}", now.name);
        assert_eq!(before.function, now.function, "{}", now.name);
    }
    let sources: Vec<_> = before
        .tools
        .iter()
        .map(|tool| tool.sources.as_deref())
        .collect();
    assert_eq!(
        sources,
        [None, None, Some("results"), Some("results")],
        "any function might bring them"
    );
    given_before()
        .run()
        .when_asked_for("answer", r#"{"model": "answer-3"}"#)
        .then(r#"answer({"model":"answer-3"}) by llama ends the run"#);
}

#[test]
fn one_word_about_the_end_of_runs_makes_it_a_catalogue_of_now() {
    for ends_run in [true, false] {
        let catalog = given_before()
            .with(&format!("{ANSWER}/ends_run"), json!(ends_run))
            .catalog();
        assert!(!catalog.names_tell_roles);
        let declared = catalog
            .tools
            .iter()
            .map(|tool| (tool.ends_run, &tool.program, &tool.sources));
        let expected = [false, ends_run, false, false].map(|ends_run| (ends_run, &None, &None));
        assert_eq!(declared.collect::<Vec<_>>(), expected);
        let unsaid = [
            "tools[0].target.default_to_question (its argument `problem`)",
            "tools[0].target.focus (its argument `reasoning_focus`)",
            "tools[1].target.default_to_question (its argument `problem`)",
            "tools[3].program (its argument `code`)",
        ];
        assert_eq!(catalog.unsaid, unsaid, "the operator is told");
    }
    let none: [&str; 0] = [];
    assert_eq!(given_shipped().catalog().unsaid, none);
    assert_eq!(given_before().catalog().unsaid, none);
}

#[test]
fn what_such_a_catalogue_does_say_is_kept() {
    let catalog = given_before()
        .with("/tools/2/sources", json!("pages"))
        .with("/tools/3/program", json!("stdin"))
        .with(
            "/tools/0/target/default_to_question",
            json!("reasoning_focus"),
        )
        .catalog();
    assert_eq!(catalog.tools[2].sources.as_deref(), Some("pages"));
    assert_eq!(catalog.tools[3].program.as_deref(), Some("stdin"));
    let Target::Models(aliases) = &catalog.tools[0].target else {
        panic!("a model");
    };
    assert_eq!(
        aliases.default_to_question.as_deref(),
        Some("reasoning_focus")
    );
    assert!(catalog.tools[1].ends_run);
}

#[test]
fn names_alone_make_no_role_that_a_tool_cannot_have() {
    // A function returns an object, and an answer is a text.
    let given = given_tools(json!([
        function("answer", "code"),
        function("look", "problem"),
        model("judge")
    ]));
    let catalog = given.catalog();
    assert!(catalog.names_tell_roles);
    let declared: Vec<_> = catalog
        .tools
        .iter()
        .map(|tool| {
            (
                tool.ends_run,
                tool.program.as_deref(),
                tool.sources.as_deref(),
            )
        })
        .collect();
    let expected = [
        (false, Some("code"), Some("results")),
        (false, None, Some("results")),
        (false, None, None),
    ];
    assert_eq!(declared, expected);
    assert_eq!(given.run().last_resort(), None);
}
