//! A run that another process goes on with.

use serde_json::{Value, json};
use tests::client::Client;
use tests::gate::Gate;
use tests::loopback::Served;
use tests::model_server::ModelServer;
use tests::script::{call, calls, gate, says, sse};
use tests::table::Table;

use crate::service::{offered, setup};
use crate::stand::{Era, Stand, tool};

fn walk(words: &str) -> Value {
    json!({
        "name": "walk", "description": words,
        "inputSchema": {"type": "object", "properties": {"to": {"type": "string", "maxLength": 3}}},
    })
}

#[tokio::test]
async fn it_is_offered_and_held_to_what_the_run_began_with() {
    // What the server of the second process lists: something else, less, or nothing.
    let others = [
        json!([{"name": "walk", "description": "Runs.", "inputSchema": {"type": "object", "required": ["speed"]}}, tool("read")]),
        json!([tool("swim")]),
        json!([]),
    ];
    for other in others {
        let table = Table::start().await;
        let first = Stand::start(Era::Old, json!([walk("Walks."), tool("read")])).await;
        let held = Gate::shut();
        let before = ModelServer::start().await;
        before.orchestrator([sse([gate(&held)])]);
        let (app, services) = setup(&first.url, &before).process(&table);
        services
            .tools
            .list(&services.catalog, std::time::Duration::from_secs(30))
            .await;
        let served = Served::start(app).await;
        let mut run = Client::new(&served.address)
            .start(&json!({"query": "How far?", "max_rounds": 3}))
            .await;
        let id = run.next().await.unwrap().data["run_id"]
            .as_str()
            .unwrap()
            .to_owned();
        held.reached().await;
        services.stop().await;

        let second = Stand::start(Era::New, other.clone()).await;
        let after = ModelServer::start().await;
        let too_long = calls([call("files_walk", json!({"to": "Zurich"}))]);
        let fits = calls([call("files_walk", json!({"to": "Ulm"}))]);
        after.orchestrator([too_long, fits, says("Done.")]);
        let (app, services) = setup(&second.url, &after).process(&table);
        services
            .tools
            .list(&services.catalog, std::time::Duration::from_secs(30))
            .await;
        let served = Served::start(app).await;
        let mut events = Client::new(&served.address).events(&id, 0).await;
        let mut results = Vec::new();
        while let Some(frame) = events.next().await {
            if frame.event() == "tool_result" {
                results.push(frame.data["result"].clone());
            }
        }
        let (before, after) = (
            before.asked_of_orchestrator(),
            after.asked_of_orchestrator(),
        );
        assert!(
            offered(&before[0]).contains(&"files_walk") && offered(&before[0]).contains(&"look")
        );
        assert_eq!(
            before[0]["tools"].to_string(),
            after[0]["tools"].to_string(),
            "{other}"
        );
        assert_eq!(
            before[0]["messages"].to_string(),
            after[0]["messages"].to_string(),
            "{other}"
        );
        assert_eq!(results[0]["error"]["code"], "invalid_arguments", "{other}");
        assert_eq!(results[1], json!({"text": r#"{"to":"Ulm"}"#}), "{other}");
    }
}
