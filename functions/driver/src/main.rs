//! The driver as a Lambda function.

use std::sync::Arc;

use anyhow::Context as _;
use drive::{Config, Deadline, Services};
use driver::{Job, perform};
use host::aws::PassingRefusals;
use host::http::{direct_client, outward_client};
use host::{StopSignal, check_after_start};
use lambda_runtime::{LambdaEvent, service_fn};
use model::Client;
use serde_json::Value;

#[tokio::main]
async fn main() -> Result<(), host::Error> {
    host::logs::init();
    let stop_signal = StopSignal::register();
    let config = Config::from_env().context("read the environment")?;
    let client = Client::new(direct_client()?, outward_client()?, config.timeouts());
    let aws = host::aws::config()?;
    let table = aws_sdk_dynamodb::config::Builder::from(&aws)
        .timeout_config(host::aws::table_timeouts())
        .retry_config(host::aws::table_retries())
        .retry_classifier(PassingRefusals)
        .build();
    let functions = aws_sdk_lambda::config::Builder::from(&aws)
        .retry_classifier(PassingRefusals)
        .build();
    let services = Arc::new(Services::new(
        config,
        client,
        aws_sdk_dynamodb::Client::from_conf(table),
        aws_sdk_lambda::Client::from_conf(functions),
    ));
    let (checked, stopped) = (Arc::clone(&services), Arc::clone(&services));
    stop_signal
        .then(async move { stopped.stop().await })
        .await?;
    check_after_start(move || checked.catalog.check_schemas());
    let handler = async |event: LambdaEvent<Value>| {
        let job = Job::read(&event.payload)?;
        let deadline = Deadline::new(services.timing.function, Some(event.context.deadline));
        let outcome = perform(Arc::clone(&services), job, deadline).await?;
        tracing::info!(?job, ?outcome, "the driver is done");
        Ok::<_, host::Error>(outcome)
    };
    lambda_runtime::run(service_fn(handler)).await
}
