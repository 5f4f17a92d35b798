//! The orchestrator as a Lambda function behind a streaming function URL.

use std::sync::Arc;

use anyhow::Context as _;
use orchestrator::{App, Config, Hosts, app, services};

#[tokio::main]
async fn main() -> Result<(), host::Error> {
    host::logs::init();
    let config = Config::from_env().context("read the environment")?;
    let aws = host::aws::config().await;
    let services = services(
        config,
        aws_sdk_dynamodb::Client::new(&aws),
        aws_sdk_lambda::Client::new(&aws),
    )
    .context("build the HTTP clients")?;
    let app = app(App::new(Arc::new(services), Hosts::Any));
    lambda_http::run_with_streaming_response(app).await
}
