//! Messages as clients of the protocol send them.

use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tests::client::{Client, send};
use tests::model_server::ModelServer;
use tests::stack::{Setup, Stack};
use tests::wait::within;

pub async fn stack() -> (ModelServer, Stack) {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    (models, stack)
}

/// A request of the protocol, in its newest version that has a handshake.
pub fn message(method: &str, params: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
}

/// A call of a tool.
pub fn call(tool: &str, arguments: &Value) -> Value {
    message("tools/call", &json!({"name": tool, "arguments": arguments}))
}

/// The same by a client that wants to hear of the progress.
pub fn watched(tool: &str, arguments: &Value, token: &Value) -> Value {
    let params = json!({"name": tool, "arguments": arguments, "_meta": {"progressToken": token}});
    message("tools/call", &params)
}

pub fn post(client: &Client, message: &Value) -> RequestBuilder {
    let request = client.request(Method::POST, "/mcp");
    let request = request.header("accept", "application/json, text/event-stream");
    request.json(message)
}

/// The status and the JSON of an answer that is one object.
pub async fn answer(request: RequestBuilder) -> (u16, Value) {
    let response = send(request).await;
    let status = response.status().as_u16();
    assert_eq!(response.headers()["content-type"], "application/json");
    (status, json_of(response).await)
}

pub async fn json_of(response: Response) -> Value {
    let body = within("a body", response.text()).await.unwrap();
    serde_json::from_str(&body).unwrap()
}

/// The result of a call.
pub async fn result(client: &Client, tool: &str, arguments: &Value) -> Value {
    let (status, answer) = answer(post(client, &call(tool, arguments))).await;
    assert_eq!((status, &answer["id"]), (200, &json!(1)), "{answer}");
    assert!(answer.get("error").is_none(), "{answer}");
    answer["result"].clone()
}

/// What a call gives of a run.
pub async fn run(client: &Client, tool: &str, arguments: &Value) -> Value {
    let result = result(client, tool, arguments).await;
    let structured = result["structuredContent"].clone();
    // Clients that read no structured content read the same as text.
    let text = result["content"][0]["text"].as_str().unwrap();
    assert_eq!(serde_json::from_str::<Value>(text).unwrap(), structured);
    structured
}

/// The messages of a stream of events.
pub async fn events(response: Response) -> Vec<Value> {
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert_eq!(response.headers()["x-accel-buffering"], "no");
    let body = within("the end of a stream", response.text())
        .await
        .unwrap();
    let frames = body.split_terminator("\n\n");
    frames
        .map(|frame| {
            let data = frame.strip_prefix("event: message\ndata: ").unwrap();
            serde_json::from_str(data).unwrap()
        })
        .collect()
}
