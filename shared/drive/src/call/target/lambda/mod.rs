//! A tool that is a Lambda function: the invocation, and what its failures mean.

mod once;

use std::error::Error;

use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::error::{DisplayErrorContext, SdkError};
use aws_sdk_lambda::operation::invoke::{InvokeError, InvokeOutput};
use aws_sdk_lambda::primitives::Blob;
use body::{BodyError, offload};
use catalog::{LambdaTarget, Tenant, Tool};
use run::{CallSpec, Outcome, Run};
use serde_json::Value;

use super::super::context::CallContext;
use super::super::contract;
use super::super::failure::{failed, lost};
use super::super::ledger::Ledger;
use once::UnlessRefused;

/// Attempts at a call; the SDK's own default.
const ATTEMPTS: u32 = 3;

pub(super) async fn invoke(
    context: &CallContext,
    run: &Run,
    call: &CallSpec,
    tool: &Tool,
    target: &LambdaTarget,
    ledger: &mut Ledger,
) -> Outcome {
    let function = &*target.function;
    let payload = match contract::request(context, run, call).await {
        Ok(payload) => Blob::new(payload),
        Err(outcome) => return outcome,
    };
    ledger.meter(tool.prices);
    let services = &context.services;
    let named = target.endpoint.as_ref();
    let invoker = named.and_then(|endpoint| services.tools.invoker(endpoint));
    let invocation = invoker
        .unwrap_or(&services.lambda)
        .invoke()
        .function_name(function)
        .set_tenant_id(tenant(target, run))
        .payload(payload);
    let mut config = aws_sdk_lambda::Config::builder()
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS));
    if !call.repeatable {
        config = config.retry_classifier(UnlessRefused);
    }
    match invocation.customize().config_override(config).send().await {
        Ok(output) => read(context, run, output, call, tool).await,
        Err(error) => refused(function, call, &error),
    }
}

fn tenant(target: &LambdaTarget, run: &Run) -> Option<String> {
    match target.tenant? {
        Tenant::Owner => Some(run.start.owner.to_string()),
    }
}

/// What Lambda says of a function that ended with an error.
fn error_message(payload: &[u8]) -> Option<String> {
    let said = serde_json::from_slice::<Value>(payload).ok()?;
    Some(said.get("errorMessage")?.as_str()?.to_owned())
}

async fn read(
    context: &CallContext,
    run: &Run,
    output: InvokeOutput,
    call: &CallSpec,
    tool: &Tool,
) -> Outcome {
    let payload = output.payload.map(Blob::into_inner).unwrap_or_default();
    let Some(kind) = output.function_error else {
        return contract::read(context, run, tool, payload).await;
    };
    let message = offload(payload.len(), move || error_message(&payload)).await;
    let message = format!(
        "The function of the tool {} failed ({kind}): {}.",
        tool.name,
        message.as_deref().unwrap_or("it gave no reason")
    );
    failed("function_error", message, call.repeatable)
}

/// The model is told what it can act on; the operator's log has the causes.
fn refused(function: &str, call: &CallSpec, error: &SdkError<InvokeError>) -> Outcome {
    tracing::warn!(function, error = %DisplayErrorContext(error), "a tool function could not be invoked");
    if let Some(error) = too_long(error) {
        // It has run; the next time it may do so for as much again.
        let message =
            format!("The function `{function}` answered with too much: {error}. Ask it for less.");
        return failed("result_too_large", message, false);
    }
    // An emulator's 404 does not carry the name that AWS gives the error.
    let status = error
        .raw_response()
        .map(|response| response.status().as_u16());
    match error.as_service_error() {
        Some(_) if status == Some(404) => failed(
            "tool_not_deployed",
            format!("The function `{function}` is not deployed."),
            false,
        ),
        Some(InvokeError::TooManyRequestsException(_)) => failed(
            "tool_busy",
            format!("The function `{function}` has no room for another call now."),
            true,
        ),
        Some(service) => failed(
            "function_error",
            format!("The function `{function}` could not be invoked: {service}."),
            call.repeatable,
        ),
        None => lost(
            call,
            "tool_unreachable",
            format!("The function `{function}` could not be reached."),
        ),
    }
}

/// Where the response of a function is too long, the words for that.
fn too_long<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a BodyError> {
    let mut next = Some(error);
    while let Some(error) = next {
        match error.downcast_ref() {
            Some(found @ BodyError::TooLong { .. }) => return Some(found),
            Some(BodyError::Late { .. } | BodyError::Broken(_)) | None => next = error.source(),
        }
    }
    None
}
