//! Programs over a list of numbers: members of a sequence or the numbers in the question, and what to make of them.

use crate::coverage::Coverage;
use crate::sequences::members;
use crate::words::{Token, find_any, plain};

/// What is made of the values, by the words that ask for it.
const REDUCTIONS: [(&[&str], &str, &str); 11] = [
    (&["sum", "total", "add"], "sum", "sum(values)"),
    (&["product", "multiply"], "product", "math.prod(values)"),
    (&["average", "mean"], "average", "statistics.mean(values)"),
    (&["median"], "median", "statistics.median(values)"),
    (
        &[
            "largest", "biggest", "maximum", "highest", "larger", "bigger", "greater",
        ],
        "largest",
        "max(values)",
    ),
    (
        &["smallest", "minimum", "lowest", "smaller"],
        "smallest",
        "min(values)",
    ),
    (&["count", "how many"], "count", "len(values)"),
    (
        &["greatest common divisor", "gcd"],
        "greatest common divisor",
        "math.gcd(*values)",
    ),
    (
        &["least common multiple", "lcm"],
        "least common multiple",
        "math.lcm(*values)",
    ),
    (
        &["sort", "sorted", "order", "ascending"],
        "sorted",
        "sorted(values)",
    ),
    (
        &["descending", "decreasing"],
        "sorted, falling",
        "sorted(values, reverse=True)",
    ),
];

/// The most members that a program prints.
const MAX_PRINTED: usize = 50;

/// Words beside those of the reductions in which a list or a sequence is spoken of.
const WORDS: [&str; 20] = [
    "numbers",
    "values",
    "list",
    "all",
    "each",
    "together",
    "up",
    "order",
    "there",
    "do",
    "does",
    "exist",
    "which",
    "these",
    "following",
    "sequence",
    "series",
    "or",
    "below",
    "under",
];

/// The question asks for nothing but these values and what is made of them.
pub(crate) fn program(tokens: &[Token]) -> Option<String> {
    let mut coverage = Coverage::new(tokens);
    coverage.take_phrases(&WORDS);
    let reductions = REDUCTIONS.iter();
    let reductions: Vec<_> = reductions
        .filter(|(words, _, _)| find_any(tokens, words).is_some())
        .collect();
    let first = reductions
        .iter()
        .filter_map(|(words, _, _)| find_any(tokens, words))
        .min();
    for (words, _, _) in &reductions {
        coverage.take_phrases(words);
    }
    let values = if let Some(values) = members(tokens, &mut coverage) {
        values
    } else {
        let (start, values, end) = named_numbers(tokens)?;
        // "the mean of 3 and 5" asks for it, "what do 3 and 5 mean" does not.
        first.filter(|first| *first < start)?;
        coverage.take(start..end);
        format!("[{}]", values.join(", "))
    };
    if !coverage.is_whole() {
        return None;
    }
    let mut program = "import math\nimport statistics\n\
        from itertools import accumulate, count, islice, takewhile\n\n"
        .to_owned();
    if values.contains("fibonacci()") {
        program += "def fibonacci():\n    a, b = 0, 1\n    while True:\n        yield a\n        \
            a, b = b, a + b\n\n";
    }
    let mut line = |text: &str| {
        program += text;
        program.push('\n');
    };
    line(&format!("values = {values}"));
    for (_, name, python) in &reductions {
        line(&format!("print(\"{name}:\", {python})"));
    }
    line(&format!("print(\"values:\", values[:{MAX_PRINTED}])"));
    line(&format!("if len(values) > {MAX_PRINTED}:"));
    line(&format!(
        "    print(\"and\", len(values) - {MAX_PRINTED}, \"more\")"
    ));
    if let Some((_, _, python)) = reductions.last() {
        line(python);
    }
    Some(program)
}

/// The first two or more numbers in a row with commas, `and` or `or` between them, or three or more with spaces alone; with
/// the place where they begin and end.
fn named_numbers(tokens: &[Token]) -> Option<(usize, Vec<String>, usize)> {
    let mut start = 0;
    while start < tokens.len() {
        let (values, end) = row(tokens, start);
        if values.len() >= 2 {
            return Some((start, values, end));
        }
        start = end.max(start + 1);
    }
    None
}

/// The numbers from `start` on, and where they end.
fn row(tokens: &[Token], start: usize) -> (Vec<String>, usize) {
    let joins = |token: &Token| token.is_any(&["and", "or"]) || *token == Token::Mark(',');
    let (mut values, mut end) = (Vec::new(), start);
    let (mut at, mut joined) = (start, true);
    while let Some(token) = tokens.get(at) {
        match (token, tokens.get(at + 1)) {
            (Token::Number(digits), _) if joined || short(&values, digits) => {
                values.push(plain(digits).to_owned());
                at += 1;
            }
            (Token::Mark('-' | '−'), Some(Token::Number(digits))) if joined => {
                values.push(format!("-{}", plain(digits)));
                at += 2;
            }
            (token, _) if joins(token) && !values.is_empty() => {
                joined = true;
                at += 1;
                continue;
            }
            (Token::Word(_) | Token::Number(_) | Token::Code(_) | Token::Mark(_), _) => break,
        }
        (joined, end) = (false, at);
    }
    let spaced = values.len() == 2 && !tokens[start..end].iter().any(joins);
    if spaced {
        (Vec::new(), end)
    } else {
        (values, end)
    }
}

/// Numbers that may stand beside each other: with three digits, one may be the thousands of the other.
fn short(values: &[String], digits: &str) -> bool {
    digits.len() != 3 && values.last().is_some_and(|value| value.len() != 3)
}
