//! What a refusal says of the form of a request, and not of the question: servers agree on no words for it.

mod text;

use std::fmt;

use text::{names, numbers, sentences};

use crate::request::OPTIONAL;

/// Something that a server does not take, to be asked without.
#[derive(Clone, PartialEq, Eq)]
pub enum Lesson {
    /// Names that the refusal quotes, in its order: fields of the request or keywords of its tools.
    Without(Vec<String>),
    /// The reply that is asked for is too long. Numbers that the refusal names, one of which is the limit, in tokens.
    ShorterReply(Vec<u32>),
    /// A tool's description is too long. Numbers as above, in characters.
    ShorterDescriptions(Vec<u32>),
    /// Another temperature.
    OtherTemperature,
    Another(Manner),
}

/// Another way to put a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Manner {
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
}

impl Manner {
    /// The field that it is about.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Unstreamed => "stream",
            Self::NoSystem => "messages.system",
            Self::EmptyContent => "messages.content",
            Self::CallsAlone => "messages.content beside tool_calls",
            Self::SignedCalls => "messages.tool_calls.thought_signature",
            Self::NamedResults => "messages.tool.name",
        }
    }
}

/// Names come from the refusal, which may repeat what people wrote: they are not told.
impl fmt::Debug for Lesson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Without(names) => write!(f, "Without({} names)", names.len()),
            Self::ShorterReply(_) => f.write_str("ShorterReply"),
            Self::ShorterDescriptions(_) => f.write_str("ShorterDescriptions"),
            Self::OtherTemperature => f.write_str("OtherTemperature"),
            Self::Another(manner) => write!(f, "Another({manner:?})"),
        }
    }
}

/// What a refusal may be about beside the question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Taught {
    Lesson(Lesson),
    /// Tools in their own field.
    NoTools,
    /// Turns of any but user and assistant, one after the other.
    PlainTurns,
}

/// Words for another manner, in small letters.
const MANNERS: [(&str, Manner); 22] = [
    ("verified to stream", Manner::Unstreamed),
    ("streaming is not supported", Manner::Unstreamed),
    ("streaming not supported", Manner::Unstreamed),
    ("not support streaming", Manner::Unstreamed),
    ("n't support streaming", Manner::Unstreamed),
    ("support tool use in streaming", Manner::Unstreamed),
    ("tool call with streaming", Manner::Unstreamed),
    ("system role not supported", Manner::NoSystem),
    ("system role is not supported", Manner::NoSystem),
    ("support system messages", Manner::NoSystem),
    ("support system role", Manner::NoSystem),
    ("does not support 'system'", Manner::NoSystem),
    ("are supported, got system", Manner::NoSystem),
    ("developer instruction is not enabled", Manner::NoSystem),
    ("missing field `content`", Manner::EmptyContent),
    ("'content' is a required property", Manner::EmptyContent),
    ("missing 'content'", Manner::EmptyContent),
    ("content`: field required", Manner::EmptyContent),
    (
        "tool use blocks cannot be provided in the same turn",
        Manner::CallsAlone,
    ),
    ("missing a thought_signature", Manner::SignedCalls),
    ("missing `thought_signature`", Manner::SignedCalls),
    ("function_response.name", Manner::NamedResults),
];

const TURNS: [&str; 5] = [
    "roles must alternate",
    "must alternate between user and assistant",
    "only user and assistant roles are supported",
    "unexpected role 'tool'",
    "unknown role: tool",
];

/// A server that wants the thought behind a call back. Calls in words need none.
const THOUGHT: [&str; 2] = [
    "must be passed back to the api",
    "missing `reasoning_content`",
];

/// Some field is refused and none is named: one after the other is left out.
const VAGUE: [&str; 2] = ["invalid api parameter", "参数有误"];

/// Words that refuse what is quoted beside them.
const REFUSING: [&str; 26] = [
    "not support",
    "n't support",
    "unsupported",
    "unrecognized",
    "not recognized",
    "unknown parameter",
    "unknown name",
    "unknown field",
    "unknown argument",
    "unknown keyword",
    "unexpected keyword",
    "unexpected argument",
    "unexpected parameter",
    "unexpected field",
    "was unexpected",
    "were unexpected",
    "extra inputs",
    "extra fields",
    "not permitted",
    "not allowed",
    "extraneous key",
    "not repeating",
    "invalid schema",
    "invalid json schema",
    "is deprecated",
    "only allowed when",
];

/// Words for a number that is out of its range.
const RANGE: [&str; 14] = [
    "range",
    "strictly positive",
    "less than",
    "less or equal",
    "greater than",
    "between",
    "must be in",
    "must be <",
    "must be >",
    "at most",
    "maximum",
    "too large",
    "exceeds",
    "> ",
];

/// Words for a text that is too long.
const TOO_LONG: [&str; 2] = ["string too long", "should have at most"];

/// Words for the longest reply.
const REPLY: [&str; 9] = [
    "max_tokens",
    "max_completion_tokens",
    "max_output_tokens",
    "maxoutputtokens",
    "maxtokens",
    "completion tokens",
    "output tokens",
    "maximum tokens",
    "is not less or equal to",
];

/// Fields that offer tools.
const TOOLS: [&str; 2] = ["tools", "functions"];

/// Statuses that say nothing of the request's form.
const OF_OTHER_THINGS: [u16; 10] = [401, 402, 403, 408, 413, 429, 502, 503, 504, 529];

/// What an error teaches. `body`: as it came, where it is at hand; `message`: its words.
pub(crate) fn taught(status: Option<u16>, body: &[u8], message: &str) -> Option<Taught> {
    if status.is_some_and(|status| OF_OTHER_THINGS.contains(&status)) {
        return None;
    }
    let sentences = sentences(body, message);
    sentences.iter().find_map(|sentence| of_sentence(sentence))
}

fn of_sentence(sentence: &str) -> Option<Taught> {
    let text = sentence.to_ascii_lowercase();
    let says = |table: &[&str]| table.iter().any(|words| text.contains(words));
    let lesson = |lesson| Some(Taught::Lesson(lesson));
    if let Some((_, manner)) = MANNERS.iter().find(|(words, _)| text.contains(words)) {
        return lesson(Lesson::Another(*manner));
    }
    if says(&TURNS) {
        return Some(Taught::PlainTurns);
    }
    if says(&THOUGHT) {
        return Some(Taught::NoTools);
    }
    if says(&VAGUE) {
        return lesson(Lesson::Without(OPTIONAL.map(str::to_owned).to_vec()));
    }
    if says(&TOO_LONG) && text.contains("description") {
        return lesson(Lesson::ShorterDescriptions(numbers(&text)));
    }
    if says(&RANGE) && !says(&REFUSING) {
        if text.contains("temperature") {
            return lesson(Lesson::OtherTemperature);
        }
        let numbers = numbers(&text);
        return (says(&REPLY) && !numbers.is_empty())
            .then_some(Taught::Lesson(Lesson::ShorterReply(numbers)));
    }
    if !says(&REFUSING) {
        return None;
    }
    let names = names(sentence, &TOOLS);
    let is_known =
        |name: &&String| OPTIONAL.contains(&name.as_str()) || TOOLS.contains(&name.as_str());
    match names.first().map(String::as_str)? {
        "stream" => lesson(Lesson::Another(Manner::Unstreamed)),
        first => {
            let known = names.iter().find(is_known).map_or(first, String::as_str);
            if TOOLS.contains(&known) {
                Some(Taught::NoTools)
            } else {
                lesson(Lesson::Without(names))
            }
        }
    }
}

#[cfg(test)]
mod tests;
