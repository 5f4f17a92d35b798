//! When a question needs a search, and what to search for.

use crate::words::{Token, find_any, tokens};

/// Words that ask for something to be looked up, or for something that changes with time.
const SIGNS: [&str; 34] = [
    "search for",
    "search the",
    "search online",
    "search web",
    "web search",
    "use search",
    "look up",
    "google",
    "find online",
    "on the web",
    "on the internet",
    "online",
    "current",
    "currently",
    "latest",
    "newest",
    "most recent",
    "recent",
    "recently",
    "right now",
    "today",
    "todays",
    "yesterday",
    "this week",
    "this month",
    "this year",
    "up to date",
    "as of",
    "news",
    "weather",
    "price of",
    "exchange rate",
    "population of",
    "capital of",
];

/// Openings of a question about a fact. Later in a text they ask about what the text itself says.
const FACTS: [&str; 14] = [
    "who is",
    "who was",
    "who are",
    "who wrote",
    "who invented",
    "who discovered",
    "who won",
    "when did",
    "who made",
    "who built",
    "when was",
    "when is",
    "where is",
    "where was",
];

/// Words before the matter itself.
const COMMANDS: [&str; 38] = [
    "please",
    "can you",
    "could you",
    "i want to know",
    "i would like to know",
    "tell me",
    "show me",
    "give me",
    "use search to",
    "use the web to",
    "search for",
    "search the web for",
    "search the internet for",
    "search online for",
    "search web for",
    "search the web",
    "search",
    "do a web search for",
    "look up",
    "look for",
    "google",
    "find out",
    "find",
    "check",
    "what is",
    "what's",
    "what are",
    "what was",
    "who is",
    "who are",
    "who's",
    "how much is",
    "and",
    "then",
    "about",
    "online",
    "a",
    "the",
];

/// Where one part of a question ends and the next task begins.
const BREAKS: [&str; 16] = [
    ", then",
    "; then",
    ". then",
    " and then ",
    " then ",
    ", and ",
    "; ",
    "? ",
    ", write ",
    ", check ",
    " and write ",
    " and check ",
    " and use ",
    " and run ",
    " and compute ",
    " and calculate ",
];

/// The longest query that a search is given, in characters.
const MAX_QUERY_CHARS: usize = 200;

/// The place of the first word that asks for a search.
pub(crate) fn asked_at(tokens: &[Token]) -> Option<usize> {
    if tokens.first().is_some_and(|token| token.is("search")) {
        return Some(0);
    }
    let ends = |token: &Token| matches!(token, Token::Mark('.' | '?' | '!'));
    let first = tokens.split(ends).next().unwrap_or_default();
    let places = [find_any(tokens, &SIGNS), find_any(first, &FACTS)];
    places.into_iter().flatten().min()
}

/// The part of the question that asks for a search, without the words that only give the command.
pub(crate) fn query(question: &str) -> String {
    let parts = parts(question);
    let asks = |part: &&&str| asked_at(&tokens(part)).is_some();
    let part = parts.iter().find(asks).copied().unwrap_or(question);
    let mut rest = trim(part);
    while let Some(shorter) = COMMANDS.iter().find_map(|words| strip_words(rest, words)) {
        rest = trim(shorter);
    }
    let rest = if rest.is_empty() {
        trim(question)
    } else {
        rest
    };
    rest.chars().take(MAX_QUERY_CHARS).collect()
}

/// The parts of a question that ask for no search.
pub(crate) fn rest(question: &str) -> String {
    let parts = parts(question).into_iter();
    let rest: Vec<&str> = parts
        .filter(|part| asked_at(&tokens(part)).is_none())
        .collect();
    rest.join(". ")
}

fn parts(question: &str) -> Vec<&str> {
    let mut parts = vec![question];
    for mark in BREAKS {
        let split = parts.into_iter().flat_map(|part| split_at_each(part, mark));
        parts = split.collect();
    }
    parts
}

fn split_at_each<'a>(text: &'a str, mark: &str) -> Vec<&'a str> {
    // Lower case of ASCII letters only, so that places in it are places in `text`.
    let lower = text.to_ascii_lowercase();
    let mut from = 0;
    let mut parts = Vec::new();
    for (at, found) in lower.match_indices(mark) {
        parts.push(&text[from..at]);
        from = at + found.len();
    }
    parts.push(&text[from..]);
    parts
}

fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || ",.;:?!".contains(c))
}

fn strip_words<'a>(text: &'a str, words: &str) -> Option<&'a str> {
    let head = text.get(..words.len())?;
    let rest = &text[words.len()..];
    let ends = rest.is_empty() || rest.starts_with([' ', ',', ':']);
    (ends && head.eq_ignore_ascii_case(words)).then_some(rest)
}
