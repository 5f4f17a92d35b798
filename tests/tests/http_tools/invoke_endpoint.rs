//! Functions at Invoke endpoints of their own.

use std::sync::{Arc, Mutex};

use axum::extract::Request;
use axum::middleware::map_request;
use local::invoke::{self, Functions};
use serde_json::json;
use tests::loopback::{ClosedPort, Served};

use crate::service::{Service, asks, results, tool, with};

/// An Invoke API with the function `forecast`; whose signature each request bears is written down.
async fn endpoint() -> (Served, Arc<Mutex<Vec<String>>>) {
    let functions = Functions::default().with_tool("forecast", async |request: tool::Request| {
        tool::Response::Ok {
            result: json!({"tool": request.tool, "n": 7})
                .as_object()
                .unwrap()
                .clone(),
            artifacts: Vec::new(),
        }
    });
    let signatures = Arc::<Mutex<Vec<_>>>::default();
    let seen = Arc::clone(&signatures);
    let note = map_request(move |request: Request| {
        let signature = request.headers()["authorization"]
            .to_str()
            .unwrap()
            .to_owned();
        seen.lock().unwrap().push(signature);
        std::future::ready(request)
    });
    (
        Served::start(invoke::router(functions).layer(note)).await,
        signatures,
    )
}

#[tokio::test]
async fn a_function_is_invoked_by_its_name_at_its_endpoint() {
    let (api, signatures) = endpoint().await;
    let closed = ClosedPort::take();
    let elsewhere = json!({"lambda": "forecast", "endpoint": api.address});
    let tools = [
        tool("weather", &elsewhere),
        with(tool("weather_of_us", &elsewhere), "tenant", "owner"),
        tool(
            "unknown",
            &json!({"lambda": "other", "endpoint": api.address}),
        ),
        tool(
            "down",
            &json!({"lambda": "forecast", "endpoint": closed.address}),
        ),
        tool("embedded", &json!({"lambda": "forecast"})),
    ];
    let service = Service::start(tools).await;
    let names = ["weather", "weather_of_us", "unknown", "down", "embedded"];
    let told = service
        .run([names.map(|name| asks(name, "")).to_vec()])
        .await;
    let results = results(&told);
    assert_eq!(results[0], json!({"tool": "weather", "n": 7}));
    assert_eq!(results[1], json!({"tool": "weather_of_us", "n": 7}));
    let codes = results[2..]
        .iter()
        .map(|result| result["error"]["code"].as_str().unwrap());
    assert_eq!(
        codes.collect::<Vec<_>>(),
        ["tool_not_deployed", "tool_unreachable", "tool_not_deployed"]
    );
    // The credentials are those of this environment, or some that open nothing; never the key of what is embedded.
    let id = std::env::var("AWS_ACCESS_KEY_ID")
        .ok()
        .filter(|id| !id.is_empty());
    let credential = format!("Credential={}/", id.as_deref().unwrap_or("none"));
    let signatures = signatures.lock().unwrap();
    assert_eq!(signatures.len(), 3);
    assert!(
        signatures.iter().all(|it| it.contains(&credential)),
        "{signatures:?}"
    );
}
