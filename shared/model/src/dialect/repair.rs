//! JSON as small models write it: strict where it is, else with trailing commas, Python literals and quotes, and brackets that
//! are not closed.

use std::str::Chars;

use serde_json::{Map, Number, Value};

/// What holds text in a reply.
const TEXTS: [&str; 6] = [
    "content",
    "reasoning_content",
    "reasoning",
    "thinking",
    "text",
    "arguments",
];
/// Deepest nesting that is read.
const MAX_DEPTH: usize = 64;

/// A value, and what it took to read it.
#[derive(Debug, PartialEq)]
pub(crate) struct Repaired {
    pub(crate) value: Value,
    /// Brackets were missing at the end and are added.
    pub(crate) closed: bool,
}

/// Reads a text that holds one value and nothing else.
pub(crate) fn parse(text: &str) -> Option<Repaired> {
    if let Ok(value) = serde_json::from_str(text) {
        return Some(Repaired {
            value,
            closed: false,
        });
    }
    Tolerant::new(text).only_value()
}

/// The same, but nothing of how text is written is lost: a float in its place is the text that it is, and something stands for
/// half a surrogate pair that a caller can put together again.
pub(crate) fn parse_verbatim(text: &str, stand_in: fn(u16) -> char) -> Option<Repaired> {
    let mut tolerant = Tolerant::new(text);
    tolerant.stand_in = stand_in;
    tolerant.keeps_floats = true;
    tolerant.only_value()
}

/// Reads the value that a text begins with, and gives what follows it.
pub(crate) fn parse_first(text: &str) -> Option<(Repaired, &str)> {
    let mut strict = serde_json::Deserializer::from_str(text).into_iter();
    if let Some(Ok(value)) = strict.next() {
        let closed = false;
        return Some((Repaired { value, closed }, &text[strict.byte_offset()..]));
    }
    let mut tolerant = Tolerant::new(text);
    let value = tolerant.value(0)?;
    let closed = tolerant.closed;
    Some((Repaired { value, closed }, tolerant.rest))
}

/// Reads calls in Python, `[name(argument=value, …), …]`, with the text between their brackets.
pub(super) fn python_calls(text: &str) -> Option<Vec<(String, Value)>> {
    let mut tolerant = Tolerant::new(text);
    let mut calls = Vec::new();
    tolerant.take('[')?;
    while tolerant.take(']').is_none() {
        let name = tolerant.word()?;
        let arguments = tolerant.keyword_arguments()?;
        calls.push((name.to_owned(), arguments));
        tolerant.separator(']')?;
    }
    tolerant.skip_space();
    (tolerant.is_at_end() && !tolerant.closed).then_some(calls)
}

struct Tolerant<'a> {
    rest: &'a str,
    closed: bool,
    /// What stands for half a surrogate pair.
    stand_in: fn(u16) -> char,
    /// A float is kept as it is written where a text is meant.
    keeps_floats: bool,
}

impl<'a> Tolerant<'a> {
    const fn new(text: &'a str) -> Self {
        Self {
            rest: text,
            closed: false,
            stand_in: |_| char::REPLACEMENT_CHARACTER,
            keeps_floats: false,
        }
    }

    fn only_value(mut self) -> Option<Repaired> {
        let value = self.value(0)?;
        self.skip_space();
        self.is_at_end().then_some(Repaired {
            value,
            closed: self.closed,
        })
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        self.skip_space();
        match self.rest.chars().next()? {
            _ if depth > MAX_DEPTH => None,
            '{' => self.object(depth),
            '[' => self.list(depth, '[', ']'),
            '(' => self.list(depth, '(', ')'),
            '"' | '\'' => self.string().map(Value::String),
            _ => literal(self.word()?),
        }
    }

    fn object(&mut self, depth: usize) -> Option<Value> {
        let mut fields = Map::new();
        self.take('{')?;
        while self.take('}').is_none() {
            if self.close_at_end() {
                break;
            }
            let key = if self.rest.starts_with(['"', '\'']) {
                self.string()?
            } else {
                self.word()?.to_owned()
            };
            self.take(':')?;
            let value = match self.float_as_text(&key) {
                Some(text) => text,
                None => self.value(depth + 1)?,
            };
            fields.insert(key, value);
            self.separator('}')?;
        }
        Some(Value::Object(fields))
    }

    /// A float in place of a text, as it is written.
    fn float_as_text(&mut self, key: &str) -> Option<Value> {
        if !self.keeps_floats || !TEXTS.contains(&key) {
            return None;
        }
        let before = self.rest;
        let text = self
            .word()
            .filter(|word| matches!(literal(word), Some(Value::Number(number)) if number.is_f64()));
        if text.is_none() {
            self.rest = before;
        }
        text.map(Value::from)
    }

    fn list(&mut self, depth: usize, open: char, close: char) -> Option<Value> {
        let mut values = Vec::new();
        self.take(open)?;
        while self.take(close).is_none() {
            if self.close_at_end() {
                break;
            }
            values.push(self.value(depth + 1)?);
            self.separator(close)?;
        }
        Some(Value::Array(values))
    }

    fn keyword_arguments(&mut self) -> Option<Value> {
        let mut arguments = Map::new();
        self.take('(')?;
        while self.take(')').is_none() {
            self.skip_space();
            let name = self.word()?.to_owned();
            self.take('=')?;
            arguments.insert(name, self.value(0)?);
            self.separator(')')?;
        }
        Some(Value::Object(arguments))
    }

    /// A comma, also one too many; none before the closing bracket, or at the end.
    fn separator(&mut self, close: char) -> Option<()> {
        let comma = self.take(',').is_some();
        (comma || self.rest.starts_with(close) || self.rest.is_empty()).then_some(())
    }

    fn close_at_end(&mut self) -> bool {
        self.closed |= self.rest.is_empty();
        self.rest.is_empty()
    }

    fn string(&mut self) -> Option<String> {
        let mut chars = self.rest.chars();
        let quote = chars.next()?;
        let mut text = String::new();
        loop {
            match chars.next()? {
                '\\' => escape(&mut chars, self.stand_in, &mut text)?,
                end if end == quote => break,
                other => text.push(other),
            }
        }
        self.rest = chars.as_str();
        Some(text)
    }

    /// A name, number or literal.
    fn word(&mut self) -> Option<&'a str> {
        self.skip_space();
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '+' | '.' | '$');
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!word.is_empty()).then_some(word)
    }

    /// Takes a character, and white space before and after it.
    fn take(&mut self, wanted: char) -> Option<()> {
        self.skip_space();
        self.rest = self.rest.strip_prefix(wanted)?;
        self.skip_space();
        Some(())
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }

    const fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }
}

fn literal(word: &str) -> Option<Value> {
    match word {
        "true" | "True" => Some(Value::Bool(true)),
        "false" | "False" => Some(Value::Bool(false)),
        "null" | "None" | "undefined" => Some(Value::Null),
        number => serde_json::from_str::<Number>(number)
            .map(Value::Number)
            .ok()
            .or_else(|| is_no_finite_number(number).then_some(Value::Null)),
    }
}

/// Whether it is `NaN`, infinite, or a number too large to be held.
fn is_no_finite_number(word: &str) -> bool {
    let digits = word.trim_start_matches(['-', '+']);
    let is_number = digits.starts_with(|c: char| c.is_ascii_digit())
        || ["nan", "inf", "infinity"].contains(&&*digits.to_ascii_lowercase());
    is_number && word.parse::<f64>().is_ok_and(|number| !number.is_finite())
}

/// What stands behind a backslash; an escape that means nothing is left as it is.
fn escape(chars: &mut Chars<'_>, stand_in: fn(u16) -> char, text: &mut String) -> Option<()> {
    match chars.next()? {
        'n' => text.push('\n'),
        't' => text.push('\t'),
        'r' => text.push('\r'),
        'b' => text.push('\u{8}'),
        'f' => text.push('\u{c}'),
        plain @ ('"' | '\'' | '\\' | '/') => text.push(plain),
        'u' => text.push(unicode(chars, stand_in)?),
        other => text.extend(['\\', other]),
    }
    Some(())
}

/// Four hexadecimal digits, or two times four for one character beyond them.
fn unicode(chars: &mut Chars<'_>, stand_in: fn(u16) -> char) -> Option<char> {
    let first = hex(chars)?;
    let mut ahead = chars.clone();
    let second = ahead
        .next()
        .zip(ahead.next())
        .filter(|escape| *escape == ('\\', 'u'))
        .and_then(|_| hex(&mut ahead));
    let pair = second.and_then(|second| char::decode_utf16([first, second]).next()?.ok());
    match (char::from_u32(u32::from(first)), pair) {
        (Some(character), _) => Some(character),
        (None, Some(character)) => {
            *chars = ahead;
            Some(character)
        }
        (None, None) => Some(stand_in(first)),
    }
}

fn hex(chars: &mut Chars<'_>) -> Option<u16> {
    let digits = chars.as_str().get(..4)?;
    let number = u16::from_str_radix(digits, 16).ok()?;
    *chars = chars.as_str()[4..].chars();
    Some(number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_is_read_as_small_models_write_it() {
        let cases = [
            (
                r#"{"a": [1, 2.5, null]}"#,
                json!({"a": [1, 2.5, null]}),
                false,
            ),
            (r#"{"a": 1,}"#, json!({"a": 1}), false),
            (
                "{'a': 'it\\'s', 'b': True, 'c': None,}",
                json!({"a": "it's", "b": true, "c": null}),
                false,
            ),
            ("{a: (1, 2)}", json!({"a": [1, 2]}), false),
            (
                "{\"code\": \"one\ntwo\"}",
                json!({"code": "one\ntwo"}),
                false,
            ),
            (
                r"{'a': '\u00e9\ud83d\ude00\q'}",
                json!({"a": "é😀\\q"}),
                false,
            ),
            (r#"{"a": {"b": [1"#, json!({"a": {"b": [1]}}), true),
            (r#"{"a": 1, "#, json!({"a": 1}), true),
        ];
        for (text, value, closed) in cases {
            assert_eq!(parse(text), Some(Repaired { value, closed }), "{text}");
        }
    }

    #[test]
    fn what_would_have_to_be_guessed_is_not_read() {
        let texts = [
            "",
            "{\"a\": ",
            "{\"a\"",
            "{\"a\": \"b",
            "{\"a\" 1}",
            "{} {}",
            "[1 2]",
            "{\"a\": yes}",
        ];
        for text in texts {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse(&"[".repeat(100_000)), None);
    }
}
