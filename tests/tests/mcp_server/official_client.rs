//! The protocol's own client, in both of its ways.

use std::sync::{Arc, Mutex};

use rmcp::RoleClient;
use rmcp::handler::client::ClientHandler;
use rmcp::model::{
    CallToolRequest, CallToolRequestParams, ClientRequest, ProgressNotificationParam,
    ProtocolVersion, ServerResult,
};
use rmcp::service::{
    ClientLifecycleMode, ClientServiceExt as _, NotificationContext, PeerRequestOptions,
    RunningService,
};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use serde_json::{Value, json};
use tests::gate::Gate;
use tests::script::{gate, plain, says, sse, text};
use tests::stack::Stack;
use tests::wait::within;

use crate::kit::stack;

#[derive(Clone, Default)]
struct Listener(Arc<Mutex<Vec<f64>>>);

impl ClientHandler for Listener {
    async fn on_progress(
        &self,
        told: ProgressNotificationParam,
        _: NotificationContext<RoleClient>,
    ) {
        self.0.lock().unwrap().push(told.progress);
    }
}

type Client = RunningService<RoleClient, Listener>;

async fn connect(stack: &Stack, lifecycle: ClientLifecycleMode) -> (Client, Listener) {
    let http = host::http::direct_client().unwrap();
    let url = format!("{}/mcp", stack.client.address);
    let config = StreamableHttpClientTransportConfig::with_uri(url);
    let transport = StreamableHttpClientTransport::with_client(http, config);
    let listener = Listener::default();
    let served = listener.clone().serve_with_lifecycle(transport, lifecycle);
    (within("a connection", served).await.unwrap(), listener)
}

async fn call(client: &Client, tool: &'static str, arguments: Value) -> Value {
    let arguments = arguments.as_object().unwrap().clone();
    let params = CallToolRequestParams::new(tool).with_arguments(arguments);
    let request = ClientRequest::CallToolRequest(CallToolRequest::new(params));
    let sent = client.send_request_with_option(request, PeerRequestOptions::no_options());
    let handle = within("a call to be sent", sent).await.unwrap();
    let result = within("a result", handle.await_response()).await.unwrap();
    let ServerResult::CallToolResult(result) = result else {
        panic!("no result of a call: {result:?}");
    };
    json!({"is_error": result.is_error, "run": result.structured_content})
}

fn ways() -> [ClientLifecycleMode; 3] {
    let preferred_versions = vec![ProtocolVersion::V_2026_07_28];
    [
        ClientLifecycleMode::Initialize,
        ClientLifecycleMode::Discover {
            preferred_versions: preferred_versions.clone(),
        },
        ClientLifecycleMode::Auto {
            preferred_versions,
            legacy_version: None,
        },
    ]
}

#[tokio::test]
async fn it_asks_waits_cancels_and_hears_of_failures() {
    for way in ways() {
        let (models, stack) = stack().await;
        let held = Gate::shut();
        models.orchestrator([says("Seven."), sse([gate(&held), text("No more.")])]);
        models.always(plain(401, "text/plain", "no such key"));
        let (client, listener) = connect(&stack, way.clone()).await;
        let tools = within("the tools", client.list_all_tools()).await.unwrap();
        assert_eq!(tools.len(), 3);
        assert!(tools.iter().all(|tool| tool.output_schema.is_some()));
        let told = call(&client, "ask", json!({"query": "How many?"})).await;
        assert_eq!(told["is_error"], false);
        assert_eq!(told["run"]["answer"], "Seven.", "{way:?}");
        assert!(!listener.0.lock().unwrap().is_empty());
        let told = call(&client, "ask", json!({"query": "Wait?", "wait_seconds": 0})).await;
        held.reached().await;
        let named = json!({"run_id": told["run"]["run_id"]});
        let told = call(&client, "cancel_run", named).await;
        assert_eq!(told["run"]["status"], "cancelled");
        held.open();
        let told = call(&client, "ask", json!({"query": "Why?"})).await;
        assert_eq!(
            (&told["is_error"], &told["run"]["status"]),
            (&json!(true), &json!("failed"))
        );
        client.cancel().await.unwrap();
    }
}
