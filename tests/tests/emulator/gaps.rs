//! What the emulator does otherwise than Lambda does no harm to a run.

use serde_json::json;
use tests::emulator::Setup;
use tests::gate::Gate;
use tests::model_server::ModelServer;
use tests::script::{answer, call, calls, finish, gate, says, sse, text, usage};
use tests::story::Told;
use tests::stream::{Events, Frame};
use tests::wait::within;

/// All that is left of a stream, which must end: pings alone would keep it open for ever.
async fn rest(events: Events) -> Vec<Frame> {
    within("the end of a stream", events.rest()).await
}

fn is_suspension(frame: &Frame) -> bool {
    frame.event() == "suspended"
}

#[tokio::test]
#[ignore = "needs cargo-lambda from PyPI: cargo test --workspace --test emulator -- --ignored"]
async fn a_deadline_of_1970_ends_no_run_early() {
    let models = ModelServer::start().await;
    let stage = Setup::with_models(&models).start().await;
    // The emulator is as it is thought to be.
    let event = json!({});
    let work = async {
        let invocation = stage.take("search").await;
        assert_eq!(invocation.deadline_ms, 600_000);
        invocation.respond(&json!(7)).await;
    };
    let (answer_of_search, ()) = tokio::join!(stage.invoke("search", &event), work);
    assert_eq!(answer_of_search, (200, json!(7)));

    let _orchestrator = stage.run("orchestrator");
    let reason = || calls([call("enhance_reasoning", json!({"model": "reasoner-2"}))]);
    models.orchestrator([reason(), reason(), reason(), calls([answer("answer-1")])]);
    models.experts(["One.", "Two.", "Three.", "Seven."].map(says));
    let told = stage.client.question("How many?").await;
    assert_eq!(told.answer(), "Seven.");
    models.assert_spent();
}

#[tokio::test]
#[ignore = "needs cargo-lambda from PyPI: cargo test --workspace --test emulator -- --ignored"]
async fn a_client_that_leaves_ends_neither_the_run_nor_the_process() {
    let models = ModelServer::start().await;
    let stage = Setup::with_models(&models).start().await;
    let mut orchestrator = stage.run("orchestrator");
    let held = Gate::shut();
    let end = [text("seven."), finish("stop"), usage(10, 5)];
    let rest = [text("It is "), gate(&held)].into_iter().chain(end);
    models.orchestrator([calls([answer("answer-1")])]);
    models.experts([sse(rest)]);
    let mut events = stage.client.start(&json!({"query": "How many?"})).await;
    let seen = events.until(|frame| frame.event() == "delta").await;
    let run_id = events.run_id.clone();
    drop(events);
    // The same process answers again while it drives the run on.
    let running = stage.client.json(&format!("/api/runs/{run_id}")).await;
    assert_eq!(running["status"], "running");
    held.open();
    let told = stage.client.events(&run_id, 0).await.told().await;
    assert_eq!(told.answer(), "It is seven.");
    let seen: Vec<_> = seen.into_iter().filter(Frame::is_stored).collect();
    assert_eq!(told.stored()[..seen.len()], seen, "what was seen stands");
    assert!(orchestrator.is_running());
    models.assert_spent();
}

/// A reasoner's call takes up to 180 s; a function of 60 s leaves it to another one, once it has got something done.
const SHORT: (&str, &str) = ("FUNCTION_SECONDS", "60");

#[tokio::test]
#[ignore = "needs cargo-lambda from PyPI: cargo test --workspace --test emulator -- --ignored"]
async fn an_orchestrator_that_has_woken_the_driver_serves_others_while_the_driver_works() {
    let models = ModelServer::start().await;
    let setup = Setup::with_models(&models).set("DRIVER_FUNCTION", "driver");
    let stage = setup.start().await;
    let _orchestrator = stage.run_with("orchestrator", &[SHORT]);
    let _driver = stage.run("driver");
    let held = Gate::shut();
    models.orchestrator([
        calls([call("enhance_reasoning", json!({"model": "reasoner-2"}))]),
        calls([answer("answer-1")]),
    ]);
    let end = [
        gate(&held),
        text("Let me see."),
        finish("stop"),
        usage(10, 5),
    ];
    models.experts([sse(end), says("Seven.")]);
    let events = stage.client.start(&json!({"query": "How many?"})).await;
    let run_id = events.run_id.clone();
    let frames = rest(events).await;
    assert!(frames.last().is_some_and(is_suspension), "{frames:#?}");
    held.reached().await;
    let running = stage.client.json(&format!("/api/runs/{run_id}")).await;
    assert_eq!(running["status"], "running");
    held.open();
    let frames = rest(stage.client.events(&run_id, 0).await).await;
    let told = Told { run_id, frames };
    assert_eq!((told.status(), told.answer()), ("completed", "Seven."));
    assert_eq!(told.summary()["resumed"], 1);
    models.assert_spent();
}

#[tokio::test]
#[ignore = "needs cargo-lambda from PyPI: cargo test --workspace --test emulator -- --ignored"]
async fn a_driver_that_has_woken_itself_serves_others() {
    let models = ModelServer::start().await;
    let setup = Setup::with_models(&models).set("DRIVER_FUNCTION", "driver");
    let stage = setup.set(SHORT.0, SHORT.1).start().await;
    let _functions = ["orchestrator", "driver"].map(|name| stage.run(name));
    models.orchestrator([
        calls([call("enhance_reasoning", json!({"model": "reasoner-2"}))]),
        calls([answer("answer-1")]),
    ]);
    models.experts([says("Let me see."), says("Seven.")]);
    let events = stage.client.start(&json!({"query": "How many?"})).await;
    let run_id = events.run_id.clone();
    let frames = rest(events).await;
    assert!(frames.last().is_some_and(is_suspension), "{frames:#?}");
    let mut frames = rest(stage.client.events(&run_id, 0).await).await;
    while frames.last().is_some_and(is_suspension) {
        frames = rest(stage.client.events(&run_id, 0).await).await;
    }
    let told = Told { run_id, frames };
    assert_eq!((told.status(), told.answer()), ("completed", "Seven."));
    let nothing = json!({"outcome": "nothing_to_do"});
    let go_on = json!({"continue": told.run_id});
    assert_eq!(stage.invoke("driver", &go_on).await, (200, nothing));
    models.assert_spent();
}
