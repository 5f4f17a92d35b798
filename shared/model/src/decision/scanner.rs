//! Reads JSON character by character: where values begin and end, under which keys, and what texts say.
//!
//! It is lenient where nothing is lost by it: a line's end within a text is part of the text, and half a surrogate pair is a
//! replacement character. It keeps no values.

use super::escape::unescaped;

/// Levels in each other that are read.
const MAX_LEVELS: usize = 100;
/// Longest key that is told apart, in bytes.
const MAX_KEY_BYTES: usize = 64;
/// Stands for half a surrogate pair.
const REPLACEMENT: char = char::REPLACEMENT_CHARACTER;

/// What a character means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A value begins with it.
    Begins,
    /// A text that is a value says this.
    Says(char),
    /// The value has ended with it.
    Ends,
    /// The value, a number or a word, has ended before it.
    EndedBefore,
    /// No JSON goes on so.
    Broken,
}

/// Reads one value.
#[derive(Debug)]
pub(super) struct Scanner {
    levels: Vec<Level>,
    state: State,
}

#[derive(Debug)]
struct Level {
    is_object: bool,
    /// Of the member that is being read; empty in a list.
    key: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Value,
    /// A value, or the end of a list that has none.
    FirstElement,
    /// A key, or the end of an object that has none.
    FirstKey,
    Key,
    Colon,
    /// A comma or an end.
    Next,
    Text {
        is_key: bool,
        escape: Escape,
        /// The first half of a surrogate pair.
        half: Option<u16>,
    },
    /// A number or a word.
    Word,
    Over,
    Broken,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Escape {
    None,
    Begun,
    /// So many digits of a code, and what they say so far.
    Code(u8, u16),
}

impl Scanner {
    pub(super) const fn new() -> Self {
        Self {
            levels: Vec::new(),
            state: State::Value,
        }
    }

    /// The keys that the current value stands under.
    pub(super) fn is_at(&self, path: &[&str]) -> bool {
        self.levels.len() == path.len()
            && self
                .levels
                .iter()
                .zip(path)
                .all(|(level, key)| level.is_object && level.key == **key)
    }

    /// Whether the value has come to its end.
    pub(super) const fn is_over(&self) -> bool {
        matches!(self.state, State::Over)
    }

    /// Whether it is within a text, in which a blank says something.
    pub(super) const fn is_in_text(&self) -> bool {
        matches!(self.state, State::Text { .. })
    }

    pub(super) fn push(&mut self, c: char, tell: &mut dyn FnMut(&Self, Token)) {
        match self.state {
            State::Text {
                is_key,
                escape,
                half,
            } => self.read_text(c, is_key, escape, half, tell),
            State::Word if is_of_word(c) => {}
            State::Word => {
                tell(self, Token::EndedBefore);
                self.end_value();
                self.read_mark(c, tell);
            }
            State::Over | State::Broken => {}
            State::Value
            | State::FirstElement
            | State::FirstKey
            | State::Key
            | State::Colon
            | State::Next => self.read_mark(c, tell),
        }
    }

    /// A character outside of texts and words.
    fn read_mark(&mut self, c: char, tell: &mut dyn FnMut(&Self, Token)) {
        if c.is_whitespace() {
            return;
        }
        match (self.state, c) {
            (State::Value | State::FirstElement, '{' | '[') if self.levels.len() < MAX_LEVELS => {
                tell(self, Token::Begins);
                self.levels.push(Level {
                    is_object: c == '{',
                    key: String::new(),
                });
                self.state = if c == '{' {
                    State::FirstKey
                } else {
                    State::FirstElement
                };
            }
            (State::Value | State::FirstElement, '"') => {
                tell(self, Token::Begins);
                self.state = text(false);
            }
            (State::Value | State::FirstElement, c) if is_of_word(c) => {
                tell(self, Token::Begins);
                self.state = State::Word;
            }
            (State::FirstKey | State::Key, '"') => {
                if let Some(level) = self.levels.last_mut() {
                    level.key.clear();
                }
                self.state = text(true);
            }
            (State::Next, ',') if self.is_in_object() => self.state = State::Key,
            (State::Colon, ':') | (State::Next, ',') => self.state = State::Value,
            // A comma behind the last member is the commonest mistake of models.
            (State::FirstKey | State::Key | State::Next, '}') if self.is_in_object() => {
                self.end_level(tell);
            }
            (State::FirstElement | State::Next, ']') if !self.is_in_object() => {
                self.end_level(tell);
            }
            _ => {
                self.state = State::Broken;
                tell(self, Token::Broken);
            }
        }
    }

    fn read_text(
        &mut self,
        c: char,
        is_key: bool,
        escape: Escape,
        half: Option<u16>,
        tell: &mut dyn FnMut(&Self, Token),
    ) {
        let mut half = half;
        let escape = match (escape, c) {
            // A code that is cut short says nothing.
            (Escape::None | Escape::Code(..), '\\') => Escape::Begun,
            (Escape::None | Escape::Code(..), '"') => {
                self.say_half(half, is_key, tell);
                if is_key {
                    self.state = State::Colon;
                } else {
                    tell(self, Token::Ends);
                    self.end_value();
                }
                return;
            }
            (Escape::Begun, 'u') => Escape::Code(0, 0),
            (Escape::Code(digits, so_far), c) if c.is_ascii_hexdigit() => {
                let digit = c.to_digit(16).and_then(|it| u16::try_from(it).ok());
                let code = (so_far << 4) | digit.unwrap_or(0);
                if digits == 3 {
                    half = self.say_unit(code, half, is_key, tell);
                    Escape::None
                } else {
                    Escape::Code(digits + 1, code)
                }
            }
            (Escape::None | Escape::Begun | Escape::Code(..), c) => {
                self.say_half(half.take(), is_key, tell);
                let said = if escape == Escape::Begun {
                    unescaped(c)
                } else {
                    c
                };
                self.say(said, is_key, tell);
                Escape::None
            }
        };
        self.state = State::Text {
            is_key,
            escape,
            half,
        };
    }

    /// Says a UTF-16 code unit; gives half a pair, which waits for the other half.
    fn say_unit(
        &mut self,
        unit: u16,
        half: Option<u16>,
        is_key: bool,
        tell: &mut dyn FnMut(&Self, Token),
    ) -> Option<u16> {
        if let Some(first) = half
            && let Some(Ok(whole)) = char::decode_utf16([first, unit]).next()
        {
            self.say(whole, is_key, tell);
            return None;
        }
        self.say_half(half, is_key, tell);
        match char::decode_utf16([unit]).next() {
            Some(Ok(c)) => {
                self.say(c, is_key, tell);
                None
            }
            Some(Err(_)) | None => Some(unit),
        }
    }

    fn say_half(&mut self, half: Option<u16>, is_key: bool, tell: &mut dyn FnMut(&Self, Token)) {
        if half.is_some() {
            self.say(REPLACEMENT, is_key, tell);
        }
    }

    fn say(&mut self, c: char, is_key: bool, tell: &mut dyn FnMut(&Self, Token)) {
        if !is_key {
            tell(self, Token::Says(c));
        } else if let Some(level) = self.levels.last_mut()
            && level.key.len() < MAX_KEY_BYTES
        {
            level.key.push(c);
        }
    }

    fn is_in_object(&self) -> bool {
        self.levels.last().is_some_and(|level| level.is_object)
    }

    fn end_level(&mut self, tell: &mut dyn FnMut(&Self, Token)) {
        self.levels.pop();
        tell(self, Token::Ends);
        self.end_value();
    }

    fn end_value(&mut self) {
        self.state = if self.levels.is_empty() {
            State::Over
        } else {
            State::Next
        };
    }
}

const fn text(is_key: bool) -> State {
    State::Text {
        is_key,
        escape: Escape::None,
        half: None,
    }
}

const fn is_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.')
}
