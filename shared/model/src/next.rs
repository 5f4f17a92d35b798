//! What may help after a failed question, from status, code and text: servers agree on none of the three.

use std::time::Duration;

use crate::restriction::{RefusalCause, Restriction, cause};
use crate::wire_error::WireError;

/// What to do about a failed question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// The same again, not sooner than the server says, and only while nothing of the answer has been shown.
    Retry { after: Option<Duration> },
    /// A shorter one.
    Shrink { window: Option<Window> },
    /// The same with the tools described in a message and not in their own field, now and at this server always.
    ToolsInText,
    /// The same for this question: the server has tools, and could not read what the model made of them this time.
    ToolsInTextNow,
    /// The same with calls read from the text: the server does not keep replies to a schema, now and always.
    WithoutSchema,
    /// The same for this question: the reply did not come to its end within the schema.
    WithoutSchemaNow,
    /// The same in another form, now and at this server always.
    Adapt(Restriction),
    /// The same in turns of user and assistant alone.
    PlainTurns,
    /// This server or model will not answer; another one may.
    OtherModel,
    /// The same will not be taken as it is put; another model, for which it is put anew, may take it.
    GiveUp,
    /// Nothing: what is asked is against the rules of whoever was asked, and is not carried from one to the next.
    Stop,
}

/// How long a question was and how long it may be, where the server says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub prompt_tokens: Option<u64>,
    pub context_tokens: u64,
}

/// In small letters, as all tables of texts here.
const TOO_LONG: [&str; 15] = [
    "exceed_context_size",
    "context_length_exceeded",
    "maximum context length",
    "context window",
    "exceeds the available context",
    "exceed context",
    "context size has been exceeded",
    "longer than the model's context length",
    "exceeds the context length",
    "context the overflows",
    "context overflow",
    "input is too long",
    "prompt is too long",
    "must have less than",
    "`max_new_tokens` must be <=",
];

const NO_TOOLS: [&str; 12] = [
    "does not support tool",
    "doesn't support tool",
    "not support function calling",
    "tools param requires --jinja",
    "--enable-auto-tool-choice",
    "tool-call-parser",
    "tool calling is not supported",
    "tools are not supported",
    "tools is not supported",
    "support tool use",
    "unsupported parameter: 'tools'",
    "function tools with reasoning_effort are not supported",
];

/// Words of llama-server, Ollama, Groq and Gemini for a call that their parser or the grammar of the tools does not take; without
/// both the call arrives as text.
const UNREAD_CALL: [&str; 7] = [
    "tool_use_failed",
    "malformed_function_call",
    "error parsing tool call",
    "xml syntax error",
    "empty grammar stack",
    "model produced output that does not match the expected",
    "failed to parse input at pos",
];

/// Groq's words for a reply that it has checked against the schema.
const UNFIT_JSON: [&str; 1] = ["json_validate_failed"];

/// Of this server or account, and not of the question; waiting does not help.
const NOT_HERE: [&str; 6] = [
    "insufficient_quota",
    "exceeded your current quota",
    "billing",
    "credit balance",
    "model_not_found",
    "budget has been exceeded",
];

/// What is asked, or what would be answered, is against the rules of the provider.
const FORBIDDEN: [&str; 8] = [
    "content_filter",
    "content management policy",
    "content_policy",
    "usage policies",
    "data_inspection_failed",
    "prohibited_content",
    "safety system",
    "input was flagged",
];

/// The server is there, and its model is on its way into memory.
const LOADING: [&str; 7] = [
    "loading model",
    "model is loading",
    "currently loading",
    "still loading",
    "being loaded",
    "starting up",
    "warming up",
];

const BUSY: [&str; 6] = [
    "overloaded",
    "rate limit",
    "rate_limit",
    "too many requests",
    "throttl",
    "temporarily unavailable",
];

/// Server errors by status that are the fault of the question, and stay so.
const MALFORMED: [&str; 8] = [
    "failed to parse tool call arguments",
    "json.exception",
    "template",
    "jinja",
    "invalid_request_error",
    "'nonetype' object",
    "expected 'content'",
    "validationexception",
];

/// What is said before the size of a context, and before the size of a question.
const CONTEXT_BEFORE: [&str; 8] = [
    "maximum context length is ",
    "model's context length (",
    "exceed context window of ",
    "available context size (",
    "context length of only ",
    "must be <= ",
    "context length of ",
    "maximum of ",
];
const PROMPT_BEFORE: [&str; 8] = [
    "resulted in ",
    "you requested ",
    "requested tokens (",
    "the input (",
    "given: ",
    "first ",
    "the request (",
    "your request has ",
];

/// A model with tools, but for streams: it is asked for a whole reply.
const IN_STREAMS: &str = "in streaming";

/// Classifies an error. `status`: of the response, where it was none of success; `body`: as it came, where it was all of the
/// response.
pub(crate) fn next(
    status: Option<u16>,
    body: &[u8],
    error: &WireError,
    after: Option<Duration>,
) -> Next {
    let text = searchable(error);
    let says = |table: &[&str]| table.iter().any(|words| text.contains(words));
    if says(&TOO_LONG) && status != Some(429) {
        return Next::Shrink {
            window: window(error, &text),
        };
    }
    if says(&NO_TOOLS) && !text.contains(IN_STREAMS) {
        return Next::ToolsInText;
    }
    if says(&UNREAD_CALL) {
        return Next::ToolsInTextNow;
    }
    if says(&FORBIDDEN) {
        return Next::Stop;
    }
    if says(&UNFIT_JSON) {
        return Next::WithoutSchemaNow;
    }
    match cause(status.or(error.status), body, &error.message) {
        Some(RefusalCause::NoTools) => return Next::ToolsInText,
        Some(RefusalCause::PlainTurns) => return Next::PlainTurns,
        Some(RefusalCause::Restriction(restriction)) => return Next::Adapt(restriction),
        None => {}
    }
    if says(&NOT_HERE) {
        return Next::OtherModel;
    }
    if says(&BUSY) || says(&LOADING) {
        return Next::Retry { after };
    }
    // A proxy that swaps models says so while it does.
    if status == Some(400) && body.is_empty() {
        return Next::Retry { after };
    }
    by_status(status.or(error.status), says(&MALFORMED), after)
}

const fn by_status(status: Option<u16>, malformed: bool, after: Option<Duration>) -> Next {
    match status {
        // From 520 to 524 a network for delivery says that the server behind it is not there at the moment.
        Some(408 | 425 | 429 | 502..=504 | 520..=524 | 529) => Next::Retry { after },
        Some(413) => Next::Shrink { window: None },
        Some(401..=404) => Next::OtherModel,
        Some(400..=499) => Next::GiveUp,
        _ if malformed => Next::GiveUp,
        _ => Next::OtherModel,
    }
}

/// Whether an error says that the model is being loaded.
pub(crate) fn tells_loading(message: &str) -> bool {
    let text = message.to_ascii_lowercase();
    LOADING.iter().any(|words| text.contains(words))
}

fn searchable(error: &WireError) -> String {
    let mut text = error.message.to_ascii_lowercase();
    for kind in &error.kinds {
        text.push('\n');
        text.push_str(kind);
    }
    text
}

fn window(error: &WireError, text: &str) -> Option<Window> {
    let context_tokens = error
        .context_tokens
        .or_else(|| number_after(text, &CONTEXT_BEFORE))?;
    let prompt_tokens = error
        .prompt_tokens
        .or_else(|| number_after(text, &PROMPT_BEFORE));
    Some(Window {
        prompt_tokens,
        context_tokens,
    })
}

fn number_after(text: &str, needles: &[&str]) -> Option<u64> {
    needles.iter().find_map(|needle| {
        let (_, after) = text.split_once(needle)?;
        let end = after.find(|c: char| !c.is_ascii_digit() && c != ',');
        after[..end.unwrap_or(after.len())]
            .replace(',', "")
            .parse()
            .ok()
    })
}

#[cfg(test)]
mod tests;
