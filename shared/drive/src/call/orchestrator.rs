//! The orchestrator's own call of a round.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use body::offload;
use catalog::{Catalog, Prompt, ToolSet};
use model::{AskedCall, ChatRequest, Message};
use run::{
    AskedBy, Attempts, CallEnd, CallSpec, MAX_CALLS_PER_ROUND, ModelId, Origin, Problem, Reply,
    Restart, Role, Run, Spent, ToolName,
};
use serde_json::Map;

use super::context::CallContext;
use super::endpoint::ModelEndpoint;
use super::failure::bounded;
use super::first_calls::first_calls;
use super::ledger::Ledger;
use super::route;
use super::wanted::Wanted;
use crate::inbox::Report;
use crate::models::Capabilities;
use crate::prompt::{self, Conversation, Form};
use crate::services::Services;

/// Longest reasoning of a decision that is kept, in bytes.
const MAX_REASONING_BYTES: usize = 48 * 1024;

/// Asks for a decision. A call that takes too long is an error like any other, unless the next driver can give it more time.
pub(crate) async fn ask_in_time(context: &CallContext, run: &Run) -> Report {
    let limit = context.limit;
    let mut ledger = Ledger::new();
    let decided = tokio::time::timeout(limit, ask(context, run, &mut ledger)).await;
    let ended = ledger.end_attempt();
    let problem = match decided {
        Ok(Ok(decided)) => return Report::Ended(CallEnd::Decided(decided.into_reply(ended.spent))),
        Ok(Err(problem)) => problem,
        Err(_) if context.may_be_left => {
            let restart = Restart {
                reason: "the function's time is over".to_owned(),
                model: ended.model.clone(),
                ended,
                reserves: None,
            };
            return Report::BrokenOff(restart);
        }
        Err(_) => {
            let first = &context.catalog.orchestrator.model;
            too_slow(ended.model.as_ref().unwrap_or(first), limit)
        }
    };
    Report::Ended(CallEnd::OrchestratorFailed {
        problem,
        attempt: ended,
    })
}

/// A decision, before it is known what its attempt took.
struct Decided {
    model: ModelId,
    message: Message,
    calls: Vec<CallSpec>,
    asked_by: AskedBy,
}

async fn ask(context: &CallContext, run: &Run, ledger: &mut Ledger) -> Result<Decided, Problem> {
    let orchestrator = &context.catalog.orchestrator;
    let id = &orchestrator.model;
    let none = Attempts::default();
    let attempts = run.current().map_or(&none, |round| &round.attempts);
    let candidates = route::candidates(id, orchestrator.fallback.iter().cloned(), attempts);
    let asked_by = Mutex::new(AskedBy::Native);
    let prompt = |endpoint: &ModelEndpoint<'_>, known: &Capabilities| {
        let by = known.asked_by(orchestrator.calls);
        *asked_by.lock().unwrap_or_else(PoisonError::into_inner) = by;
        request(context, run, endpoint, known)
    };
    let asked = route::ask(context, &candidates, Wanted::Decision, ledger, &prompt).await;
    let (model, mut message) = match asked {
        Ok(answered) => (answered.endpoint.model.id.clone(), answered.message),
        Err(failures) => match failures.said_nothing() {
            // Where tools have results, the last resort answers from them, whatever else the orchestrator would say.
            Some(model) if run.has_results() => (model.clone(), Message::default()),
            Some(_) | None => {
                let problem = failures.problem();
                return Err(problem.unwrap_or_else(|| not_configured(context, id)));
            }
        },
    };
    let asked_calls = std::mem::take(&mut message.calls);
    let mut calls = check(context, run, asked_calls).await;
    calls.extend(message.cut_calls.iter().map(|name| cut_off(name)));
    Ok(Decided {
        model,
        message,
        calls,
        asked_by: asked_by
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner),
    })
}

fn request(
    context: &CallContext,
    run: &Run,
    endpoint: &ModelEndpoint<'_>,
    known: &Capabilities,
) -> ChatRequest {
    let catalog = &context.catalog;
    let tool_set = || tool_set(&context.services, catalog, run);
    let asked_by = known.asked_by(catalog.orchestrator.calls);
    let form = form(endpoint, known, asked_by);
    match catalog.orchestrator.prompt {
        Prompt::Chat => {
            let conversation = context.conversation.lock();
            let mut conversation = conversation.unwrap_or_else(PoisonError::into_inner);
            conversation.take_if(|conversation| conversation.form() != form);
            conversation
                .get_or_insert_with(|| Conversation::new(run, &tool_set(), form))
                .request(run)
        }
        Prompt::Toolorchestra => prompt::toolorchestra(run, &tool_set(), form),
    }
}

/// The tools that a run is offered, in the words that it has kept of its models.
pub(super) fn tool_set<'a>(services: &Services, catalog: &'a Catalog, run: &'a Run) -> ToolSet<'a> {
    let tool_set = services.tool_set(catalog, &run.start.request.preferences);
    tool_set.telling(&run.start.told)
}

/// The form of a request to this model whose calls are asked for so.
pub(super) fn form(endpoint: &ModelEndpoint<'_>, known: &Capabilities, calls: AskedBy) -> Form {
    Form {
        context_tokens: known.context_tokens(endpoint.model.context_tokens),
        calls,
        thinks_first: endpoint.server.thinks_first,
    }
}

impl Decided {
    fn into_reply(self, spent: Spent) -> Reply {
        let reasoning = self.message.reasoning;
        Reply {
            model: self.model,
            finish_reason: self.message.finish_reason,
            asked_by: self.asked_by,
            spent,
            reasoning: reasoning.map(|text| bounded(text, MAX_REASONING_BYTES)),
            calls: self.calls,
        }
    }
}

/// The calls as they are made, or refused. Checking takes as long as what a model wrote is long.
async fn check(context: &CallContext, run: &Run, calls: Vec<AskedCall>) -> Vec<CallSpec> {
    let services = Arc::clone(&context.services);
    let catalog = Arc::clone(&context.catalog);
    let preferences = run.start.request.preferences.clone();
    let only_answer = run.in_last_round();
    let bytes = calls.iter().map(|call| call.arguments.len()).sum();
    let check = move || {
        let mut tool_set = services.tool_set(&catalog, &preferences);
        if only_answer {
            tool_set = tool_set.only_ending();
        }
        let calls = calls.into_iter().map(|call| catalog::RequestedCall {
            tool: call.name,
            arguments: call.arguments,
        });
        let calls = calls.map(|call| tool_set.check(&call)).collect();
        match catalog.orchestrator.tools_a_round {
            // The loop itself keeps that.
            MAX_CALLS_PER_ROUND => calls,
            most => first_calls(calls, most),
        }
    };
    offload(bytes, check).await
}

/// A call in which the reply ended: it is not made, and the model is told why.
fn cut_off(name: &str) -> CallSpec {
    CallSpec {
        tool: ToolName::new(if name.is_empty() { "unknown" } else { name }),
        arguments: Map::new(),
        model: None,
        role: Role::Rejected {
            code: "invalid_arguments".to_owned(),
            message: "The reply ended inside this call, so it was not made. Write shorter arguments, or fewer calls in a round."
                .to_owned(),
        },
        repeatable: true,
        origin: Origin::Model,
        sources: None,
        composition: None,
    }
}

fn too_slow(id: &ModelId, limit: Duration) -> Problem {
    Problem {
        code: "model_timeout".to_owned(),
        message: format!(
            "The orchestrator model `{id}` did not decide within {:.1} s.",
            limit.as_secs_f64()
        ),
        remedy: "Use a faster server for it, or give the function more time.".to_owned(),
    }
}

fn not_configured(context: &CallContext, id: &ModelId) -> Problem {
    let known = context.catalog.model(id);
    let variable = known.map_or("its variable", |model| &model.variables.url);
    Problem {
        code: "model_not_configured".to_owned(),
        message: format!("Model not configured: the orchestrator model `{id}` has no server."),
        remedy: format!("Set {variable} to the address of an OpenAI-compatible server."),
    }
}
