//! The error that a server wrote, in whichever form it writes them.

use serde_json::Value;

use crate::json::{repair, says_something, tells_failure};

/// Fields under which a server may put the words of its error, likeliest first.
const WORDS: [&str; 11] = [
    "message",
    "error",
    "detail",
    "Message",
    "msg",
    "error_message",
    "errorMessage",
    "error_msg",
    "status_msg",
    "details",
    "reason",
];
/// Those that make an object an error by themselves: API Gateway passes `errorMessage` and `Message` on with 200.
const ERROR_WORDS: [&str; 5] = [
    "detail",
    "error_message",
    "errorMessage",
    "error_msg",
    "Message",
];
/// Fields beside `message` that make an object an error where nothing else does.
const CODES: [&str; 5] = ["code", "status", "statusCode", "error_type", "__type"];

/// An error body, or an error in a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct WireError {
    pub(crate) message: String,
    /// The code, type and `error_type` that it names, in small letters.
    pub(crate) kinds: Vec<String>,
    /// The HTTP status that it names in its own text, which counts where HTTP said 200.
    pub(crate) status: Option<u16>,
    /// llama-server's own count of what was asked for, in tokens.
    pub(crate) prompt_tokens: Option<u64>,
    /// llama-server's own context, in tokens.
    pub(crate) context_tokens: Option<u64>,
}

impl WireError {
    /// Reads a JSON text as an error: `error` as text or object, the whole object, flat, or the first of a list.
    pub(crate) fn read(text: &[u8]) -> Option<Self> {
        Self::of(&serde_json::from_slice(text).ok()?)
    }

    /// A text that is said to be an error, whatever it is; `None` where it says nothing.
    pub(crate) fn read_any(text: &[u8]) -> Option<Self> {
        let read = serde_json::from_slice(text).ok();
        let value =
            read.or_else(|| repair::parse(std::str::from_utf8(text).ok()?).map(|it| it.value));
        match value {
            Some(value) if says_something(&value) => {
                Self::of(&value).or_else(|| Some(Self::from_text(text)))
            }
            Some(_) => None,
            None => (!text.trim_ascii().is_empty()).then(|| Self::from_text(text)),
        }
    }

    fn of(whole: &Value) -> Option<Self> {
        let whole = match whole {
            Value::Array(list) => list.first()?,
            one => one,
        };
        let error = inner(whole).unwrap_or(whole);
        let message = words(error)?;
        let number = |field: &str| error.get(field).and_then(Value::as_u64);
        let kinds = ["code", "type", "error_type", "__type"]
            .iter()
            .filter_map(|field| error.get(field)?.as_str())
            .map(str::to_ascii_lowercase)
            .collect::<Vec<_>>();
        Some(Self {
            message,
            status: ["code", "status", "statusCode", "http_status_code"]
                .iter()
                .find_map(|field| status(error.get(field)?)),
            kinds,
            prompt_tokens: number("n_prompt_tokens"),
            context_tokens: number("n_ctx"),
        })
    }

    /// The error in a frame of a stream that began well; `None` where the frame is something else.
    pub(crate) fn in_frame(whole: &Value) -> Option<Self> {
        let has = |field: &str| whole.get(field).is_some_and(says_something);
        let text = |field: &str| whole.get(field).and_then(Value::as_str);
        let is_of_error = |kind: &str| {
            let kind = kind.to_ascii_lowercase();
            ["error", "exception"].iter().any(|end| kind.ends_with(end))
        };
        let kinds = [text("object"), text("type")];
        let is_kind = kinds.into_iter().flatten().any(is_of_error);
        // A frame of another type tells how far the server is, unless it names the status of a failure.
        let names_status = CODES
            .iter()
            .any(|field| whole.get(field).and_then(status).is_some());
        let is_typed = text("type").is_some() && !is_kind && !names_status;
        let has_words = ["message", "msg"].iter().any(|field| has(field));
        let is_coded = CODES
            .iter()
            .any(|field| whole.get(field).is_some_and(is_failure));
        let is_flat = !has("choices")
            && !is_typed
            && (is_kind || ERROR_WORDS.iter().any(|field| has(field)) || has_words && is_coded);
        let is_named = whole.get("error").is_some_and(tells_failure) || inner(whole).is_some();
        (is_named || is_flat).then(|| Self::of(whole))?
    }

    /// For a server that says so without any words.
    pub(crate) fn too_long() -> Self {
        Self {
            message: "the question leaves no room for an answer in the model's context".to_owned(),
            kinds: vec!["context_length_exceeded".to_owned()],
            ..Self::default()
        }
    }

    /// A body that is no JSON: its text is the message.
    pub(crate) fn from_text(body: &[u8]) -> Self {
        Self {
            message: String::from_utf8_lossy(body).into_owned(),
            ..Self::default()
        }
    }
}

/// Codes and states in words that tell of no failure.
const HARMLESS: [&str; 7] = [
    "",
    "ok",
    "success",
    "processing",
    "pending",
    "queued",
    "running",
];

/// Whether a code or a status tells of a failure; some servers send those of success with every frame.
fn is_failure(code: &Value) -> bool {
    match code {
        Value::Number(number) => number.as_u64().is_none_or(|number| number >= 400),
        Value::String(word) => match word.parse::<u64>().ok() {
            Some(number) => number >= 400,
            None => !HARMLESS.contains(&&*word.to_ascii_lowercase()),
        },
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => false,
    }
}

/// The object within that tells the error: under `error`, the first of `errors`, or under the name of an exception of AWS.
fn inner(whole: &Value) -> Option<&Value> {
    if let Some(error @ Value::Object(_)) = whole.get("error") {
        return tells_failure(error).then_some(error);
    }
    if let Some(Value::Array(errors)) = whole.get("errors") {
        return errors.first().filter(|error| says_something(error));
    }
    // MiniMax sends this with every reply.
    if let Some(base @ Value::Object(_)) = whole.get("base_resp") {
        let code = base.get("status_code").and_then(Value::as_i64);
        return (code != Some(0)).then_some(base);
    }
    let fields = whole.as_object().filter(|fields| fields.len() == 1)?;
    let (name, exception) = fields.iter().next()?;
    (name.ends_with("Exception") && exception.is_object()).then_some(exception)
}

fn words(error: &Value) -> Option<String> {
    if let Value::String(words) = error {
        return Some(words.clone());
    }
    // A gateway that passes an error on has the server's own words here, most often as JSON in a text.
    if let Some(Value::String(raw)) = error.pointer("/metadata/raw")
        && !raw.trim().is_empty()
    {
        let passed_on = serde_json::from_str(raw).ok();
        let passed_on = passed_on.and_then(|error| Some(WireError::of(&error)?.message));
        return Some(passed_on.unwrap_or_else(|| raw.clone()));
    }
    let told = WORDS.iter().find_map(|field| match error.get(field)? {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Array(list) => Some(Value::from(list.clone()).to_string()),
        // As Mistral wraps what pydantic says, and FastAPI what its applications do.
        inner @ Value::Object(_) => words(inner),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    });
    told.or_else(|| {
        error
            .as_object()
            .filter(|fields| !fields.is_empty())
            .map(|_| error.to_string())
    })
}

fn status(value: &Value) -> Option<u16> {
    let number = match value {
        Value::String(text) => text.parse().ok()?,
        other => u16::try_from(other.as_u64()?).ok()?,
    };
    (400..600).contains(&number).then_some(number)
}
