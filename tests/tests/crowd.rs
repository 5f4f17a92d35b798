//! More people than one process has room for.
//!
//! `CROWD=400` starts as many at once against the bound as it is; it prints how long the first event of those that were taken
//! took.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use drive::{Deadline, Swept};
use futures_util::future::join_all;
use reqwest::header::RETRY_AFTER;
use serde_json::{Value, json};
use tests::client::send;
use tests::crash::{Watcher, World};
use tests::gate::Gate;
use tests::model_server::ModelServer;
use tests::script::{Script, gate, says, sse, text};
use tests::stack::{Counted, Setup};
use tests::wait::within;

/// A reply that ends when the gate is open.
fn held(gate_to: &Gate) -> Script {
    sse([text("Soon"), gate(gate_to), text(".")])
}

async fn refusal(response: reqwest::Response) -> Value {
    assert_eq!(response.status(), 503);
    assert_eq!(response.headers()[RETRY_AFTER], "5");
    response.json().await.unwrap()
}

/// Whether anything is stored that holds these words.
async fn holds(service: &Counted, words: &str) -> bool {
    let items = service.table.items().await;
    items
        .iter()
        .any(|item| item.values().any(|value| value.to_string().contains(words)))
}

#[tokio::test]
async fn one_run_too_many_is_refused_with_the_reason_and_nothing_is_stored() {
    let models = ModelServer::start().await;
    let gates = [Gate::shut(), Gate::shut()];
    let service = Setup::with_models(&models)
        .max_runs(2)
        .start_counted()
        .await;
    let mut runs = Vec::new();
    for (index, gate) in gates.iter().enumerate() {
        models.orchestrator([held(gate)]);
        let body = json!({"query": format!("Question {index}")}).to_string();
        let request = service
            .client
            .start_request(body)
            .header("idempotency-key", index.to_string());
        let response = send(request).await;
        assert_eq!(response.status(), 200);
        gate.reached().await;
        runs.push(response);
    }
    let body = json!({"query": "One too many"}).to_string();
    for key in [None, Some("new")] {
        let mut request = service.client.start_request(body.clone());
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let said = refusal(send(request).await).await;
        assert_eq!(said["error"]["code"], "unavailable");
        let message = said["error"]["message"].as_str().unwrap();
        assert!(
            message.contains("MAX_RUNS") && message.contains("nothing was started"),
            "{message}"
        );
    }
    assert!(holds(&service, "Question 1").await && !holds(&service, "One too many").await);
    // Whoever comes back to a run that is under way is no start.
    let again = json!({"query": "Question 0"}).to_string();
    let again = service
        .client
        .start_request(again)
        .header("idempotency-key", "0");
    let again = send(again).await;
    assert_eq!(again.status(), 200);
    assert_eq!(again.headers()["x-run-id"], runs[0].headers()["x-run-id"]);
    // With the end of one there is room for the next, and the refused key is as new.
    gates[0].open();
    let ended = runs.remove(0).text().await.unwrap();
    assert!(ended.contains(r#""final_answer":"Soon.""#), "{ended}");
    models.orchestrator([says("Here.")]);
    let taken = within("room for the next", async {
        loop {
            let request = service
                .client
                .start_request(body.clone())
                .header("idempotency-key", "new");
            let response = send(request).await;
            // The end is told before the last of its work is done.
            if response.status() == 200 {
                break response;
            }
            refusal(response).await;
        }
    })
    .await;
    assert!(
        taken
            .text()
            .await
            .unwrap()
            .contains(r#""final_answer":"Here.""#)
    );
    gates[1].open();
    models.assert_spent();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_takes_no_more_runs_than_there_is_room_for() {
    let mut world = World::new(Duration::from_mins(1)).await;
    for key in ["one", "two"] {
        world.fuse.set("decision 2, asked");
        let process = world.process().await;
        let client = process.client.clone();
        let mut watcher = Watcher::default();
        tokio::select! {
            () = world.fuse.burnt() => {}
            () = watcher.start(&client, key) => panic!("the run ended"),
        }
        process.kill().await;
        world.end_lease(watcher.run_id.as_ref().unwrap()).await;
    }
    world.max_runs = 1;
    let process = world.process().await;
    let mut swept = Vec::new();
    for _ in 0..2 {
        let services = Arc::clone(&process.services);
        let deadline = Deadline::new(Duration::from_mins(15), None);
        let sweep = process.spawn(async move { drive::sweep(services, deadline).await.unwrap() });
        swept.push(within("a sweep", sweep).await.unwrap());
    }
    assert_eq!(
        swept,
        [Swept { found: 2, taken: 1 }, Swept { found: 1, taken: 1 }]
    );
}

#[tokio::test]
async fn of_a_crowd_as_many_are_taken_as_there_is_room_for() {
    let (crowd, room) = match std::env::var("CROWD") {
        Ok(crowd) => (crowd.parse().unwrap(), 32),
        Err(_) => (12, 4),
    };
    let models = ModelServer::start().await;
    let gate = Gate::shut();
    models.orchestrator((0..room).map(|_| held(&gate)));
    let stack = Setup::with_models(&models).max_runs(room).start().await;
    let starts = (0..crowd).map(|_| async {
        let began = Instant::now();
        let request = stack
            .client
            .start_request(json!({"query": "How many?"}).to_string());
        let mut response = send(request).await;
        if response.status() == 503 {
            refusal(response).await;
            return None;
        }
        response.chunk().await.unwrap().unwrap();
        Some((began.elapsed(), response))
    });
    let taken: Vec<_> = join_all(starts).await.into_iter().flatten().collect();
    assert_eq!(taken.len(), room);
    let mut first: Vec<Duration> = taken.iter().map(|(first, _)| *first).collect();
    first.sort();
    println!(
        "first events of {room} runs of {crowd} starts: median {:?}, last {:?}",
        first[room / 2],
        first[room - 1]
    );
    // In full only: one in CI shares its cores with whatever runs there.
    if std::env::var("CROWD").is_ok() {
        assert!(first[room - 1] < Duration::from_secs(1), "{first:?}");
    }
    gate.open();
    for (_, response) in taken {
        let told = response.text().await.unwrap();
        assert!(told.contains(r#""status":"completed""#), "{told}");
    }
}
