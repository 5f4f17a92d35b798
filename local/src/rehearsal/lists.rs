//! Programs over a list of numbers: members of a sequence or the numbers in the question, and what to make of them.

use super::sequences::members;
use super::words::{Token, find_any, plain};

/// What is made of the values, by the words that ask for it.
const REDUCTIONS: [(&[&str], &str, &str); 10] = [
    (&["sum", "total", "add"], "sum", "sum(values)"),
    (&["product", "multiply"], "product", "math.prod(values)"),
    (&["average", "mean"], "average", "statistics.mean(values)"),
    (&["median"], "median", "statistics.median(values)"),
    (
        &["largest", "biggest", "maximum", "highest"],
        "largest",
        "max(values)",
    ),
    (
        &["smallest", "minimum", "lowest"],
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
    (&["sort", "sorted", "order"], "sorted", "sorted(values)"),
];

/// The most members that a program prints.
const MAX_PRINTED: usize = 50;

pub(super) fn program(tokens: &[Token]) -> Option<String> {
    let reductions: Vec<_> = REDUCTIONS
        .iter()
        .filter(|(words, _, _)| find_any(tokens, words).is_some())
        .collect();
    let values = match members(tokens) {
        Some(values) => values,
        None if reductions.is_empty() => return None,
        None => format!("[{}]", named_numbers(tokens)?.join(", ")),
    };
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

/// At least two numbers in a row, with commas or `and` between them.
fn named_numbers(tokens: &[Token]) -> Option<Vec<String>> {
    let joins = |token: &Token| token.is("and") || *token == Token::Mark(',');
    let mut run = Vec::new();
    let mut negative = false;
    for token in tokens {
        match token {
            Token::Number(digits) => {
                let sign = if negative { "-" } else { "" };
                run.push(format!("{sign}{}", plain(digits)));
                negative = false;
            }
            Token::Mark('-') => negative = true,
            token if joins(token) => {}
            Token::Word(_) | Token::Mark(_) if run.len() >= 2 => break,
            Token::Word(_) | Token::Mark(_) => {
                run.clear();
                negative = false;
            }
        }
    }
    (run.len() >= 2).then_some(run)
}
