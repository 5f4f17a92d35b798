//! A tool of a server that lists its tools: the call, and what its answer comes to.

use std::time::Duration;

use catalog::{McpTarget, Tool};
use mcp::{Answer, Answered, Limits, Problem};
use run::{CallSpec, Outcome, Run};
use serde_json::{Map, Value};
use tool::Response;

use super::super::context::CallContext;
use super::super::contract;
use super::super::failure::{failed, lost};
use super::super::ledger::Ledger;
use super::secrets::Secrets;

/// How long a tool that only its server describes may be silent: progress is a word. Others may be as long as they may take.
const SILENCE: Duration = Duration::from_mins(1);
/// Where a note stands in a result.
const NOTE: &str = "note";

pub(super) async fn call(
    context: &CallContext,
    run: &Run,
    call: &CallSpec,
    tool: &Tool,
    target: &McpTarget,
    ledger: &mut Ledger,
) -> Outcome {
    let server = match context.services.tools.mcp_server(&target.server) {
        Ok(server) => server,
        Err(problem) => {
            let message = format!("The tool {} is not set up here. {problem}", tool.name);
            return failed("tool_not_configured", message, false);
        }
    };
    ledger.meter(tool.prices);
    let whole = context.limit;
    let silence = if tool.is_described_by_server {
        SILENCE.min(whole)
    } else {
        whole
    };
    let limits = Limits { silence, whole };
    let arguments = call.arguments.clone();
    let answered = server.call(&target.tool, arguments, call.repeatable, limits);
    let secrets = Secrets::of(server.headers(), server.url());
    let outcome = match answered.await {
        Ok(Answered::Done(answer)) => return settle(context, run, tool, answer, &secrets).await,
        Ok(Answered::Failed { code, message }) => failed(code, message, false),
        Err(problem) => unanswered(call, tool, target, &problem),
    };
    secrets.taken_out_of_outcome(outcome)
}

/// What an answer comes to. One that is not of the form that its server names is kept, with a note.
async fn settle(
    context: &CallContext,
    run: &Run,
    tool: &Tool,
    answer: Answer,
    secrets: &Secrets,
) -> Outcome {
    let Answer {
        mut result,
        structured,
        files,
    } = answer;
    let note = structured
        .as_ref()
        .and_then(|it| tool.problem_of_result(it));
    if let Some(note) = note {
        result = noted(result, structured, note);
    }
    let bytes = files.iter().map(|file| file.data.len()).sum();
    let response = secrets.taken_out_of_response(Response::Ok {
        result,
        artifacts: files,
    });
    contract::settle(context, run, tool, response, bytes).await
}

/// A result with a note beside what it holds already.
fn noted(
    mut result: Map<String, Value>,
    structured: Option<Value>,
    note: String,
) -> Map<String, Value> {
    let is_whole = structured.as_ref().and_then(Value::as_object) == Some(&result);
    if is_whole && result.contains_key(NOTE) {
        result = Map::from_iter([("structured".to_owned(), Value::Object(result))]);
    }
    let said = result.get(NOTE).and_then(Value::as_str);
    let said = said.map_or_else(|| note.clone(), |said| format!("{said} {note}"));
    result.insert(NOTE.to_owned(), Value::String(said));
    result
}

fn unanswered(call: &CallSpec, tool: &Tool, target: &McpTarget, problem: &Problem) -> Outcome {
    let message = format!(
        "The server `{}` of the tool {} gave no answer. {problem}.",
        target.server, tool.name
    );
    let code = problem.code();
    tracing::warn!(
        server = target.server,
        code,
        "a tool of a server gave no answer"
    );
    if problem.may_be_done() && !call.repeatable {
        return lost(call, problem.code(), message);
    }
    failed(problem.code(), message, problem.is_passing())
}
