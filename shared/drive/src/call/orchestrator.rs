//! The orchestrator's own call of a round.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use body::aside;
use catalog::Prompt;
use model::{AskError, AskedCall, ChatRequest, Message};
use run::{Arrived, Input, ModelId, Problem, ProposedCall, Reply, Run, ToolName, Verdict};
use serde_json::Map;

use super::asking::{self, Wanted};
use super::learned::Learned;
use super::{Asked, CallContext, MAX_REASONING_BYTES, bounded, millis};
use crate::prompt::{self, Conversation, Form};

/// Asks for a decision. A call that takes too long is an error like any other, unless the next driver can give it more time.
pub(crate) async fn ask_in_time(context: &CallContext, run: &Run) -> Input {
    let limit = context.limit;
    match tokio::time::timeout(limit, ask(context, run)).await {
        Ok(arrived) => context.arrived(arrived),
        Err(_) if context.may_be_left => Input::BrokenOff {
            call: context.call(),
            reason: "the function's time is over".to_owned(),
        },
        Err(_) => context.arrived(Arrived::Undecided(too_slow(context, limit))),
    }
}

async fn ask(context: &CallContext, run: &Run) -> Arrived {
    let id = &context.services.catalog.orchestrator.model;
    let Some(asked) = context.model(id) else {
        return Arrived::Undecided(not_configured(context, id));
    };
    let began = Instant::now();
    let prompt = |learned: &Learned| request(context, run, &asked, learned);
    match asking::ask(context, &asked, Wanted::Decision, prompt).await {
        Ok(message) => {
            let duration_ms = millis(began.elapsed());
            Arrived::Decided(reply(context, run, &asked, message, duration_ms).await)
        }
        // What tools have brought is answered from, whatever the orchestrator has left to say.
        Err(AskError::Empty) if run.has_results() => {
            let duration_ms = millis(began.elapsed());
            Arrived::Decided(reply(context, run, &asked, Message::default(), duration_ms).await)
        }
        Err(error) => Arrived::Undecided(asked.problem(&error)),
    }
}

fn request(context: &CallContext, run: &Run, asked: &Asked<'_>, learned: &Learned) -> ChatRequest {
    let catalog = &context.services.catalog;
    let tool_set = || context.services.tool_set(&run.start.request.preferences);
    let form = Form {
        context_tokens: learned.context_tokens(asked.model.context_tokens),
        tools_in_text: learned.tools_in_text,
    };
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

async fn reply(
    context: &CallContext,
    run: &Run,
    asked: &Asked<'_>,
    message: Message,
    duration_ms: u64,
) -> Reply {
    let mut calls = check(context, run, message.calls).await;
    calls.extend(message.cut_calls.iter().map(|name| cut_off(name)));
    Reply {
        model: asked.model.id.clone(),
        finish_reason: message.finish_reason,
        usage: message.usage,
        cost: asked.cost(message.usage),
        duration_ms,
        reasoning: message
            .reasoning
            .map(|text| bounded(text, MAX_REASONING_BYTES)),
        calls,
    }
}

/// The calls as they are made, or refused. Checking takes as long as what a model wrote is long.
async fn check(context: &CallContext, run: &Run, calls: Vec<AskedCall>) -> Vec<ProposedCall> {
    let services = Arc::clone(&context.services);
    let preferences = run.start.request.preferences.clone();
    let only_answer = run.in_last_round();
    let bytes = calls.iter().map(|call| call.arguments.len()).sum();
    let check = move || {
        let mut tool_set = services.tool_set(&preferences);
        if only_answer {
            tool_set = tool_set.only_ending();
        }
        let calls = calls.into_iter().map(|call| catalog::RequestedCall {
            tool: call.name,
            arguments: call.arguments,
        });
        calls.map(|call| tool_set.check(&call)).collect()
    };
    aside(bytes, check).await
}

/// A call in which the reply ended: it is not made, and the model is told why.
fn cut_off(name: &str) -> ProposedCall {
    ProposedCall {
        tool: ToolName::new(if name.is_empty() { "unknown" } else { name }),
        arguments: Map::new(),
        model: None,
        verdict: Verdict::Rejected {
            code: "invalid_arguments".to_owned(),
            message: "The reply ended inside this call, so it was not made. Write shorter arguments, or fewer calls in a round."
                .to_owned(),
        },
    }
}

fn too_slow(context: &CallContext, limit: Duration) -> Problem {
    let id = &context.services.catalog.orchestrator.model;
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
    let known = context.services.catalog.model(id);
    let variable = known.map_or("its variable", |model| &model.variables.url);
    Problem {
        code: "model_not_configured".to_owned(),
        message: format!("Model not configured: the orchestrator model `{id}` has no server."),
        remedy: format!("Set {variable} to the address of an OpenAI-compatible server."),
    }
}
