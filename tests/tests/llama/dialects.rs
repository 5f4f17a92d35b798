//! Calls that the server takes for text.

use tests::duckduckgo::{DuckDuckGo, article};
use tests::llama::{Llama, Trained, hermes};
use tests::stack::Setup;

use crate::{asked, look_up, shown};

/// Dialects that no server takes for Hermes' own, with what is shown of each.
const FOREIGN: [(&str, &str, &str); 7] = [
    (
        "fenced",
        "I look.\n```json\n{\"name\": \"search\", \"parameters\": {\"query\": \"seven\"}}\n```",
        "I look.\n",
    ),
    ("pythonic", "[search(query='seven')]", ""),
    (
        "mistral",
        "[TOOL_CALLS]search[ARGS]{\"query\": \"seven\"}",
        "",
    ),
    (
        "array",
        "[TOOL_CALLS] [{\"name\": \"search\", \"arguments\": {\"query\": \"seven\"}}]",
        "",
    ),
    (
        "phi",
        "functools[{\"name\": \"search\", \"arguments\": {\"query\": \"seven\"}}]",
        "",
    ),
    (
        "llama",
        "{\"name\": \"search\", \"parameters\": {\"query\": \"seven\"}}",
        "",
    ),
    (
        "unopened",
        "I look.\n{\"name\": \"search\", \"arguments\": {\"query\": \"seven\"}}\n</tool_call>",
        "I look.\n",
    ),
];

/// Hermes' tags as models get them wrong, and what others write within them.
const HERMES: [(&str, &str, &str); 6] = [
    (
        "unclosed",
        "I look.\n<tool_call>\n{\"name\": \"search\", \"arguments\": {\"query\": \"seven\"}}",
        "I look.\n",
    ),
    (
        "brace",
        "<tool_call>\n{\"name\": \"search\", \"arguments\": {\"query\": \"seven\"}\n</tool_call>",
        "",
    ),
    (
        "quotes",
        "<tool_call>\n{'name': 'search', 'arguments': {'query': 'seven',}}\n</tool_call>",
        "",
    ),
    (
        "parameters",
        "<tool_call>\n{\"name\": \"search\", \"parameters\": {\"query\": \"seven\"}}\n</tool_call>",
        "",
    ),
    (
        "string",
        "<tool_call>\n{\"name\": \"search\", \"arguments\": \"{\\\"query\\\": \\\"seven\\\"}\"}\n</tool_call>",
        "",
    ),
    (
        "coder",
        "<tool_call>\n<function=search>\n<parameter=query>\nseven\n</parameter>\n</function>\n</tool_call>",
        "",
    ),
];

async fn assert_each_runs(trained: Trained, cases: &[(&str, &str, &str)]) {
    let mut setup = Llama::trained_for(trained);
    for (tag, reply, _) in cases {
        setup = setup.says(tag, [*reply, &*format!("It is {tag} seven.")]);
    }
    let server = setup.start().await;
    let search = DuckDuckGo::saying(&article("Seven", "Seven.", "https://example.org/7")).await;
    let stack = Setup::with_models_at(&server.address).calls(trained.calls());
    let stack = stack.search(&search).start().await;
    for (tag, _, text) in cases {
        let told = stack.client.question(&format!("[{tag}] How many?")).await;
        assert_eq!(asked(&told), [("search".to_owned(), look_up())], "{tag}");
        assert_eq!(shown(&told, "r1.orchestrator"), *text, "{tag}");
        assert_eq!(told.answer(), format!("It is {tag} seven."));
    }
}

#[tokio::test]
#[ignore = "needs xllamacpp and gguf from PyPI: cargo test --workspace --test llama -- --ignored"]
async fn calls_of_a_model_without_a_tool_template_run_in_every_dialect() {
    let whole = hermes("search", look_up());
    let mut cases = vec![("hermes", &*whole, "")];
    cases.extend(HERMES);
    cases.extend(FOREIGN);
    assert_each_runs(Trained::Text, &cases).await;
}

#[tokio::test]
#[ignore = "needs xllamacpp and gguf from PyPI: cargo test --workspace --test llama -- --ignored"]
async fn calls_in_another_dialect_than_the_templates_own_run() {
    assert_each_runs(Trained::ToolCalls, &FOREIGN).await;
}

#[tokio::test]
#[ignore = "needs xllamacpp and gguf from PyPI: cargo test --workspace --test llama -- --ignored"]
async fn a_call_of_an_invented_tool_is_refused_and_the_run_goes_on() {
    let server = Llama::trained_for(Trained::Text)
        .says("made", [&*hermes("lookup", look_up()), "It is seven."])
        .start()
        .await;
    let stack = Setup::with_models_at(&server.address).calls(Trained::Text.calls());
    let stack = stack.start().await;
    let told = stack.client.question("[made] How many?").await;
    let result = &told.of("tool_result")[0];
    assert_eq!(result["result"]["error"]["code"], "unknown_tool");
    assert_eq!(
        (shown(&told, "r1.orchestrator").as_str(), told.answer()),
        ("", "It is seven.")
    );
}
