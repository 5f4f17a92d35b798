//! The text of a refusal: its sentences, the names and the numbers in them.

use serde_json::Value;

use crate::request::OPTIONAL;

/// JSON in JSON text is read so deep.
const DEPTH: u32 = 8;
/// In bytes.
const LONGEST_NAME: usize = 100;

/// The refusal in sentences: where it lists places and what is wrong there, as `FastAPI` does, one for each of them.
pub(super) fn sentences(body: &[u8], message: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut body = serde_json::from_slice(body).unwrap_or(Value::Null);
    // Gemini puts a list around it.
    if let Value::Array(list) = &mut body
        && let [one] = &mut list[..]
    {
        body = one.take();
    }
    places(&body, DEPTH, &mut found);
    if found.is_empty() {
        let mut sentence = message.to_owned();
        for error in [&body, &body["error"]] {
            let param = error["param"].as_str().unwrap_or_default();
            if !param.is_empty() {
                // OpenAI's code for a field that the model does not take, whatever the words are.
                let is_refused = error["code"] == "unsupported_parameter";
                let refused = if is_refused { " unsupported" } else { "" };
                sentence = format!("{sentence}{refused} `{param}`");
            }
        }
        found.push(sentence);
    }
    found
}

fn places(value: &Value, depth: u32, found: &mut Vec<String>) {
    let Some(depth) = depth.checked_sub(1) else {
        return;
    };
    match value {
        Value::Object(fields) => {
            let told = fields.get("msg").or_else(|| fields.get("message"));
            if let (Some(Value::Array(place)), Some(Value::String(told))) =
                (fields.get("loc"), told)
            {
                let place: Vec<_> = place.iter().map(plain).collect();
                found.push(format!("`{}`: {told}", place.join(".")));
                return;
            }
            fields.values().for_each(|it| places(it, depth, found));
        }
        Value::Array(items) => items.iter().for_each(|it| places(it, depth, found)),
        Value::String(text) if text.trim_start().starts_with(['{', '[']) => {
            if let Ok(inner) = serde_json::from_str(text) {
                places(&inner, depth, found);
            }
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// Names of fields in a sentence: those in quotes, and without quotes the known ones, in their order. `tools`: the fields that offer
/// them.
pub(super) fn names(sentence: &str, tools: &[&str]) -> Vec<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_$.-[]/".contains(c);
    let mut names = Vec::new();
    let mut before = ' ';
    let mut rest = sentence;
    while let Some(first) = rest.chars().next() {
        if !is_part(first) || first == '[' {
            before = match first {
                '\\' => before,
                ' ' if before == ':' => ':',
                other => other,
            };
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let is_quoted = "\"'`[".contains(before)
            && (after.starts_with(['"', '\'', '`', '\\']) || word.ends_with(']'));
        // A key of JSON in the text names nothing that is refused: it may be the request's own.
        let is_key = before == '"' && is_before_value(after);
        let is_place = word.starts_with("tools.") || word.starts_with("tools[");
        let is_told = after.starts_with(": Extra") || after.starts_with(": extra");
        let is_supplied = before == ':' && tools.contains(&word);
        let name = name_of(word).filter(|name| {
            let is_known = OPTIONAL.contains(&name.as_str());
            !is_key && (is_quoted || is_place || is_told || is_supplied || is_known)
        });
        names.extend(name);
        before = ' ';
        rest = after;
    }
    names
}

/// Whether the end of a key stands here, and a value of JSON behind it.
fn is_before_value(text: &str) -> bool {
    let closed = text.trim_start_matches('\\').strip_prefix('"');
    let value = closed.and_then(|it| it.trim_start().strip_prefix(':'));
    value.is_some_and(|value| {
        let value = value.trim_start().trim_start_matches('\\');
        let words = ["true", "false", "null"];
        let is_word = words.iter().any(|word| value.starts_with(word));
        is_word || value.starts_with(|c: char| c.is_ascii_digit() || "\"{[-".contains(c))
    })
}

/// The field at a path: the request's own, of a tool the innermost; none within messages.
fn name_of(path: &str) -> Option<String> {
    let parts = path.split(['.', '[', ']', '/']);
    let mut parts = parts.filter(|part| !part.is_empty() && part.parse::<u32>().is_err());
    let mut first = parts.next()?;
    while ["body", "request", "query"].contains(&first) {
        first = parts.next()?;
    }
    let name = match first {
        "messages" | "contents" | "model" => return None,
        // What a tool takes may be called as a field of the request is.
        "tools" => match parts.next_back() {
            Some(inner) if OPTIONAL.contains(&inner) => return None,
            inner => inner.unwrap_or(first),
        },
        other => other,
    };
    (name.len() <= LONGEST_NAME).then(|| name.to_owned())
}

/// What may be a tool's name in a list of them.
pub(super) fn tool_names(list: &str) -> Vec<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let words = list.split(|c| !is_part(c));
    let names = words.filter(|word| (1..=LONGEST_NAME).contains(&word.len()));
    names.map(str::to_owned).collect()
}

/// Whole numbers that stand by themselves; of one that is excluded the one below.
pub(super) fn numbers(text: &str) -> Vec<u32> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_-,.".contains(c);
    let words = text.split(|c| !is_part(c)).filter(|word| !word.is_empty());
    let number = |word: &str| -> Option<u32> {
        let digits = word.trim_matches(['.', ',']).replace(',', "");
        digits.parse().ok()
    };
    let mut found = Vec::<u32>::new();
    for word in words {
        if word == "exclusive" {
            if let Some(last) = found.last_mut() {
                *last = last.saturating_sub(1);
            }
        } else {
            found.extend(number(word));
        }
    }
    found
}
