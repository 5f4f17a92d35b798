//! Other names under which models call the tools: each leads to one tool, and none is shown.

use serde_json::json;

use super::kit::{GivenRun, given_shipped};

fn lead(run: &GivenRun, alias: &str) -> Option<String> {
    let aliases = run.tools().aliases();
    let found = aliases.into_iter().find(|(name, _)| name == alias);
    found.map(|(_, tool)| tool)
}

#[test]
fn an_alias_leads_to_its_tool() {
    let run = given_shipped().run();
    for (alias, tool) in [
        ("python", "code_interpreter"),
        ("execute_python", "code_interpreter"),
        ("web_search", "search"),
        ("browser.search", "search"),
        ("final_answer", "answer"),
    ] {
        assert_eq!(lead(&run, alias).as_deref(), Some(tool), "{alias}");
    }
}

#[test]
fn aliases_are_those_of_offered_tools_and_are_not_shown() {
    let denied = given_shipped().run().without_tools(&["search"]);
    assert_eq!(lead(&denied, "web_search"), None);
    let last = given_shipped().run().in_a_round_that_may_only_answer();
    let tools = last.tools();
    assert_eq!(
        tools.aliases(),
        [("final_answer".to_owned(), "answer".to_owned())]
    );
    let all = given_shipped().run();
    assert!(
        !json!(all.tools().functions())
            .to_string()
            .contains("execute_python")
    );
}
