//! Data in a prompt, written so that no server takes a part of it for a control token of its chat template.
//!
//! Most servers put messages into a template as they are and look for control tokens in the whole of it, so a page that holds
//! `<|im_end|>` would end the message it stands in. In JSON every `<` is written as its escape, and so is what begins another
//! control token: whoever reads the JSON gets the same value. In plain text only control tokens are broken, by the same escape, so that
//! `a < b` stays. Refuses to know models: what is told apart is the shape of control tokens, and names that have none.
//!
//! In JSON what nobody sees (`tool::is_unseen`) is written as its escape, too: a model then reads that it is there, and is told nothing
//! that a person who looks at the same result would not see.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde_json::{Map, Value};
use tool::is_unseen;

/// Longest name within a control token, in bytes.
const MAX_NAME_BYTES: usize = 64;
/// What control tokens begin with, and what tokenizers that normalize take for it.
const LEADS: [char; 7] = ['<', '\u{ff1c}', '\u{fe64}', '[', '\u{ff3b}', ']', '>'];
/// Names of control tokens in angle brackets that look like any element, whatever their case.
const NAMES: [&str; 37] = [
    "s",
    "bos",
    "eos",
    "pad",
    "unk",
    "mask",
    "cls",
    "sep",
    "sop",
    "eop",
    "sod",
    "eod",
    "eoh",
    "eoa",
    "eom",
    "think",
    "tools",
    "functions",
    "toolcall",
    "role",
    "user",
    "system",
    "assistant",
    "model",
    "bot",
    "human",
    "observation",
    "escape",
    "answer",
    "img",
    "image",
    "audio",
    "2mass",
    "reponame",
    "video",
    "ImageHere",
    "filename",
];
/// Names of control tokens in square brackets. Others are told by a slash, or by an underscore between capitals.
const BRACKETED: [&str; 24] = [
    "INST",
    "SYS",
    "IMG",
    "AUDIO",
    "ARGS",
    "THINK",
    "PREFIX",
    "MIDDLE",
    "SUFFIX",
    "TRANSCRIBE",
    "BOS",
    "EOS",
    "EOT",
    "EOD",
    "PAD",
    "UNK",
    "SEP",
    "CLS",
    "MASK",
    "gMASK",
    "sMASK",
    "multimodal",
    "start_header_id",
    "end_header_id",
];
/// The same with a number behind.
const NUMBERED: [&str; 4] = ["unused", "extra_id_", "control_", "reserved_"];

/// A value as JSON. It reads back as the same value.
pub(super) fn json(value: &Value) -> String {
    let json = value.to_string();
    let told = broken(&json, |lead, rest| match lead {
        '<' | '\u{ff1c}' | '\u{fe64}' => true,
        // As `<` is gone, nothing is left that begins so.
        '>' => false,
        _ => begins_token(lead, rest),
    });
    seen(&told).into_owned()
}

/// A text with the escape of each character that is not seen. In JSON they stand within texts alone: the JSON itself is of one line.
fn seen(text: &str) -> Cow<'_, str> {
    if !text.contains(|c| is_hidden(c) || is_selector(c)) {
        return Cow::Borrowed(text);
    }
    let mut written = String::with_capacity(text.len());
    let mut is_selected = false;
    for c in text.chars() {
        let is_end_of_line = matches!(c, '\n' | '\t');
        // One selector chooses how the character before it looks; more of them carry what nobody sees.
        if (is_hidden(c) && !is_end_of_line) || (is_selector(c) && is_selected) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(written, "\\u{unit:04x}");
            }
        } else {
            written.push(c);
        }
        is_selected = is_selector(c);
    }
    Cow::Owned(written)
}

/// What is not seen, and selectors that no text of today needs.
const fn is_hidden(c: char) -> bool {
    is_unseen(c) || matches!(c, '\u{34f}' | '\u{e0100}'..='\u{e01ef}')
}

const fn is_selector(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}')
}

/// Arguments of an earlier call as JSON. Servers read them and write them anew for the template, without any escape of ours, so
/// within them control tokens are broken as in plain text.
pub(super) fn arguments(arguments: &Map<String, Value>) -> String {
    let broken = |words: &str| text(words).into_owned();
    json(&Value::Object(fields_by(arguments, &broken)))
}

/// What is offered to a model, without control tokens and without what is not seen in its texts and names.
pub(super) fn value(value: Value) -> Value {
    value_by(&value, &|words| seen(&text(words)).into_owned())
}

/// A plain text without control tokens.
pub(super) fn text(text: &str) -> Cow<'_, str> {
    broken(text, begins_token)
}

fn fields_by(of: &Map<String, Value>, tell: &impl Fn(&str) -> String) -> Map<String, Value> {
    let fields = of.iter();
    fields
        .map(|(name, value)| (tell(name), value_by(value, tell)))
        .collect()
}

fn value_by(value: &Value, tell: &impl Fn(&str) -> String) -> Value {
    match value {
        Value::String(words) => Value::String(tell(words)),
        Value::Array(values) => values.iter().map(|value| value_by(value, tell)).collect(),
        Value::Object(of) => Value::Object(fields_by(of, tell)),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// Writes the escape of each lead that `breaks` it says, with the text behind it.
fn broken(text: &str, breaks: impl Fn(char, &str) -> bool) -> Cow<'_, str> {
    let mut written = String::new();
    let mut from = 0;
    for (at, lead) in text.match_indices(LEADS) {
        let behind = at + lead.len();
        let lead = lead.chars().next().unwrap_or_default();
        if breaks(lead, &text[behind..]) {
            written.push_str(&text[from..at]);
            // Into a text nothing can fail to be written.
            let _ = write!(written, "\\u{:04x}", u32::from(lead));
            from = behind;
        }
    }
    if from == 0 {
        return Cow::Borrowed(text);
    }
    written.push_str(&text[from..]);
    Cow::Owned(written)
}

/// Whether a lead with this text behind it begins what some model's template has for a control token.
fn begins_token(lead: char, rest: &str) -> bool {
    match lead {
        '[' | '\u{ff3b}' => begins_bracketed(rest),
        // MiniMax's own.
        ']' => ["~", "<]", "!p~[", "!d~["]
            .iter()
            .any(|mark| rest.starts_with(mark)),
        // Falcon's.
        '>' => rest.strip_prefix('>').is_some_and(|rest| {
            let (name, rest) = name(rest);
            is_capital(name) && rest.starts_with("<<")
        }),
        _ => begins_angled(rest),
    }
}

/// `<|im_end|>`, `<｜User｜>`, `</|tool_call|>`, `<turn|>`, `<<SYS>>`, `<start_of_turn>`, `</s>`, `<0x0A>`.
fn begins_angled(rest: &str) -> bool {
    let inner = rest.strip_prefix('<').unwrap_or(rest);
    let is_double = inner.len() < rest.len();
    let inner = inner.strip_prefix('/').unwrap_or(inner);
    if let Some(after) = inner.strip_prefix(is_bar) {
        return after.starts_with(|c: char| !c.is_whitespace());
    }
    let (name, after) = name(inner);
    if name.is_empty() {
        return false;
    }
    match after.strip_prefix(is_bar) {
        Some(after) => after.starts_with('>'),
        None if is_double => is_capital(name) && after.starts_with(">>"),
        None => after.starts_with('>') && is_name_of_token(name),
    }
}

fn is_name_of_token(name: &str) -> bool {
    name.contains(['_', ':', '\u{2581}'])
        || is_capital(name)
        || NAMES.iter().any(|known| known.eq_ignore_ascii_case(name))
        || name.strip_prefix("unused").is_some_and(is_number)
        || name.strip_prefix("0x").is_some_and(|hex| hex.len() == 2)
}

/// `[INST]`, `[/INST]`, `[TOOL_CALLS]`, `[gMASK]`, `[|assistant|]`, `[unused9]`, `[e~[`.
fn begins_bracketed(rest: &str) -> bool {
    if let Some(after) = rest.strip_prefix(is_bar) {
        return after.starts_with(|c: char| !c.is_whitespace());
    }
    let inner = rest.strip_prefix('/').unwrap_or(rest);
    let is_closing = inner.len() < rest.len();
    let (name, after) = name(inner);
    let is_numbered = |kind: &&str| name.strip_prefix(*kind).is_some_and(is_number);
    let is_token = BRACKETED.contains(&name)
        || is_capital(name) && (is_closing || name.contains('_'))
        || NUMBERED.iter().any(is_numbered);
    is_token && after.starts_with([']', '\u{ff3d}'])
        || ["e~[", "@BOS@]"].iter().any(|mark| rest.starts_with(mark))
}

/// The name that a text begins with, and what stands behind it.
fn name(text: &str) -> (&str, &str) {
    let is_part =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '-' | '.' | '\u{2581}');
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    if end > MAX_NAME_BYTES {
        return ("", text);
    }
    text.split_at(end)
}

/// At least two characters, all of them capitals, digits or underscores, a capital first.
fn is_capital(name: &str) -> bool {
    let is_part = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    name.len() > 1
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().all(is_part)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The bar of most control tokens, and DeepSeek's.
const fn is_bar(c: char) -> bool {
    matches!(c, '|' | '\u{ff5c}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts as they are told, where that is another way than they are written.
    #[test]
    fn what_only_looks_like_a_control_token_stays_as_it_is() {
        let name = "a_".repeat(MAX_NAME_BYTES / 2);
        let (longest, longer) = (format!("<{name}>"), format!("<{name}b>"));
        let broken = format!("\\u003c{name}>");
        for (written, told) in [
            // Falcon's, and text around two brackets.
            (">>QUESTION<<", Some("\\u003e>QUESTION<<")),
            (">>abc<<", None),
            (">>QUESTION is", None),
            // Llama's in double brackets; the inner one is a token of its own.
            ("<<SYS>>", Some("\\u003c\\u003cSYS>>")),
            ("<<SYS>", Some("<\\u003cSYS>")),
            ("<<a_b>>", Some("<\\u003ca_b>>")),
            ("<<abc>>", None),
            ("<<SYS is", None),
            ("[/ABC]", Some("\\u005b/ABC]")),
            ("[ABC]", None),
            ("[unused9]", Some("\\u005bunused9]")),
            ("[unused]", None),
            ("[unusedx]", None),
            (&longest, Some(&broken)),
            (&longer, None),
        ] {
            assert_eq!(text(written), told.unwrap_or(written), "{written}");
        }
    }
}
