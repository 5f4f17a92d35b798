//! Digits with what stands between them: one number, several, or something that only looks like numbers (a date, a time, a
//! version, a telephone number), of which no rule may take a part for a number.

use crate::token::Token;

/// What may stand between two digits of one numeral.
const SEPARATORS: [char; 5] = ['.', ',', ':', '/', '-'];

/// Reads the numeral that begins at `at`, a digit, and moves `at` behind it.
pub(crate) fn read(chars: &[char], at: &mut usize, tokens: &mut Vec<Token>) {
    let digit = |at: usize| chars.get(at).is_some_and(char::is_ascii_digit);
    let start = *at;
    while digit(*at) || (digit(*at + 1) && SEPARATORS.contains(&chars[*at])) {
        *at += 1;
    }
    let text: String = chars[start..*at].iter().collect();
    let parts = if let Some(number) = number(&text) {
        vec![Token::Number(number)]
    } else if let Some(parts) = row(&text).or_else(|| operation(&text)) {
        parts
    } else {
        vec![Token::Code(text)]
    };
    tokens.extend(parts);
}

/// Digits with an optional fraction. A comma separates thousands where three digits follow it.
fn number(text: &str) -> Option<String> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let mut rest = groups.peekable();
    let grouped = rest.peek().is_some();
    let fits = digits(first)
        && (!grouped || first.len() <= 3)
        && rest.all(|group| digits(group) && group.len() == 3)
        && (fraction.is_empty() || digits(fraction));
    fits.then(|| text.replace(',', ""))
}

/// `3,9,4`: three or more short numbers. Two may be one number with a decimal comma, three digits may be thousands.
fn row(text: &str) -> Option<Vec<Token>> {
    let parts: Vec<&str> = text.split(',').collect();
    let short = |part: &&str| digits(part) && part.len() <= 2 && !has_leading_zero(part);
    if parts.len() < 3 || !parts.iter().all(short) {
        return None;
    }
    let mut tokens = Vec::new();
    for part in parts {
        tokens.push(Token::Number(part.to_owned()));
        tokens.push(Token::Mark(','));
    }
    tokens.pop();
    Some(tokens)
}

/// `7-2`, `6/4/2`: numbers with one operator between them, unless it can be a date or a telephone number.
fn operation(text: &str) -> Option<Vec<Token>> {
    let operator = ['-', '/'].into_iter().find(|sign| text.contains(*sign))?;
    let parts: Vec<&str> = text.split(operator).collect();
    let numbers: Vec<String> = parts
        .iter()
        .map(|part| number(part))
        .collect::<Option<_>>()?;
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    let is_date = matches!(lengths[..], [4, 1..=2, 1..=2] | [1..=2, 1..=2, 4 | 2]);
    let is_phone = operator == '-' && matches!(lengths[..], [.., 3, 4] | [3, 2, 4] | [3, 3, 3]);
    if is_date || is_phone || parts.iter().any(|part| has_leading_zero(part)) {
        return None;
    }
    let mut tokens = Vec::new();
    for number in numbers {
        tokens.push(Token::Number(number));
        tokens.push(Token::Mark(operator));
    }
    tokens.pop();
    Some(tokens)
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn has_leading_zero(text: &str) -> bool {
    text.len() > 1 && text.starts_with('0') && !text.starts_with("0.")
}
