//! What a refusal says of the form of a request, and not of the question: servers agree on no words for it.

mod text;

use std::fmt;

use text::{names, numbers, sentences, tool_names};

use crate::request::{OPTIONAL, RESPONSE_FORMAT, TEMPERATURE};

/// Something that a server does not take, to be asked without.
#[derive(Clone, PartialEq, Eq)]
pub enum Restriction {
    /// Names that the refusal quotes, in its order: fields of the request or keywords of its tools.
    Without(Vec<String>),
    /// Names that are none for tools here.
    OtherToolNames(Vec<String>),
    /// The reply that is asked for is too long. Numbers that the refusal names, one of which is the limit, in tokens.
    ShorterReply(Vec<u32>),
    /// A tool's description is too long. Numbers as above, in characters.
    ShorterDescriptions(Vec<u32>),
    /// Another temperature.
    OtherTemperature,
    Another(RequestStyle),
}

/// Another way to put a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RequestStyle {
    /// Replies come whole.
    Unstreamed,
    /// The system's text stands in the first message of the user.
    NoSystem,
    /// An assistant's message without text has an empty one.
    EmptyContent,
    /// No text stands beside calls.
    CallsAlone,
    /// Calls have Gemini's signature of a thought.
    SignedCalls,
    /// Results name their tool.
    NamedResults,
    /// The schema of a reply stands beside the type `json_object`.
    SchemaOfObject,
}

impl Restriction {
    /// Whether it may be the schema of the reply that is refused.
    pub fn is_of_schema(&self) -> bool {
        match self {
            Self::Without(names) => names.iter().any(|name| name == RESPONSE_FORMAT),
            Self::Another(style) => *style == RequestStyle::SchemaOfObject,
            Self::OtherToolNames(_)
            | Self::ShorterReply(_)
            | Self::ShorterDescriptions(_)
            | Self::OtherTemperature => false,
        }
    }
}

/// Names come from the refusal, which may repeat what people wrote: they are not told.
impl fmt::Debug for Restriction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Without(names) => write!(f, "Without({} names)", names.len()),
            Self::OtherToolNames(names) => write!(f, "OtherToolNames({} names)", names.len()),
            Self::ShorterReply(_) => f.write_str("ShorterReply"),
            Self::ShorterDescriptions(_) => f.write_str("ShorterDescriptions"),
            Self::OtherTemperature => f.write_str("OtherTemperature"),
            Self::Another(style) => write!(f, "Another({style:?})"),
        }
    }
}

/// What a refusal may be about beside the question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RefusalCause {
    Restriction(Restriction),
    /// Tools in their own field.
    NoTools,
    /// Turns of any but user and assistant, one after the other.
    PlainTurns,
}

/// Words for another style, in small letters.
const STYLES: [(&str, RequestStyle); 9] = [
    ("verified to stream", RequestStyle::Unstreamed),
    ("are supported, got system", RequestStyle::NoSystem),
    (
        "developer instruction is not enabled",
        RequestStyle::NoSystem,
    ),
    ("missing field `content`", RequestStyle::EmptyContent),
    ("missing 'content'", RequestStyle::EmptyContent),
    ("content`: field required", RequestStyle::EmptyContent),
    (
        "tool use blocks cannot be provided in the same turn",
        RequestStyle::CallsAlone,
    ),
    ("thought_signature", RequestStyle::SignedCalls),
    ("function_response.name", RequestStyle::NamedResults),
];

/// The same, where they stand beside words that refuse.
const REFUSED_STYLES: [(&str, RequestStyle); 4] = [
    ("streaming", RequestStyle::Unstreamed),
    ("system role", RequestStyle::NoSystem),
    ("system message", RequestStyle::NoSystem),
    ("'system'", RequestStyle::NoSystem),
];

const TURNS: [&str; 5] = [
    "roles must alternate",
    "must alternate between user and assistant",
    "only user and assistant roles are supported",
    "unexpected role ",
    "role: tool",
];

/// A server that wants the thought behind a call back. Calls in words need none.
const THOUGHT: [&str; 2] = [
    "must be passed back to the api",
    "reasoning_content is missing",
];

/// Some field is refused and none is named: one after the other is left out.
const VAGUE: [&str; 2] = ["invalid api parameter", "参数有误"];

/// Words that refuse what is quoted beside them, whatever it is and under any status.
const REFUSING: [&str; 12] = [
    "not support",
    "n't support",
    "unsupported",
    "unrecognized",
    "unknown parameter",
    "unknown name",
    "unknown field",
    "unexpected keyword",
    "not permitted",
    "not allowed",
    "invalid schema",
    "invalid json schema",
];

/// Words for a number that is out of its range.
const RANGE: [&str; 12] = [
    "range",
    "strictly positive",
    "less than",
    "less or equal",
    "greater than",
    "between",
    "must be in",
    "at most",
    "maximum",
    "too large",
    "exceeds",
    "> ",
];

/// `DashScope`'s words before the names that it keeps for tools of its own.
const TOOL_NAMES: &str = "tool names are not allowed to be";

/// Words for a text that is too long.
const TOO_LONG: [&str; 2] = ["string too long", "should have at most"];

/// Words for the longest reply.
const REPLY: [&str; 7] = [
    "max_tokens",
    "max_completion_tokens",
    "maxoutputtokens",
    "completion tokens",
    "output tokens",
    "maximum tokens",
    "is not less or equal to",
];

/// Fields that offer tools.
const TOOLS: [&str; 2] = ["tools", "functions"];

/// Words for a schema that no grammar was made of, whatever the status. Where no reply was asked for by one, a tool's is meant.
const GRAMMARS: [&str; 3] = [
    "failed to parse grammar",
    "failed to initialize samplers",
    "too many states for serving",
];

/// Words for the schema of a reply, beside words or a status that refuse.
const SCHEMAS: [&str; 5] = [
    "json_schema",
    "response format",
    "response_format",
    "response_schema",
    "structured output",
];

/// A type of replies, named where another one was asked for. Servers of that kind take a schema beside it.
const OBJECT: &str = "json_object";

/// `serde`'s words before all that it would have taken.
const TAKEN: &str = ", expected one of ";

/// Pydantic's words, whatever the status is: `llama-cpp-python` has 500.
const UNFIT: &str = "input should be";

/// The same, which a tool's schema is called, too: they count where nothing is named.
const SOME_SCHEMA: &str = "json schema";

/// Statuses that say nothing of the request's form.
const OF_OTHER_THINGS: [u16; 10] = [401, 402, 403, 408, 413, 429, 502, 503, 504, 529];

/// Statuses that say that the request's form is at fault: a field that is named beside one is the one that is meant.
const OF_THE_FORM: [u16; 2] = [400, 422];

/// What an error teaches. `body`: as it came, where it is at hand; `message`: its words.
pub(crate) fn cause(status: Option<u16>, body: &[u8], message: &str) -> Option<RefusalCause> {
    if status.is_some_and(|status| OF_OTHER_THINGS.contains(&status)) {
        return None;
    }
    let is_of_form = status.is_some_and(|status| OF_THE_FORM.contains(&status));
    let sentences = sentences(body, message);
    sentences.iter().find_map(|it| of_sentence(it, is_of_form))
}

fn of_sentence(sentence: &str, is_of_form: bool) -> Option<RefusalCause> {
    let text = sentence.to_ascii_lowercase().replace('"', "'");
    let says = |table: &[&str]| table.iter().any(|words| text.contains(words));
    let style = |table: &[(&str, RequestStyle)]| {
        let mut rows = table.iter();
        rows.find_map(|(words, style)| text.contains(words).then_some(*style))
    };
    let restriction = |restriction| Some(RefusalCause::Restriction(restriction));
    if let Some(style) = style(&STYLES) {
        return restriction(Restriction::Another(style));
    }
    if says(&TURNS) {
        return Some(RefusalCause::PlainTurns);
    }
    if says(&THOUGHT) {
        return Some(RefusalCause::NoTools);
    }
    if says(&VAGUE) {
        return restriction(Restriction::Without(OPTIONAL.map(str::to_owned).to_vec()));
    }
    if says(&TOO_LONG) && text.contains("description") {
        return restriction(Restriction::ShorterDescriptions(numbers(&text)));
    }
    if let Some(at) = text.find(TOOL_NAMES) {
        let listed = &sentence[at + TOOL_NAMES.len()..];
        return restriction(Restriction::OtherToolNames(tool_names(listed)));
    }
    let is_refusing = says(&REFUSING);
    if says(&RANGE) && !is_refusing {
        if text.contains(TEMPERATURE) {
            return restriction(Restriction::OtherTemperature);
        }
        let numbers = numbers(&text);
        if says(&REPLY) && !numbers.is_empty() {
            return restriction(Restriction::ShorterReply(numbers));
        }
    }
    let is_refused = is_refusing || is_of_form || text.contains(UNFIT);
    if says(&SCHEMAS) && text.contains(OBJECT) && is_refused {
        return restriction(Restriction::Another(RequestStyle::SchemaOfObject));
    }
    // What is taken in its place is not what is refused.
    let refused = sentence.split(TAKEN).next().unwrap_or(sentence);
    let mut names = names(refused, &TOOLS);
    let is_unnamed = names.is_empty() && text.contains(SOME_SCHEMA);
    let of_schema = refused.to_ascii_lowercase();
    let says_schema = SCHEMAS.iter().any(|words| of_schema.contains(words));
    let is_of_schema = (says_schema || is_unnamed) && (is_refusing || is_of_form);
    if says(&GRAMMARS) || is_of_schema {
        names.push(RESPONSE_FORMAT.to_owned());
    }
    let is_field = |name: &&str| OPTIONAL.contains(name) || TOOLS.contains(name);
    let field = names.iter().map(String::as_str).find(is_field);
    // Without words that refuse, a name says something only of the request's form, and then nothing of a tool.
    let is_meant = is_refusing
        || says(&GRAMMARS)
        || (is_of_form && field.is_some_and(|it| OPTIONAL.contains(&it)));
    if names.first().is_some_and(|first| first == "stream") && (is_refusing || is_of_form) {
        restriction(Restriction::Another(RequestStyle::Unstreamed))
    } else if !is_meant {
        None
    } else if field.is_some_and(|field| TOOLS.contains(&field)) {
        Some(RefusalCause::NoTools)
    } else if let Some(style) = style(&REFUSED_STYLES).filter(|_| field.is_none()) {
        restriction(Restriction::Another(style))
    } else {
        (!names.is_empty()).then_some(RefusalCause::Restriction(Restriction::Without(names)))
    }
}

#[cfg(test)]
mod tests;
