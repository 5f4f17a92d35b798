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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_ends_with_its_last_bracket_and_breaks_off_where_a_tag_or_a_fence_begins() {
        for (text, extent) in [
            ("", Extent::Open),
            ("{}", Extent::Whole(2)),
            ("{[(\"a\")]}}", Extent::Whole(9)),
            ("{\"<`}\": '<`}', \"a\\\"}\": 1} b", Extent::Whole(25)),
            ("{\"a\": 1", Extent::Open),
            ("{\"a\": 1</x>}", Extent::Broken(7)),
            ("{\"a\": 1```}", Extent::Broken(7)),
            ("a", Extent::Broken(0)),
            ("<", Extent::Broken(0)),
            ("\"{}\"", Extent::Broken(0)),
            ("}", Extent::Broken(0)),
        ] {
            assert_eq!(Brackets::from(0).scan(text), extent, "{text}");
            // Behind other text, byte by byte.
            let behind = format!("}} {text}");
            let mut scan = Brackets::from(2);
            let mut extents = (2..=behind.len()).map(|end| (end, scan.scan(&behind[..end])));
            let found = extents.find(|(_, extent)| *extent != Extent::Open);
            let expected = match extent {
                Extent::Open => None,
                Extent::Whole(end) => Some((end + 2, Extent::Whole(end + 2))),
                Extent::Broken(end) => Some((end + 3, Extent::Broken(end + 2))),
            };
            assert_eq!(found, expected, "{text}");
        }
    }
}
