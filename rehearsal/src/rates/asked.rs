//! What a problem of rates asks for, and whether each of its words is one that the rule knows.

use super::events::Asked;
use crate::coverage::is_request;
use crate::words::{Token, find, find_any};

/// What "how much" may be followed by, so that it asks for what the rate is of.
const NO_UNIT: [&str; 9] = [
    "in",
    "is",
    "altogether",
    "total",
    "does",
    "do",
    "overall",
    "after",
    "will",
];

pub(super) fn read(tokens: &[Token]) -> Option<Asked> {
    if find(tokens, "how long").is_some() {
        return Some(Asked::Duration);
    }
    if find_any(tokens, &["how far", "distance"]).is_some() {
        return Some(Asked::Distance);
    }
    let counted = find(tokens, "how many").or_else(|| find(tokens, "how much"));
    if let Some(at) = counted {
        return match tokens.get(at + 2) {
            Some(Token::Word(unit)) if !NO_UNIT.contains(&unit.as_str()) => {
                Some(Asked::Amount { unit: unit.clone() })
            }
            Some(Token::Number(_) | Token::Code(_)) => None,
            Some(Token::Word(_) | Token::Mark(_)) | None => Some(Asked::Total),
        };
    }
    if find_any(tokens, &["how fast", "average speed"]).is_some() {
        return Some(Asked::Rate);
    }
    find_any(tokens, &["total", "altogether", "overall"]).map(|_| Asked::Total)
}

/// Words in which rates, their changes and the question are told.
const WORDS: [&str; 55] = [
    "if",
    "when",
    "at",
    "its",
    "his",
    "her",
    "speed",
    "pace",
    "rate",
    "same",
    "constant",
    "steady",
    "then",
    "next",
    "another",
    "further",
    "this",
    "total",
    "altogether",
    "overall",
    "distance",
    "average",
    "far",
    "many",
    "long",
    "fast",
    "does",
    "do",
    "did",
    "get",
    "go",
    "goes",
    "travel",
    "travels",
    "run",
    "runs",
    "move",
    "moves",
    "she",
    "he",
    "they",
    "take",
    "takes",
    "by",
    "up",
    "down",
    "until",
    "end",
    "covers",
    "cover",
    "during",
    "after",
    "changes",
    "as",
    "later",
];

/// How many words that the rule does not know may tell who does what before the first amount.
const MAX_UNKNOWN: usize = 5;

/// Words that turn what they stand beside round.
const TURNING: [&str; 9] = [
    "not", "never", "without", "but", "half", "twice", "stops", "each", "except",
];

/// Whether the rule knows each of the words that were passed over. Who does what is told by words that it cannot know: a
/// few of them may stand before the first amount, and again after it.
pub(super) fn knows(tokens: &[Token], passed: &[usize], first_amount: usize) -> bool {
    let mut own: Vec<&str> = Vec::new();
    for at in passed {
        let token = &tokens[*at];
        if token.number().is_some() {
            return false;
        }
        let Some(word) = token.word().filter(|_| !is_request(token)) else {
            if is_request(token) {
                continue;
            }
            return false;
        };
        let is_change = [
            "increas",
            "decreas",
            "accelerat",
            "decelerat",
            "rais",
            "slow",
            "reduc",
            "drop",
            "grow",
            "fall",
        ]
        .iter()
        .any(|stem| word.starts_with(stem));
        let known = WORDS.contains(&word)
            || is_change
            || ["faster", "slower", "higher", "lower", "more", "less"].contains(&word);
        if TURNING.contains(&word)
            || (!known && *at > first_amount && !own.iter().any(|own| same_stem(own, word)))
        {
            return false;
        }
        if !known && *at <= first_amount {
            own.push(word);
        }
    }
    own.len() <= MAX_UNKNOWN
}

/// "prints" and "print", "drives" and "driving".
fn same_stem(one: &str, other: &str) -> bool {
    let same = one.chars().zip(other.chars()).take_while(|(a, b)| a == b);
    let shorter = one.chars().count().min(other.chars().count());
    same.count() >= shorter.saturating_sub(1).max(3)
}
