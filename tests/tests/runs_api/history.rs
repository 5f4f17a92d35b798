//! The list of runs: newest first, page by page, each run once, a running one at once.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::gate::Gate;
use tests::model_server::ModelServer;
use tests::script::{finish, gate, says, sse, text, usage};
use tests::stack::{Counted, Setup};
use tests::table::Operation;

const RUNS: usize = 25;

async fn service() -> (ModelServer, Counted) {
    let models = ModelServer::start().await;
    let service = Setup::with_models(&models).start_counted().await;
    (models, service)
}

/// Ids of all pages of a size, and how many runs each page held.
async fn pages(service: &Counted, limit: usize) -> (Vec<String>, Vec<usize>) {
    let (mut ids, mut sizes) = (Vec::new(), Vec::new());
    let mut path = format!("/api/runs?limit={limit}");
    loop {
        let page = service.client.json(&path).await;
        let runs = page["runs"].as_array().unwrap();
        sizes.push(runs.len());
        ids.extend(
            runs.iter()
                .map(|it| it["run_id"].as_str().unwrap().to_owned()),
        );
        let Some(cursor) = page["cursor"].as_str() else {
            return (ids, sizes);
        };
        path = format!("/api/runs?limit={limit}&cursor={cursor}");
    }
}

#[tokio::test]
async fn pages_of_any_size_give_every_run_once_and_the_newest_first() {
    let (models, service) = service().await;
    let none = service.client.json("/api/runs").await;
    assert_eq!(none, json!({"runs": [], "cursor": null}));
    let mut started = Vec::new();
    for number in 0..RUNS {
        models.orchestrator([says("Seven.")]);
        let told = service
            .client
            .question(&format!("How many, {number}?"))
            .await;
        started.push(told.run_id);
    }
    let mut newest_first = started.clone();
    newest_first.sort_by_key(|id| std::cmp::Reverse(id[..10].to_owned()));
    for limit in [1, 2, 7, 24, 25, 26, 100] {
        let (ids, sizes) = pages(&service, limit).await;
        let times: Vec<_> = ids.iter().map(|id| &id[..10]).collect();
        let expected: Vec<_> = newest_first.iter().map(|id| &id[..10]).collect();
        assert_eq!(times, expected, "limit {limit}");
        let all: BTreeSet<_> = ids.iter().collect();
        assert_eq!(all, started.iter().collect(), "limit {limit}");
        let (last, full) = sizes.split_last().unwrap();
        assert!(full.iter().all(|size| *size == limit), "{sizes:?}");
        assert!((1..=limit).contains(last), "{sizes:?}");
    }
    let default = service.client.json("/api/runs").await;
    assert_eq!(default["runs"].as_array().unwrap().len(), 20);
}

#[tokio::test]
async fn a_run_shows_at_once_and_its_figures_when_it_has_ended() {
    let (models, service) = service().await;
    let held = Gate::shut();
    models.orchestrator([sse([
        gate(&held),
        text("Seven."),
        finish("stop"),
        usage(10, 5),
    ])]);
    let query = format!("How\nmany {}?", "more ".repeat(60));
    let events = service.client.start(&json!({"query": query})).await;
    let run_id = events.run_id.clone();
    let listed = service.client.json("/api/runs").await["runs"][0].take();
    let created = listed["created_at"].clone();
    let title = listed["title"].as_str().unwrap().to_owned();
    assert!(title.starts_with("How many more"), "{title}");
    assert_eq!(title.chars().count(), 120);
    let expected = |status: &str, duration: Value, cost: Value| {
        json!({
            "run_id": run_id, "title": title, "status": status, "created_at": created,
            "duration_ms": duration, "cost_usd": cost, "rating": null, "pinned": false,
        })
    };
    assert_eq!(listed, expected("running", Value::Null, Value::Null));
    held.open();
    let told = events.told().await;
    service.table.until(Operation::ends_run).await;
    let summary = told.summary();
    let listed = service.client.json("/api/runs").await["runs"][0].take();
    let ended = expected(
        "completed",
        summary["duration_ms"].clone(),
        summary["cost_usd"].clone(),
    );
    assert_eq!(listed, ended);
    let start = &told.of("start")[0];
    assert_eq!(start["created_at"], created);
}

#[tokio::test]
async fn new_runs_between_two_pages_move_nothing() {
    let (models, service) = service().await;
    let mut started = Vec::new();
    let ask = async || {
        models.orchestrator([says("Seven.")]);
        service.client.question("How many?").await.run_id
    };
    for _ in 0..4 {
        started.push(ask().await);
    }
    let first = service.client.json("/api/runs?limit=2").await;
    ask().await;
    let cursor = first["cursor"].as_str().unwrap();
    let second = service
        .client
        .json(&format!("/api/runs?limit=2&cursor={cursor}"))
        .await;
    let ids = |page: &Value| -> BTreeSet<String> {
        let runs = page["runs"].as_array().unwrap();
        runs.iter()
            .map(|it| it["run_id"].as_str().unwrap().to_owned())
            .collect()
    };
    let both: BTreeSet<_> = ids(&first).union(&ids(&second)).cloned().collect();
    assert_eq!(both, started.into_iter().collect());
}
