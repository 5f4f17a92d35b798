//! Wakes the function that goes on with a suspended run.

use std::time::Duration;

use aws_sdk_lambda::error::DisplayErrorContext;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use run::RunId;
use serde_json::json;
use tokio::time::timeout;

use crate::services::Services;

/// Lambda answers an asynchronous invocation at once; an emulator may answer when it is done.
const WAKE_WITHIN: Duration = Duration::from_secs(3);

/// Invokes the driver function without waiting for it. Where that fails, a watcher or the sweeper goes on with the run.
pub async fn wake_driver(services: &Services, run_id: RunId) {
    let Some(function) = &services.driver_function else {
        return;
    };
    let payload = json!({"continue": run_id}).to_string();
    let invocation = services
        .lambda
        .invoke()
        .function_name(function)
        .invocation_type(InvocationType::Event)
        .payload(Blob::new(payload))
        .send();
    match timeout(WAKE_WITHIN, invocation).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => {
            let error = DisplayErrorContext(error);
            tracing::warn!(function, %error, "the driver could not be woken");
        }
        Err(_) => tracing::warn!(function, "the driver was not seen to wake in time"),
    }
}
