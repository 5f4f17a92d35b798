//! A run whose time is over is nowhere, although the table has not deleted it yet.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tests::client::send;
use tests::crash::{QUERY, Watcher, World};
use tests::table::NAME;
use tests::wait::within;

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_run_is_not_found_anywhere() {
    let mut world = World::new(Duration::from_mins(1)).await;
    world.keep = Duration::from_secs(1);
    let process = world.process().await;
    let client = &process.client;
    let mut watcher = Watcher::default();
    watcher.start(client, "a key").await;
    let run_id = watcher.run_id.unwrap();
    let path = format!("/api/runs/{run_id}");
    within("the run to expire", async {
        while client.get(&path).await.status() != 404 {}
    })
    .await;
    assert_eq!(client.get(&format!("{path}/events")).await.status(), 404);
    for (method, path) in [
        (Method::POST, format!("{path}/cancel")),
        (Method::DELETE, path.clone()),
    ] {
        assert_eq!(
            send(client.request(method, &path)).await.status(),
            404,
            "{path}"
        );
    }
    assert_eq!(client.json("/api/runs").await["runs"], json!([]));
    let body = json!({"query": QUERY, "previous_run_id": run_id}).to_string();
    assert_eq!(send(client.start_request(body)).await.status(), 404);
    let items = world.table.direct.scan().table_name(NAME).send().await;
    let items = items.unwrap().items.unwrap_or_default();
    assert!(items.len() > 3, "the table deletes late: {items:?}");
    assert!(items.iter().all(|item| item.contains_key("expires_at")));
}
