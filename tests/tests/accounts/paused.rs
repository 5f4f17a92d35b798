//! The switch that stops all new runs.

use reqwest::Method;
use serde_json::{Value, json};
use store::{Limits, Pause};
use tests::client::send;
use tests::gate::Gate;
use tests::script::{gate, says, sse, text};

use crate::kit::{Service, refusal};

#[tokio::test]
async fn while_paused_no_run_begins_and_those_under_way_end_in_good_order() {
    let service = Service::start().await;
    service.key("ann", Limits::default()).await;
    let held = Gate::shut();
    service
        .models
        .orchestrator([sse([text("Sev"), gate(&held), text("en.")])]);
    let first = json!({"query": "How many?"});
    let started = service
        .start_by("ann", &first)
        .header("idempotency-key", "k");
    let under_way = send(started).await;
    held.reached().await;
    let store = service.store();
    let pause = Pause {
        since_ms: 1,
        reason: "The bill is being looked at.".to_owned(),
    };
    store.pause(&pause).await.unwrap();
    let before = service.stack.table.items().await;
    let starts = [
        service.start_by("ann", &json!({"query": "And?"})),
        service
            .by("ann", Method::POST, "/v1/chat/completions")
            .json(&json!({"model": "orchestrator", "messages": [{"role": "user", "content": "And?"}]})),
        // What a chat page asks for itself spends, too.
        service
            .by("ann", Method::POST, "/v1/chat/completions")
            .header("x-task", "title_generation")
            .json(&json!({"model": "orchestrator", "messages": [{"role": "user", "content": "A title."}]})),
        service
            .by("ann", Method::POST, "/v1/responses")
            .json(&json!({"model": "orchestrator", "input": "And?"})),
    ];
    for start in starts {
        let response = send(start).await;
        assert_eq!(response.headers()["retry-after"], "60");
        let (status, error) = refusal(response).await;
        assert_eq!(status, 503, "{error}");
        assert!(
            error["message"]
                .as_str()
                .unwrap()
                .contains("The bill is being looked at."),
            "{error}"
        );
    }
    let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                      "params": {"name": "ask", "arguments": {"query": "And?", "wait_seconds": 0}}});
    let told = send(service.by("ann", Method::POST, "/mcp").json(&call)).await;
    assert!(
        told.text()
            .await
            .unwrap()
            .contains("The bill is being looked at.")
    );
    assert_eq!(service.stack.table.items().await, before);
    let config = service.json("ann", "/api/config").await;
    assert_eq!(config["paused"], "The bill is being looked at.");
    // A start that comes again is given its run.
    let again = service
        .start_by("ann", &first)
        .header("idempotency-key", "k");
    let again = send(again).await;
    assert_eq!(again.status(), 200);
    held.open();
    for stream in [under_way, again] {
        assert!(stream.text().await.unwrap().contains("\"complete\""));
    }
    store.resume().await.unwrap();
    service.models.orchestrator([says("Seven.")]);
    service.ask("ann", "And now?").await;
    assert_eq!(
        service.json("ann", "/api/config").await["paused"],
        Value::Null
    );
}
