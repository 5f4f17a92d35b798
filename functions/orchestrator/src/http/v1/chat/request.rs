//! The body of a chat completion. Fields that are not known are passed over: clients send many, and let people add others. Those that
//! would change the answer and cannot be honoured are refused.

use axum::http::HeaderMap;
use drive::LoneQuestion;
use run::{EarlierTurn, Preferences, Priority, Request};
use serde_json::{Map, Value};

use super::super::super::ApiError;
use super::super::super::answer_schema;
use super::super::super::fields::Fields;
use super::super::super::start_request::{
    DEFAULT_ROUNDS, DEFAULT_TEMPERATURE, MAX_COST, MAX_COST_USD, MAX_ROUNDS, MAX_TOKENS,
};
use super::super::messages::Conversation;
use super::super::models::Model;
use super::form::{Form, tokens};
use super::read_messages;
use super::task;

/// The field that says how the answer is to be written.
pub(super) const FORMAT: &str = "response_format";
/// Most tokens of an answer where the client does not say: as many as a long answer has.
pub(in super::super) const DEFAULT_TOKENS: u64 = 4096;

/// What is asked, and how it is to be answered.
pub(super) struct ChatRequest {
    pub(super) asked: Asked,
    pub(super) form: Form,
}

pub(super) enum Asked {
    Run {
        request: Box<Request>,
        turns: Vec<EarlierTurn>,
    },
    /// No run: one call of a model.
    Task(LoneQuestion),
}

pub(super) fn parse(
    mut body: Map<String, Value>,
    headers: &HeaderMap,
) -> Result<ChatRequest, ApiError> {
    // Some clients send every field that they know.
    body.retain(|_, value| !value.is_null());
    refuse_unhonoured(&body)?;
    let mut fields = Fields::new("", body);
    let Some(Value::String(model)) = fields.take("model") else {
        return Err(ApiError::invalid_field("model", "model is required"));
    };
    let of_name = Model::named(&model)?;
    let is_streamed = fields.flag("stream")?.unwrap_or_default();
    let includes_usage = match fields.object("stream_options")? {
        Some(mut options) => options.flag("include_usage")?.unwrap_or_default(),
        None => false,
    };
    let max_tokens = max_tokens(&mut fields)?;
    let temperature = fields.temperature("temperature", DEFAULT_TEMPERATURE)?;
    let answer_schema = match fields.object(FORMAT)? {
        Some(format) => answer_schema::of_format(FORMAT, format.into_values())?,
        None => None,
    };
    let messages = read_messages::read(&fields.take("messages").unwrap_or_default())?;
    let priority = match of_name {
        Model::Orchestrator(priority) => {
            let wish = task::Wish {
                messages: &messages,
                is_streamed,
                max_tokens,
            };
            (!task::is_task(headers, &wish)).then_some(priority)
        }
        Model::Task => None,
    };
    let asked = match priority {
        None => Asked::Task(task::question(
            &messages,
            temperature,
            max_tokens,
            answer_schema,
        )),
        Some(priority) => {
            let Conversation {
                question,
                turns,
                instructions,
            } = Conversation::of(read_messages::FIELD, &messages, None)?;
            let request = Box::new(Request {
                query: question,
                max_rounds: fields.whole("max_rounds", MAX_ROUNDS, DEFAULT_ROUNDS)?,
                temperature,
                max_tokens: tokens(max_tokens.unwrap_or(DEFAULT_TOKENS), MAX_TOKENS),
                preferences: preferences(&mut fields, priority, instructions)?,
                previous_run_id: None,
                answer_schema,
                echo: None,
            });
            Asked::Run { request, turns }
        }
    };
    Ok(ChatRequest {
        asked,
        form: Form {
            model,
            is_streamed,
            includes_usage,
        },
    })
}

pub(in super::super) fn preferences(
    fields: &mut Fields,
    priority: Priority,
    instructions: Option<String>,
) -> Result<Preferences, ApiError> {
    Ok(Preferences {
        priority,
        instructions,
        max_cost: fields.dollars(MAX_COST, MAX_COST_USD)?,
        ..Preferences::default()
    })
}

/// By its newer name or by the older one. Some clients write whole numbers as floats, and -1 where they set no bound.
fn max_tokens(fields: &mut Fields) -> Result<Option<u64>, ApiError> {
    let mut most = None;
    for name in ["max_tokens", "max_completion_tokens"] {
        let Some(value) = fields.take(name) else {
            continue;
        };
        match whole(&value) {
            Some(-1) => {}
            Some(number @ 1..) => most = Some(u64::try_from(number).unwrap_or(u64::MAX)),
            Some(_) | None => {
                let message = format!("{name} must be a whole number above 0");
                return Err(ApiError::invalid_field(name, message));
            }
        }
    }
    Ok(most)
}

/// A whole number, also one that is written as a float.
pub(in super::super) fn whole(value: &Value) -> Option<i128> {
    let number = value.as_f64().filter(|number| number.fract() == 0.0)?;
    format!("{number:.0}").parse().ok()
}

/// Refuses what would change the answer and cannot be had.
fn refuse_unhonoured(body: &Map<String, Value>) -> Result<(), ApiError> {
    let refused = body.iter().find_map(|(name, value)| {
        let problem = unhonoured(name, value)?;
        Some(ApiError::invalid_field(
            &**name,
            format!("{name} {problem}"),
        ))
    });
    refused.map_or(Ok(()), Err)
}

fn unhonoured(name: &str, value: &Value) -> Option<&'static str> {
    let is_empty = match value {
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.is_empty(),
        Value::String(text) => text.is_empty(),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    };
    match name {
        "n" if whole(value) != Some(1) => Some("must be 1: a run has one answer"),
        "logprobs" if value.as_bool() != Some(false) => {
            Some("must be false: there are no probabilities of a run's answer")
        }
        "top_logprobs" if whole(value) != Some(0) => {
            Some("cannot be given: there are no probabilities of a run's answer")
        }
        "logit_bias" if !is_empty => Some("cannot be honoured: several models answer"),
        "stop" if !is_empty => Some("cannot be honoured: an answer ends where its model ends it"),
        "audio" if !is_empty => Some("cannot be honoured: this service writes text"),
        "modalities"
            if value
                .as_array()
                .is_none_or(|all| all.iter().any(|it| it != "text")) =>
        {
            Some("must be [\"text\"]: this service writes text")
        }
        "tool_choice" if !is_free_choice(value) => Some(
            "must be auto or none: this service calls its own tools, and leaves those of a request alone",
        ),
        "function_call" if !is_free_choice(value) => {
            Some("must be auto or none: this service calls its own tools")
        }
        _ => None,
    }
}

/// Whether no call of a tool is demanded.
pub(in super::super) fn is_free_choice(choice: &Value) -> bool {
    let mode = match choice.get("type").and_then(Value::as_str) {
        Some("allowed_tools") => choice
            .pointer("/allowed_tools/mode")
            .or_else(|| choice.get("mode")),
        Some(_) => None,
        None => Some(choice),
    };
    matches!(mode.and_then(Value::as_str), Some("auto" | "none"))
}

#[cfg(test)]
mod tests;
