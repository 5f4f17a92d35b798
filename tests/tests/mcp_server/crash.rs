//! Runs that were asked for by the protocol, and outlast the process that was asked.

use std::time::Duration;

use serde_json::{Value, json};
use tests::crash::{DRIVER, Watcher, World, verify};
use tests::gate::Gate;
use tests::model_server::ModelServer;
use tests::process::StackProcess;
use tests::script::{gate, says, sse, text};

use crate::kit::run;

#[tokio::test]
async fn a_run_whose_stack_was_killed_is_found_by_get_run_with_its_answer() {
    let models = ModelServer::start().await;
    let held = Gate::shut();
    models.orchestrator([sse([text("It is "), gate(&held)]), says("It is seven.")]);
    let data_dir = tempfile::tempdir().unwrap();
    let start =
        async || StackProcess::start_embedded(data_dir.path(), models.address(), None).await;
    let stack = start().await;
    let ask = json!({"query": "How many?", "wait_seconds": 0});
    let asked = run(&stack.client, "ask", &ask).await;
    held.reached().await;
    stack.kill().await;
    held.open();
    let stack = start().await;
    let told = run(
        &stack.client,
        "get_run",
        &json!({"run_id": asked["run_id"]}),
    )
    .await;
    assert_eq!(
        (&told["status"], &told["answer"]),
        (&json!("completed"), &json!("It is seven."))
    );
    let again = run(&stack.client, "ask", &ask).await;
    assert_eq!(
        again["run_id"], asked["run_id"],
        "what a lost driver did is told again for a while"
    );
}

/// A function of Lambda is stopped behind its reply, with all that it does.
#[tokio::test(flavor = "multi_thread")]
async fn in_lambda_a_run_is_another_functions_before_the_call_is_answered() {
    let mut world = World::new(Duration::from_mins(10)).await;
    world.driver_function = Some(DRIVER.to_owned());
    world.is_lambda = true;
    let (asked, seat) = (world.process().await, world.process().await);
    world.seat_driver(&seat);
    world.fuse.set("decision 1, asked");
    let ask = json!({"query": tests::crash::QUERY, "wait_seconds": 0});
    let told = run(&asked.client, "ask", &ask).await;
    assert_eq!(told["status"], "running");
    let frozen = asked.freeze().await;
    world.fuse.burnt().await;
    world.fuse.release();
    let named = json!({"run_id": told["run_id"]});
    let told = run(&seat.client, "get_run", &named).await;
    assert_eq!(told["status"], "completed", "{told}");
    frozen.thaw();
    let run_id = told["run_id"].as_str().unwrap();
    let mut watcher = Watcher::of(run_id);
    watcher.to_the_end(&seat.client).await;
    let epochs: Vec<Value> = world
        .log(run_id)
        .await
        .iter()
        .map(|it| it.epoch.into())
        .collect();
    assert_eq!(
        epochs.iter().filter(|epoch| **epoch == json!(1)).count(),
        1,
        "{epochs:?}"
    );
    let count = |event: &str| {
        watcher
            .frames
            .iter()
            .filter(|it| it.event() == event)
            .count()
    };
    assert_eq!(
        count("retry"),
        0,
        "nothing was under way when it was handed over"
    );
    assert_eq!(watcher.frames[1].event(), "resumed");
    assert_eq!(watcher.frames[2].event(), "round_start");
    verify(&world, &seat.client, &watcher).await;
}
