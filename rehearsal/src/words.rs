//! A text as tokens, and where words stand among them.

use crate::numerals;
pub(crate) use crate::token::Token;

pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&here) = chars.get(at) {
        if here.is_ascii_digit() {
            numerals::read(&chars, &mut at, &mut tokens);
        } else if here.is_alphabetic() {
            tokens.push(word(&chars, &mut at));
        } else if here == '.' && chars.get(at + 1).is_some_and(char::is_ascii_digit) {
            // A number without its first digit is none that a rule reads.
            tokens.push(Token::Code(here.to_string()));
            at += 1;
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
