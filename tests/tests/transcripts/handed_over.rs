//! Runs that a client follows over several connections.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use drive::Services;
use serde_json::json;
use tests::client::Client;
use tests::gate::Gate;
use tests::loopback::Served;
use tests::model_server::ModelServer;
use tests::script::{answer, calls, finish, gate, sse, text, usage};
use tests::stack::Setup;
use tests::stream::Frame;
use tests::table::Table;

use crate::{is_live, recorded};

async fn served(process: (Router, Arc<Services>)) -> (Client, Arc<Services>, Served) {
    let (app, services) = process;
    let served = Served::start(app).await;
    (Client::new(&served.address), services, served)
}

fn last_id(frames: &[Frame]) -> u64 {
    frames
        .iter()
        .filter_map(|frame| frame.id)
        .next_back()
        .unwrap()
}

/// A process is stopped while an answer is being written, and another goes on with the run.
#[tokio::test]
async fn taken_over() {
    let models = ModelServer::start().await;
    let table = Table::start().await;
    let (first, services, _first) = served(Setup::with_models(&models).process(&table)).await;
    let (second, _, _second) = served(Setup::with_models(&models).process(&table)).await;
    let never = Gate::shut();
    models.orchestrator([calls([answer("answer-1")])]);
    models.experts([
        sse([text("Seven, or"), gate(&never), text(" eight.")]),
        sse([text("Seven."), finish("stop"), usage(70, 3)]),
    ]);
    let mut events = first.start(&json!({"query": "How many?"})).await;
    let run_id = events.run_id.clone();
    let before = events.until(is_live("r1.1", "Seven, or")).await;
    services.stop().await;
    drop(events);
    let after = second.events(&run_id, last_id(&before)).await.rest().await;
    recorded("resumed", &[before, after], &["Seven, or"]);
    models.assert_spent();
}

/// A function has time for one of these calls: each time another one goes on with the run.
#[tokio::test]
async fn suspended() {
    let models = ModelServer::start().await;
    let function = Duration::from_secs(10);
    let stack = Setup::with_models(&models).function(function).start().await;
    models.orchestrator([calls([answer("answer-1")])]);
    models.experts([sse([text("Seven."), finish("stop"), usage(70, 3)])]);
    let events = stack.client.start(&json!({"query": "How many?"})).await;
    let run_id = events.run_id.clone();
    let before = events.rest().await;
    let after = stack.client.events(&run_id, last_id(&before)).await;
    recorded("suspended", &[before, after.rest().await], &[]);
    models.assert_spent();
}

/// The time of a watcher's stream is over, and the same run goes on in the next one.
#[tokio::test]
async fn come_again() {
    let models = ModelServer::start().await;
    let watch = Duration::from_secs(1);
    let setup = Setup::with_models(&models).watch(watch);
    let stack = setup.start().await;
    let held = Gate::shut();
    models.orchestrator([calls([answer("answer-1")])]);
    models.experts([sse([
        gate(&held),
        text("Seven."),
        finish("stop"),
        usage(70, 3),
    ])]);
    let events = stack.client.start(&json!({"query": "How many?"})).await;
    held.reached().await;
    let first = stack.client.events(&events.run_id, 0).await.rest().await;
    let next = stack.client.events(&events.run_id, last_id(&first)).await;
    held.open();
    recorded("come_again", &[first, next.rest().await], &[]);
}
