//! Files that a server makes are kept with the run, and go along with later calls of its tool.

use serde_json::json;

use crate::server::{Received, Step, ToolServer, json_with, succeeds};
use crate::service::{Service, asks, at, results, tool, with};

fn draws(request: &Received, before: usize) -> Vec<Step> {
    if before > 0 {
        return succeeds(&json!({"given": request.body["files"]}));
    }
    let file = json!({"name": "map.png", "media_type": "image/png", "data": "iVBORw0="});
    json_with(200, &json!({"ok": true, "result": {}, "artifacts": [file]}))
}

#[tokio::test]
async fn files_come_back_and_go_along() {
    let server = ToolServer::start(draws).await;
    let other = ToolServer::start(|request: &Received, _| {
        succeeds(&json!({"given": request.body["files"]}))
    })
    .await;
    let runs_programs = with(tool("runner", &at(&other.address)), "program", "fault");
    let stranger = tool("stranger", &at(&other.address));
    let service =
        Service::start([tool("draw", &at(&server.address)), runs_programs, stranger]).await;
    let told = service
        .run([
            vec![asks("draw", "")],
            vec![asks("draw", ""), asks("runner", "x"), asks("stranger", "")],
        ])
        .await;
    let results = results(&told);
    let made = &results[0]["artifacts"][0];
    assert_eq!(
        (&made["name"], &made["bytes"]),
        (&json!("map.png"), &json!(5))
    );
    let kept = service
        .stack
        .client
        .get(made["url"].as_str().unwrap())
        .await;
    assert_eq!(&*kept.bytes().await.unwrap(), b"\x89PNG\r");
    let given = json!([{"name": "map.png", "media_type": "image/png", "data": "iVBORw0="}]);
    assert_eq!(
        (&results[1]["given"], &results[2]["given"]),
        (&given, &given)
    );
    assert_eq!(results[3]["given"], json!([]));
}
