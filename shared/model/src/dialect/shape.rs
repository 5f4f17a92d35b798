//! Whether JSON that has only begun can be a call: told from its first key, and from the name where that comes first.

use super::offered::Offered;

/// The names that calls may have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names<'a> {
    pub(super) offered: &'a Offered,
    pub(super) others: Others,
}

/// Which names may be meant that are not offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Others {
    None,
    /// Nothing else is in the text: other spellings of offered names.
    Close,
    /// It is marked as a call: any, for the caller to refuse.
    Any,
}

impl Names<'_> {
    /// Whether a name that is not offered may be meant.
    pub(super) fn may_mean(self, name: &str) -> bool {
        match self.others {
            Others::None => false,
            Others::Close => self.offered.fitting_strictly(name).is_some(),
            Others::Any => true,
        }
    }

    /// Whether the beginning of a name may become one that is meant.
    pub(super) fn may_become(self, begun: &str) -> bool {
        self.others != Others::None || self.offered.may_become(begun)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    NoCall,
    Undecided,
    /// It is one, or looks like one until its end is read.
    Call,
}

/// Looks at a text that begins with `{` or `[`.
pub(super) fn shape(text: &str, names: Names<'_>) -> Shape {
    let list = text.strip_prefix('[').map(str::trim_ascii_start);
    object(list.unwrap_or(text), names, 0)
}

fn object(text: &str, names: Names<'_>, depth: usize) -> Shape {
    let Some(inside) = text.strip_prefix('{') else {
        return undecided_if(text.is_empty());
    };
    let (key, after) = match word(inside.trim_ascii_start()) {
        Word::Whole(key, after) => (key, after.trim_ascii_start()),
        Word::Begun(begun) => return undecided_if(KEYS.iter().any(|key| key.starts_with(begun))),
        Word::None => return Shape::NoCall,
    };
    let Some(value) = after.strip_prefix(':').map(str::trim_ascii_start) else {
        return undecided_if(after.is_empty() && KEYS.contains(&key));
    };
    match key {
        "function" if value.starts_with('{') && depth == 0 => object(value, names, 1),
        "name" | "function" | "tool" | "tool_name" | "action" | "recipient_name" => {
            name(value, names)
        }
        "tool_calls" if depth == 0 => undecided_or_call(value),
        "type" => one_of(value, &["function", "tool_call"]),
        "arguments" | "parameters" if value.is_empty() => Shape::Undecided,
        "arguments" | "parameters" if value.starts_with(['{', '"', '\'']) => Shape::Call,
        _ => Shape::NoCall,
    }
}

const KEYS: [&str; 10] = [
    "name",
    "function",
    "type",
    "arguments",
    "parameters",
    "tool",
    "tool_name",
    "action",
    "recipient_name",
    "tool_calls",
];

fn name(value: &str, names: Names<'_>) -> Shape {
    match word(value) {
        Word::Whole(name, _) if names.offered.has(name) || names.may_mean(name) => Shape::Call,
        Word::Begun(begun) => undecided_if(names.may_become(begun)),
        Word::Whole(..) | Word::None => Shape::NoCall,
    }
}

fn one_of(value: &str, words: &[&str]) -> Shape {
    match word(value) {
        Word::Whole(found, _) if words.contains(&found) => Shape::Call,
        Word::Begun(begun) => undecided_if(words.iter().any(|word| word.starts_with(begun))),
        Word::Whole(..) | Word::None => Shape::NoCall,
    }
}

fn undecided_or_call(list: &str) -> Shape {
    match list.as_bytes().first() {
        None => Shape::Undecided,
        Some(b'[') => Shape::Call,
        Some(_) => Shape::NoCall,
    }
}

const fn undecided_if(undecided: bool) -> Shape {
    if undecided {
        Shape::Undecided
    } else {
        Shape::NoCall
    }
}

/// A string without escapes.
enum Word<'a> {
    Whole(&'a str, &'a str),
    Begun(&'a str),
    None,
}

fn word(text: &str) -> Word<'_> {
    let Some(quote) = text.chars().next() else {
        return Word::Begun("");
    };
    if !matches!(quote, '"' | '\'') {
        return Word::None;
    }
    match text[1..].split_once(quote) {
        Some((word, after)) => Word::Whole(word, after),
        None => Word::Begun(&text[1..]),
    }
}
