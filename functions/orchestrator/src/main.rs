//! The orchestrator as a Lambda function behind a streaming function URL.

use std::future::ready;
use std::sync::Arc;

use anyhow::Context as _;
use axum::extract::Request;
use axum::middleware::map_request;
use host::aws::PassingRefusals;
use host::{RuntimeApi, StopSignal, check_after_start};
use orchestrator::{Access, App, Config, Hosts, app, services};

#[tokio::main]
async fn main() -> Result<(), host::Error> {
    host::logs::init();
    let stop_signal = StopSignal::register();
    let config = Config::from_env().context("read the environment")?;
    let access = Access::from_env(Access::CLOSED).context("read the environment")?;
    let aws = host::aws::config()?;
    let table = aws_sdk_dynamodb::config::Builder::from(&aws)
        .timeout_config(host::aws::table_timeouts())
        .retry_config(host::aws::table_retries())
        .retry_classifier(PassingRefusals)
        .build();
    let functions = aws_sdk_lambda::config::Builder::from(&aws)
        .retry_classifier(PassingRefusals)
        .build();
    let services = services(
        config,
        aws_sdk_dynamodb::Client::from_conf(table),
        aws_sdk_lambda::Client::from_conf(functions),
    )
    .context("build the HTTP clients")?;
    let services = Arc::new(services);
    let (checked, stopped) = (Arc::clone(&services), Arc::clone(&services));
    let app = app(App::new(services, Hosts::Any, access));
    stop_signal
        .then(async move { stopped.stop().await })
        .await?;
    check_after_start(move || checked.catalog.check_schemas());
    let runtime_api = RuntimeApi::from_env();
    let app = app.layer(map_request(move |request: Request| {
        if let Some(runtime_api) = runtime_api {
            runtime_api.send_at_once();
        }
        ready(request)
    }));
    lambda_http::run_with_streaming_response(app).await
}
