//! Where a bracketed value ends, in JSON or Python, found without reading a byte twice.

/// How far a value reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// It goes on behind the text so far.
    Open,
    /// Its last bracket is closed before this byte.
    Whole(usize),
    /// It breaks off before this byte, where something stands that is in no value.
    Broken(usize),
}

/// A scan from the opening bracket on.
#[derive(Clone, Debug, Default)]
pub(super) struct Brackets {
    at: usize,
    depth: usize,
    quote: Option<u8>,
    escaped: bool,
}

impl Brackets {
    /// A scan that begins at a byte of the text.
    pub(super) fn from(at: usize) -> Self {
        Self {
            at,
            ..Self::default()
        }
    }

    /// Goes on to the end of the text, or of the value; the text is the same each time, and longer.
    pub(super) fn scan(&mut self, text: &str) -> Extent {
        for &byte in &text.as_bytes()[self.at.min(text.len())..] {
            if !self.is_in_value(byte) {
                return Extent::Broken(self.at);
            }
            self.at += 1;
            if self.depth == 0 {
                return Extent::Whole(self.at);
            }
        }
        Extent::Open
    }

    /// Steps over a byte; false where it can be in no value.
    fn is_in_value(&mut self, byte: u8) -> bool {
        if let Some(quote) = self.quote {
            self.step_in_quotes(byte, quote);
            return true;
        }
        match byte {
            b'[' | b'{' | b'(' => self.depth += 1,
            b'<' | b'`' => return false,
            _ if self.depth == 0 => return false,
            b']' | b'}' | b')' => self.depth -= 1,
            b'"' | b'\'' => self.quote = Some(byte),
            _ => {}
        }
        true
    }

    const fn step_in_quotes(&mut self, byte: u8, quote: u8) {
        if self.escaped {
            self.escaped = false;
        } else if byte == b'\\' {
            self.escaped = true;
        } else if byte == quote {
            self.quote = None;
        }
    }
}
