//! The shipped catalogue, mistakes in one, and what is offered to whom.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking; the lint's own exception ends at test functions"
)]

use catalog::{Catalog, RequestedCall, Target};
use run::{ModelId, Preferences, ToolFilter, ToolName, Verdict};
use serde_json::{Value, json};

const SHIPPED: &str = include_str!("../../../tools_config.json");

fn shipped() -> Value {
    serde_json::from_str(SHIPPED).unwrap()
}

fn catalog() -> Catalog {
    Catalog::parse(SHIPPED).unwrap()
}

#[test]
fn the_shipped_catalogue_offers_four_tools_on_three_models() {
    let catalog = catalog();
    let tools: Vec<_> = catalog
        .tools
        .iter()
        .map(|tool| tool.name.as_str())
        .collect();
    assert_eq!(
        tools,
        ["enhance_reasoning", "answer", "search", "code_interpreter"]
    );
    let models: Vec<_> = catalog
        .models
        .iter()
        .map(|model| model.id.as_str())
        .collect();
    assert_eq!(models, ["qwen", "phi", "llama"]);
    let Target::Models(aliases) = &catalog.tools[1].target else {
        panic!("answer is a model");
    };
    let names: Vec<_> = aliases
        .models
        .iter()
        .map(|(name, id)| (name.as_str(), id.as_str()))
        .collect();
    assert_eq!(
        names,
        [
            ("answer-1", "qwen"),
            ("answer-2", "phi"),
            ("answer-3", "llama")
        ]
    );
    assert_eq!(catalog.models[0].variables.key, "QWEN_API_KEY");
}

/// A field to set (by pointer), what to set it to, and how the refusal begins and what it says.
const MISTAKES: &[(&str, &str, &str, &str)] = &[
    (
        "/orchestrator/model",
        r#""gpt""#,
        "orchestrator.model: ",
        "qwen",
    ),
    (
        "/orchestrator/prompt",
        r#""poem""#,
        "orchestrator.prompt: ",
        "chat",
    ),
    (
        "/models/phi/url_env",
        r#""PHI""#,
        "models.phi.url_env: ",
        "_API_URL",
    ),
    (
        "/models/phi/context_tokens",
        "0",
        "models.phi.context_tokens: ",
        "at least 1",
    ),
    (
        "/models/phi/context_tokens",
        r#""many""#,
        "models.phi.context_tokens: ",
        "u32",
    ),
    (
        "/models/phi/usd_per_million/input",
        "-1",
        "models.phi.usd_per_million: ",
        "0 or more",
    ),
    (
        "/models/phi/colour",
        "1",
        "models.phi.colour: ",
        "unknown field",
    ),
    (
        "/tools/2/type",
        r#""plugin""#,
        "tools[2].type: ",
        "function",
    ),
    (
        "/tools/2/function/name",
        r#""no spaces""#,
        "tools[2].function.name: ",
        "letters",
    ),
    (
        "/tools/2/function/name",
        r#""answer""#,
        "tools[2].function.name: ",
        "names another tool",
    ),
    (
        "/tools/2/function/parameters",
        r#"{"type": 7}"#,
        "tools[2].function.parameters: ",
        "JSON Schema",
    ),
    ("/tools/2/target", "{}", "tools[2].target: ", "lambda"),
    (
        "/tools/2/target",
        r#"{"lambda": "a", "system": "b"}"#,
        "tools[2].target: ",
        "either",
    ),
    (
        "/tools/2/target",
        r#"{"http": {"url": "x"}}"#,
        "tools[2].target.http: ",
        "unknown field",
    ),
    (
        "/tools/0/target/models/reasoner-1",
        r#""gpt""#,
        "tools[0].target.models.reasoner-1: ",
        "qwen",
    ),
    (
        "/tools/2/timeout_ms",
        "0",
        "tools[2].timeout_ms: ",
        "1 to 900000",
    ),
    (
        "/tools/2/timeout_ms",
        "900001",
        "tools[2].timeout_ms: ",
        "1 to 900000",
    ),
    (
        "/tools/2/max_result_bytes",
        "131073",
        "tools[2].max_result_bytes: ",
        "1 to 131072",
    ),
    ("/tools/2/tenant", r#""run""#, "tools[2].tenant: ", "owner"),
    (
        "/tools/2/aliases",
        r#""web_search""#,
        "tools[2].aliases: ",
        "sequence",
    ),
    (
        "/tools/2/aliases",
        r#"["web search"]"#,
        "tools[2].aliases[0]: ",
        "letters, digits, `_`, `-` or `.`",
    ),
    (
        "/tools/2/aliases",
        r#"["find", ""]"#,
        "tools[2].aliases[1]: ",
        "1 to 64",
    ),
    (
        "/tools/2/aliases",
        r#"["wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww"]"#,
        "tools[2].aliases[0]: ",
        "1 to 64",
    ),
    (
        "/tools/2/aliases",
        r#"["a","b","c","d","e","f","g","h","i","j","k","l","m","n","o","p","q"]"#,
        "tools[2].aliases: ",
        "at most 16, found 17",
    ),
    (
        "/tools/2/aliases",
        r#"["find", "Answer"]"#,
        "tools[2].aliases[1]: ",
        "that no tool has, found `answer`",
    ),
    (
        "/tools/2/aliases",
        r#"["search"]"#,
        "tools[2].aliases[0]: ",
        "that no tool has, found `search`",
    ),
    (
        "/tools/3/aliases",
        r#"["web_search"]"#,
        "tools[3].aliases[0]: ",
        "an alias of `search` already",
    ),
    (
        "/tools/2/retry",
        r#""sometimes""#,
        "tools[2].retry: ",
        "safe",
    ),
];

#[test]
fn a_mistake_is_told_with_its_path_and_what_was_expected() {
    for (pointer, value, path, expected) in MISTAKES {
        let mut config = shipped();
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        let parent = config.pointer_mut(parent).unwrap();
        parent[field] = serde_json::from_str(value).unwrap();
        let error = Catalog::parse(&config.to_string()).unwrap_err().to_string();
        assert!(error.starts_with(path), "{pointer}: {error}");
        assert!(error.contains(expected), "{pointer}: {error}");
    }
}

#[test]
fn what_is_no_json_or_has_more_behind_it_is_refused() {
    for text in ["", "{", "[]", &format!("{SHIPPED} {{}}")] {
        assert!(
            Catalog::parse(text).is_err(),
            "{}",
            &text[..text.len().min(20)]
        );
    }
}

fn offered(preferences: &Preferences, served: &[&str]) -> Vec<Value> {
    let catalog = catalog();
    let is_served = |id: &ModelId| served.contains(&id.as_str());
    catalog.tool_set(preferences, is_served).functions()
}

fn names(functions: &[Value]) -> Vec<&str> {
    functions
        .iter()
        .map(|function| function["function"]["name"].as_str().unwrap())
        .collect()
}

const ALL: &[&str] = &["qwen", "phi", "llama"];

#[test]
fn an_offer_is_the_functions_as_the_file_has_them() {
    let functions = offered(&Preferences::default(), ALL);
    assert_eq!(functions[2]["function"], shipped()["tools"][2]["function"]);
    assert_eq!(
        names(&functions),
        ["enhance_reasoning", "answer", "search", "code_interpreter"]
    );
}

#[test]
fn preferences_narrow_tools_and_models() {
    let deny = Preferences {
        tools: ToolFilter::Deny(vec![ToolName::new("search")]),
        models: Some(vec![ModelId::new("llama"), ModelId::new("phi")]),
        ..Preferences::default()
    };
    let functions = offered(&deny, &["qwen", "phi"]);
    assert_eq!(
        names(&functions),
        ["enhance_reasoning", "answer", "code_interpreter"]
    );
    let models = &functions[1]["function"]["parameters"]["properties"]["model"]["enum"];
    assert_eq!(*models, json!(["answer-2"]), "allowed and served");

    let allow = Preferences {
        tools: ToolFilter::Allow(vec![ToolName::new("answer")]),
        ..Preferences::default()
    };
    assert_eq!(names(&offered(&allow, ALL)), ["answer"]);
    assert_eq!(
        names(&offered(&allow, &[])),
        [""; 0],
        "a tool without a model is not offered"
    );
}

#[test]
fn the_strongest_allowed_answer_model_is_the_last_resort() {
    let catalog = catalog();
    let preferences = Preferences {
        models: Some(vec![ModelId::new("llama"), ModelId::new("phi")]),
        ..Preferences::default()
    };
    let fallback = catalog.tool_set(&preferences, |_| true).fallback().unwrap();
    assert_eq!(fallback.model, ModelId::new("phi"));
    assert_eq!(
        Value::Object(fallback.arguments),
        json!({"model": "answer-2"})
    );
    assert_eq!(catalog.tool_set(&preferences, |_| false).fallback(), None);
}

fn verdict(tool: &str, arguments: &str) -> Verdict {
    let catalog = catalog();
    let asked = RequestedCall {
        tool: tool.to_owned(),
        arguments: arguments.to_owned(),
    };
    catalog
        .tool_set(&Preferences::default(), |_| true)
        .check(&asked)
        .verdict
}

#[test]
fn calls_that_fit_are_accepted_for_what_they_are() {
    assert_eq!(
        verdict("search", r#"{"query": "x"}"#),
        Verdict::Work { repeatable: true }
    );
    assert_eq!(
        verdict("answer", r#"{"model": "answer-3"}"#),
        Verdict::Answer
    );
}

#[test]
fn calls_that_do_not_fit_are_refused_with_what_to_mend() {
    let cases = [
        ("browse", "{}", "unknown_tool", "search"),
        ("search", "", "invalid_arguments", "query"),
        ("search", "{", "invalid_arguments", "JSON"),
        ("search", "[1]", "invalid_arguments", "object"),
        ("search", r#"{"query": 7}"#, "invalid_arguments", "query: "),
        (
            "search",
            r#"{"query": "x", "num_results": 9}"#,
            "invalid_arguments",
            "num_results: ",
        ),
        (
            "search",
            r#"{"query": "x", "site": "y"}"#,
            "invalid_arguments",
            "site",
        ),
        (
            "answer",
            r#"{"model": "answer-4"}"#,
            "invalid_arguments",
            "answer-1",
        ),
    ];
    for (tool, arguments, expected_code, says) in cases {
        let Verdict::Rejected { code, message } = verdict(tool, arguments) else {
            panic!("{tool} {arguments} is refused");
        };
        assert_eq!(code, expected_code, "{tool} {arguments}");
        assert!(message.contains(says), "{tool} {arguments}: {message}");
    }
}

#[test]
fn aliases_are_those_of_offered_tools() {
    let catalog = catalog();
    let lead = |preferences: &Preferences, alias: &str| {
        let aliases = catalog.tool_set(preferences, |_| true).aliases();
        let found = aliases.into_iter().find(|(name, _)| name == alias);
        found.map(|(_, tool)| tool)
    };
    let all = Preferences::default();
    for (alias, tool) in [
        ("python", "code_interpreter"),
        ("execute_python", "code_interpreter"),
        ("web_search", "search"),
        ("browser.search", "search"),
        ("final_answer", "answer"),
    ] {
        assert_eq!(lead(&all, alias).as_deref(), Some(tool), "{alias}");
    }
    let deny = Preferences {
        tools: ToolFilter::Deny(vec![ToolName::new("search")]),
        ..Preferences::default()
    };
    assert_eq!(lead(&deny, "web_search"), None);
    let last = catalog.tool_set(&all, |_| true).only_ending();
    assert!(last.aliases().iter().all(|(_, tool)| tool == "answer"));
    let shown = catalog.tool_set(&all, |_| true).functions();
    assert!(!json!(shown).to_string().contains("execute_python"));
}

#[test]
fn a_round_that_may_only_answer_offers_nothing_else() {
    let catalog = catalog();
    let tool_set = catalog
        .tool_set(&Preferences::default(), |_| true)
        .only_ending();
    assert_eq!(names(&tool_set.functions()), ["answer"]);
}
