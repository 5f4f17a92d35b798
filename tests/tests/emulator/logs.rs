//! What the functions log is about a run, a round, a call and a request, also where a stream's own task goes on with a run.

use serde_json::{Value, json};
use tests::emulator::{Setup, Stage};
use tests::gate::Gate;
use tests::model_server::ModelServer;
use tests::script::{answer, call, calls, gate, says, sse};
use tests::stream::Frame;
use tests::wait::within;

/// The lines with this message.
fn lines(stage: &Stage, function: &str, message: &str) -> Vec<Value> {
    let mut lines = stage.logged(function);
    lines.retain(|line| line["message"] == message);
    lines
}

fn text<'a>(line: &'a Value, name: &str) -> &'a str {
    line[name]
        .as_str()
        .unwrap_or_else(|| panic!("{name} in {line}"))
}

/// Follows a run until its driver's lease is over and this stream's function has taken it over.
async fn follow(stage: &Stage, run_id: &str) {
    within("the lease of a lost driver to end", async {
        loop {
            let events = stage.client.events(run_id, 0).await;
            let frames = events.rest().await;
            if frames.iter().any(|frame| frame.event() == "complete") {
                return;
            }
        }
    })
    .await;
}

#[tokio::test]
#[ignore = "needs cargo-lambda from PyPI: cargo test --workspace --test emulator -- --ignored"]
async fn lines_name_run_call_and_request_in_every_task() {
    let models = ModelServer::start().await;
    let setup = Setup::with_models(&models).set("LEASE_SECONDS", "1");
    let stage = setup.start().await;
    let orchestrator = stage.run("orchestrator");
    let _search = stage.run("search");
    let held = Gate::shut();
    models.orchestrator([
        calls([call("search", json!({"query": "elephants"}))]),
        calls([call("enhance_reasoning", json!({"model": "reasoner-2"}))]),
        calls([answer("answer-1")]),
    ]);
    models.experts([sse([gate(&held)]), says("Let me see."), says("Seven.")]);
    let mut events = stage.client.start(&json!({"query": "How many?"})).await;
    let run_id = events.run_id.clone();
    held.reached().await;
    orchestrator.kill().await;
    events
        .until(|frame: &Frame| frame.event() == "tool_result")
        .await;
    let first = lines(&stage, "orchestrator", "the orchestrator has decided");
    let _next = stage.run("orchestrator");
    follow(&stage, &run_id).await;
    models.assert_spent();

    let [decided, ..] = &first[..] else {
        panic!("no decision in {first:?}")
    };
    assert_eq!(text(decided, "run_id"), run_id);
    assert_eq!(
        (&decided["round"], text(decided, "call_id")),
        (&json!(1), "r1.orchestrator")
    );
    // Told by the task of the stream: the response has begun long before.
    let taken = lines(&stage, "orchestrator", "the run has been taken over");
    let [taken] = &taken[..] else {
        panic!("one takeover, not {taken:?}")
    };
    assert_eq!(text(taken, "run_id"), run_id);
    assert_ne!(text(taken, "requestId"), text(decided, "requestId"));
    assert_eq!(taken["lost_drivers"], 1);
    assert_eq!(
        taken["_aws"]["CloudWatchMetrics"][0]["Namespace"],
        "serverless-llm"
    );
    // The tool knows for whom it works.
    let failed = lines(&stage, "search", "a search failed");
    let [failed] = &failed[..] else {
        panic!("one search, not {failed:?}")
    };
    assert_eq!(text(failed, "run_id"), run_id);
    assert_eq!(text(failed, "call_id"), "r1.1");
    assert!(!text(failed, "requestId").is_empty());
    // Lambda reads both of each line.
    for function in ["orchestrator", "search"] {
        for line in stage.logged(function) {
            assert!(text(&line, "timestamp").ends_with('Z'), "{line}");
            assert!(
                ["INFO", "WARN", "ERROR"].contains(&text(&line, "level")),
                "{line}"
            );
        }
    }
}
