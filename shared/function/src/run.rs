//! A Lambda function from its first line to its last.

use std::sync::Arc;

use anyhow::Context as _;
use drive::Services;
use host::{Error, StopSignal, check_after_start};

use crate::clients::{lambda_config, table_config};
use crate::services::{config, services};
use crate::table_connection::TableConnection;

/// Runs a Lambda function: makes its services as the environment says, and gives them to `serve`, which answers invocations.
///
/// The connection to the table stands before the first invocation is asked for, so that none waits for it.
///
/// On Lambda's word that the process is about to end, its drivers write what they hold and give up their runs. A catalogue
/// whose schemas cannot be used ends the process soon after its start.
///
/// # Errors
/// The environment is wrong, or what `serve` says.
pub async fn run(serve: impl AsyncFnOnce(Arc<Services>) -> Result<(), Error>) -> Result<(), Error> {
    host::logs::init();
    let stop_signal = StopSignal::register();
    let aws = host::aws::config()?;
    let config = config(async || Ok::<_, Error>(aws.clone())).await?;
    let connection = TableConnection::open(&aws, &config.table, config.keep);
    let table = aws_sdk_dynamodb::Client::from_conf(table_config(&aws).build());
    let lambda = aws_sdk_lambda::Client::from_conf(lambda_config(&aws).build());
    let services = services(config, table, lambda).context("build the HTTP clients")?;
    for (tool, problem) in services.tools.absent() {
        tracing::warn!(%tool, problem, "a tool is left out");
    }
    let services = Arc::new(services);
    let (checked, stopped) = (Arc::clone(&services), Arc::clone(&services));
    stop_signal
        .then(async move { stopped.stop().await })
        .await?;
    connection.opened().await;
    check_after_start(move || checked.catalog.check_schemas());
    // In a box: what a function waits for is nested deeply.
    Box::pin(serve(services)).await
}
