//! Tokens that were paid for are told, whatever became of the reply that they went into: one that was empty, only thought, or
//! broken off, at each place where usage is told, and in the totals.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::{Value, json};
use tests::gate::Gate;
use tests::model_server::ModelServer;
use tests::script::{
    Part, Script, answer, calls, finish, gate, reasoning, says, sse, text, unfinished, usage,
};
use tests::stack::Setup;
use tests::story::Told;

/// A run by what its models said, and what it has to tell of their tokens.
struct Case {
    name: &'static str,
    orchestrator: Vec<Script>,
    experts: Vec<Script>,
    /// Each event that tells of usage, with its call, in their order.
    told: Vec<(&'static str, &'static str, Option<[u64; 2]>)>,
    /// The summary's input and output.
    total: [u64; 2],
    /// The calls of each model in the summary's `by_model`.
    by_model: &'static [(&'static str, u64)],
}

const ORCHESTRATOR: &str = "r1.orchestrator";

fn nothing(input: u64) -> Script {
    sse([finish("stop"), usage(input, 0)])
}

fn error(message: &str) -> Part {
    Part::Frame(json!({"error": {"code": 500, "message": message, "type": "server_error"}}))
}

fn asks() -> Script {
    calls([answer("answer-2")])
}

fn of_orchestrator() -> Vec<Case> {
    let decided = |usage| vec![("round_decided", ORCHESTRATOR, Some(usage))];
    let case = |name, orchestrator: Vec<Script>, told, total| Case {
        name,
        orchestrator,
        experts: Vec::new(),
        told,
        total,
        by_model: &[("qwen", 1)],
    };
    vec![
        case(
            "an empty decision that is asked for once more",
            vec![nothing(7), says("Seven.")],
            decided([17, 5]),
            [17, 5],
        ),
        case(
            "two empty decisions, which end the run",
            vec![nothing(7), nothing(8)],
            decided([15, 0]),
            [15, 0],
        ),
        case(
            "a reply without anything, which broke off before its text, and then one",
            vec![unfinished([usage(9, 0)]), says("Seven.")],
            decided([19, 5]),
            [19, 5],
        ),
        case(
            "a reply that broke off in its text, and then one",
            vec![unfinished([text("So"), usage(9, 3)]), says("Seven.")],
            decided([19, 8]),
            [19, 8],
        ),
        case(
            "a reply that broke off in its text twice, which ends the run",
            vec![unfinished([text("So"), usage(9, 3)]); 2],
            Vec::new(),
            [18, 6],
        ),
        case(
            "a reply that an error ended in its text twice, which ends the run",
            vec![unfinished([text("So"), usage(9, 3), error("out of memory")]); 2],
            Vec::new(),
            [18, 6],
        ),
    ]
}

fn of_experts() -> Vec<Case> {
    let case = |name, experts: Vec<Script>, usage: Option<[u64; 2]>, total| Case {
        name,
        orchestrator: vec![asks(), says("Seven.")],
        experts,
        told: vec![
            ("round_decided", ORCHESTRATOR, Some([10, 5])),
            ("tool_result", "r1.1", usage),
            ("round_decided", "r2.orchestrator", Some([10, 5])),
        ],
        total,
        by_model: &[("phi", 1), ("qwen", 2)],
    };
    let mut cases = vec![
        case(
            "only a thought",
            vec![sse([reasoning("Hm."), finish("length"), usage(7, 30)])],
            Some([7, 30]),
            [27, 40],
        ),
        case(
            "a text that broke off twice",
            vec![unfinished([text("So"), usage(9, 3)]); 2],
            Some([18, 6]),
            [38, 16],
        ),
        case(
            "a text that an error ended twice",
            vec![unfinished([text("So"), usage(9, 3), error("out of memory")]); 2],
            Some([18, 6]),
            [38, 16],
        ),
        case(
            "three replies without anything",
            vec![nothing(7), nothing(7), nothing(7)],
            Some([21, 0]),
            [41, 10],
        ),
    ];
    let thought = sse([reasoning("Hm."), finish("stop"), usage(7, 30)]);
    cases.push(Case {
        orchestrator: vec![thought],
        told: vec![
            ("round_decided", ORCHESTRATOR, Some([7, 30])),
            ("tool_result", "r1.1", Some([10, 5])),
        ],
        by_model: &[("phi", 1), ("qwen", 1)],
        ..case(
            "a thought of the orchestrator, and the last resort's answer",
            vec![says("Seven.")],
            None,
            [17, 35],
        )
    });
    cases.push(Case {
        orchestrator: vec![asks()],
        told: vec![
            ("round_decided", ORCHESTRATOR, Some([10, 5])),
            ("tool_result", "r1.1", Some([17, 5])),
        ],
        by_model: &[("phi", 1), ("qwen", 1)],
        ..case(
            "a reply without anything, and then one",
            vec![nothing(7), says("Seven.")],
            None,
            [27, 10],
        )
    });
    cases
}

#[tokio::test]
async fn what_was_paid_for_is_told_whatever_became_of_it() {
    for case in of_orchestrator().into_iter().chain(of_experts()) {
        let models = ModelServer::start().await;
        let stack = Setup::with_models(&models).start().await;
        models.orchestrator(case.orchestrator);
        models.experts(case.experts);
        let body = json!({"query": "How many?", "preferences": {"models": ["phi"]}});
        let told = stack.client.ask(&body).await;
        assert_eq!(usages(&told), case.told, "{}", case.name);
        let summary = told.summary();
        assert_eq!(summary["usage"], tokens(&case.total), "{}", case.name);
        let by_model = summary["by_model"].as_object().unwrap();
        let calls: Vec<_> = by_model
            .iter()
            .map(|(model, row)| (model.as_str(), row["calls"].as_u64().unwrap()))
            .collect();
        assert_eq!(calls, case.by_model, "{}", case.name);
        // Whoever comes later is told the same.
        let snapshot = stack
            .client
            .json(&format!("/api/runs/{}", told.run_id))
            .await;
        assert_eq!(snapshot["summary"], *summary, "{}", case.name);
        models.assert_spent();
    }
}

#[tokio::test]
async fn what_a_server_had_not_counted_is_estimated_and_says_so() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    models.orchestrator([asks(), says("Seven.")]);
    models.experts([
        unfinished([text("So it is")]),
        unfinished([text("So it is")]),
    ]);
    let body = json!({"query": "How many?", "preferences": {"models": ["phi"]}});
    let told = stack.client.ask(&body).await;
    let result = &told.of("tool_result")[0];
    let usage = &result["usage"];
    assert_eq!(result["ok"], false);
    assert_eq!(usage["estimated"], true);
    assert_eq!(usage["output_tokens"], 4, "8 bytes were written, twice");
    let input = usage["input_tokens"].as_u64().unwrap();
    assert!((40..4_000).contains(&input), "{input}");
    let nano_usd = f64::from(u32::try_from(input + 4).unwrap()) * 100.0;
    assert!((result["cost_usd"].as_f64().unwrap() * 1e9 - nano_usd).abs() < 1.0);
    let total = &told.summary()["usage"];
    assert_eq!(total["estimated"], true);
    assert_eq!(total["input_tokens"], 20 + input);
    assert_eq!(told.summary()["by_model"]["phi"]["usage"], *usage);
    models.assert_spent();
}

#[tokio::test]
async fn a_cached_part_is_told_everywhere_and_has_its_price() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let counted = json!({"choices": [], "usage": {
        "prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110,
        "prompt_tokens_details": {"cached_tokens": 64}, "completion_tokens_details": {"reasoning_tokens": 4},
    }});
    models.orchestrator([sse([text("Seven."), finish("stop"), Part::Frame(counted)])]);
    let told = stack.client.question("How many?").await;
    let usage = json!({"input_tokens": 100, "output_tokens": 10, "cached_input_tokens": 64, "estimated": false});
    assert_eq!(told.of("round_decided")[0]["usage"], usage);
    assert_eq!(told.summary()["usage"], usage);
    assert_eq!(told.summary()["by_model"]["qwen"]["usage"], usage);
    models.assert_spent();
}

#[tokio::test]
async fn an_attempt_that_is_given_up_tells_what_it_took_and_who_is_asked_now() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let held = Gate::shut();
    models.orchestrator([unfinished([
        text("So"),
        gate(&held),
        usage(9, 3),
        error("Unexpected empty grammar stack after accepting piece: =search"),
    ])]);
    models.expert("<tools>", says("Seven."));
    let mut events = stack.client.start(&json!({"query": "How many?"})).await;
    let seen = events.until(|frame| frame.event() == "delta").await;
    held.open();
    let told = events.told_after(seen).await;
    let retry = &told.of("retry")[0];
    assert_eq!(retry["model"], "qwen");
    assert_eq!(retry["usage"], tokens(&[9, 3]));
    assert!((retry["cost_usd"].as_f64().unwrap() - 12.0 * 0.2e-6).abs() < 1e-12);
    assert_eq!(told.of("round_decided")[0]["usage"], tokens(&[19, 8]));
    assert_eq!(told.summary()["usage"], tokens(&[19, 8]));
    assert_eq!(told.summary()["by_model"]["qwen"]["calls"], 1);
    models.assert_spent();
}

fn tokens([input, output]: &[u64; 2]) -> Value {
    json!({"input_tokens": input, "output_tokens": output, "cached_input_tokens": 0, "estimated": false})
}

/// What the events of a run tell of usage.
fn usages(told: &Told) -> Vec<(&'static str, &'static str, Option<[u64; 2]>)> {
    let calls = [ORCHESTRATOR, "r2.orchestrator", "r1.1"];
    let stored = told.stored();
    let tells = stored.iter().filter_map(|frame| {
        let kinds = ["round_decided", "tool_result"];
        let kind = kinds.into_iter().find(|kind| *kind == frame.event())?;
        let data = &frame.data;
        let decision = format!("r{}.orchestrator", data["round"]);
        let id = data["call_id"].as_str().unwrap_or(&decision);
        let usage = &data["usage"];
        let count = |name: &str| usage[name].as_u64().unwrap();
        let counted = (!usage.is_null()).then(|| [count("input_tokens"), count("output_tokens")]);
        let call = calls.into_iter().find(|call| *call == id).unwrap();
        Some((kind, call, counted))
    });
    tells.collect()
}
