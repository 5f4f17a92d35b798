//! The body of a request for a response. Fields that are not known are passed over, as clients send many; those that would change the
//! answer and cannot be honoured are refused.

use run::{AnswerSchema, EarlierTurn, Request};
use serde_json::{Map, Value};

use super::super::super::ApiError;
use super::super::super::address::response_run;
use super::super::super::answer_schema;
use super::super::super::fields::Fields;
use super::super::super::start_request::{
    DEFAULT_ROUNDS, DEFAULT_TEMPERATURE, MAX_ROUNDS, MAX_TOKENS,
};
use super::super::asking::Given;
use super::super::chat::form::tokens;
use super::super::chat::request::{DEFAULT_TOKENS, is_free_choice, preferences, whole};
use super::super::messages::{Conversation, wrong};
use super::super::models::Model;
use super::{echo, input};
use crate::sse::INSTRUCTIONS;

/// The field that says how the answer is to be written.
pub(super) const FORMAT: &str = "text.format";
pub(super) const PREVIOUS: &str = "previous_response_id";

/// What is asked, and how it is to be answered.
pub(super) struct Wanted {
    pub(super) request: Box<Request>,
    /// Those that came with the request, oldest first.
    pub(super) turns: Vec<EarlierTurn>,
    pub(super) given: Given,
}

pub(super) fn parse(mut body: Map<String, Value>) -> Result<Wanted, ApiError> {
    // Some clients send every field that they know.
    body.retain(|_, value| !value.is_null());
    refuse_unhonoured(&body)?;
    let mut echo = echo::of(&body)?;
    let mut fields = Fields::new("", body);
    let Some(Value::String(model)) = fields.take("model") else {
        return Err(wrong("model", "is required"));
    };
    let Model::Orchestrator(priority) = Model::named(&model)? else {
        let problem = "cannot be a task's here: ask /v1/chat/completions for it";
        return Err(wrong("model", problem));
    };
    let given = given(&mut fields)?;
    let instructions = match fields.take("instructions") {
        None => None,
        Some(Value::String(text)) => Some(text).filter(|text| !text.trim().is_empty()),
        Some(_) => return Err(wrong("instructions", "must be a text")),
    };
    let chars = instructions
        .as_deref()
        .map_or(0, |text| text.chars().count());
    let messages = input::read(&fields.take(input::FIELD).unwrap_or_default())?;
    let Conversation {
        question,
        turns,
        instructions,
    } = Conversation::of(input::FIELD, &messages, instructions)?;
    echo.insert(INSTRUCTIONS.to_owned(), chars.into());
    echo.insert(crate::sse::TURNS.to_owned(), turns.len().into());
    let request = Box::new(Request {
        query: question,
        max_rounds: fields.whole("max_rounds", MAX_ROUNDS, DEFAULT_ROUNDS)?,
        temperature: fields.temperature("temperature", DEFAULT_TEMPERATURE)?,
        max_tokens: tokens(
            max_tokens(&mut fields)?.unwrap_or(DEFAULT_TOKENS),
            MAX_TOKENS,
        ),
        preferences: preferences(&mut fields, priority, instructions)?,
        previous_run_id: previous(&mut fields)?,
        answer_schema: answer_schema(&mut fields)?,
        echo: Some(Box::new(echo)),
    });
    Ok(Wanted {
        request,
        turns,
        given,
    })
}

/// What the answer has to fit, where it is not text.
fn answer_schema(fields: &mut Fields) -> Result<Option<Box<AnswerSchema>>, ApiError> {
    let Some(mut text) = fields.object("text")? else {
        return Ok(None);
    };
    match text.take("format") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(format)) => answer_schema::of_format(FORMAT, format),
        Some(_) => Err(wrong(FORMAT, "must be an object")),
    }
}

fn given(fields: &mut Fields) -> Result<Given, ApiError> {
    let mut is_set = |name: &str| fields.flag(name).map(Option::unwrap_or_default);
    let (is_streamed, is_background) = (is_set("stream")?, is_set("background")?);
    if is_background && fields.flag("store")? == Some(false) {
        let problem = "needs a response that is stored: leave store out, or background";
        return Err(wrong("background", problem));
    }
    Ok(match (is_streamed, is_background) {
        (true, _) => Given::Streamed,
        (false, true) => Given::AtOnce,
        (false, false) => Given::Whole,
    })
}

fn max_tokens(fields: &mut Fields) -> Result<Option<u64>, ApiError> {
    const NAME: &str = "max_output_tokens";
    let Some(value) = fields.take(NAME) else {
        return Ok(None);
    };
    match whole(&value) {
        // Some clients write so that they set no bound.
        Some(-1) => Ok(None),
        Some(most @ 1..) => Ok(Some(u64::try_from(most).unwrap_or(u64::MAX))),
        Some(_) | None => Err(wrong(NAME, "must be a whole number above 0")),
    }
}

/// The run of the response that this one follows. A malformed id is that of a response that does not exist.
fn previous(fields: &mut Fields) -> Result<Option<run::RunId>, ApiError> {
    match fields.take(PREVIOUS) {
        None => Ok(None),
        Some(Value::String(id)) if id.is_empty() => Ok(None),
        Some(Value::String(id)) => match response_run(&id) {
            Some(run_id) => Ok(Some(run_id)),
            None => Err(ApiError::no_such_run().about(PREVIOUS)),
        },
        Some(_) => Err(wrong(PREVIOUS, "must be the id of a response")),
    }
}

/// Refuses what would change the answer and cannot be had.
fn refuse_unhonoured(body: &Map<String, Value>) -> Result<(), ApiError> {
    for (name, value) in body {
        if let Some((path, problem)) = unhonoured(name, value) {
            return Err(wrong(path, problem));
        }
    }
    Ok(())
}

fn unhonoured(name: &str, value: &Value) -> Option<(&'static str, &'static str)> {
    match name {
        "top_logprobs" if whole(value) != Some(0) => Some((
            "top_logprobs",
            "cannot be given: there are no probabilities of a run's answer",
        )),
        "tool_choice" if !is_free_choice(value) => Some((
            "tool_choice",
            "must be auto or none: this service calls its own tools, and leaves those of a request alone",
        )),
        "max_tool_calls" => Some((
            "max_tool_calls",
            "cannot be honoured: max_rounds and max_cost_usd bound a run",
        )),
        "conversation" => Some((
            "conversation",
            "cannot be honoured: give previous_response_id, or the messages",
        )),
        "prompt" => Some((
            "prompt",
            "cannot be honoured: this service keeps no prompts; give instructions and input",
        )),
        _ => None,
    }
}
