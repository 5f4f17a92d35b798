//! Calls that the server itself reads and holds to its grammar.

use serde_json::{Value, json};
use tests::duckduckgo::{DuckDuckGo, article};
use tests::llama::{Llama, Trained, hermes};
use tests::stack::Setup;

use crate::{asked, look_up, shown};

#[tokio::test]
#[ignore = "needs xllamacpp and gguf from PyPI: cargo test --workspace --test llama -- --ignored"]
async fn what_the_server_makes_of_calls_runs_and_none_of_their_text_shows() {
    let seven = hermes("search", look_up());
    let eight = hermes("search", json!({"query": "eight"}));
    let cases = [
        ("plain", seven.clone(), "", vec![look_up()]),
        (
            "text",
            format!("I look.\n{seven}"),
            "I look.\n",
            vec![look_up()],
        ),
        (
            "two",
            format!("{seven}\n{eight}"),
            "",
            vec![look_up(), json!({"query": "eight"})],
        ),
        // The grammar brings what is missing, and stops the model where a call has ended.
        (
            "unclosed",
            seven.replace("\n</tool_call>", ""),
            "",
            vec![look_up()],
        ),
        ("brace", seven.replace("}}", "}"), "", vec![look_up()]),
        (
            "after",
            format!("{seven}\nThat will do."),
            "",
            vec![look_up()],
        ),
    ];
    let mut setup = Llama::trained_for(Trained::ToolCalls);
    for (tag, reply, ..) in &cases {
        setup = setup.says(tag, [&**reply, &*format!("It is {tag} seven.")]);
    }
    let server = setup.start().await;
    let search = DuckDuckGo::saying(&article("Seven", "Seven.", "https://example.org/7")).await;
    let stack = Setup::with_models_at(&server.address);
    let stack = stack.search(&search).start().await;
    for (tag, _, text, calls) in cases {
        let told = stack.client.question(&format!("[{tag}] How many?")).await;
        let expected: Vec<(String, Value)> = calls
            .into_iter()
            .map(|it| ("search".to_owned(), it))
            .collect();
        assert_eq!(asked(&told), expected, "{tag}");
        assert_eq!(shown(&told, "r1.orchestrator"), text, "{tag}");
        assert_eq!(told.answer(), format!("It is {tag} seven."));
    }
}

#[tokio::test]
#[ignore = "needs xllamacpp and gguf from PyPI: cargo test --workspace --test llama -- --ignored"]
async fn a_reply_that_the_grammar_breaks_off_is_asked_for_again_without_one() {
    // In pieces of three letters the tag ends inside one, so that the grammar wakes too late to steer the model.
    let coder = "So<tool_call>\n<function=search>\n<parameter=query>\nseven\n</parameter>\n</function>\n</tool_call>";
    let server = Llama::trained_for(Trained::ToolCalls)
        .says("coder", [coder, "It is eight."])
        .says("next", ["It is seven."])
        .start()
        .await;
    let stack = Setup::with_models_at(&server.address).start().await;
    let told = stack.client.question("[coder] How many?").await;
    assert_eq!(told.of("retry")[0]["call_id"], "r1.orchestrator");
    let look_up = json!({"query": "seven"});
    assert_eq!(asked(&told), [("search".to_owned(), look_up)]);
    assert_eq!(told.answer(), "It is eight.");
    let told = stack.client.question("[next] How many?").await;
    assert_eq!(told.answer(), "It is seven.");
}
