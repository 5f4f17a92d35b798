//! What a response tells again of its request, as the run's first event keeps it.

use run::{MAX_JSON_LEVELS, is_within_levels};
use serde_json::{Map, Value, json};

use super::super::super::ApiError;
use super::super::chat::request::whole;
use super::super::messages::wrong;
use crate::sse::CODE;

/// Most bytes of JSON that are kept of a request: the first event holds questions and turns, too.
const MAX_BYTES: usize = 16 * 1024;
const MAX_PAIRS: usize = 16;
const MAX_KEY_CHARS: usize = 64;
const MAX_VALUE_CHARS: usize = 512;
const TOOLS: &str = "tools";

/// What a field may hold.
#[derive(Clone, Copy)]
enum Kind {
    Flag,
    Text,
    /// From 0 to 1.
    Share,
    Whole,
    OneOf(&'static [&'static str]),
    Choice,
    Reasoning,
    Answer,
    Pairs,
    Tools,
}

/// What is told again.
const FIELDS: [(&str, Kind); 16] = [
    ("model", Kind::Text),
    ("metadata", Kind::Pairs),
    ("store", Kind::Flag),
    ("background", Kind::Flag),
    ("text", Kind::Answer),
    ("max_output_tokens", Kind::Whole),
    ("top_p", Kind::Share),
    ("tool_choice", Kind::Choice),
    ("parallel_tool_calls", Kind::Flag),
    ("truncation", Kind::OneOf(&["auto", "disabled"])),
    ("reasoning", Kind::Reasoning),
    ("user", Kind::Text),
    ("safety_identifier", Kind::Text),
    ("prompt_cache_key", Kind::Text),
    (
        "service_tier",
        Kind::OneOf(&["auto", "default", "flex", "scale", "priority"]),
    ),
    (TOOLS, Kind::Tools),
];

pub(super) fn of(body: &Map<String, Value>) -> Result<Map<String, Value>, ApiError> {
    let mut echo = Map::new();
    if names_code(body) {
        echo.insert(CODE.to_owned(), true.into());
    }
    let mut bytes = 0;
    for (name, kind) in FIELDS {
        let Some(value) = body.get(name) else {
            continue;
        };
        let Some(kept) = kept(kind, value).map_err(|problem| wrong(name, problem))? else {
            continue;
        };
        bytes += kept.to_string().len();
        if bytes <= MAX_BYTES && is_within_levels(&kept, MAX_JSON_LEVELS) {
            echo.insert(name.to_owned(), kept);
        } else if name != TOOLS {
            let problem = format!(
                "is too long: a response tells at most {MAX_BYTES} bytes of its request again, in {MAX_JSON_LEVELS} levels"
            );
            return Err(wrong(name, &problem));
        }
    }
    Ok(echo)
}

/// Whether the caller wants to be told of programs as items.
fn names_code(body: &Map<String, Value>) -> bool {
    let listed = |name: &str| {
        body.get(name)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    };
    let of_tools = listed(TOOLS).filter_map(|tool| tool.get("type")?.as_str());
    let included = listed("include").filter_map(Value::as_str);
    of_tools
        .chain(included.filter_map(|it| it.split('.').next()))
        .any(|name| matches!(name, "code_interpreter" | "code_interpreter_call"))
}

/// A value as it is told again, or what it has to be. What changes nothing and is of another kind is passed over.
fn kept(kind: Kind, value: &Value) -> Result<Option<Value>, &'static str> {
    let member = |name: &str| value.get(name).cloned().unwrap_or_default();
    let refused = |fits: bool, problem| {
        if fits {
            Ok(Some(value.clone()))
        } else {
            Err(problem)
        }
    };
    match kind {
        Kind::Flag => refused(value.is_boolean(), "must be true or false"),
        Kind::Share => {
            let share = value.as_f64().filter(|it| (0.0..=1.0).contains(it));
            let share = share.ok_or("must be a number between 0 and 1")?;
            Ok(Some(share.into()))
        }
        Kind::Pairs => refused(
            value.as_object().is_some_and(are_pairs),
            "must be at most 16 pairs of texts, of at most 64 and 512 characters",
        ),
        Kind::Text => Ok(value.is_string().then(|| value.clone())),
        Kind::Whole => {
            let whole = whole(value).and_then(|it| u64::try_from(it).ok());
            Ok(whole.map(Value::from))
        }
        Kind::OneOf(words) => {
            let is_known = value.as_str().is_some_and(|word| words.contains(&word));
            Ok(is_known.then(|| value.clone()))
        }
        // It is refused elsewhere where it is none.
        Kind::Choice => Ok(Some(value.clone())),
        Kind::Reasoning => Ok(value
            .is_object()
            .then(|| json!({"effort": member("effort"), "summary": member("summary")}))),
        Kind::Answer => {
            let verbosity = Some(member("verbosity")).filter(Value::is_string);
            let verbosity = verbosity.unwrap_or_else(|| "medium".into());
            Ok(Some(
                json!({"format": format(&member("format")), "verbosity": verbosity}),
            ))
        }
        Kind::Tools => {
            let tools = value.as_array();
            Ok(tools.map(|tools| tools.iter().filter_map(tool).collect()))
        }
    }
}

/// The form of an answer without its schema, which the run keeps by itself.
fn format(given: &Value) -> Value {
    let mut format = json!({"type": "text"});
    for name in ["type", "name", "description", "strict"] {
        if let Some(value) = given.get(name).filter(|value| !value.is_null()) {
            format[name] = value.clone();
        }
    }
    format
}

fn are_pairs(pairs: &Map<String, Value>) -> bool {
    let is_short = |text: &str, most: usize| text.chars().nth(most).is_none();
    let fits = |(key, value): (&String, &Value)| {
        let value = value.as_str();
        is_short(key, MAX_KEY_CHARS) && value.is_some_and(|it| is_short(it, MAX_VALUE_CHARS))
    };
    pairs.len() <= MAX_PAIRS && pairs.iter().all(fits)
}

/// A tool with the members that each function has; what has no type is none.
fn tool(tool: &Value) -> Option<Value> {
    let kind = tool.get("type")?.as_str()?;
    let mut told = tool.clone();
    if kind == "function" {
        for name in ["description", "parameters", "strict"] {
            if told.get(name).is_none() {
                told[name] = Value::Null;
            }
        }
    }
    Some(told)
}
