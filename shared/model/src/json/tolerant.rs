//! A reader of JSON that passes over what small models get wrong. Nothing is guessed: of what it cannot tell it gives nothing.

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

/// A text that is read as one value after the other.
pub(super) struct Tolerant<'a> {
    pub(super) rest: &'a str,
    /// Brackets were missing at the end and are added.
    pub(super) closed: bool,
    /// What stands for half a surrogate pair.
    pub(super) stand_in: fn(u16) -> char,
    /// A float is kept as it is written where a text is meant.
    pub(super) keeps_floats: bool,
}

impl<'a> Tolerant<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self {
            rest: text,
            closed: false,
            stand_in: |_| char::REPLACEMENT_CHARACTER,
            keeps_floats: false,
        }
    }

    pub(super) fn value(&mut self, depth: usize) -> Option<Value> {
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

    pub(super) fn keyword_arguments(&mut self) -> Option<Value> {
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
    pub(super) fn separator(&mut self, close: char) -> Option<()> {
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
    pub(super) fn word(&mut self) -> Option<&'a str> {
        self.skip_space();
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '+' | '.' | '$');
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!word.is_empty()).then_some(word)
    }

    /// Takes a character, and white space before and after it.
    pub(super) fn take(&mut self, wanted: char) -> Option<()> {
        self.skip_space();
        self.rest = self.rest.strip_prefix(wanted)?;
        self.skip_space();
        Some(())
    }

    pub(super) fn skip_space(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }

    pub(super) const fn is_at_end(&self) -> bool {
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
