//! Several rounds with tool calls, and text that streams.

use serde_json::json;
use tests::duckduckgo::{DuckDuckGo, article};
use tests::llama::{Llama, Trained, hermes};
use tests::stack::Setup;

use crate::{asked, look_up, shown};

#[tokio::test]
#[ignore = "needs xllamacpp and gguf from PyPI: cargo test --workspace --test llama -- --ignored"]
async fn a_run_of_several_rounds_calls_tools_side_by_side_and_ends_with_an_experts_answer() {
    let code = json!({"code": "print(6 * 7)"});
    let reason =
        json!({"model": "reasoner-2", "problem": "[rounds] How many are six times seven?"});
    let side_by_side = format!(
        "{}\n{}",
        hermes("code_interpreter", code.clone()),
        hermes("enhance_reasoning", reason.clone())
    );
    let first = format!("First I look.\n{}", hermes("search", look_up()));
    let last = hermes("answer", json!({"model": "answer-1"}));
    let server = Llama::trained_for(Trained::ToolCalls)
        .says("rounds", [&*first, &side_by_side, &last])
        .expert("rounds", 1, "Six times seven is 42, as anyone can count.")
        .expert("rounds", 3, "There are **42** — überall 🦀, и тут.")
        .start()
        .await;
    let url = "https://example.org/seven";
    let search = DuckDuckGo::saying(&article("Seven", "There are seven.", url)).await;
    let stack = Setup::with_models_at(&server.address);
    let stack = stack.search(&search).start().await;
    let told = stack.client.question("[rounds] How many?").await;
    assert_eq!(told.answer(), "There are **42** — überall 🦀, и тут.");
    let expected = [
        ("search", look_up()),
        ("code_interpreter", code),
        ("enhance_reasoning", reason),
        ("answer", json!({"model": "answer-1"})),
    ];
    assert_eq!(
        asked(&told),
        expected.map(|(tool, it)| (tool.to_owned(), it))
    );
    let results = told.of("tool_result");
    assert!(results.iter().all(|it| it["ok"] == true), "{results:#?}");
    assert_eq!(shown(&told, "r1.orchestrator"), "First I look.\n");
    assert_eq!(
        shown(&told, "r2.2"),
        "Six times seven is 42, as anyone can count."
    );
    let rounds = told.of("round_decided");
    assert!(rounds.iter().all(|it| it["finish_reason"] == "tool_calls"));
    // The server counts its tokens: most of the prompt is read byte by byte.
    let input = |at: usize| rounds[at]["usage"]["input_tokens"].as_u64().unwrap();
    assert!(input(0) > 3000 && input(0) < input(1) && input(1) < input(2));
}

#[tokio::test]
#[ignore = "needs xllamacpp and gguf from PyPI: cargo test --workspace --test llama -- --ignored"]
async fn text_is_told_while_the_server_writes_it() {
    let lines: Vec<_> = (1..1000).map(|line| format!("Line {line}.\n")).collect();
    let text = lines.concat();
    let server = Llama::trained_for(Trained::ToolCalls)
        .says("direct", [&*text])
        .says("expert", [&*hermes("answer", json!({"model": "answer-1"}))])
        .expert("expert", 0, &text)
        .start()
        .await;
    let stack = Setup::with_models_at(&server.address).start().await;
    for (question, call) in [
        ("[direct] Count.", "r1.orchestrator"),
        ("[expert] Count.", "r1.1"),
    ] {
        let mut events = stack
            .client
            .start(&json!({"query": question, "max_tokens": 8192}))
            .await;
        let seen = events.until(|frame| frame.event() == "delta").await;
        let first = &seen.last().unwrap().data;
        assert_eq!(first["call_id"], call);
        let first = first["content"].as_str().unwrap();
        assert!(
            text.starts_with(first) && first.len() < text.len() / 2,
            "{first}"
        );
        assert_eq!(events.told_after(seen).await.answer(), text);
    }
}
