//! The driver as a Lambda function.

use std::sync::Arc;

use drive::Deadline;
use driver::{Job, perform};
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;

#[tokio::main]
async fn main() -> Result<(), host::Error> {
    function::run(async |services| {
        let handler = async |event: LambdaEvent<Value>| {
            let job = Job::read(&event.payload)?;
            let deadline = Deadline::new(services.timing.function, Some(event.context.deadline));
            let outcome = Box::pin(perform(Arc::clone(&services), job, deadline)).await?;
            tracing::info!(?job, ?outcome, "the driver is done");
            Ok::<_, host::Error>(outcome)
        };
        lambda_runtime::run(service_fn(handler)).await
    })
    .await
}
