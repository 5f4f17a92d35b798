//! Wakes the function that goes on with a suspended run.

use aws_sdk_lambda::error::DisplayErrorContext;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use run::RunId;
use serde_json::json;

use crate::services::Services;

/// Invokes the driver function without waiting for it. Where that fails, a watcher or the sweeper goes on with the run.
pub(crate) async fn wake_driver(services: &Services, run_id: RunId) {
    let Some(function) = &services.driver_function else {
        return;
    };
    let payload = json!({"continue": run_id}).to_string();
    let invoked = services
        .lambda
        .invoke()
        .function_name(function)
        .invocation_type(InvocationType::Event)
        .payload(Blob::new(payload))
        .send()
        .await;
    if let Err(error) = invoked {
        tracing::warn!(%run_id, function, error = %DisplayErrorContext(error), "the driver could not be woken");
    }
}
