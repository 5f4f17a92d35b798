//! A run whose process was killed is driven on by the driver function.

use serde_json::{Value, json};
use tests::emulator::{Setup, Stage};
use tests::expected::{
    complete, decided, delta, final_answer, round_start, start, tally, tool_call, written,
};
use tests::gate::Gate;
use tests::model_server::ModelServer;
use tests::script::{answer, call, calls, gate, says, sse};
use tests::story::Told;
use tests::stream::Frame;
use tests::wait::within;

const QUERY: &str = "How many?";

/// A run whose orchestrator was killed while a reasoner was being asked, and a driver that may go on with it.
async fn lost_run(models: &ModelServer) -> (Stage, String) {
    let setup = Setup::with_models(models).set("LEASE_SECONDS", "1");
    let stage = setup.start().await;
    let orchestrator = stage.run("orchestrator");
    let held = Gate::shut();
    models.orchestrator([
        calls([call("enhance_reasoning", json!({"model": "reasoner-2"}))]),
        calls([answer("answer-1")]),
    ]);
    models.experts([sse([gate(&held)]), says("Let me see."), says("Seven.")]);
    let mut events = stage.client.start(&json!({"query": QUERY})).await;
    events
        .until(|frame: &Frame| frame.event() == "tool_call")
        .await;
    held.reached().await;
    orchestrator.kill().await;
    (stage, events.run_id.clone())
}

/// Invokes the driver until the lease of the lost process is over.
async fn drive(stage: &Stage, event: &Value, nothing: &Value) -> Value {
    within("the lease of a lost driver to end", async {
        loop {
            let (status, outcome) = stage.invoke("driver", event).await;
            assert_eq!(status, 200, "{outcome}");
            if outcome != *nothing {
                return outcome;
            }
        }
    })
    .await
}

/// The run as a fresh process tells it.
async fn assert_driven_on(stage: &Stage, run_id: String, models: &ModelServer) {
    let _orchestrator = stage.run("orchestrator");
    let frames = stage.client.events(&run_id, 0).await.rest().await;
    let ids: Vec<_> = frames.iter().map(|frame| frame.id.unwrap()).collect();
    assert_eq!(ids, (1..).take(frames.len()).collect::<Vec<u64>>());
    let mut second = delta("r1.1", "Let me see.");
    second["attempt"] = json!(2);
    let reasoning = json!({"model": "reasoner-2"});
    let by_model = json!({"phi": tally(1, 0.000_001_5), "qwen": tally(3, 0.000_009)});
    let by_tool =
        json!({"answer": tally(1, 0.000_003), "enhance_reasoning": tally(1, 0.000_001_5)});
    let tools = ["enhance_reasoning", "answer"];
    let end = ("completed", Some("Seven."));
    let mut ended = complete(end, 2, 4, 0.000_010_5, [by_model, by_tool], &tools);
    ended["summary"]["resumed"] = json!(1);
    let lost = "the driver of this run was lost";
    let expected = [
        start(QUERY, 5),
        round_start(1),
        decided(1, "tool_calls"),
        tool_call(1, "r1.1", "enhance_reasoning", reasoning, Some("phi")),
        json!({"event": "resumed", "epoch": 2, "reason": lost}),
        json!({
            "event": "retry", "call_id": "r1.1", "attempt": 2, "reason": lost, "model": "phi", "usage": null,
            "cost_usd": null,
        }),
        second,
        written(1, "r1.1", "enhance_reasoning", "phi", "Let me see."),
        round_start(2),
        decided(2, "tool_calls"),
        tool_call(
            2,
            "r2.1",
            "answer",
            json!({"model": "answer-1"}),
            Some("qwen"),
        ),
        delta("r2.1", "Seven."),
        written(2, "r2.1", "answer", "qwen", "Seven."),
        final_answer("r2.1", "Seven.", "qwen", json!([])),
        ended,
    ];
    let told = Told { run_id, frames };
    for (at, (event, expected)) in told.story().iter().zip(&expected).enumerate() {
        assert_eq!(event, expected, "event {at} of {told:#?}");
    }
    assert_eq!(told.story().len(), expected.len(), "{told:#?}");
    models.assert_spent();
}

#[tokio::test]
#[ignore = "needs cargo-lambda from PyPI: cargo test --workspace --test emulator -- --ignored"]
async fn the_driver_goes_on_with_a_run_whose_process_was_killed() {
    let models = ModelServer::start().await;
    let (stage, run_id) = lost_run(&models).await;
    let _driver = stage.run("driver");
    let go_on = json!({"continue": run_id});
    let nothing = json!({"outcome": "nothing_to_do"});
    let outcome = drive(&stage, &go_on, &nothing).await;
    assert_eq!(outcome, json!({"outcome": "ended", "status": "completed"}));
    assert_eq!(stage.invoke("driver", &go_on).await, (200, nothing));
    assert_driven_on(&stage, run_id, &models).await;
}

#[tokio::test]
#[ignore = "needs cargo-lambda from PyPI: cargo test --workspace --test emulator -- --ignored"]
async fn the_schedule_finds_a_run_whose_process_was_killed() {
    let models = ModelServer::start().await;
    let (stage, run_id) = lost_run(&models).await;
    let _driver = stage.run("driver");
    let schedule = json!({"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}});
    let nothing = json!({"outcome": "swept", "found": 0, "taken": 0});
    let outcome = drive(&stage, &schedule, &nothing).await;
    assert_eq!(outcome, json!({"outcome": "swept", "found": 1, "taken": 1}));
    assert_eq!(stage.invoke("driver", &schedule).await, (200, nothing));
    assert_driven_on(&stage, run_id, &models).await;
}

#[tokio::test]
#[ignore = "needs cargo-lambda from PyPI: cargo test --workspace --test emulator -- --ignored"]
async fn a_client_that_comes_back_takes_over_a_run_whose_process_was_killed() {
    let models = ModelServer::start().await;
    let (stage, run_id) = lost_run(&models).await;
    let _orchestrator = stage.run("orchestrator");
    let events = stage.client.events(&run_id, 4).await;
    let frames = events.rest().await;
    let first = frames.first().map(|frame| (frame.id, frame.event()));
    assert_eq!(first, Some((Some(5), "resumed")));
    assert_driven_on(&stage, run_id, &models).await;
}

#[tokio::test]
#[ignore = "needs cargo-lambda from PyPI: cargo test --workspace --test emulator -- --ignored"]
async fn the_driver_says_what_it_has_nothing_to_do_with() {
    let stage = Setup::new().start().await;
    let _driver = stage.run("driver");
    let unknown = json!({"continue": "01ARZ3NDEKTSV4RRFFQ69G5FAV"});
    let no_such_run = json!({"outcome": "no_such_run"});
    assert_eq!(stage.invoke("driver", &unknown).await, (200, no_such_run));
    let (status, said) = stage.invoke("driver", &json!({"continue": "no id"})).await;
    assert_eq!(status, 500);
    let message = said["errorMessage"].as_str().unwrap();
    assert!(
        message.contains("{\"continue\": \"<run id>\"}"),
        "{message}"
    );
}
