//! The orchestrator as a Lambda function behind a streaming function URL.

use std::sync::Arc;

use anyhow::Context as _;
use lambda_runtime::spawn_graceful_shutdown_handler;
use orchestrator::{App, Config, Hosts, app, services};

#[tokio::main]
async fn main() -> Result<(), host::Error> {
    host::logs::init();
    let config = Config::from_env().context("read the environment")?;
    let aws = host::aws::config()?;
    let table = aws_sdk_dynamodb::config::Builder::from(&aws)
        .timeout_config(host::aws::table_timeouts())
        .build();
    let services = services(
        config,
        aws_sdk_dynamodb::Client::from_conf(table),
        aws_sdk_lambda::Client::new(&aws),
    )
    .context("build the HTTP clients")?;
    let services = Arc::new(services);
    let stopping = Arc::clone(&services);
    spawn_graceful_shutdown_handler(async move || stopping.stop().await).await;
    let app = app(App::new(services, Hosts::Any));
    lambda_http::run_with_streaming_response(app).await
}
