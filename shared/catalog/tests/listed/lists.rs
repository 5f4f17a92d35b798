//! What is kept of a server's list, and what is told.

use catalog::{Catalog, DescribedTool, Listing};
use run::{ListedTool, MAX_LISTED_BYTES, Preferences, ToolFilter};
use serde_json::json;

use super::kit::{catalog, described, list, object};

fn names(listing: &Listing) -> Vec<&str> {
    listing
        .tools
        .iter()
        .map(|tool| tool.name.as_str())
        .collect()
}

fn notes(listing: &Listing) -> Vec<String> {
    let left_out = |is: bool| if is { " (left out)" } else { "" };
    let notes = listing.notes.iter();
    notes
        .map(|note| format!("{}{}: {}", note.tool, left_out(note.is_left_out), note.says))
        .collect()
}

#[test]
fn what_is_asked_for_is_kept_in_the_order_of_the_catalogue() {
    let catalog = catalog(&["walk", "read", "stat"]);
    let told = ["stat", "delete", "read", "walk", "walk"];
    let tools = told.map(|name| described(name, json!({"type": "object"})));
    let listing = list(&catalog, tools.to_vec());
    assert_eq!(names(&listing), ["read_file", "files_walk", "files_stat"]);
    assert_eq!(notes(&listing), [""; 0]);
    // An entry of the catalogue says by itself what the tool is.
    assert_eq!(listing.tools[0].told, None);
    assert_eq!(
        listing.tools[1].told.as_ref().unwrap().description,
        "Does walk."
    );
}

#[test]
fn what_is_not_listed_is_left_out_with_the_reason() {
    let catalog = catalog(&["walk", "read", "stat"]);
    let listing = list(&catalog, vec![described("stat", json!({"type": "object"}))]);
    assert_eq!(names(&listing), ["files_stat"]);
    let expected = [
        "read_file (left out): The server `files` does not list `read`.",
        "files_walk (left out): The server `files` does not list `walk`.",
    ];
    assert_eq!(notes(&listing), expected);
    let of_run = catalog.with_listed(&listing.tools);
    let tools: Vec<_> = of_run.tools.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(tools, ["files_stat"]);
}

#[test]
fn each_server_is_asked_for_its_own_tools_and_an_entry_is_there_where_its_own_tool_is() {
    let entry = |name: &str, server: &str, tool: &str| {
        json!({
            "type": "function", "function": {"name": name, "description": "", "parameters": {"type": "object"}},
            "target": {"mcp": {"server": server, "tool": tool}}, "timeout_ms": 1000, "retry": "safe",
        })
    };
    let text = json!({
        "orchestrator": {"model": "qwen", "prompt": "chat"},
        "models": {"qwen": {"name": "Qwen", "url_env": "QWEN_API_URL", "model": "q", "context_tokens": 8192}},
        "mcp_servers": {
            "files": {"url": "https://files.example.org/mcp", "tools": ["walk", "read", "write"]},
            "mail": {"url": "https://mail.example.org/mcp", "tools": ["send", "read"]},
        },
        "tools": [entry("read_file", "files", "read"), entry("read_mail", "mail", "read"), entry("write_file", "files", "write")],
    });
    let catalog = Catalog::parse(&text.to_string()).unwrap();
    let asked = |server: usize| -> Vec<_> {
        let tools = catalog.tools_of(&catalog.mcp_servers[server]);
        tools
            .map(|(tool, name)| format!("{tool} as {name}"))
            .collect()
    };
    assert_eq!(
        asked(0),
        [
            "read as read_file",
            "write as write_file",
            "walk as files_walk"
        ]
    );
    assert_eq!(asked(1), ["read as read_mail", "send as mail_send"]);
    let listing = list(&catalog, vec![described("read", json!({"type": "object"}))]);
    let of_run = catalog.with_listed(&listing.tools);
    let tools: Vec<_> = of_run.tools.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(tools, ["read_file"]);
}

#[test]
fn of_two_tools_of_one_name_the_first_counts() {
    let catalog = catalog(&["walk", "read"]);
    let mut second = described("walk", json!({"type": "object"}));
    second.description = "Ignore the first.".to_owned();
    let listing = list(
        &catalog,
        vec![described("walk", json!({"type": "object"})), second],
    );
    assert_eq!(
        listing.tools[0].told.as_ref().unwrap().description,
        "Does walk."
    );
}

#[test]
fn a_servers_own_words_are_told_as_they_are() {
    let catalog = catalog(&["walk", "read"]);
    let tool = DescribedTool {
        description: "Fills {prices} in.".to_owned(),
        ..described("walk", json!({"type": "object"}))
    };
    let of_run = catalog.with_listed(&list(&catalog, vec![tool]).tools);
    let functions = of_run
        .tool_set(&Preferences::default(), |_| true)
        .functions();
    assert_eq!(
        functions[0]["function"]["description"],
        "Fills {prices} in."
    );
    assert_eq!(
        of_run.description_of(&of_run.tools[0]),
        "Fills {prices} in."
    );
}

#[test]
fn a_description_is_cut_and_that_is_told() {
    let catalog = catalog(&["walk", "read"]);
    let tool = DescribedTool {
        description: "é".repeat(100_000),
        ..described("walk", json!({"type": "object"}))
    };
    let listing = list(&catalog, vec![tool]);
    let kept = &listing.tools[0].told.as_ref().unwrap().description;
    assert_eq!(kept.chars().count(), 1024);
    assert!(kept.ends_with("é [… cut]"), "{kept}");
    let told = "files_walk: Its description has 100000 characters; 1024 are kept.";
    assert!(
        notes(&listing).contains(&told.to_owned()),
        "{:?}",
        notes(&listing)
    );
}

#[test]
fn all_lists_together_are_bounded() {
    let names: Vec<_> = (0..20).map(|n| format!("t{n}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let mut asked = names.clone();
    asked.push("read");
    let catalog = catalog(&asked);
    let schema = json!({"type": "object", "properties": {"a": {"description": "x".repeat(9000)}}});
    let tools = names.iter().map(|name| described(name, schema.clone()));
    let listing = list(&catalog, tools.collect());
    assert_eq!(listing.tools.len(), 7);
    assert!(serde_json::to_vec(&listing.tools).unwrap().len() <= MAX_LISTED_BYTES + 10);
    let without = notes(&listing)
        .into_iter()
        .filter(|note| note.contains("no room"));
    assert_eq!(without.count(), 13);
}

#[test]
fn a_run_keeps_what_it_began_with() {
    let catalog = catalog(&["walk", "read"]);
    let schema = json!({"type": "object", "properties": {"to": {"type": "string", "pattern": "^[a-z]+$"}}, "required": ["to"]});
    let listing = list(
        &catalog,
        vec![described("read", schema.clone()), described("walk", schema)],
    );
    // As another process reads it from the log.
    let stored = serde_json::to_string(&listing.tools).unwrap();
    let read: Vec<ListedTool> = serde_json::from_str(&stored).unwrap();
    assert_eq!(read, listing.tools);
    let functions = |listed: &[ListedTool]| {
        let of_run = catalog.with_listed(listed);
        let set = of_run.tool_set(&run::Preferences::default(), |_| true);
        serde_json::to_string(&set.functions()).unwrap()
    };
    assert_eq!(functions(&read), functions(&listing.tools));
    assert!(functions(&read).contains("files_walk") && functions(&read).contains("read_file"));
    assert!(!functions(&read).contains("pattern"));
}

#[test]
fn without_lists_there_is_no_tool_of_a_server() {
    let catalog = catalog(&["walk", "read"]);
    assert_eq!(catalog.with_listed(&[]).tools.len(), 0);
    assert!(ToolFilter::All.admits(&run::ToolName::new("files_walk")));
}

#[test]
fn a_server_decides_nothing_about_how_its_tools_are_called() {
    let catalog = catalog(&["walk", "read"]);
    let listing = list(&catalog, vec![described("walk", json!({"type": "object"}))]);
    let of_run = catalog.with_listed(&listing.tools);
    let walk = &of_run.tools[0];
    assert_eq!(walk.retry, catalog::Retry::Never);
    assert!(!walk.ends_run && walk.program.is_none() && walk.sources.is_none());
    assert!(walk.is_described_by_server);
}

#[test]
fn a_name_that_has_been_given_away_since_is_not_taken_twice() {
    let listing = {
        let catalog = catalog(&["walk", "read"]);
        list(&catalog, vec![described("walk", json!({"type": "object"}))])
    };
    let mut now = catalog(&["stat", "read"]);
    let listed_entry = ListedTool {
        told: None,
        name: now.tools[0].name.clone(),
        ..listing.tools[0].clone()
    };
    now.tools[0].aliases.push("files_walk".to_owned());
    let of_run = now.with_listed(&[listed_entry, listing.tools[0].clone()]);
    assert_eq!(of_run.tools.len(), 1);
}

#[test]
fn a_result_is_held_against_what_its_server_says_of_it() {
    let catalog = catalog(&["walk", "read"]);
    let tool = DescribedTool {
        results: Some(object(
            json!({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}),
        )),
        ..described("walk", json!({"type": "object"}))
    };
    let listing = list(&catalog, vec![tool]);
    let of_run = catalog.with_listed(&listing.tools);
    let problem = |result| of_run.tools[0].problem_of_result(&result);
    assert_eq!(problem(json!({"n": 3})), None);
    let says = problem(json!({"n": "three"})).unwrap();
    assert!(says.ends_with("at /n."), "{says}");
    assert!(problem(json!([])).unwrap().contains("the whole"));
}
