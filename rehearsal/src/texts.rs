//! Programs over a text that the question quotes.

use crate::coverage::Coverage;
use crate::words::{Token, find, find_any, literal, tokens};

const PAIRS: [(char, char); 5] = [('"', '"'), ('\'', '\''), ('“', '”'), ('‘', '’'), ('`', '`')];

/// What is asked of the text, by the words that ask for it.
const TASKS: [(&[&str], &str, &str); 10] = [
    (&["print", "prints", "output", "outputs"], "text", "text"),
    (
        &["reverse", "reversed", "backwards"],
        "reversed",
        "text[::-1]",
    ),
    (
        &["upper case", "uppercase", "capital letters"],
        "upper case",
        "text.upper()",
    ),
    (&["lower case", "lowercase"], "lower case", "text.lower()"),
    (
        &[
            "length",
            "how long",
            "how many characters",
            "number of characters",
        ],
        "length",
        "len(text)",
    ),
    (
        &["how many letters", "number of letters"],
        "letters",
        "sum(c.isalpha() for c in text)",
    ),
    (
        &["vowels"],
        "vowels",
        "sum(letter in 'aeiou' for letter in text.lower())",
    ),
    (
        &["palindrome"],
        "palindrome",
        "[c for c in text.lower() if c.isalnum()] == [c for c in text.lower()[::-1] if c.isalnum()]",
    ),
    (
        &["how many words", "count the words", "number of words"],
        "words",
        "len(text.split())",
    ),
    (
        &["sort", "sorted", "alphabetical"],
        "sorted",
        "''.join(sorted(text))",
    ),
];

/// Words in which a text is spoken of.
const WORDS: [&str; 25] = [
    "say",
    "says",
    "text",
    "string",
    "word",
    "sentence",
    "phrase",
    "letter",
    "characters",
    "does",
    "do",
    "there",
    "in",
    "occur",
    "occurs",
    "occurrences",
    "appear",
    "appears",
    "count",
    "how many",
    "how many times",
    "how often",
    "number",
    "order",
    "into",
];

pub(crate) fn program(question: &str) -> Option<String> {
    let quote = quoted(question)?;
    let text = &question[quote.clone()];
    let is_mark = |c: char| PAIRS.iter().any(|(open, close)| c == *open || c == *close);
    let before = question[..quote.start].trim_end_matches(is_mark);
    let after = question[quote.end..].trim_start_matches(is_mark);
    let around = [before, " ", after].concat();
    let tokens = &tokens(&around)[..];
    let mut coverage = Coverage::new(tokens);
    coverage.take_phrases(&WORDS);
    let mut lines = Vec::new();
    for (words, name, python) in &TASKS {
        if find_any(tokens, words).is_some() {
            coverage.take_phrases(words);
            lines.push(format!("print(\"{name}:\", {python})"));
        }
    }
    if let Some((at, letter)) = letter(tokens) {
        coverage.take([at]);
        let letter = literal(letter);
        lines.push(format!(
            "print({letter}, \"occurs\", text.lower().count({letter}), \"times\")"
        ));
    }
    if lines.is_empty() || !coverage.is_whole() {
        return None;
    }
    Some(format!("text = {}\n{}\n", literal(text), lines.join("\n")))
}

/// "the letter r", where it is to be counted.
fn letter(tokens: &[Token]) -> Option<(usize, &str)> {
    find_any(
        tokens,
        &[
            "how many times",
            "how often",
            "count",
            "occur",
            "occurrences",
        ],
    )?;
    let at = find(tokens, "letter")? + 1;
    let word = tokens.get(at)?.word()?;
    (word.chars().count() == 1).then_some((at, word))
}

/// The first text in quotation marks. An apostrophe inside a word is none.
fn quoted(question: &str) -> Option<std::ops::Range<usize>> {
    let opens = |at: usize| {
        question[..at]
            .chars()
            .next_back()
            .is_none_or(|c| !c.is_alphanumeric())
    };
    let closes = |at: usize| {
        question[at..]
            .chars()
            .next()
            .is_none_or(|c| !c.is_alphanumeric())
    };
    PAIRS.iter().find_map(|(open, close)| {
        let start = question.match_indices(*open).find(|(at, _)| opens(*at))?.0 + open.len_utf8();
        let ends = question[start..].match_indices(*close);
        let mut ends = ends.map(|(at, _)| start + at);
        let end = ends.find(|at| *at > start && closes(at + close.len_utf8()))?;
        Some(start..end)
    })
}
