//! Text is shown as it is written and tools run side by side: proved with gates, without a clock.

use serde_json::{Value, json};
use tests::duckduckgo::{DuckDuckGo, article};
use tests::gate::Gate;
use tests::model_server::ModelServer;
use tests::script::{answer, call, calls, finish, gate, says, sse, text, usage};
use tests::stack::{Setup, Stack};
use tests::stream::Frame;

async fn stack() -> (ModelServer, Stack) {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    (models, stack)
}

/// A live piece of text.
fn is_live(call_id: &str, content: &str) -> impl Fn(&Frame) -> bool {
    let expected = json!({"event": "delta", "call_id": call_id, "attempt": 1, "offset": 0, "content": content});
    move |frame| !frame.is_stored() && frame.data == expected
}

fn is_event(frame: &Frame, event: &str) -> bool {
    frame.event() == event
}

#[tokio::test]
async fn a_direct_answer_is_seen_before_the_model_has_written_its_end() {
    let (models, stack) = stack().await;
    let gate_before_rest = Gate::shut();
    models.orchestrator([sse([
        text("It is "),
        gate(&gate_before_rest),
        text("seven."),
        finish("stop"),
        usage(10, 5),
    ])]);
    let mut events = stack.client.start(&json!({"query": "How many?"})).await;
    let seen = events.until(is_live("r1.orchestrator", "It is ")).await;
    gate_before_rest.open();
    let told = events.told_after(seen).await;
    assert_eq!(told.answer(), "It is seven.");
    models.assert_spent();
}

#[tokio::test]
async fn the_text_of_a_model_tool_is_seen_before_its_end() {
    let (models, stack) = stack().await;
    let gates = [Gate::shut(), Gate::shut()];
    models.orchestrator([
        calls([call("enhance_reasoning", json!({"model": "reasoner-2"}))]),
        calls([answer("answer-1")]),
    ]);
    models.experts(
        ["Let me see: ", "I say "]
            .into_iter()
            .zip(&gates)
            .map(|(begin, held)| {
                sse([
                    text(begin),
                    gate(held),
                    text("seven."),
                    finish("stop"),
                    usage(10, 5),
                ])
            }),
    );
    let mut events = stack.client.start(&json!({"query": "How many?"})).await;
    let mut seen = events.until(is_live("r1.1", "Let me see: ")).await;
    gates[0].open();
    seen.extend(events.until(is_live("r2.1", "I say ")).await);
    gates[1].open();
    let told = events.told_after(seen).await;
    assert_eq!(told.answer(), "I say seven.");
    models.assert_spent();
}

#[tokio::test]
async fn the_decision_and_its_calls_are_seen_before_any_of_them_ends() {
    let held = Gate::shut();
    let models = ModelServer::start().await;
    let found = article("Seven", "There are seven.", "https://example.org/seven");
    let search = DuckDuckGo::behind(&held, &found).await;
    let stack = Setup::with_models(&models).search(&search).start().await;
    models.orchestrator([
        calls([call("search", json!({"query": "seven"}))]),
        says("Seven."),
    ]);
    let mut events = stack.client.start(&json!({"query": "How many?"})).await;
    let seen = events.until(|frame| is_event(frame, "tool_call")).await;
    held.reached().await;
    held.open();
    let told = events.told_after(seen).await;
    assert_eq!(told.answer(), "Seven.");
}

#[tokio::test]
async fn calls_of_one_round_run_side_by_side_and_each_is_told_when_it_ends() {
    let held = Gate::shut();
    let models = ModelServer::start().await;
    let found = article("Seven", "There are seven.", "https://example.org/seven");
    let search = DuckDuckGo::behind(&held, &found).await;
    let stack = Setup::with_models(&models).search(&search).start().await;
    let reasoner = |problem: &str| {
        call(
            "enhance_reasoning",
            json!({"model": "reasoner-2", "problem": problem}),
        )
    };
    let gates = [Gate::shut(), Gate::shut()];
    models.orchestrator([
        calls([
            reasoner("Part one"),
            call("search", json!({"query": "seven"})),
            reasoner("Part two"),
        ]),
        says("Seven."),
    ]);
    for (part, held) in ["Part one", "Part two"].into_iter().zip(&gates) {
        let reply = [gate(held), text(part), finish("stop"), usage(10, 5)];
        models.expert(&format!("Problem:\\n{part}"), sse(reply));
    }
    let mut events = stack.client.start(&json!({"query": "How many?"})).await;
    for started in [&gates[0], &held, &gates[1]] {
        started.reached().await;
    }
    let ended = |call_id: &'static str| {
        move |frame: &Frame| is_event(frame, "tool_result") && frame.data["call_id"] == call_id
    };
    gates[1].open();
    let mut seen = events.until(ended("r1.3")).await;
    held.open();
    seen.extend(events.until(ended("r1.2")).await);
    gates[0].open();
    let told = events.told_after(seen).await;
    let order: Vec<Value> = told
        .of("tool_result")
        .iter()
        .map(|it| it["call_id"].clone())
        .collect();
    assert_eq!(order, ["r1.3", "r1.2", "r1.1"]);
    assert_eq!(
        told.tools_used(),
        ["enhance_reasoning", "search", "enhance_reasoning"]
    );
    // The model is told in the order of its calls, whatever the order of their ends.
    let messages = &models.asked_of_orchestrator()[1]["messages"];
    let order: Vec<_> = (3..6)
        .map(|at| messages[at]["tool_call_id"].clone())
        .collect();
    assert_eq!(order, ["r00010001", "r00010002", "r00010003"]);
    models.assert_spent();
}

#[tokio::test]
async fn a_client_that_leaves_in_the_middle_changes_nothing() {
    let (models, stack) = stack().await;
    let held = Gate::shut();
    models.orchestrator([
        calls([call("enhance_reasoning", json!({"model": "reasoner-2"}))]),
        calls([answer("answer-1")]),
    ]);
    models.experts([
        sse([
            text("Let me see: "),
            gate(&held),
            text("seven."),
            finish("stop"),
            usage(10, 5),
        ]),
        says("Seven."),
    ]);
    let mut events = stack.client.start(&json!({"query": "How many?"})).await;
    let seen = events.until(is_live("r1.1", "Let me see: ")).await;
    let run_id = events.run_id.clone();
    drop(events);
    held.open();
    let told = stack.client.events(&run_id, 0).await.told().await;
    assert_eq!(told.answer(), "Seven.");
    let seen: Vec<_> = seen.into_iter().filter(Frame::is_stored).collect();
    assert_eq!(told.stored()[..seen.len()], seen, "what was seen stands");
    models.assert_spent();
}

#[tokio::test]
async fn offsets_count_as_browsers_do_however_the_bytes_of_the_server_are_cut() {
    let (models, stack) = stack().await;
    let answer = "Überall 🦀🦀 and a 👩‍🚀 — 七。";
    let chunk = |content: &str| {
        format!(
            "data: {}\n\n",
            json!({"choices": [{"delta": {"content": content}}]})
        )
    };
    let mut bytes = String::new();
    for c in answer.chars() {
        bytes.push_str(&chunk(&c.to_string()));
    }
    bytes.push_str(
        "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\r\n\r\ndata: [DONE]\n\n",
    );
    let pieces = bytes
        .as_bytes()
        .chunks(7)
        .map(|piece| tests::script::Part::Step(tests::script::Step::Bytes(piece.to_vec())));
    models.orchestrator([tests::script::unfinished(pieces)]);
    let told = stack.client.question("How many?").await;
    assert_eq!(told.answer(), answer);
    models.assert_spent();
}
