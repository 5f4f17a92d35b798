//! A call that fits is made; one that does not is refused, and the model is told what to mend.

use serde_json::json;

use super::kit::{CODE, given_shipped};

#[test]
fn calls_that_fit_are_made_for_what_they_are() {
    let run = given_shipped().run();
    run.when_asked_for("search", r#"{"query": "x"}"#)
        .then(r#"search({"query":"x"}) is made"#);
    run.when_asked_for(
        "enhance_reasoning",
        r#"{"model": "reasoner-2", "problem": "why"}"#,
    )
    .then(r#"enhance_reasoning({"model":"reasoner-2","problem":"why"}) by phi is made"#);
    run.when_asked_for("answer", r#"{"model": "answer-3"}"#)
        .then(r#"answer({"model":"answer-3"}) by llama ends the run"#);
    let once = given_shipped()
        .with(&format!("{CODE}/retry"), json!("never"))
        .run();
    once.when_asked_for("code_interpreter", r#"{"code": "1"}"#)
        .then(r#"code_interpreter({"code":"1"}) is made once"#);
}

#[test]
fn calls_that_do_not_fit_are_refused_with_what_to_mend() {
    let offered =
        "offered are: enhance_reasoning, answer, search, code_interpreter, read_url, discuss.";
    // The tool, its arguments as written and as kept, and the refusal.
    let cases = [
        ("browse", "{}", "{}", format!("unknown_tool: There is no tool `browse` now; {offered}")),
        ("", "{}", "{}", format!("unknown_tool: There is no tool `` now; {offered}")),
        ("search", "", "{}", "invalid_arguments: query: expected a string, found nothing".to_owned()),
        (
            "search",
            "{",
            "{}",
            "invalid_arguments: The arguments are not valid JSON: EOF while parsing an object at line 1 column 1; there stands `{`".to_owned(),
        ),
        (
            "search",
            "[1]",
            "{}",
            "invalid_arguments: The arguments must be a JSON object, found `[1]`".to_owned(),
        ),
        (
            "search",
            r#"{"query": 7}"#,
            r#"{"query":7}"#,
            "invalid_arguments: query: expected a string, found `7`".to_owned(),
        ),
        (
            "search",
            r#"{"query": "x", "num_results": 9}"#,
            r#"{"query":"x","num_results":9}"#,
            "invalid_arguments: num_results: expected at most 5, found `9`".to_owned(),
        ),
        (
            "search",
            r#"{"query": "x", "site": "y"}"#,
            r#"{"query":"x","site":"y"}"#,
            "invalid_arguments: the arguments: expected only query, num_results, found `site`".to_owned(),
        ),
        (
            "answer",
            r#"{"model": "answer-4"}"#,
            r#"{"model":"answer-4"}"#,
            r#"invalid_arguments: model: expected one of answer-1, answer-2, answer-3, found `"answer-4"`"#.to_owned(),
        ),
    ];
    let run = given_shipped().run();
    for (tool, written, kept, refusal) in cases {
        run.when_asked_for(tool, written)
            .then(&format!("{tool}({kept}) is refused: {refusal}"));
    }
}
