//! Requests that a chat page makes for itself: a title, tags, questions to go on with. A run for each would cost more than the
//! conversation. Each is answered by one call of the cheapest model.
//!
//! They are known by a header, or by how they are made: by wording alone a person's question could be taken for one. Open WebUI puts
//! documents into questions by a text that begins like those of its tasks, and is none.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use drive::{LoneQuestion, LoneReply, Services, ask_cheapest, begin_task, now_ms};
use run::{Allowance, AnswerSchema, Owner, Usage};
use serde_json::json;
use ulid::Ulid;

use super::super::super::{ApiError, App, Caller, limits};
use super::super::messages::{Message, Role};
use super::form::{Form, tokens};
use crate::sse::{self, FinishReason};

/// What an operator of a chat page sets to the task's name; in Open WebUI `{{TASK}}`.
const HEADER: &str = "x-task";
/// Most tokens of a reply, and as many as a title's request of a chat page allows at most.
const MOST_TOKENS: u64 = 2048;
const FEW_TOKENS: u64 = 64;
/// CloudFront waits a minute for the first byte.
const LIMIT: Duration = Duration::from_secs(50);

/// How Open WebUI's tasks are made.
const TASK: &str = "### Task:";
const HISTORY: [&str; 2] = ["<chat_history>", "</chat_history>"];
/// How those of LibreChat and Continue begin.
const TITLES: [&str; 3] = [
    "Provide a concise, 5-word-or-less title for the conversation",
    "Analyze this conversation and provide:\n1. The detected language",
    "Given the following... please reply with a title for the chat",
];

/// What tells a task from a question.
pub(super) struct Wish<'a> {
    pub(super) messages: &'a [Message],
    pub(super) is_streamed: bool,
    pub(super) max_tokens: Option<u64>,
}

pub(super) fn is_task(headers: &HeaderMap, wish: &Wish<'_>) -> bool {
    if headers.get(HEADER).is_some_and(names_task) {
        return true;
    }
    let [message] = wish.messages else {
        return false;
    };
    let text = message.text.trim();
    let [begin, end] = HISTORY;
    let is_short = wish.max_tokens.is_some_and(|most| most <= FEW_TOKENS);
    let of_open_webui = text.starts_with(TASK) && text.contains(begin) && text.ends_with(end);
    let of_others = TITLES.iter().any(|title| text.starts_with(title));
    !wish.is_streamed && (of_open_webui || of_others) || is_short && of_others
}

/// A template that nobody has filled in names none.
fn names_task(name: &HeaderValue) -> bool {
    let name = name.as_bytes().trim_ascii();
    !name.is_empty() && !name.starts_with(b"{{")
}

/// The question as it goes to the model: roles and texts.
pub(super) fn question(
    messages: &[Message],
    temperature: f64,
    max_tokens: Option<u64>,
    answer_schema: Option<Box<AnswerSchema>>,
) -> LoneQuestion {
    let messages = messages.iter().filter_map(|message| {
        let role = match message.role {
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
            Role::Tool => return None,
        };
        let text = message.told();
        (!text.trim().is_empty()).then(|| json!({"role": role, "content": text}))
    });
    LoneQuestion {
        messages: messages.collect(),
        temperature,
        max_tokens: tokens(max_tokens.unwrap_or(MOST_TOKENS), MOST_TOKENS),
        answer_schema: answer_schema.map(Arc::from),
        limit: LIMIT,
    }
}

pub(super) async fn answer(
    app: &App,
    caller: &Caller,
    question: LoneQuestion,
    form: &Form,
) -> Result<Response, ApiError> {
    let begun_at_ms = now_ms();
    let begun = begin_task(&app.services, &caller.accounts, &question).await?;
    let allowances = begun.map_err(limits::refusal)?;
    let of_whom = (caller.owner.clone(), allowances, begun_at_ms);
    // A client that goes away changes nothing of what was asked, and so of what is counted.
    let asked = tokio::spawn(ask(Arc::clone(&app.services), of_whom, question));
    let reply = asked.await.map_err(|error| {
        tracing::error!(%error, "a task broke off");
        ApiError::no_room()
    })?;
    let usage = reply
        .by_model
        .values()
        .fold(Usage::default(), |mut sum, tally| {
            sum += tally.usage;
            sum
        });
    let id = format!("task-{}", Ulid::generate());
    let request_id = HeaderValue::from_str(&id);
    let mut response = match &reply.text {
        Ok(text) => {
            let end = if text.finish_reason == "length" {
                FinishReason::Length
            } else {
                FinishReason::Stop
            };
            let head = form.head(id, now_ms());
            sse::respond_at_once(head, form.is_streamed, &text.content, end, usage)
        }
        Err(problem) => (StatusCode::BAD_GATEWAY, Json(sse::failure(problem))).into_response(),
    };
    if let Ok(id) = request_id {
        response
            .headers_mut()
            .insert(HeaderName::from_static("x-request-id"), id);
    }
    Ok(response)
}

/// Asks, and counts what that took.
async fn ask(
    services: Arc<Services>,
    (owner, allowances, begun_at_ms): (Owner, Vec<Allowance>, u64),
    question: LoneQuestion,
) -> LoneReply {
    let reply = ask_cheapest(&services, &question).await;
    let of_whom = (&owner, &*allowances);
    let counted = services
        .store
        .count_task(of_whom, &reply.by_model, begun_at_ms);
    if let Err(error) = counted.await {
        tracing::warn!(%error, "a task could not be counted");
    }
    reply
}

#[cfg(test)]
mod tests;
