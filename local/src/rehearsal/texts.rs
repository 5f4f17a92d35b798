//! Programs over a text that the question quotes.

use super::words::{Token, find, find_any, literal};

/// What is asked of the text, by the words that ask for it.
const TASKS: [(&[&str], &str, &str); 9] = [
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
            "how many letters",
            "number of characters",
            "number of letters",
        ],
        "length",
        "len(text)",
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

pub(super) fn program(question: &str, tokens: &[Token]) -> Option<String> {
    let text = quoted(question)?;
    let mut lines: Vec<String> = TASKS
        .iter()
        .filter(|(words, _, _)| find_any(tokens, words).is_some())
        .map(|(_, name, python)| format!("print(\"{name}:\", {python})"))
        .collect();
    if let Some(letter) = letter(tokens) {
        let letter = literal(letter);
        lines.push(format!(
            "print({letter}, \"occurs\", text.lower().count({letter}), \"times\")"
        ));
    }
    if lines.is_empty() {
        return None;
    }
    Some(format!("text = {}\n{}\n", literal(text), lines.join("\n")))
}

/// "the letter r", where it is to be counted.
fn letter(tokens: &[Token]) -> Option<&str> {
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
    let word = tokens.get(find(tokens, "letter")? + 1)?.word()?;
    (word.chars().count() == 1).then_some(word)
}

/// The first text in quotation marks. An apostrophe inside a word is none.
fn quoted(question: &str) -> Option<&str> {
    const PAIRS: [(char, char); 5] = [('"', '"'), ('\'', '\''), ('“', '”'), ('‘', '’'), ('`', '`')];
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
        Some(&question[start..end])
    })
}
