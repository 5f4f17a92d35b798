//! Whether JSON that has only begun can be a call of an offered tool: told from its first key, and from the name where that
//! comes first.

use super::offered::Offered;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    NoCall,
    Undecided,
    /// It is one, or looks like one until its end is read.
    Call,
}

/// Looks at a text that begins with `{` or `[`.
pub(super) fn shape(text: &str, offered: &Offered) -> Shape {
    let list = text.strip_prefix('[').map(str::trim_ascii_start);
    object(list.unwrap_or(text), offered, 0)
}

fn object(text: &str, offered: &Offered, depth: usize) -> Shape {
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
        "function" if value.starts_with('{') && depth == 0 => object(value, offered, 1),
        "name" | "function" => name(value, offered),
        "type" => one_of(value, &["function", "tool_call"]),
        "arguments" | "parameters" if value.is_empty() => Shape::Undecided,
        "arguments" | "parameters" if value.starts_with(['{', '"', '\'']) => Shape::Call,
        _ => Shape::NoCall,
    }
}

const KEYS: [&str; 5] = ["name", "function", "type", "arguments", "parameters"];

fn name(value: &str, offered: &Offered) -> Shape {
    match word(value) {
        Word::Whole(name, _) if offered.has(name) => Shape::Call,
        Word::Begun(begun) => undecided_if(offered.may_become(begun)),
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
