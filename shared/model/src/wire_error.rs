//! The error that a server wrote, in whichever form it writes them.

use serde_json::Value;

/// Fields under which a server may put the words of its error, likeliest first.
const WORDS: [&str; 5] = ["message", "error", "detail", "Message", "msg"];

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
    /// Reads a JSON object as an error: `error` as text or object, or the whole object, flat.
    pub(crate) fn read(text: &[u8]) -> Option<Self> {
        Self::of(&serde_json::from_slice(text).ok()?)
    }

    fn of(whole: &Value) -> Option<Self> {
        let error = match whole.get("error") {
            Some(error @ Value::Object(_)) => error,
            None | Some(_) => whole,
        };
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
    pub(crate) fn in_frame(text: &[u8]) -> Option<Self> {
        let whole: Value = serde_json::from_slice(text).ok()?;
        let is_named = match whole.get("error") {
            None | Some(Value::Null | Value::Bool(_)) => false,
            Some(Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_)) => true,
        };
        let is_flat = whole.get("object").and_then(Value::as_str) == Some("error");
        (is_named || is_flat).then(|| Self::of(&whole))?
    }

    /// A body that is no JSON: its text is the message.
    pub(crate) fn from_text(body: &[u8]) -> Self {
        Self {
            message: String::from_utf8_lossy(body).into_owned(),
            ..Self::default()
        }
    }
}

fn words(error: &Value) -> Option<String> {
    let told = WORDS.iter().find_map(|field| match error.get(field)? {
        Value::String(text) => Some(text.clone()),
        Value::Array(list) => Some(Value::from(list.clone()).to_string()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
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
