//! The contract of tool functions, whatever carries it to them: the request with the files of earlier calls, the response with
//! files of its own, within the tool's bound.

use std::fmt::Display;

use body::offload;
use catalog::Tool;
use run::{CallSpec, Outcome, Run};
use store::StoreError;
use tool::{Request, Response};

use super::artifacts;
use super::context::CallContext;
use super::failure::failed;
use super::truncate::{self, TooLarge};
use crate::clock::{millis, now_ms};

/// The request of a call as JSON; the end of the call where there can be none.
pub(super) async fn request(
    context: &CallContext,
    run: &Run,
    call: &CallSpec,
) -> Result<Vec<u8>, Outcome> {
    let files = artifacts::made_before(context, run, call).await;
    let files = files.map_err(|error| without_files(&error))?;
    let call_id = context.call_id;
    let request = Request {
        call_id,
        idempotency_key: idempotency_key(context, run),
        tool: call.tool.clone(),
        arguments: call.arguments.clone(),
        deadline_ms: now_ms().saturating_add(millis(context.limit)),
        run_id: run.start.run_id,
        round: call_id.round(),
        files,
    };
    serde_json::to_vec(&request).map_err(|error| failed("internal", error.to_string(), false))
}

/// The same for every attempt at one call. The one call that a chain makes is named by the chain's place.
pub(super) fn idempotency_key(context: &CallContext, run: &Run) -> String {
    let call = context.call_id;
    let within = run.call(call).and_then(|call| call.spec.origin.within());
    let (run_id, round) = (run.start.run_id, call.round());
    match within {
        None => format!("{run_id}/{round}/{}", call.index()),
        Some(whole) => format!("{run_id}/{round}/{}/1", whole.index()),
    }
}

/// Reads a response, and what it comes to.
pub(super) async fn read(
    context: &CallContext,
    run: &Run,
    tool: &Tool,
    response: Vec<u8>,
) -> Outcome {
    let bytes = response.len();
    match offload(bytes, move || serde_json::from_slice(&response)).await {
        Ok(response) => settle(context, run, tool, response, bytes).await,
        Err(error) => outside(tool, &error),
    }
}

/// What a response of so many bytes comes to. Its files are stored before its result is.
pub(super) async fn settle(
    context: &CallContext,
    run: &Run,
    tool: &Tool,
    response: Response,
    bytes: usize,
) -> Outcome {
    let (result, files) = match response {
        Response::Ok { result, artifacts } => (result, artifacts),
        Response::Failed(failure) => {
            return failed(failure.code, failure.message, failure.retryable);
        }
    };
    let listed = artifacts::keep(context, run.start.run_id, files).await;
    let most = tool.max_result_bytes;
    match offload(bytes, move || truncate::fit_with(result, listed, most)).await {
        Ok(result) => Outcome::Object(result),
        Err(TooLarge { bytes }) => too_large(tool, bytes),
    }
}

/// An answer that is no response.
pub(super) fn outside(tool: &Tool, fault: &impl Display) -> Outcome {
    let message = format!(
        "The tool {} answered outside its contract: {fault}.",
        tool.name
    );
    failed("bad_response", message, false)
}

/// A program that does not find its own files would go wrong, so the call fails; it can be made again.
fn without_files(error: &StoreError) -> Outcome {
    tracing::error!(%error, "the files of earlier calls cannot be read");
    let message = "The files of earlier calls could not be read just now; nothing was run.";
    failed("files_unavailable", message, true)
}

fn too_large(tool: &Tool, bytes: usize) -> Outcome {
    Outcome::Failed {
        code: "result_too_large".to_owned(),
        message: format!(
            "The tool {} returned {bytes} bytes; {} are allowed. Ask it for less.",
            tool.name, tool.max_result_bytes
        ),
        retryable: false,
    }
}
