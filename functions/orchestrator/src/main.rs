//! The orchestrator as a Lambda function behind a streaming function URL.

use std::future::ready;
use std::time::Duration;

use anyhow::Context as _;
use axum::extract::Request;
use axum::middleware::map_request;
use host::RuntimeApi;
use orchestrator::{Access, App, Hosts, app};

/// How long servers that list their tools may take before the function is ready: of the ten seconds that Lambda gives. Who is late is left
/// out of the runs until it has answered. (The driver begins no runs, and asks for no list.)
const LIST_LIMIT: Duration = Duration::from_secs(3);

#[tokio::main]
async fn main() -> Result<(), host::Error> {
    function::run(async |services| {
        let access = Access::from_env(Access::CLOSED).context("read the environment")?;
        let runtime_api = RuntimeApi::from_env();
        services.tools.list(&services.catalog, LIST_LIMIT).await;
        let app = app(App::new(services, Hosts::Any, access));
        let app = app.layer(map_request(move |request: Request| {
            if let Some(runtime_api) = runtime_api {
                runtime_api.send_at_once();
            }
            ready(request)
        }));
        lambda_http::run_with_streaming_response(app).await
    })
    .await
}
