//! The text that one model writes: what a tool that is a model does, and a step of a discussion.

use catalog::Tool;
use model::ChatRequest;
use run::{Attempts, CallState, INVALID_ANSWER, ModelId, Outcome, Run};

use super::super::answer_check::invalid_answer;
use super::super::context::CallContext;
use super::super::endpoint::ModelEndpoint;
use super::super::failure::failed;
use super::super::ledger::Ledger;
use super::super::rendering::{in_form, room};
use super::super::route::{self, Answered, Failures};
use super::super::wanted::Wanted;
use crate::models::Capabilities;
use crate::prompt::AnswerForm;

/// Asks the model of a call, else one of the others. `prompt` makes the request within so many tokens of context, for a reply of so many;
/// `absent` is what is told where none of them has a server.
pub(super) async fn text(
    context: &CallContext,
    run: &Run,
    call: &CallState,
    others: Vec<ModelId>,
    ledger: &mut Ledger,
    absent: &str,
    prompt: &(dyn Fn(u32, u32) -> ChatRequest + Sync),
) -> Outcome {
    let Some(first) = &call.spec.model else {
        return failed("model_not_configured", absent, false);
    };
    let mut candidates = route::candidates(first, others, &call.attempts);
    let mut invalid = call.attempts.invalid_answer().cloned();
    loop {
        let form = AnswerForm::of(run, call, invalid.as_ref());
        let prompt = |endpoint: &ModelEndpoint<'_>, known: &Capabilities| {
            let (context_tokens, reply_tokens) = room(run, endpoint, known, form.as_ref());
            let prompt = prompt(context_tokens, reply_tokens);
            in_form(prompt, known, form.as_ref())
        };
        let asked = route::ask(context, &candidates, Wanted::Text, ledger, &prompt).await;
        let Answered { endpoint, message } = match asked {
            Ok(answered) => answered,
            Err(failures) => return unanswered(&failures, absent),
        };
        let wrong = match run.answer_schema(call) {
            Some(schema) => invalid_answer(schema, &message.content, message.is_cut()).await,
            None => None,
        };
        let Some(wrong) = wrong else {
            return Outcome::Text {
                model_name: endpoint.name().to_owned(),
                finish_reason: message.finish_reason,
            };
        };
        if invalid.is_some() {
            let message = format!(
                "What {} wrote does not fit the schema of the answer, also when it was asked once more: {}.",
                endpoint.name(),
                wrong.faults
            );
            return failed(INVALID_ANSWER, message, false);
        }
        let id = &endpoint.model.id;
        context.mend(&wrong, id, ledger).await;
        candidates = route::candidates(id, candidates, &Attempts::default());
        invalid = Some(wrong);
    }
}

fn unanswered(failures: &Failures<'_>, absent: &str) -> Outcome {
    match failures.problem() {
        Some(problem) => {
            let message = format!("{} {}", problem.message, problem.remedy);
            failed(problem.code, message, failures.is_retryable())
        }
        None => failed("model_not_configured", absent, false),
    }
}

/// Who is asked where the model of a call cannot answer: the tool's others as the caller prefers them, and those that the catalogue names.
pub(super) fn others(
    context: &CallContext,
    run: &Run,
    call: &CallState,
    tool: &Tool,
) -> Vec<ModelId> {
    let Some(first) = &call.spec.model else {
        return Vec::new();
    };
    let models = &context.services.models;
    context.catalog.alternatives(
        tool,
        first,
        &run.start.request.preferences,
        |id| models.servers.contains_key(id),
        |id| models.likely_takes_ms(&context.catalog, id),
    )
}
