//! A text as words, numbers and marks: what every rule reads.

use crate::numerals;

/// The smallest piece of a question that a rule looks at.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token {
    /// Digits with an optional fraction; thousands separators are gone.
    Number(String),
    /// Digits with signs between them that are no number: a date, a time, a version, a telephone number.
    Code(String),
    /// Lower case, without apostrophes; may hold `/ . - _` between letters (`km/h`).
    Word(String),
    Mark(char),
}

impl Token {
    pub(crate) fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(text) if text == word)
    }

    pub(crate) fn is_any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(word))
    }

    pub(crate) fn word(&self) -> Option<&str> {
        match self {
            Self::Word(text) => Some(text),
            Self::Number(_) | Self::Code(_) | Self::Mark(_) => None,
        }
    }

    /// The number that digits or a number word stand for, as digits.
    pub(crate) fn number(&self) -> Option<String> {
        match self {
            Self::Number(digits) => Some(digits.clone()),
            Self::Word(text) => {
                let (_, value) = NUMBER_WORDS.iter().find(|(word, _)| word == text)?;
                Some(value.to_string())
            }
            Self::Code(_) | Self::Mark(_) => None,
        }
    }

    pub(crate) fn integer(&self) -> Option<u64> {
        self.number()?.parse().ok()
    }
}

const NUMBER_WORDS: [(&str, u32); 30] = [
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("dozen", 12),
    ("thirteen", 13),
    ("fourteen", 14),
    ("fifteen", 15),
    ("sixteen", 16),
    ("seventeen", 17),
    ("eighteen", 18),
    ("nineteen", 19),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
    ("hundred", 100),
    ("thousand", 1000),
];

pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&here) = chars.get(at) {
        if here.is_ascii_digit() {
            numerals::read(&chars, &mut at, &mut tokens);
        } else if here.is_alphabetic() {
            tokens.push(word(&chars, &mut at));
        } else {
            if !here.is_whitespace() && !APOSTROPHES.contains(&here) {
                tokens.push(Token::Mark(here));
            }
            at += 1;
        }
    }
    tokens
}

const APOSTROPHES: [char; 2] = ['\'', '’'];

fn word(chars: &[char], at: &mut usize) -> Token {
    let letter = |at: usize| chars.get(at).is_some_and(|c: &char| c.is_alphanumeric());
    let mut text = String::new();
    while let Some(&here) = chars.get(*at) {
        if here.is_alphanumeric() || (['/', '.', '-', '_'].contains(&here) && letter(*at + 1)) {
            text.extend(here.to_lowercase());
        } else if !(APOSTROPHES.contains(&here) && letter(*at + 1)) {
            break;
        }
        *at += 1;
    }
    Token::Word(text)
}

/// Where `phrase`, words with single spaces between them, first stands.
pub(crate) fn find(tokens: &[Token], phrase: &str) -> Option<usize> {
    (0..tokens.len()).find(|at| starts_with(&tokens[*at..], phrase))
}

/// Whether `phrase` stands at the start.
pub(crate) fn starts_with(tokens: &[Token], phrase: &str) -> bool {
    let mut tokens = tokens.iter();
    phrase
        .split(' ')
        .all(|word| tokens.next().is_some_and(|token| token.is(word)))
}

/// Where the first of several phrases stands.
pub(crate) fn find_any(tokens: &[Token], phrases: &[&str]) -> Option<usize> {
    phrases
        .iter()
        .filter_map(|phrase| find(tokens, phrase))
        .min()
}

/// A text that JSON and Python both read as the same string.
pub(crate) fn literal(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Digits as Python reads them: no zeros before an integer.
pub(crate) fn plain(digits: &str) -> &str {
    let short = digits.trim_start_matches('0');
    if short.is_empty() || short.starts_with('.') {
        digits.get(digits.len() - short.len() - 1..).unwrap_or("0")
    } else {
        short
    }
}
