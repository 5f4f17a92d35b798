//! JSON as small models write it: strict where it is, else with trailing commas, Python literals and quotes, and brackets that
//! are not closed.

use serde_json::Value;

use super::tolerant::Tolerant;

/// A value, and what it took to read it.
#[derive(Debug, PartialEq)]
pub(crate) struct Repaired {
    pub(crate) value: Value,
    /// Brackets were missing at the end and are added.
    pub(crate) closed: bool,
}

/// Reads a text that holds one value and nothing else.
pub(crate) fn parse(text: &str) -> Option<Repaired> {
    if let Ok(value) = serde_json::from_str(text) {
        return Some(Repaired {
            value,
            closed: false,
        });
    }
    only_value(Tolerant::new(text))
}

/// The same, but nothing of how text is written is lost: a float in its place is the text that it is, and something stands for
/// half a surrogate pair that a caller can put together again.
pub(crate) fn parse_verbatim(text: &str, stand_in: fn(u16) -> char) -> Option<Repaired> {
    let mut tolerant = Tolerant::new(text);
    tolerant.stand_in = stand_in;
    tolerant.keeps_floats = true;
    only_value(tolerant)
}

/// Reads the value that a text begins with, and gives what follows it.
pub(crate) fn parse_first(text: &str) -> Option<(Repaired, &str)> {
    let mut strict = serde_json::Deserializer::from_str(text).into_iter();
    if let Some(Ok(value)) = strict.next() {
        let closed = false;
        return Some((Repaired { value, closed }, &text[strict.byte_offset()..]));
    }
    let mut tolerant = Tolerant::new(text);
    let value = tolerant.value(0)?;
    let closed = tolerant.closed;
    Some((Repaired { value, closed }, tolerant.rest))
}

/// Reads calls in Python, `[name(argument=value, …), …]`, with the text between their brackets.
pub(crate) fn python_calls(text: &str) -> Option<Vec<(String, Value)>> {
    let mut tolerant = Tolerant::new(text);
    let mut calls = Vec::new();
    tolerant.take('[')?;
    while tolerant.take(']').is_none() {
        let name = tolerant.word()?;
        let arguments = tolerant.keyword_arguments()?;
        calls.push((name.to_owned(), arguments));
        tolerant.separator(']')?;
    }
    tolerant.skip_space();
    (tolerant.is_at_end() && !tolerant.closed).then_some(calls)
}

fn only_value(mut tolerant: Tolerant<'_>) -> Option<Repaired> {
    let value = tolerant.value(0)?;
    tolerant.skip_space();
    tolerant.is_at_end().then_some(Repaired {
        value,
        closed: tolerant.closed,
    })
}

#[cfg(test)]
mod tests;
