//! Whole runs against a scripted model server: every event, from `start` to `complete`.

use serde_json::{Value, json};
use tests::duckduckgo::{DuckDuckGo, article};
use tests::expected::{
    complete, decided, delta, failed, final_answer, round_start, start, tally, thinking, tool_call,
    tool_result, untold, written,
};
use tests::model_server::ModelServer;
use tests::script::{
    Script, answer, call, call_text, calls, finish, reasoning, says, sse, text, usage,
};
use tests::stack::{Setup, Stack};
use tests::story::Told;

const QUERY: &str = "How many?";

async fn stack() -> (ModelServer, Stack) {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    (models, stack)
}

/// One question to a stack of its own; everything that was written down is asked for.
async fn tell(orchestrator: Vec<Script>, experts: Vec<Script>, body: Value) -> (Told, ModelServer) {
    let (models, stack) = stack().await;
    models.orchestrator(orchestrator);
    models.experts(experts);
    let told = stack.client.ask(&body).await;
    models.assert_spent();
    (told, models)
}

fn ask(max_rounds: u32) -> Value {
    json!({"query": QUERY, "max_rounds": max_rounds})
}

#[track_caller]
fn assert_story(told: &Told, expected: &[Value]) {
    let story = told.story();
    for (at, (event, expected)) in story.iter().zip(expected).enumerate() {
        assert_eq!(event, expected, "event {at} of {story:#?}");
    }
    assert_eq!(story.len(), expected.len(), "{story:#?}");
}

#[tokio::test]
async fn text_without_a_call_is_the_answer() {
    let (told, _) = tell(vec![says("It is seven.")], vec![], ask(5)).await;
    let expected = [
        start(QUERY, 5),
        round_start(1),
        delta("r1.orchestrator", "It is seven."),
        decided(1, "stop"),
        final_answer("r1.orchestrator", "It is seven.", "qwen", json!([])),
        complete(
            ("completed", Some("It is seven.")),
            1,
            1,
            0.000_003,
            [json!({"qwen": tally(1, 0.000_003)}), json!({})],
            &[],
        ),
    ];
    assert_story(&told, &expected);
}

#[tokio::test]
async fn reasoning_and_text_beside_a_call_are_thinking_and_the_search_is_told_with_its_sources() {
    let models = ModelServer::start().await;
    let url = "https://example.org/seven";
    let search = DuckDuckGo::saying(&article("Seven", "There are seven.", url)).await;
    let stack = Setup::with_models(&models).search(&search).start().await;
    models.orchestrator([
        sse([
            reasoning("I do not "),
            reasoning("know this."),
            text("Let me "),
            text("look."),
            call("search", json!({"query": "seven"})),
            finish("tool_calls"),
            usage(10, 5),
        ]),
        calls([answer("answer-2")]),
    ]);
    models.experts([says("Seven, says Seven.")]);
    let told = stack.client.ask(&ask(5)).await;
    models.assert_spent();
    let second = &models.bodies_of_orchestrator()[1];
    assert!(second.contains("Let me look.") && !second.contains("I do not know this."));

    let found = json!({
        "query": "seven", "num_results": 1, "provider": "duckduckgo", "tried": [],
        "results": [{"title": "Seven", "snippet": "There are seven.", "url": url}],
    });
    let sources = json!([{"title": "Seven", "url": url}]);
    let expected = [
        start(QUERY, 5),
        round_start(1),
        delta("r1.orchestrator", "Let me look."),
        thinking(1, "I do not know this."),
        thinking(1, "Let me look."),
        decided(1, "tool_calls"),
        tool_call(1, "r1.1", "search", json!({"query": "seven"}), None),
        tool_result(1, "r1.1", "search", true, found),
        round_start(2),
        decided(2, "tool_calls"),
        tool_call(
            2,
            "r2.1",
            "answer",
            json!({"model": "answer-2"}),
            Some("phi"),
        ),
        delta("r2.1", "Seven, says Seven."),
        written(2, "r2.1", "answer", "phi", "Seven, says Seven."),
        final_answer("r2.1", "Seven, says Seven.", "phi", sources),
        complete(
            ("completed", Some("Seven, says Seven.")),
            2,
            3,
            0.000_007_5,
            [
                json!({"phi": tally(1, 0.000_001_5), "qwen": tally(2, 0.000_006)}),
                json!({"answer": tally(1, 0.000_001_5), "search": untold(1)}),
            ],
            &["search", "answer"],
        ),
    ];
    assert_story(&told, &expected);
}

#[tokio::test]
async fn an_answer_beside_other_calls_is_asked_after_them_and_with_what_they_found() {
    let (models, stack) = stack().await;
    let part = |name: &str| json!({"model": "reasoner-2", "problem": name});
    models.orchestrator([calls([
        answer("answer-1"),
        call("enhance_reasoning", part("Part one")),
        call("enhance_reasoning", part("Part two")),
    ])]);
    models.expert("Problem:\\nPart one", says("One gives three."));
    models.expert("Problem:\\nPart two", says("Two gives four."));
    models.expert("Problem:\\nHow many?", says("Seven."));
    let told = stack.client.ask(&ask(5)).await;
    models.assert_spent();

    let asked = models.asked_of_experts();
    let prompt = asked[2]["messages"][1]["content"].as_str().unwrap();
    let one = prompt.find("One gives three.").unwrap();
    let two = prompt.find("Two gives four.").unwrap();
    assert!(
        one < two,
        "results stand in the order of their calls: {prompt}"
    );

    // The parallel calls end in either order.
    let mut story = told.story();
    if story[6]["call_id"] == "r1.3" {
        story[6..10].rotate_left(2);
    }
    let expected = [
        start(QUERY, 5),
        round_start(1),
        decided(1, "tool_calls"),
        tool_call(
            1,
            "r1.1",
            "answer",
            json!({"model": "answer-1"}),
            Some("qwen"),
        ),
        tool_call(
            1,
            "r1.2",
            "enhance_reasoning",
            part("Part one"),
            Some("phi"),
        ),
        tool_call(
            1,
            "r1.3",
            "enhance_reasoning",
            part("Part two"),
            Some("phi"),
        ),
        delta("r1.2", "One gives three."),
        written(1, "r1.2", "enhance_reasoning", "phi", "One gives three."),
        delta("r1.3", "Two gives four."),
        written(1, "r1.3", "enhance_reasoning", "phi", "Two gives four."),
        delta("r1.1", "Seven."),
        written(1, "r1.1", "answer", "qwen", "Seven."),
        final_answer("r1.1", "Seven.", "qwen", json!([])),
        complete(
            ("completed", Some("Seven.")),
            1,
            4,
            0.000_009,
            [
                json!({"phi": tally(2, 0.000_003), "qwen": tally(2, 0.000_006)}),
                json!({"answer": tally(1, 0.000_003), "enhance_reasoning": tally(2, 0.000_003)}),
            ],
            &["answer", "enhance_reasoning", "enhance_reasoning"],
        ),
    ];
    assert_eq!(story, expected);
}

#[tokio::test]
async fn of_two_answers_in_a_round_the_first_counts_and_the_second_is_never_asked() {
    let orchestrator = vec![calls([answer("answer-2"), answer("answer-1")])];
    let (told, _) = tell(orchestrator, vec![says("Seven.")], ask(5)).await;
    let expected = [
        start(QUERY, 5),
        round_start(1),
        decided(1, "tool_calls"),
        tool_call(
            1,
            "r1.1",
            "answer",
            json!({"model": "answer-2"}),
            Some("phi"),
        ),
        tool_call(
            1,
            "r1.2",
            "answer",
            json!({"model": "answer-1"}),
            Some("qwen"),
        ),
        delta("r1.1", "Seven."),
        written(1, "r1.1", "answer", "phi", "Seven."),
        failed(
            1,
            "r1.2",
            "answer",
            "not_run",
            "An earlier answer ended the run.",
        ),
        final_answer("r1.1", "Seven.", "phi", json!([])),
        complete(
            ("completed", Some("Seven.")),
            1,
            2,
            0.000_004_5,
            [
                json!({"phi": tally(1, 0.000_001_5), "qwen": tally(1, 0.000_003)}),
                json!({"answer": tally(1, 0.000_001_5)}),
            ],
            &["answer"],
        ),
    ];
    assert_story(&told, &expected);
}

#[tokio::test]
async fn calls_that_cannot_be_made_are_shown_as_pairs_and_stand_in_no_total() {
    let orchestrator = vec![
        calls([
            call("telepathy", json!({"to": "you"})),
            call("search", json!({"query": "seven", "num_results": 9})),
            call_text("search", "{\"query\": "),
            call_text("search", "[1]"),
            call("enhance_reasoning", json!({"model": "reasoner-9"})),
        ]),
        says("I cannot tell."),
    ];
    let (told, models) = tell(orchestrator, vec![], ask(5)).await;
    let messages = models.asked_of_orchestrator()[1]["messages"].clone();
    let told_of = |call_id: &str, word: &str| {
        let message = messages
            .as_array()
            .unwrap()
            .iter()
            .find(|it| it["tool_call_id"] == call_id)
            .unwrap();
        let content = message["content"].as_str().unwrap();
        assert!(content.contains(word), "{content}");
    };
    for (call_id, word) in [
        (
            "r00010001",
            "offered are: enhance_reasoning, answer, search, code_interpreter, read_url",
        ),
        ("r00010002", "num_results"),
        ("r00010003", "not valid JSON"),
        ("r00010004", "must be a JSON object"),
        ("r00010005", "reasoner-1"),
    ] {
        told_of(call_id, word);
    }
    let results = told.of("tool_result");
    let message = |at: usize| results[at]["result"]["error"]["message"].as_str().unwrap();
    let unfit = |at: usize, tool: &str| {
        let call_id = format!("r1.{}", at + 1);
        failed(1, &call_id, tool, "invalid_arguments", message(at))
    };
    let expected = [
        start(QUERY, 5),
        round_start(1),
        decided(1, "tool_calls"),
        tool_call(1, "r1.1", "telepathy", json!({"to": "you"}), None),
        tool_call(
            1,
            "r1.2",
            "search",
            json!({"query": "seven", "num_results": 9}),
            None,
        ),
        tool_call(1, "r1.3", "search", json!({}), None),
        tool_call(1, "r1.4", "search", json!({}), None),
        tool_call(
            1,
            "r1.5",
            "enhance_reasoning",
            json!({"model": "reasoner-9"}),
            None,
        ),
        failed(1, "r1.1", "telepathy", "unknown_tool", message(0)),
        unfit(1, "search"),
        unfit(2, "search"),
        unfit(3, "search"),
        unfit(4, "enhance_reasoning"),
        round_start(2),
        delta("r2.orchestrator", "I cannot tell."),
        decided(2, "stop"),
        final_answer("r2.orchestrator", "I cannot tell.", "qwen", json!([])),
        complete(
            ("completed", Some("I cannot tell.")),
            2,
            2,
            0.000_006,
            [json!({"qwen": tally(2, 0.000_006)}), json!({})],
            &[],
        ),
    ];
    assert_story(&told, &expected);
}

#[tokio::test]
async fn a_last_round_without_an_answer_asks_the_strongest_answer_model() {
    let orchestrator = vec![calls([call("search", json!({"query": "seven"}))])];
    let (told, models) = tell(orchestrator, vec![says("Perhaps seven.")], ask(1)).await;
    let messages = models.asked_of_orchestrator()[0]["messages"].clone();
    let system = messages[0]["content"].as_str().unwrap();
    assert!(system.ends_with("This is the last round: call `answer` now, or answer in text."));
    assert_eq!(messages.as_array().unwrap().len(), 2);
    let results = told.of("tool_result");
    let refusal = results[0]["result"]["error"]["message"].as_str().unwrap();
    let expected = [
        start(QUERY, 1),
        round_start(1),
        decided(1, "tool_calls"),
        tool_call(1, "r1.1", "search", json!({"query": "seven"}), None),
        failed(1, "r1.1", "search", "unknown_tool", refusal),
        tool_call(
            1,
            "r1.2",
            "answer",
            json!({"model": "answer-1"}),
            Some("qwen"),
        ),
        delta("r1.2", "Perhaps seven."),
        written(1, "r1.2", "answer", "qwen", "Perhaps seven."),
        final_answer("r1.2", "Perhaps seven.", "qwen", json!([])),
        complete(
            ("completed", Some("Perhaps seven.")),
            1,
            2,
            0.000_006,
            [
                json!({"qwen": tally(2, 0.000_006)}),
                json!({"answer": tally(1, 0.000_003)}),
            ],
            &["answer"],
        ),
    ];
    assert_story(&told, &expected);
}

/// Without another model that could be asked in the place of one.
fn of_qwen_alone(mut body: Value) -> Value {
    body["preferences"] = json!({"models": ["qwen"]});
    body
}

#[tokio::test]
async fn only_when_the_forced_answer_fails_is_a_run_out_of_rounds() {
    let orchestrator = vec![calls([call("search", json!({"query": "seven"}))])];
    let empty = || sse([finish("stop")]);
    let experts = vec![empty(), empty(), empty()];
    let (told, _) = tell(orchestrator, experts, of_qwen_alone(ask(1))).await;
    assert_eq!(told.status(), "out_of_rounds");
    let events: Vec<_> = told.story().iter().map(|it| it["event"].clone()).collect();
    let expected = [
        "start",
        "round_start",
        "round_decided",
        "tool_call",
        "tool_result",
        "tool_call",
        "tool_result",
        "complete",
    ];
    assert_eq!(events, expected);
    assert_eq!(told.of("tool_result")[1]["call_id"], "r1.2");
    assert_eq!(
        told.of("tool_result")[1]["result"]["error"]["code"],
        "model_empty_answer"
    );
    assert_eq!(told.tools_used(), ["answer"]);
    assert_eq!(told.summary()["final_answer"], Value::Null);
}

#[tokio::test]
async fn a_failed_answer_leaves_the_run_to_its_next_round() {
    let orchestrator = vec![calls([answer("answer-1")]), calls([answer("answer-1")])];
    // An answer of nothing is asked for three times.
    let empty = || sse([finish("stop")]);
    let experts = vec![empty(), empty(), empty(), says("Seven.")];
    let (told, _) = tell(orchestrator, experts, of_qwen_alone(ask(5))).await;
    assert_eq!(told.status(), "completed");
    assert_eq!(told.tools_used(), ["answer", "answer"]);
    assert_eq!(
        told.of("final_answer"),
        [final_answer("r2.1", "Seven.", "qwen", json!([]))]
    );
}

#[tokio::test]
async fn a_round_holds_sixteen_calls_and_the_seventeenth_says_so() {
    let many = (0..20).map(|n| call("telepathy", json!({"to": n})));
    let orchestrator = vec![calls(many), says("Enough.")];
    let (told, _) = tell(orchestrator, vec![], ask(5)).await;
    let codes: Vec<_> = told
        .of("tool_result")
        .iter()
        .map(|it| it["result"]["error"]["code"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(codes.len(), 17);
    assert!(
        codes[..16].iter().all(|code| code == "unknown_tool"),
        "{codes:?}"
    );
    assert_eq!(codes[16], "too_many_calls");
}

#[tokio::test]
async fn a_whole_number_may_be_written_with_a_point() {
    let orchestrator = vec![
        calls([
            call_text("search", r#"{"query": "seven", "num_results": 2.0}"#),
            call_text(
                "code_interpreter",
                r#"{"code": "print(7)", "timeout": 5.0}"#,
            ),
        ]),
        says("Seven."),
    ];
    let (told, _) = tell(orchestrator, vec![], ask(5)).await;
    let results = told.of("tool_result");
    let code_of = |tool: &str| {
        let result = results.iter().find(|it| it["tool"] == tool).unwrap();
        result["result"]["error"]["code"].clone()
    };
    // Nothing can be searched here; the arguments are not what it fails for.
    assert_eq!(code_of("search"), "unreachable");
    assert_eq!(code_of("code_interpreter"), Value::Null);
    assert_eq!(told.tools_used(), ["search", "code_interpreter"]);
}

#[tokio::test]
async fn a_tool_may_be_called_by_other_names_and_a_program_without_its_wrapping() {
    let orchestrator = vec![
        calls([
            call_text("execute_python", "print(3 + 4)"),
            call_text(
                "functions.code_interpreter",
                r#"{"code": "print(8)", "stdin": null}"#,
            ),
            call_text("Search()", r#"{"query": "seven", "num_results": "2"}"#),
        ]),
        says("<tool_call>\n{\"name\": \"python\", \"arguments\": \"print(9)\"}\n</tool_call>"),
        says("Seven."),
    ];
    let (told, _) = tell(orchestrator, vec![], ask(5)).await;
    let asked: Vec<_> = told
        .of("tool_call")
        .iter()
        .map(|it| (it["tool"].clone(), it["arguments"].clone()))
        .collect();
    let expected = [
        ("code_interpreter", json!({"code": "print(3 + 4)"})),
        ("code_interpreter", json!({"code": "print(8)"})),
        ("search", json!({"query": "seven", "num_results": 2})),
        ("code_interpreter", json!({"code": "print(9)"})),
    ];
    assert_eq!(
        asked,
        expected.map(|(tool, arguments)| (json!(tool), arguments))
    );
    let results = told.of("tool_result");
    for (call, printed) in [("r1.1", "7\n"), ("r1.2", "8\n"), ("r2.1", "9\n")] {
        let result = results.iter().find(|it| it["call_id"] == call).unwrap();
        assert_eq!(result["result"]["stdout"], printed, "{call}");
    }
    assert_eq!(told.answer(), "Seven.");
}
